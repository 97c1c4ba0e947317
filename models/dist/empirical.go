package dist

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// empirical gives one of the values of a column, each as likely.
type empirical struct {
	values         []float64 // rising
	mean, variance float64   // of the values as a whole population
}

// maxValues bounds the memory of one empirical law: 40 MB.
const maxValues = 5_000_000

func buildEmpirical(a *args) Law {
	column, _ := a.required("column")
	scale := a.scale()
	if a.err != nil {
		return nil
	}
	values := a.readColumn(a.positional[0], column, scale)
	if a.err != nil {
		return nil
	}
	slices.Sort(values)
	return newEmpirical(values)
}

func newEmpirical(values []float64) empirical {
	e := empirical{values: values}
	n := float64(len(values))
	for _, x := range values {
		e.mean += x / n
	}
	for _, x := range values {
		off := x - e.mean
		e.variance += float64(off*off) / n
	}
	return e
}

// readColumn reads a column of a file as amounts of the quantity.
func (a *args) readColumn(file, column token, scale float64) []float64 {
	if a.env == nil {
		a.failAt(file, "E503", "a data file cannot be read here", "")
		return nil
	}
	in, err := a.env.Open(file.text)
	if err != nil {
		a.failOpen(file, err)
		return nil
	}
	defer func() { _ = in.Close() }() // only read
	csv, problem := records.OpenCSV(in, records.Limits{Rows: maxValues})
	if problem != nil {
		a.failData(file, records.Problems{*problem})
		return nil
	}
	number, problem := csv.Column(column.text)
	if problem != nil {
		a.failAt(column, problem.Code, quote(file.text)+": "+problem.Message, problem.Hint)
		return nil
	}
	var values []float64
	var problems records.Problems
	for !problems.Full() {
		cells, problem, ok := csv.Next()
		if problem != nil {
			problems.Add(*problem)
		}
		if !ok {
			break
		}
		if cells == nil {
			continue
		}
		cell := &cells[number]
		x, plain := records.Decimal(bytes.TrimSpace(cell.Text))
		x *= scale
		switch {
		case !plain || x < 0:
			problems.Add(csv.At(cell, "E604", "expected a plain decimal number from 0, got "+quote(string(cell.Text)), ""))
		case a.q == Count && x != math.Floor(x):
			problems.Add(csv.At(cell, "E604", "expected a whole number, got "+quote(string(cell.Text)), ""))
		default:
			values = append(values, x)
		}
	}
	if len(problems) == 0 && len(values) == 0 {
		a.failAt(file, "E601", quote(file.text)+": there are no rows below the header", "")
	}
	a.failData(file, problems)
	return values
}

// failOpen reports that a file could not be opened.
func (a *args) failOpen(file token, err error) {
	var literal *kind.LiteralError
	switch {
	case errors.As(err, &literal):
		a.failAt(file, literal.Code, literal.Message, literal.Hint)
	case errors.Is(err, fs.ErrNotExist):
		a.failAt(file, "E503", "no such file: "+quote(file.text), "paths count from the directory of the topology file")
	case errors.Is(err, fs.ErrPermission):
		a.failAt(file, "E003", "permission denied: "+quote(file.text), "")
	default:
		a.failAt(file, "E005", quote(file.text)+" cannot be read: "+err.Error(), "")
	}
}

// failData reports the first problem of a data file, and how many there are.
func (a *args) failData(file token, problems records.Problems) {
	if len(problems) == 0 {
		return
	}
	p := problems[0]
	message := fmt.Sprintf("%s line %d, column %d: %s", quote(file.text), p.Line, p.Col, p.Message)
	if n := len(problems) - 1; n > 0 {
		message += fmt.Sprintf(" (and %d more like it)", n)
	}
	a.failAt(file, p.Code, message, p.Hint)
}

func (e empirical) Sample(s *sim.Stream) float64 { return e.values[s.Below(uint64(len(e.values)))] }

func (e empirical) Mean() float64 { return e.mean }

func (e empirical) Variance() float64 { return e.variance }

func (e empirical) CDF(x float64) float64 {
	upTo, _ := slices.BinarySearchFunc(e.values, x, func(v, x float64) int {
		if v <= x {
			return -1
		}
		return 1
	})
	return float64(upTo) / float64(len(e.values))
}
