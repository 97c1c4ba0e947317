package reports

import "encoding/binary"

// profileValues are the values of a sample, in the order of profileTypes.
type profileValues struct{ requests, wait, service, time uint64 }

var profileTypes = [...][2]string{{"requests", "count"}, {"wait", "nanoseconds"}, {"service", "nanoseconds"}, {"time", "nanoseconds"}}

// profile is a profile of pprof that is being made: samples of stacks of
// functions, in the order in which they came.
type profile struct {
	strings   []string
	indexOf   map[string]uint64
	functions []uint64 // their names, as indices of strings; the first is number 1
	numberOf  map[string]uint64
	samples   []profileSample
	comments  []uint64
}

type profileSample struct {
	stack  []uint64 // the innermost first
	values profileValues
}

func newProfile() *profile {
	p := &profile{indexOf: map[string]uint64{}, numberOf: map[string]uint64{}}
	p.string("") // the format wants it first
	return p
}

func (p *profile) string(s string) uint64 {
	i, known := p.indexOf[s]
	if !known {
		i = uint64(len(p.strings))
		p.strings, p.indexOf[s] = append(p.strings, s), i
	}
	return i
}

func (p *profile) comment(s string) { p.comments = append(p.comments, p.string(visible(s))) }

// add adds a sample; its stack has the outermost first.
func (p *profile) add(stack []string, v profileValues) {
	if v == (profileValues{}) {
		return
	}
	s := profileSample{values: v}
	for i := len(stack) - 1; i >= 0; i-- {
		number, known := p.numberOf[stack[i]]
		if !known {
			p.functions = append(p.functions, p.string(stack[i]))
			number = uint64(len(p.functions))
			p.numberOf[stack[i]] = number
		}
		s.stack = append(s.stack, number)
	}
	p.samples = append(p.samples, s)
}

// encode is the profile in the form of profile.proto of github.com/google/pprof.
// A function has one location of the same number. There are no times of day, so that the same profile is the same
// bytes.
func (p *profile) encode(seconds float64) []byte {
	var m message
	for _, t := range profileTypes {
		m.nested(1, p.valueType(t))
	}
	for _, s := range p.samples {
		var one message
		one.packed(1, s.stack...)
		one.packed(2, s.values.requests, s.values.wait, s.values.service, s.values.time)
		m.nested(2, one)
	}
	m.nested(3, p.binary())
	for i := range p.functions {
		number := uint64(i + 1)
		var line, location message
		line.number(1, number)
		location.number(1, number)
		location.number(2, 1)
		location.nested(4, line)
		m.nested(4, location)
	}
	for i, name := range p.functions {
		var f message
		f.number(1, uint64(i+1))
		f.number(2, name)
		m.nested(5, f)
	}
	period, standard := p.valueType([2]string{"time", "nanoseconds"}), p.string("time")
	for _, s := range p.strings {
		m.bytes(6, []byte(s))
	}
	m.number(10, uint64(seconds*1e9))
	m.nested(11, period)
	m.number(12, 1)
	m.packed(13, p.comments...)
	m.number(14, standard)
	return m
}

// binary is what the functions are said to be of: there has to be something, of
// which everything is known, or pprof would look for it.
func (p *profile) binary() message {
	var m message
	m.number(1, 1)
	m.number(5, p.string("capsim"))
	for field := 7; field <= 10; field++ { // it has functions, files, lines and inlined calls
		m.number(field, 1)
	}
	return m
}

func (p *profile) valueType(t [2]string) message {
	var m message
	m.number(1, p.string(t[0]))
	m.number(2, p.string(t[1]))
	return m
}

// message is an encoded message of protocol buffers.
type message []byte

func (m *message) number(field int, v uint64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, v)
}

func (m *message) bytes(field int, b []byte) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

func (m *message) nested(field int, inner message) { m.bytes(field, inner) }

func (m *message) packed(field int, values ...uint64) {
	var b []byte
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	m.bytes(field, b)
}
