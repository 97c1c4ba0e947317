package topologies

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const base = `title = "Base"
objectives = ["users p99 < 1s"]
[client.users]
target = "web"
arrivals = "poisson 80/s"
[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }, { wait = "1ms" }]
[design.large]
server.web = { cores = 8 }
[design.fast]
server.web = { speed = 2 }
`

func TestAFileStartsFromAnother(t *testing.T) {
	files := memory{"base.toml": base, "shop.toml": `extends = "base.toml"
title = "Shop"
[server.web]
instances = 3
on.request = [{ cpu = "exp 20ms" }]
[server.extra]
on.request = []
[design.large.server.web]
instances = 5
[design.small]
server.web.cores = 2
`}
	f, report := Load(files, "shop.toml", Options{})
	require.NotNil(t, f, headlines(report))
	assert.Equal(t, []string{"large", "fast", "small"}, f.Designs())
	spec, report := f.Spec("large")
	require.NotNil(t, spec, headlines(report))
	assert.Equal(t, []string{`shop.toml:6:9: warning[W401]: server.extra: no request reaches "extra"`}, headlines(report))
	assert.Equal(t, "Shop", spec.Title, "what stands here replaces what stands there")
	web := spec.Nodes[2]
	assert.Equal(t, "web", web.Name)
	assert.Equal(t, 8, web.Server.Cores, "a design is inherited")
	assert.Equal(t, 5, web.Instances, "and changed")
	assert.Len(t, web.Server.Ops[0].Steps, 1, "a list is replaced")
	assert.Len(t, spec.Objectives, 1, "an objective is inherited")

	spec, _ = f.Spec("")
	assert.Equal(t, 1, spec.Nodes[2].Server.Cores, "a table is merged")
	assert.Equal(t, 3, spec.Nodes[2].Instances)
}

// A file that extends means what it would mean with everything written into
// it, and --print writes it so.
func TestWhatIsPrintedStandsByItself(t *testing.T) {
	files := memory{
		"a/shop.toml":        "extends = \"../b/base.toml\"\nrun.duration = \"1s\"\nserver.web.instances = 2\nclient.late = { target = \"web\", arrivals = { trace = \"day.csv\" } }\n",
		"a/day.csv":          "ts\n1\n2\n",
		"b/base.toml":        "extends = \"deep er/first.toml\"\n[client.late.arrivals]\nformat = \"csv\"\ntrace = \"none.csv\"\ncolumns = { time = \"ts\" }\nunit = \"s\"\n",
		"b/deep er/late.csv": "ms\n5\n", "b/deep er/day.csv": "ts\n3\n",
		"b/deep er/first.toml": base[:strings.Index(base, "[design")] + `[server.web2]
on.request = [{ cpu = "empirical 'late.csv' column=ms unit=ms" }, { cpu = "mix 50% 1ms, 50% empirical late.csv column=ms unit=ms + 1ms" }]
[client.early]
target = "web2"
arrivals = { trace = "day.csv", format = "csv", columns = { time = "ts" }, unit = "s" }
`,
	}
	f, report := Load(files, "a/shop.toml", Options{})
	require.NotNil(t, f, headlines(report))
	spec, report := f.Spec("")
	require.NotNil(t, spec, headlines(report))
	var printed bytes.Buffer
	require.NoError(t, f.Print(&printed, ""))
	assert.NotContains(t, printed.String(), "extends")
	assert.Contains(t, printed.String(), `arrivals.trace = "../b/deep er/day.csv"`)
	assert.Contains(t, printed.String(), `arrivals.trace = "day.csv"`)
	files["a/again.toml"] = printed.String()
	again, report := specOf(files, "a/again.toml", Options{}, "")
	require.NotNil(t, again, "%v\n%s", headlines(report), printed.String())
	for i := range spec.Objectives {
		spec.Objectives[i].Line, again.Objectives[i].Line = 0, 0
	}
	assert.Equal(t, spec, again)
}

