package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// A journal keeps what a sweep has finished, a record a line: the CRC-32 of
// the record, a space, and the record as JSON. The first is the head, which
// says of which sweep it is. A record is on the disk before the next point
// that its core takes up; a line that a kill tore off is thrown away.
type journal struct {
	dir     string // "": nothing is kept
	head    journalHead
	file    *os.File
	records []study.SweepRecord
}

// journalHead is what two sweeps have in common if one can go on with the
// points of the other.
type journalHead struct {
	Schema   string   `json:"schema"`
	Version  string   `json:"version"`  // of capsim
	Topology string   `json:"topology"` // sha256 of all files that were read
	Seed     uint64   `json:"seed"`
	Settings []string `json:"settings"` // design, load, --set and the like
	Grid     []string `json:"grid"`     // by dimension: its path and values
}

const journalSchema = "capsim/sweep-journal/v1"

// head describes the sweep of a grid.
func (g grid) head(o topologies.Options, digest string) journalHead {
	h := journalHead{Schema: journalSchema, Version: version, Topology: digest, Seed: g.first.Run.Seed, Settings: []string{}, Grid: []string{}}
	if g.design != "" {
		h.Settings = append(h.Settings, "--design "+g.design)
	}
	if o.Load != 1 {
		h.Settings = append(h.Settings, "--load "+strconv.FormatFloat(o.Load, 'g', -1, 64))
	}
	for _, s := range o.Set {
		h.Settings = append(h.Settings, s.Text)
	}
	for _, d := range g.space.Dimensions {
		line := d.Path + " ="
		for _, v := range d.Values {
			line += " " + strconv.Quote(v.Text)
		}
		h.Grid = append(h.Grid, line)
	}
	return h
}

// differs says what a journal of another sweep is of, "" if it is of this one.
func (h journalHead) differs(other journalHead) string {
	switch {
	case other.Schema != h.Schema:
		return "is of the form " + kind.QuoteText(other.Schema) + ", this capsim writes " + kind.QuoteText(h.Schema)
	case other.Version != h.Version:
		return "is of capsim " + kind.Cut(other.Version) + ", this is " + h.Version
	case other.Topology != h.Topology:
		return "belongs to topology " + kind.Cut(other.Topology) + ", given " + h.Topology
	case other.Seed != h.Seed:
		return fmt.Sprintf("is of seed %d, given %d", other.Seed, h.Seed)
	case !slices.Equal(other.Settings, h.Settings):
		return "is of other settings: " + kind.QuoteText(fmt.Sprint(other.Settings)) + ", given " + kind.QuoteText(fmt.Sprint(h.Settings))
	case !slices.Equal(other.Grid, h.Grid):
		return "is of another grid: " + kind.QuoteText(fmt.Sprint(other.Grid)) + ", given " + kind.QuoteText(fmt.Sprint(h.Grid))
	}
	return ""
}

// openJournal begins a journal, or goes on with that which is there. It
// returns what had been finished, and an error if that is of another sweep.
func (a *app) openJournal(j *journal, resume bool, report *kind.Report) ([]study.SweepRecord, error) {
	if j.dir == "" {
		return nil, nil
	}
	path := filepath.Join(j.dir, sweepFiles[3])
	keep := int64(0)
	if resume {
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, &fileError{"read", path, err}
		}
		good, problem := j.read(data)
		if problem != "" {
			report.Add(kind.Diagnostic{Code: "E805", Pos: argPos(a.line.at("--resume")), Key: "--resume",
				Message: "the journal in " + kind.QuoteText(j.dir) + " " + problem,
				Hint:    "leave out --resume to begin anew, or choose another folder"})
			return nil, a.refuse(report)
		}
		keep = int64(good)
	}
	var err error
	if j.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, &fileError{"write", path, err}
	}
	if err := j.file.Truncate(keep); err != nil {
		return nil, &fileError{"write", path, err}
	}
	if _, err := j.file.Seek(keep, io.SeekStart); err != nil {
		return nil, &fileError{"write", path, err}
	}
	if keep == 0 {
		if err := j.append(j.head); err != nil {
			return nil, err
		}
		if err := syncDir(j.dir); err != nil {
			return nil, &fileError{"write", j.dir, err}
		}
	}
	return slices.Clone(j.records), nil
}

// read takes in the records of a journal, and returns how many bytes of it
// hold. A last line that is torn does not; a damaged one before it, or the
// head of another sweep, is a problem.
func (j *journal) read(data []byte) (good int, problem string) {
	for at := 0; at < len(data); {
		end := bytes.IndexByte(data[at:], '\n')
		last := end < 0 || at+end+1 == len(data)
		if end < 0 {
			return at, "" // torn
		}
		record, ok := unsealed(data[at : at+end])
		switch {
		case !ok && last:
			return at, ""
		case !ok:
			return 0, fmt.Sprintf("is damaged at byte %d", at)
		case at == 0:
			var head journalHead
			if err := json.Unmarshal(record, &head); err != nil {
				return 0, "has no head"
			}
			if problem := j.head.differs(head); problem != "" {
				return 0, problem
			}
		default:
			var one study.SweepRecord
			if err := json.Unmarshal(record, &one); err != nil || one.Pilot == nil && one.Point == nil {
				return 0, fmt.Sprintf("has something else than a point at byte %d", at)
			}
			j.records = append(j.records, one)
		}
		at += end + 1
		good = at
	}
	return good, ""
}

// keep puts a record on the disk.
func (j *journal) keep(r study.SweepRecord) error {
	if j.file == nil {
		return nil
	}
	j.records = append(j.records, r)
	return j.append(r)
}

// append writes one line and waits until it is on the disk.
func (j *journal) append(record any) error {
	_, err := j.file.Write(sealed(record))
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return &fileError{"write", j.file.Name(), err}
	}
	return nil
}

// inOrder writes the whole journal, pilots and points by number.
func (j *journal) inOrder(w io.Writer) error {
	var all bytes.Buffer
	all.Write(sealed(j.head))
	number := func(r study.SweepRecord) (class, point int) {
		if r.Pilot != nil {
			return 0, r.Pilot.Point
		}
		return 1, r.Point.Point
	}
	records := slices.Clone(j.records)
	slices.SortStableFunc(records, func(a, b study.SweepRecord) int {
		ac, ap := number(a)
		bc, bp := number(b)
		if ac != bc {
			return ac - bc
		}
		return ap - bp
	})
	for _, r := range records {
		all.Write(sealed(r))
	}
	_, err := w.Write(all.Bytes())
	return err
}

// close lets the file go.
func (j *journal) close() {
	if j.file != nil {
		j.file.Close() // each line has been waited for
	}
}

// sealed is a line of a journal.
func sealed(record any) []byte {
	text, err := json.Marshal(record)
	if err != nil {
		panic("capsim: a record that is no JSON: " + err.Error())
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text)
}

// unsealed is the record of a line, without its end.
func unsealed(line []byte) (record []byte, ok bool) {
	sum, record, found := bytes.Cut(line, []byte(" "))
	return record, found && string(sum) == fmt.Sprintf("%08x", crc32.ChecksumIEEE(record))
}
