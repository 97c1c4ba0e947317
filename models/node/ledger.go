package node

import "github.com/capsim/capsim/sim"

// ledger holds what is not the same at all instances of a shard yet: a few
// entries, whatever the number of keys. It is a hash table with chains whose
// entries are used again, so that it allocates only while it grows.
type ledger struct {
	each    uint32   // replicas of a shard
	heads   []uint32 // of the chains; a power of two
	entries []ledgerEntry
	at      []uint64 // of each replica of each entry
	free    uint32
	used    int
}

// ledgerEntry is about a key of a shard.
type ledgerEntry struct {
	key     uint64
	acked   uint64 // the newest version that was acknowledged
	shard   uint32
	pending uint32 // writes that are not applied everywhere
	next    uint32 // in the chain; free list
}

func newLedger(each uint32) ledger {
	return ledger{each: each, heads: []uint32{none}, free: none}
}

func (l *ledger) chain(shard uint32, key uint64) *uint32 {
	return &l.heads[sim.Mix(key, uint64(shard))&uint64(len(l.heads)-1)]
}

// find returns the entry of a key, none if it has none.
func (l *ledger) find(shard uint32, key uint64) uint32 {
	e := *l.chain(shard, key)
	for e != none && (l.entries[e].key != key || l.entries[e].shard != shard) {
		e = l.entries[e].next
	}
	return e
}

// begin notes a write of a key, and returns its entry.
func (l *ledger) begin(shard uint32, key uint64) uint32 {
	e := l.find(shard, key)
	if e == none {
		e = l.add(shard, key)
	}
	l.entries[e].pending++
	return e
}

func (l *ledger) add(shard uint32, key uint64) uint32 {
	if l.used == len(l.heads) {
		l.grow()
	}
	e := l.free
	if e == none {
		e = uint32(len(l.entries))
		l.entries = append(l.entries, ledgerEntry{})
		for range l.each {
			l.at = append(l.at, 0)
		}
	} else {
		l.free = l.entries[e].next
	}
	head := l.chain(shard, key)
	l.entries[e] = ledgerEntry{key: key, shard: shard, next: *head}
	*head = e
	l.used++
	clear(l.of(e))
	return e
}

// of is what an entry says of each replica.
func (l *ledger) of(e uint32) []uint64 { return l.at[e*l.each : (e+1)*l.each] }

// end notes that a write is applied everywhere. With the last one the entry
// has nothing to say any more.
func (l *ledger) end(e uint32) {
	one := &l.entries[e]
	if one.pending--; one.pending > 0 {
		return
	}
	at := l.chain(one.shard, one.key)
	for *at != e {
		at = &l.entries[*at].next
	}
	*at = one.next
	one.next, l.free = l.free, e
	l.used--
}

// grow doubles the number of chains.
func (l *ledger) grow() {
	old := l.heads
	l.heads = make([]uint32, 2*len(old))
	for i := range l.heads {
		l.heads[i] = none
	}
	for _, e := range old {
		for e != none {
			next := l.entries[e].next
			head := l.chain(l.entries[e].shard, l.entries[e].key)
			l.entries[e].next, *head = *head, e
			e = next
		}
	}
}
