package reports

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func TestDeploysAreInEveryReport(t *testing.T) {
	finished := 256.0
	r := load[result.Result](t, "result")
	r.Deploys = []result.Deploy{
		{What: "rolling deploy of app", AtS: 180, FinishedS: &finished, FailedRequests: 4321},
		{What: "in-place deploy of db", AtS: 200},
	}
	for _, f := range resultFormats {
		if f.ending == "timeseries.csv" {
			continue // which is drawn from the series alone
		}
		text := rendered(t, func(w io.Writer) error { return f.write(w, r) })
		wanted := []string{"rolling deploy of app", "in-place deploy of db", "180", "76.0", "4321"}
		switch f.ending {
		case "csv":
			wanted = []string{"deploy,rolling deploy of app finished_s,256,", "deploy,rolling deploy of app failed_requests,4321,", "deploy,in-place deploy of db at_s,200,"}
		case "json":
			wanted = []string{`"finished_s": 256`, `"finished_s": null`, `"failed_requests": 4321`}
		case "narrow.txt":
			wanted = []string{"180", "4321"}
		}
		for _, want := range wanted {
			assert.True(t, strings.Contains(text, want), "%s lacks %s:\n%s", f.ending, want, text)
		}
	}
}
