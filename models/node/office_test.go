package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// ofPrimary is a fault of whoever leads the only shard of node 1 then.
func ofPrimary(kind fault.Kind, at, length float64) fault.Fault {
	f := strikes(kind, 1, 0, at, length)
	f.Where[0].Leads = true
	return f
}

func TestAFaultOfThePrimaryStrikesWhoLeads(t *testing.T) {
	// Detect 100 ms, promote 50 ms. The first kill, of 200 to 450 ms, hands the
	// office to the replica at 350; the second strikes that one at 500.
	for _, row := range []struct {
		name   string
		second fault.Fault
		ends   [3]uint64
		rto    float64
	}{
		{"whoever leads", ofPrimary(fault.Kill, 500, 250), [3]uint64{3, 0, 2}, 150},
		{"the one who led at first", strikes(fault.Kill, 1, 0, 500, 250), [3]uint64{4, 0, 1}, 0},
		{"who led last, where nobody does", ofPrimary(fault.Kill, 310, 400), [3]uint64{4, 0, 1}, 0},
		{"it hangs", ofPrimary(fault.Hang, 500, 250), [3]uint64{3, 1, 1}, 150},
	} {
		spec := replicatedSpec(puts(100, 210, 400, 510, 900), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(1)}, Failover: replacing(100, 50)})
		spec.Nodes[0].Client.Policy.Timeout = 80 * msec
		s := parts(t, spec, ofPrimary(fault.Kill, 200, 250), row.second)
		assert.Equal(t, row.ends, endsOf(s), row.name)
		assert.Equal(t, sim.Time(150*ms), s.Faults[0].Longest, row.name)
		assert.Equal(t, sim.Time(row.rto*ms), s.Faults[1].Longest, row.name)
	}
}

func TestAPrimaryIsCutOffWhereverItIs(t *testing.T) {
	kill := ofPrimary(fault.Kill, 200, 250)
	cut := fault.Fault{Kind: fault.Partition, At: 500 * msec, For: 100 * msec}
	client, primary := fault.Span{Node: 0, Count: 1}, fault.Span{Node: 1, Count: 1, Leads: true}
	cut.Sides, cut.Where = [2][]fault.Span{{client}, {primary}}, []fault.Span{client, primary}
	for _, row := range []struct {
		leads bool
		ends  [3]uint64
	}{{true, [3]uint64{3, 1, 1}}, {false, [3]uint64{4, 0, 1}}} {
		one := cut
		one.Where = []fault.Span{client, primary}
		one.Where[1].Leads = row.leads
		one.Sides[1] = one.Where[1:]
		spec := replicatedSpec(puts(100, 210, 400, 510, 900), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(1)}, Failover: replacing(100, 50)})
		spec.Nodes[0].Client.Policy.Timeout = 80 * msec
		s := parts(t, spec, kill, one)
		assert.Equal(t, row.ends, endsOf(s), "%v", row.leads)
	}
}

// A fault has not passed before somebody leads again, and requests that it made
// fail are its own even if they learn of it later.
func TestAFaultThatTakesAPrimaryLastsUntilAnotherLeads(t *testing.T) {
	spec := replicatedSpec(puts(100, 210, 320, 340, 360), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
		Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(1)}, Failover: replacing(100, 50)})
	s := parts(t, spec, strikes(fault.Kill, 1, 0, 200, 110))
	assert.Equal(t, [3]uint64{2, 0, 3}, endsOf(s))
	assert.Equal(t, 350*msec, s.Faults[0].Recovered, "the old primary is back at 310, and is none")
	assert.Equal(t, uint64(3), s.Faults[0].Failed)

	spec = replicatedSpec(puts(100, 290, 360), DatabaseSpec{Access: []Access{{Route: ReadPrimary}}})
	spec.Nodes[0].Client.Policy.Timeout = 80 * msec
	silent := strikes(fault.Kill, 1, 0, 200, 100)
	silent.Silent = true
	s = parts(t, spec, silent)
	assert.Equal(t, [3]uint64{2, 1, 0}, endsOf(s))
	assert.Equal(t, 300*msec, s.Faults[0].Recovered)
	assert.Equal(t, uint64(1), s.Faults[0].Failed, "its time is up at 370")
}
