package reports

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// eventful is a result of ten minutes with a client, and a server whose
// instances change.
func eventful() *result.Result {
	at := func(x float64) *float64 { return &x }
	return &result.Result{
		Run:     result.Run{DurationS: 600},
		Clients: map[string]*result.Client{"users": {}},
		Nodes:   map[string]*result.Node{"app": {}, "web": {}},
		Series: &result.Series{
			WindowS: 300, Columns: []string{"time_s", "users throughput_rps", "app instances", "web instances"},
			Rows: [][]*float64{{at(0), at(5), at(4), at(2)}, {at(300), at(6), at(8), at(2)}},
		},
	}
}

func TestChartsOverTimeShowWhatHappened(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	r := eventful()
	r.Faults = []result.Fault{
		{What: "kill app[0]", AtS: at(340), RecoveredS: at(401)},
		{What: "kill db"}, // by chance
		{What: "hang app", AtS: at(590)},
		{What: "flush redis", AtS: at(600), RecoveredS: at(600)}, // after the end
	}
	r.Deploys = []result.Deploy{{What: "rolling deploy of app", AtS: 180, FinishedS: at(360)}, {What: "in-place deploy of db", AtS: 200}}
	p := throughputChart(r)
	assert.Equal(t, []band{{180, 360}, {200, 600}, {340, 401}, {590, 600}}, p.bands)
	assert.Equal(t, []tick{{180, "rolling deploy of app"}, {200, "in-place deploy of db"}, {340, "kill app[0]"}, {590, "hang app"}}, p.marks)
	assert.Empty(t, p.remark)
	for i := range 20 {
		r.Deploys = append(r.Deploys, result.Deploy{What: fmt.Sprint("deploy ", i), AtS: 500})
	}
	p = throughputChart(r)
	assert.Len(t, p.marks, mostEvents)
	assert.Equal(t, "The first 5 of 24 faults and deploys are marked.", p.remark)
}

func TestInstancesHaveAChartWhereTheyComeAndGo(t *testing.T) {
	p := instancesChart(eventful())
	require.Len(t, p.lines, 2)
	assert.Equal(t, "app has between 4 and 8 instances, most at 5 min", p.title)
	assert.Contains(t, p.remark, "or are down.", "one that is dead is paid for, and counts")
	assert.Equal(t, []float64{4, 8}, []float64{p.lines[0].points[0].y, p.lines[0].points[1].y})
	still := eventful()
	still.Series.Columns = still.Series.Columns[:2]
	assert.Nil(t, instancesChart(still))
}
