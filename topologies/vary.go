package topologies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// Choice is one value of a dimension: what one key, the load or the design is
// at some points of a space.
type Choice struct {
	Path string // "server.app.instances", [LoadPath] or [DesignKey]
	Text string // the value as it is written, without quotes

	Number  float64 // of a value that can be told by a number, in Unit
	Unit    string  // "s", "/s", "B" or "" for a plain number
	Numeric bool

	load    float64 // of LoadPath
	design  string  // of DesignKey
	setting *setting
}

// Dimension is one key that is varied, and its values in order.
type Dimension struct {
	Path   string
	Values []Choice

	origin string // what messages put before the path: "sweep." or "--vary "
	pos    kind.Pos
}

// LoadPath is the dimension that multiplies the traffic, as --load does.
const LoadPath = "load"

// Space is every combination of the values of some dimensions. Points are
// numbered from 0; the last dimension changes first.
type Space struct{ Dimensions []Dimension }

// Len is the number of points.
func (s *Space) Len() int {
	n := 1
	for i := range s.Dimensions {
		n *= len(s.Dimensions[i].Values)
	}
	return n
}

// Indices are, of a point, the places of its values in their dimensions.
func (s *Space) Indices(point int) []int {
	at := make([]int, len(s.Dimensions))
	for i := len(at) - 1; i >= 0; i-- {
		n := len(s.Dimensions[i].Values)
		at[i], point = point%n, point/n
	}
	return at
}

// At returns the values of a point.
func (s *Space) At(point int) []Choice {
	return s.Choose(s.Indices(point))
}

// Choose returns the values at some places of their dimensions.
func (s *Space) Choose(at []int) []Choice {
	choices := make([]Choice, len(at))
	for i, j := range at {
		choices[i] = s.Dimensions[i].Values[j]
	}
	return choices
}

// Varies reports whether a path is one of the dimensions.
func (s *Space) Varies(path string) bool {
	return slices.ContainsFunc(s.Dimensions, func(d Dimension) bool { return d.Path == path })
}

// PointName says which point some choices make: "server.app.instances = 4, load = 1.5".
func PointName(at []Choice) string {
	parts := make([]string, len(at))
	for i, c := range at {
		parts[i] = c.Path + " = " + kind.Cut(c.Text)
	}
	return strings.Join(parts, ", ")
}

// Space joins the dimensions of a table of the file ([sweep], or vary of
// [plan]; nil for none) with those of the command line. A dimension of the
// command line takes the place of that of the file with the same path.
// The space is nil if the report has errors.
func (f *File) Space(of Variation, flags []Setting, report *kind.Report) *Space {
	s := &Space{Dimensions: slices.Clone(of)}
	var given Variation
	for _, flag := range flags {
		readVaryFlag(flag, &given, report)
	}
	for _, d := range given {
		same := func(have Dimension) bool { return have.Path == d.Path }
		if i := slices.IndexFunc(s.Dimensions, same); i >= 0 {
			s.Dimensions[i] = d
		} else {
			s.Dimensions = append(s.Dimensions, d)
		}
	}
	for i := range s.Dimensions {
		f.checkDimension(&s.Dimensions[i], report)
	}
	if report.Failed() || !f.spaceFits(s, report) {
		return nil
	}
	return s
}

// checkDimension says what is wrong with a dimension whatever the point, and
// finds the designs of the file.
func (f *File) checkDimension(d *Dimension, report *kind.Report) {
	fail := func(pos kind.Pos, code, message, hint string) {
		report.Add(kind.Diagnostic{Code: code, Pos: pos, Key: d.origin + d.Path, Message: message, Hint: hint})
	}
	switch {
	case d.Path == "run.seed" && f.opts.Seed != nil:
		fail(d.pos, "E802", "the seed is varied, and given by --seed too", "leave one of them out")
	case d.Path == LoadPath && f.opts.Load != 0 && f.opts.Load != 1:
		fail(d.pos, "E802", "the load is varied, and given by --load too", "leave one of them out")
	case d.Path == DesignKey:
		for _, c := range d.Values {
			if !f.hasDesign(c.design) {
				fail(c.setting.pos, "E501", "unknown design "+kind.QuoteText(c.design)+kind.DidYouMean(c.design, f.Designs()), designList(f.Designs()))
			}
		}
	}
}