func TestFindingsPointIntoTheFileOfTheKey(t *testing.T) {
	files := memory{
		"shop.toml": "extends = \"b/base.toml\"\n[server.web]\ncoers = 2\n",
		"b/base.toml": strings.Replace(base, "cores = 1", "cores = 0", 1) + "[design.large.server]\nother = 3\n" +
			"[client.more]\ntarget = \"wbe\"\narrivals = { trace = \"day.log\", format = \"clf\" }\n",
		"b/dya.log": "",
	}
	_, report := Load(files, "shop.toml", Options{})
	assert.Equal(t, []string{`b/base.toml:13:15: error[E103]: design.large.server: "server" is defined twice`}, headlines(report))
	files["b/base.toml"] = strings.Replace(files["b/base.toml"], "[design.large.server]\nother = 3\n", "", 1)
	_, report = specOf(files, "shop.toml", Options{}, "")
	assert.Equal(t, []string{
		`shop.toml:3:1: error[E201]: server.web.coers: unknown key; did you mean "cores"?`,
		`b/base.toml:7:9: error[E302]: server.web.cores: must be from 1 to 1000000, got 0`,
		`b/base.toml:14:10: error[E501]: client.more.target: unknown node "wbe"; did you mean "web"?`,
		`b/base.toml:15:22: error[E503]: client.more.arrivals.trace: no such file: "b/day.log"`,
	}, headlines(report))
	var text bytes.Buffer
	require.NoError(t, report.WriteText(&text, ""))
	assert.Contains(t, text.String(), "    7 | cores = 0\n")
}

func TestWhatCannotBeExtended(t *testing.T) {
	for _, tt := range []struct{ name, extends, want, hint string }{
		{"missing", `"bsae.toml"`, `shop.toml:1:11: error[E503]: extends: no such file: "bsae.toml"`, "did you mean base.toml?"},
		{"directory", `"dir"`, `shop.toml:1:11: error[E002]: extends: is a directory: "dir"`, "give a .toml file"},
		{"the folder itself", `"."`, `shop.toml:1:11: error[E503]: extends: no such file: "."`, ""},
		{"pipe", `"pipe"`, `shop.toml:1:11: error[E004]: extends: is not a regular file: "pipe"`, ""},
		{"standard input", `"-"`, `shop.toml:1:11: error[E503]: extends: no such file: "./-"`, ""},
		{"secret", `"secret.toml"`, `shop.toml:1:11: error[E003]: extends: permission denied: "secret.toml"`, ""},
		{"read error", `"bad.toml"`, `shop.toml:1:11: error[E005]: extends: cannot be read: unexpected EOF: "bad.toml"`, ""},
		{"number", `5`, `shop.toml:1:11: error[E204]: extends: expected the name of a file, got an integer`, `for example extends = "base.toml"`},
		{"list", `["base.toml"]`, `shop.toml:1:11: error[E204]: extends: expected the name of a file, got an array`, `for example extends = "base.toml"`},
		{"empty", `""`, `shop.toml:1:11: error[E302]: extends: must not be empty`, `for example extends = "base.toml"`},
		{"itself", `"./x/../shop.toml"`, `shop.toml:1:11: error[E506]: extends: files extend each other in a circle: shop.toml → shop.toml`, ""},
		{"circle", `"c1.toml"`, `c2.toml:1:11: error[E506]: extends: files extend each other in a circle: c1.toml → c2.toml → c1.toml`, ""},
		{"no TOML", `"prose.toml"`, `prose.toml:1:6: error[E101]: dear: …`, ""},
		{"version", `"new.toml"`, `new.toml:1:10: error[E208]: capsim: version 99 of the language is unknown; this capsim reads version 1`, "a newer capsim may read it"},
	} {
		files := memory{
			"base.toml": base, "dir": "<directory>", "pipe": "<pipe>", "secret.toml": "<secret>", "bad.toml": "<broken>", "-": base,
			"c1.toml": "extends = \"c2.toml\"\n", "c2.toml": "extends = \"c1.toml\"\n", "prose.toml": "dear reader\n", "new.toml": "capsim = 99\n" + base,
			"shop.toml": "extends = " + tt.extends + "\ncapsim = 1\n",
		}
		f, report := Load(files, "shop.toml", Options{})
		if f != nil {
			assert.Equal(t, "version", tt.name)
		}
		require.Len(t, report.Diagnostics(), 1, tt.name)
		got := report.Diagnostics()[0]
		if want, cut := strings.CutSuffix(tt.want, "…"); cut {
			assert.Equal(t, want, got.Headline()[:len(want)], tt.name)
			continue
		}
		assert.Equal(t, tt.want, got.Headline(), tt.name)
		assert.Equal(t, tt.hint, got.Hint, tt.name)
	}
}

