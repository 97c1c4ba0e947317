package node

import (
	"fmt"
	"math"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/scale"
)

// AutoscaleConfig is the controller of a server's instances.
type AutoscaleConfig struct {
	kind.Place

	Min      int           `key:"min" default:"1" min:"1" limit:"1000000" doc:"how many instances there are at least, those that boot included" source:"https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ (minReplicas, 1)" example:"autoscale = { min = 2, max = 10, target = \"cpu 60%\" }"`
	Max      int           `key:"max" required:"yes" min:"1" limit:"1000000" doc:"how many there are at most, those that boot or drain included; it is what warnings of overload take for the capacity" example:"autoscale = { min = 2, max = 10, target = \"cpu 60%\" }"`
	Target   ScaleTarget   `key:"target" required:"yes" doc:"what is looked at, and what it should be, as its mean over the last interval (every) and the instances in service: cpu P%, of their cores; concurrency N, requests inside an instance, waiting ones too; requests N/s, that come to an instance; queue NAME N, messages that wait in that queue for each instance, booting ones too. As in Kubernetes, instances that boot, are dead or have not been in service for all of the interval count as idle where the rule wants more, and not at all where it wants fewer" source:"https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details" example:"autoscale = { max = 10, target = \"requests 200/s\" }"`
	Every    kind.Duration `key:"every" default:"15s" above:"0s" doc:"how often it looks, and over how long: it acts at the end of an interval on what was measured in it" source:"https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ (horizontal-pod-autoscaler-sync-period, 15s)" example:"autoscale = { max = 10, target = \"cpu 60%\", every = \"30s\" }"`
	Boot     kind.Duration `key:"boot" default:"0s" min:"0s" doc:"from the start of an instance until it is in service, its first health checks included; it costs meanwhile, and is no capacity" example:"autoscale = { max = 10, target = \"cpu 60%\", boot = \"90s\" }"`
	Cooldown kind.Duration `key:"cooldown" default:"5m" min:"0s" doc:"how long after any change, out or in, nothing is stopped; it does not keep anything from being started" source:"https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html (300 s); Kubernetes looks back as long (horizontal-pod-autoscaler-downscale-stabilization, 5m)" example:"autoscale = { max = 10, target = \"cpu 60%\", cooldown = \"60s\" }"`
	Drain    kind.Duration `key:"drain" default:"30s" min:"0s" doc:"how long an instance that is to be stopped may take to finish what it has; what is left then fails as unavailable. One that has finished is stopped at once; spawned work left over, it is looked at again every second" source:"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination (terminationGracePeriodSeconds, 30)" example:"autoscale = { max = 10, target = \"cpu 60%\", drain = \"2m\" }"`

	Schedule []ScheduleConfig `key:"schedule" absent:"none" doc:"what min is from a time of day on, until the next entry, day after day; run.start says what time it is at time 0. On the first day an entry before that counts; before the first one it is min. What is missing is started at that moment, without waiting for the end of an interval" example:"autoscale.max = 20\nautoscale.target = \"cpu 60%\"\nautoscale.schedule = [{ at = \"08:00\", min = 10 }, { at = \"20:00\", min = 2 }]"`
}

// ScheduleConfig is an entry of a schedule.
type ScheduleConfig struct {
	kind.Place

	From ClockTime `key:"at" required:"yes" doc:"the time of day" example:"autoscale.max = 20\nautoscale.target = \"cpu 60%\"\nautoscale.schedule = [{ at = \"08:00\", min = 10 }]"`
	Min  int       `key:"min" required:"yes" min:"1" limit:"1000000" doc:"how many instances there are at least from then on" example:"autoscale.max = 20\nautoscale.target = \"cpu 60%\"\nautoscale.schedule = [{ at = \"08:00\", min = 10 }]"`
}

// ScaleTarget is what an autoscaler looks at, such as "cpu 60%".
type ScaleTarget struct {
	At     kind.Cursor
	Given  bool
	Metric scale.Metric
	Value  float64
	Queue  string // of scale.Queue: the node
}

// Read takes the text.
func (t *ScaleTarget) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong("a target such as \"cpu 60%\"", "")
		return
	}
	text := c.Value.Text
	words := strings.Fields(text)
	if len(words) == 0 {
		c.Fail("E301", "expected %s, got an empty text", targetForms())
		return
	}
	for _, row := range scale.Table {
		if row.Word == words[0] {
			t.read(c, text, row, words)
			return
		}
	}
	err := wrongWord("E205", words[0], "unknown figure "+kind.QuoteText(words[0])+"; the target is one of "+targetForms(), "")
	c.Part(err.Moved(strings.Index(text, words[0])))
}

// targetForms lists the ways to write a target.
func targetForms() string {
	forms := make([]string, len(scale.Table))
	for i, row := range scale.Table {
		forms[i] = kind.QuoteText(row.Form)
	}
	return strings.Join(forms[:len(forms)-1], ", ") + " or " + forms[len(forms)-1]
}

// read takes what comes behind the word that names the metric.
func (t *ScaleTarget) read(c kind.Cursor, text string, row scale.Row, words []string) {
	form := strings.Fields(row.Form)
	if len(words) != len(form) {
		c.Fail("E301", "expected a target such as %s, got %s", kind.QuoteText(row.Form), kind.QuoteText(text))
		return
	}
	last := words[len(words)-1]
	value, err := targetValue(row.Metric, last)
	if err != nil {
		c.Part(err.Moved(strings.LastIndex(text, last)))
		return
	}
	t.At, t.Given, t.Metric, t.Value = c, true, row.Metric, value
	if row.Metric == scale.Queue {
		t.Queue = words[1]
	}
}

// targetValue reads the number of a target.
func targetValue(metric scale.Metric, word string) (float64, *kind.LiteralError) {
	var value float64
	var err *kind.LiteralError
	most := math.Inf(1)
	switch metric {
	case scale.CPU:
		if value, err = kind.ParseRatio(word); err != nil && err.Hint == "" {
			err.Hint = "for example cpu 60%"
		}
	case scale.Requests:
		value, err = kind.ParseRate(word)
	default:
		most = 1e12
		value, err = kind.ParseNumber(word)
	}
	switch {
	case err != nil:
		return 0, err
	case value <= 0:
		return 0, wrongWord("E302", word, "must be more than 0, got "+kind.QuoteText(word), "")
	case value > most:
		return 0, wrongWord("E705", word, fmt.Sprintf("must be at most %g (a limit of capsim), got %s", most, kind.QuoteText(word)), "")
	}
	return value, nil
}

// Shape describes the text.
func (*ScaleTarget) Shape() kind.Shape {
	return kind.Shape{Type: "a figure and what it should be: " + targetForms()}
}