// spaceFits reports whether a space has no more points than are allowed.
func (f *File) spaceFits(s *Space, report *kind.Report) bool {
	n := 1
	var sizes []string
	for i := range s.Dimensions {
		n = min(n*len(s.Dimensions[i].Values), maxSpacePoints*maxSpacePoints)
		sizes = append(sizes, fmt.Sprint(len(s.Dimensions[i].Values)))
	}
	if n <= maxSpacePoints {
		return true
	}
	d := s.Dimensions[0]
	report.Add(kind.Diagnostic{Code: "E706", Pos: d.pos, Key: d.origin + d.Path,
		Message: fmt.Sprintf("%s values make too many points; at most %d are allowed", strings.Join(sizes, " × "), maxSpacePoints),
		Hint:    "take fewer values, or vary one thing after the other"})
	return false
}

// Point checks one point of a space over a design, "" for the file as it
// stands, and returns what is to be simulated there. Its values go over the
// design and over --set, in their order. The Spec is nil if the report has
// errors. It takes a fraction of a millisecond: the file is read once.
func (f *File) Point(design string, at []Choice) (*node.Spec, *kind.Report) {
	g := *f
	g.sets = slices.Clone(f.sets)
	for _, c := range at {
		switch c.Path {
		case LoadPath:
			g.opts.Load = c.load
		case DesignKey:
			design = c.design
		default:
			g.sets = append(g.sets, c.setting)
		}
	}
	g.atPoint = true
	return g.Spec(design)
}

// leaveSpaces takes what describes spaces out of a tree: it is checked
// once, and not at each of their points.
func (f *File) leaveSpaces(root *kind.Table) *kind.Table {
	if !f.atPoint {
		return root
	}
	rest := &kind.Table{Pos: root.Pos}
	for _, e := range root.Entries {
		if !slices.Contains(spaceKeys, e.Key) {
			rest.Add(e)
		}
	}
	return rest
}

// spaceKeys are the keys of the top level that describe spaces.
var spaceKeys = []string{"sweep", "plan"}

// CheckPoints looks at every point of a space over a design, and adds what is
// wrong with any: with one value after the other first, then, if those are
// all right, with each combination. Warnings are not told: a sweep goes where
// they are due. A large space takes its time: show, unless nil, is told of
// each point.
func (f *File) CheckPoints(design string, s *Space, report *kind.Report, show func(done, points int)) {
	c := &pointCheck{file: f, design: design, report: report, seen: map[string]int{}}
	c.ends(s)
	if len(c.found) == 0 && len(s.Dimensions) > 1 {
		c.together = true
		for point := range s.Len() {
			c.look(s.At(point))
			if show != nil {
				show(point+1, s.Len())
			}
		}
	}
	c.tell()
}

// CheckEnds is the same for one value after the other beside the first ones,
// without the combinations.
func (f *File) CheckEnds(design string, s *Space, report *kind.Report) {
	c := &pointCheck{file: f, design: design, report: report, seen: map[string]int{}}
	c.ends(s)
	c.tell()
}

// ends looks at one value after the other.
func (c *pointCheck) ends(s *Space) {
	first := make([]int, len(s.Dimensions))
	for i := range s.Dimensions {
		for j := range s.Dimensions[i].Values {
			at := slices.Clone(first)
			at[i] = j
			c.look(s.Choose(at))
		}
	}
	if len(s.Dimensions) == 0 {
		c.look(nil)
	}
}

// pointCheck collects what is wrong with points, the same finding once.
type pointCheck struct {
	file   *File
	design string
	report *kind.Report
	seen   map[string]int // by headline: which of found
	found  []pointProblem
	looked int // at how many points

	together bool // each value is right beside the first ones of the others
}

// pointProblem is what is wrong with some points.
type pointProblem struct {
	kind.Diagnostic
	at     []Choice // the first of them
	points int
}

// look checks one point.
func (c *pointCheck) look(at []Choice) {
	c.looked++
	spec, found := c.file.Point(c.design, at)
	if spec != nil {
		return
	}
	for _, d := range found.Diagnostics() {
		if d.Severity() != kind.Error {
			continue
		}
		line := d.Headline()
		if i, again := c.seen[line]; again {
			c.found[i].points++
			continue
		}
		c.seen[line] = len(c.found)
		c.found = append(c.found, pointProblem{d, at, 1})
	}
}

// tell adds what was found to the report. What is about a value of a
// dimension alone is told as it is, and so is what is wrong at every point; all
// else with the point.
func (c *pointCheck) tell() {
	for _, p := range c.found {
		d := p.Diagnostic
		about := slices.ContainsFunc(p.at, func(one Choice) bool {
			return one.setting != nil && strings.HasPrefix(d.Key, one.setting.flag)
		})
		if (c.together || !about) && p.points < c.looked {
			d.Message += " (at " + PointName(p.at)
			if p.points > 1 {
				d.Message += fmt.Sprintf(" and %d more points", p.points-1)
			}
			d.Message += ")"
		}
		c.report.Add(d)
	}
}