func TestExtendsStandsAtTheTopOfAFileOnly(t *testing.T) {
	files := memory{"base.toml": base}
	assert.Equal(t, []string{`shop.toml:10:1: error[E202]: design.a.extends: this key belongs at the top of the file, not in a design`},
		check(t, shop+"[design.a]\nextends = \"base.toml\"\n"))
	_, report := specOf(files, "base.toml", Options{Set: []Setting{{Text: "extends=base.toml", Arg: 3}}}, "")
	assert.Equal(t, []string{`command-line:1:3: error[E202]: --set extends: a setting changes what a file says, not which file it extends`}, headlines(report))
}

func TestLimitsOfFilesThatExtendEachOther(t *testing.T) {
	long := func(n int) memory {
		files := memory{"0.toml": base}
		for i := 1; i <= n; i++ {
			files[fmt.Sprintf("%d.toml", i)] = fmt.Sprintf("extends = \"%d.toml\"\n", i-1)
		}
		return files
	}
	f, report := Load(long(maxExtends), fmt.Sprintf("%d.toml", maxExtends), Options{})
	require.NotNil(t, f, headlines(report))
	_, report = Load(long(maxExtends+1), fmt.Sprintf("%d.toml", maxExtends+1), Options{})
	assert.Equal(t, []string{"1.toml:1:11: error[E702]: extends: more than 16 files extend each other"}, headlines(report))

	comments := func(n int) string { return strings.Repeat("#"+strings.Repeat("x", 1022)+"\n", n/1024) }
	files := memory{"base.toml": base + comments(maxFile/2), "shop.toml": "extends = \"base.toml\"\n" + comments(maxFile/2-4096)}
	f, report = Load(files, "shop.toml", Options{})
	require.NotNil(t, f, headlines(report))
	files["shop.toml"] += comments(8192)
	_, report = Load(files, "shop.toml", Options{})
	assert.Equal(t, []string{`shop.toml:1:11: error[E701]: extends: the files that extend each other are larger than 4 MiB together: "base.toml"`}, headlines(report))

	values := "x = [" + strings.Repeat("1,", maxItems-1) + "1]\n"
	files = memory{"base.toml": strings.Repeat(values, 3), "shop.toml": "extends = \"base.toml\"\n" + strings.Repeat(values, 3)}
	files["base.toml"] = distinctKeys(files["base.toml"], "b")
	files["shop.toml"] = distinctKeys(files["shop.toml"], "s")
	_, report = Load(files, "shop.toml", Options{})
	require.Len(t, report.Diagnostics(), 1)
	assert.Contains(t, headlines(report)[0], "base.toml:3:")
	assert.Contains(t, headlines(report)[0], "error[E703]: base.toml: more than 500000 values")
}

// distinctKeys numbers the keys x of a text.
func distinctKeys(text, prefix string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.Replace(lines[i], "x =", fmt.Sprintf("%s%d =", prefix, i), 1)
	}
	return strings.Join(lines, "\n")
}
