package node

import "github.com/capsim/capsim/models/fault"

// What the size of a fault may be.
const (
	SizeFactor    = "factor"
	SizeShare     = "share"
	SizeInstances = "instances"
)

// SizeOf says what the size of a fault is: the factor of what is slow or
// surges, the share that fails, the number of instances that die or hang. It
// is "" where a fault has no size: of a zone, a part of a database, or what
// happens at one instant.
func (s *Spec) SizeOf(f *fault.Fault) string {
	switch f.Kind {
	case fault.Slow, fault.Surge:
		return SizeFactor
	case fault.Errors:
		return SizeShare
	case fault.Kill, fault.Hang:
		if n := s.struckNode(f); n != nil && max(1, n.Instances) > 1 {
			return SizeInstances
		}
	}
	return ""
}

// struckNode is the node of which instances are struck, nil if there are
// several or it is a database, whose instances are not alike.
func (s *Spec) struckNode(f *fault.Fault) *Node {
	if len(f.Where) != 1 || s.Nodes[f.Where[0].Node].Database != nil {
		return nil
	}
	return &s.Nodes[f.Where[0].Node]
}

// Resized is a fault with another size. Further instances are those behind the
// first, then those before it.
func (s *Spec) Resized(f fault.Fault, size float64) fault.Fault {
	switch s.SizeOf(&f) {
	case SizeFactor:
		f.Factor = size
	case SizeShare:
		f.Ratio = size
	case SizeInstances:
		at, count, all := f.Where[0], int(size), max(1, s.Nodes[f.Where[0].Node].Instances)
		behind := min(count, all-at.First)
		f.Where = []fault.Span{{Node: at.Node, First: at.First, Count: behind}}
		if rest := count - behind; rest > 0 {
			f.Where = append([]fault.Span{{Node: at.Node, First: 0, Count: rest}}, f.Where...)
		}
	}
	return f
}
