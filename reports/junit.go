package reports

import (
	"encoding/xml"
	"io"

	"github.com/capsim/capsim/internal/result"
)

// JUnit writes the objectives of r, and the judged figures of its comparison
// with a baseline, as test cases: what continuous integration shows beside the
// tests of the code. The elements and attributes are those of the schema that
// Jenkins publishes (junit-10.xsd); no times, which would not be the same twice.
// Undecided objectives are skipped cases, under strict failures.
func JUnit(w io.Writer, r *result.Result, strict bool) error {
	suites := []junitSuite{objectivesSuite("objectives", r.Objectives, strict)}
	if r.Baseline != nil {
		suites = append(suites, baselineSuite(r.Baseline))
	}
	return writeJUnit(w, r.Title, suites)
}

// DrillJUnit writes the objectives of every drill in the same way, a suite for
// each.
func DrillJUnit(w io.Writer, r *result.DrillReport, strict bool) error {
	var suites []junitSuite
	for i := range r.Drills {
		d := &r.Drills[i]
		s := objectivesSuite(d.What, d.Objectives, strict)
		switch {
		case d.Limit != "":
			s.Cases = []junitCase{{Name: "the drill ends", Class: "capsim", Failure: &junitFailure{Type: "limit", Message: "a limit was reached: " + visible(d.Limit)}}}
		case !d.Began:
			s.Cases = []junitCase{{Name: "the fault begins", Class: "capsim", Skipped: &junitSkipped{Message: "it does not begin within the run"}}}
		}
		suites = append(suites, s)
	}
	return writeJUnit(w, r.Title, suites)
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Skipped *junitSkipped `xml:"skipped"`
	Failure *junitFailure `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
}

func objectivesSuite(name string, objectives []result.Objective, strict bool) junitSuite {
	s := junitSuite{Name: visible(name)}
	for _, o := range objectives {
		u, _, _ := objectiveUnit(o.Text)
		said := "nothing could be measured"
		if o.Actual.Mean != nil {
			said = "measured " + newFigure(*o.Actual.Mean, o.Actual.HalfWidth, u, significant).String()
		}
		if o.Actual.Note != "" {
			said += "; " + visible(o.Actual.Note)
		}
		c := junitCase{Name: visible(o.Text), Class: "capsim.objectives"}
		switch {
		case o.Verdict == result.Missed, o.Verdict == result.Undecided && strict:
			c.Failure = &junitFailure{Type: o.Verdict, Message: said}
		case o.Verdict == result.Undecided:
			c.Skipped = &junitSkipped{Message: "undecided: " + said}
		default:
			c.Out = said
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func baselineSuite(b *result.Baseline) junitSuite {
	s := junitSuite{Name: "baseline"}
	for _, c := range b.Changes {
		if !c.Judged {
			continue
		}
		one := junitCase{Name: visible(c.Subject) + " " + visible(paidLabel(c.Metric, b.Currency)), Class: "capsim.baseline"}
		switch c.Verdict {
		case result.Regression:
			one.Failure = &junitFailure{Type: c.Verdict, Message: changePhrase(c, b)}
		case result.Unknown:
			one.Skipped = &junitSkipped{Message: visible(c.Difference.Note)}
		default:
			one.Out = c.Verdict + ": " + changePhrase(c, b)
		}
		s.Cases = append(s.Cases, one)
	}
	return s
}

// writeJUnit counts the cases and writes the document.
func writeJUnit(w io.Writer, title string, suites []junitSuite) error {
	all := junitSuites{Name: titleOf(title), Suites: suites}
	for i := range suites {
		s := &suites[i]
		s.Tests = len(s.Cases)
		for k := range s.Cases {
			if s.Cases[k].Failure != nil {
				s.Failures++
			}
			if s.Cases[k].Skipped != nil {
				s.Skipped++
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
	}
	data, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}
