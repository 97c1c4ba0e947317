package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// everywhere, outsideCommands and simulating pick packages by their folder.
func everywhere(string) bool { return true }

func outsideCommands(dir string) bool { return !strings.HasPrefix(dir, "cmd/") }

// simulating picks the packages whose floats reach the result document.
// theory does not: what it says stands beside the simulated figures, rounded
// and outside the fingerprint.
func simulating(dir string) bool {
	if dir == "models/theory" {
		return false
	}
	return dir == "sim" || dir == "topologies" || dir == "internal/study" || dir == "internal/estimate" ||
		strings.HasPrefix(dir, "sim/") || strings.HasPrefix(dir, "models/")
}

var codeRules = []rule{
	{
		name: "clock", check: clock,
		path: "internal/study/run.go", text: "package study\n\nimport \"time\"\n\nfunc f() { _ = time.Now() }\n",
		finds: "time.Now",
	},
	{
		name: "mathematics", check: mathematics,
		path: "models/dist/gamma.go", text: "package dist\n\nimport m \"math\"\n\nfunc f(x float64) float64 { return m.Sqrt(m.Log(x)) }\n",
		finds: "math.Log",
	},
	{
		name: "goroutines", check: goroutines,
		path: "models/node/run.go", text: "package node\n\nfunc f() { go f() }\n",
		finds: "a goroutine",
	},
	{
		name: "init", check: noInit,
		path: "models/balance/random.go", text: "package balance\n\nfunc init() {}\n",
		finds: "init",
	},
	{
		name: "package variables", check: packageVariables,
		path: "reports/charts.go", text: "package reports\n\nvar table = map[string]int{}\n\nfunc f(table []int) { table[0]++ }\n\nfunc g() { table[\"a\"]++ }\n",
		finds: "table changes",
	},
	{
		name: "map order", check: mapOrder,
		path: "sim/stats/merge.go", text: "package stats\n\ntype pages map[int]int\n\nfunc f(p pages, q []int) {\n\tfor range p {\n\t}\n\tfor range q {\n\t}\n}\n",
		finds: "order of a map",
	},
	{
		name: "exit", check: exit,
		path: "cmd/capsim/run.go", text: "package main\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n",
		finds: "os.Exit",
	},
	{
		name: "imports without a name", check: namelessImports,
		path: "reports/page.go", text: "package reports\n\nimport (\n\t_ \"embed\"\n\t. \"fmt\"\n)\n",
		finds: "fmt",
	},
	{
		name: "panic messages", check: panicMessages,
		path: "sim/time.go", text: "package sim\n\nfunc f() { panic(\"bad\") }\n\nfunc g() { panic(\"sim: bad\") }\n",
		finds: "sim: ",
	},
}

// clocks are the functions of package time that look at the clock of the
// machine or wait for it.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func clock(tr *tree) (found []finding) {
	tr.inspect(outsideCommands, func(p *pkg, f *file, node ast.Node) {
		if from, name := p.foreign(node); from == "time" && slices.Contains(clocks, name) {
			found = append(found, tr.at(f, node, "time.%s: only virtual time here", name))
		}
	})
	return found
}

// exact are the names of package math that are the same to the last bit on
// every processor: what IEEE 754 defines, and what only moves bits. The
// others are written in assembly, or fused, on some.
var exact = []string{
	"Abs", "Ceil", "Copysign", "FMA", "Float32bits", "Float64bits", "Float32frombits", "Float64frombits",
	"Floor", "Frexp", "Inf", "IsInf", "IsNaN", "Ldexp", "Max", "Min", "Mod", "Modf", "NaN", "Nextafter",
	"Round", "RoundToEven", "Signbit", "Sqrt", "Trunc",
}

func mathematics(tr *tree) (found []finding) {
	tr.inspect(simulating, func(p *pkg, f *file, node ast.Node) {
		from, name := p.foreign(node)
		if from != "math" || slices.Contains(exact, name) || isMathConstant(name) {
			return
		}
		found = append(found, tr.at(f, node, "math.%s differs between processors; sim/portable has its own", name))
	})
	return found
}

// isMathConstant reports whether a name of package math is a constant.
func isMathConstant(name string) bool {
	for _, prefix := range []string{"Max", "Min", "SmallestNonzero", "Ln", "Log2E", "Log10E", "Sqrt", "Pi", "Phi"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && (rest == "" || strings.ContainsAny(rest[:1], "123456789IUFEP")) {
			return true
		}
	}
	return name == "E"
}

// concurrent are the rooms that may start goroutines.
var concurrent = []string{"internal/study", "cmd/capsim"}

func goroutines(tr *tree) (found []finding) {
	in := func(dir string) bool { return !slices.Contains(concurrent, dir) }
	tr.inspect(in, func(_ *pkg, f *file, node ast.Node) {
		switch node.(type) {
		case *ast.GoStmt:
			found = append(found, tr.at(f, node, "a goroutine: only internal/study and cmd/capsim have some"))
		case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
			found = append(found, tr.at(f, node, "a channel: only internal/study and cmd/capsim have some"))
		}
	})
	return found
}

func noInit(tr *tree) (found []finding) {
	tr.inspect(everywhere, func(_ *pkg, f *file, node ast.Node) {
		if fn, ok := node.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, tr.at(f, fn, "init: write a table, or a value, that can be seen"))
		}
	})
	return found
}

// packageVariables finds assignments to package variables, or to a part of
// one. A table that is never written is a constant that Go cannot spell.
func packageVariables(tr *tree) (found []finding) {
	tr.inspect(everywhere, func(p *pkg, f *file, node ast.Node) {
		var targets []ast.Expr
		switch s := node.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				targets = s.Lhs
			}
		case *ast.IncDecStmt:
			targets = []ast.Expr{s.X}
		}
		for _, target := range targets {
			if name := p.packageVariable(target); name != "" {
				found = append(found, tr.at(f, node, "the package variable %s changes", name))
			}
		}
	})
	return found
}

// packageVariable returns the name of the package variable that an
// assignment to target would change, "" if there is none.
func (p *pkg) packageVariable(target ast.Expr) string {
	switch x := target.(type) {
	case *ast.Ident:
		if v, ok := p.info.Uses[x].(*types.Var); ok && v.Parent() == p.types.Scope() {
			return v.Name()
		}
	case *ast.SelectorExpr:
		return p.packageVariable(x.X)
	case *ast.IndexExpr:
		return p.packageVariable(x.X)
	case *ast.StarExpr:
		return p.packageVariable(x.X)
	case *ast.ParenExpr:
		return p.packageVariable(x.X)
	}
	return ""
}

// mapOrder finds loops over maps, whose order differs from run to run.
// slices.Sorted(maps.Keys(m)) is the way to walk one.
func mapOrder(tr *tree) (found []finding) {
	in := func(dir string) bool { return dir != "internal/tidy" }
	sorted := map[ast.Expr]bool{} // iterators that are sorted on the spot
	tr.inspect(in, func(p *pkg, f *file, node ast.Node) {
		switch n := node.(type) {
		case *ast.RangeStmt:
			if t := p.info.Types[n.X].Type; t != nil {
				if _, ok := t.Underlying().(*types.Map); ok {
					found = append(found, tr.at(f, n, "a loop in the order of a map"))
				}
			}
		case *ast.CallExpr:
			if from, name := p.foreign(n.Fun); from == "slices" && strings.HasPrefix(name, "Sorted") {
				sorted[n.Args[0]] = true
			}
			if from, name := p.foreign(n.Fun); from == "maps" && !sorted[n] &&
				slices.Contains([]string{"All", "Keys", "Values"}, name) {
				found = append(found, tr.at(f, n, "maps.%s in the order of a map", name))
			}
		}
	})
	return found
}

func exit(tr *tree) (found []finding) {
	tr.inspect(everywhere, func(p *pkg, f *file, node ast.Node) {
		if f.path == "cmd/capsim/main.go" {
			return
		}
		from, name := p.foreign(node)
		if from == "os" && name == "Exit" || from == "log" && strings.HasPrefix(name, "Fatal") {
			found = append(found, tr.at(f, node, "%s.%s: the program ends in main alone", from, name))
		}
	})
	return found
}

func namelessImports(tr *tree) (found []finding) {
	tr.inspect(everywhere, func(_ *pkg, f *file, node ast.Node) {
		spec, ok := node.(*ast.ImportSpec)
		if !ok || spec.Name == nil || spec.Path.Value == `"embed"` {
			return
		}
		if spec.Name.Name == "_" || spec.Name.Name == "." {
			found = append(found, tr.at(f, spec, "%s is imported as %s", spec.Path.Value, spec.Name.Name))
		}
	})
	return found
}

// panicMessages wants the name of the package in front of each message, so
// that a report of a crash says where to look.
func panicMessages(tr *tree) (found []finding) {
	tr.inspect(outsideCommands, func(p *pkg, f *file, node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return
		}
		if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "panic" {
			return
		}
		message := call.Args[0]
		if made, ok := message.(*ast.CallExpr); ok && len(made.Args) > 0 {
			if from, _ := p.foreign(made.Fun); from == "fmt" {
				message = made.Args[0]
			}
		}
		for sum, ok := message.(*ast.BinaryExpr); ok; sum, ok = message.(*ast.BinaryExpr) {
			message = sum.X
		}
		literal, ok := message.(*ast.BasicLit)
		if !ok {
			return
		}
		prefix := f.syntax.Name.Name + ": "
		if text, err := strconv.Unquote(literal.Value); err == nil && !strings.HasPrefix(text, prefix) {
			found = append(found, tr.at(f, call, "the message of a panic begins with %q", prefix))
		}
	})
	return found
}
