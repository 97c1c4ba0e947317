package reports

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each surface has its own title, not that of its neighbour, whatever is
// stroked between them.
func TestMarksSayTheirValuesUnderThePointer(t *testing.T) {
	for name, c := range map[string]struct {
		p    *picture
		says []string
	}{
		"bars": {
			&picture{bars: []bar{{label: "app cpu", value: 0.7, half: 0.02, unit: ratio}, {label: "<b>", value: 0.2, unit: ratio}}, x: axis{max: 1}},
			[]string{"app cpu: 70 % ± 2 %", "&lt;b&gt;: 20 %"},
		},
		"stacks": {
			&picture{
				stacks: []stack{{label: "app", unit: seconds, parts: []barPart{{0.003, 0}, {0.001, 1}}}}, x: axis{max: 1},
				keys: []key{{"service", 0}, {"waiting", 1}},
			},
			[]string{"app, service: 3 ms of 4 ms", "app, waiting: 1 ms of 4 ms"},
		},
		"effects": {
			&picture{effects: []effect{{label: "app cpu", value: 0.05, half: 0.01, u: ratio}}, x: axis{min: -1, max: 1}},
			[]string{"app cpu: +5 % ± 1 %"},
		},
		"dots": {
			&picture{
				x: linearAxis("USD a month", 100, plain), y: linearAxis("p99", 1, seconds),
				lines: []line{
					{label: "front", thin: true, points: []point{{x: 10, y: 0.1}, {x: 20, y: 0.2}}},
					{label: "meets all", dots: true, points: []point{{x: 10, y: 0.5, half: 0.1}}},
				},
			},
			[]string{"meets all: 500 ms ± 100 ms at 10 USD a month"},
		},
		"tiles": {
			&picture{x: axis{max: 1}, tiles: &tiles{
				rows: []string{"a", "b"}, tiles: []tile{{to: 1, title: "first"}, {row: 1, to: 1, title: "second", label: "2"}},
				key: []keyed{{rule, "nothing"}},
			}},
			[]string{"first", "second"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.p.title = "title of all"
			svg, err := c.p.svg()
			require.NoError(t, err)
			parts := strings.Split(svg, "<title>")[1:]
			var says []string
			for _, part := range parts {
				text, _, _ := strings.Cut(part, "</title>")
				says = append(says, text)
			}
			assert.Equal(t, append([]string{"title of all"}, c.says...), says)
		})
	}
}

// The title of a bar stands in the bar, as long as it is.
func TestTitlesStandInTheirOwnSurfaces(t *testing.T) {
	p := &picture{title: "t", x: axis{max: 1}, bars: []bar{{label: "none", unit: ratio}, {label: "all", value: 1, unit: ratio}}}
	svg, err := p.svg()
	require.NoError(t, err)
	assert.Regexp(t, `<path d="M([\d.]+),[\d.]+L([\d.]+),[^"]*" fill="#0072B2"[^>]*><title>none: 0 %</title></path>`, svg)
	at := strings.Index(svg, "<title>all: 100 %")
	require.Positive(t, at)
	from := svg[strings.LastIndex(svg[:at], "<path"):at]
	assert.Contains(t, from, `fill-blue`)
	assert.NotEqual(t, 0, strings.Count(from, "L"))
}

// The twin of a drill is grey and dashed, behind what it is compared with, and
// after it in the legend.
func TestWhatIsComparedWithStandsBehind(t *testing.T) {
	p := &picture{
		title: "t", x: timeAxis(0, 10), y: linearAxis("errors", 10, plain),
		lines: []line{
			{label: "errors", points: []point{{x: 0, y: 1}, {x: 10, y: 2}}},
			{label: "without the fault", behind: true, dash: 1, points: []point{{x: 0, y: 1}, {x: 10, y: 1}}},
		},
		uprights: []upright{{at: 5, hue: 2}},
	}
	svg, err := p.svg()
	require.NoError(t, err)
	assert.Less(t, strings.LastIndex(svg, "stroke-soft"), strings.LastIndex(svg, "stroke-blue"), "drawn before")
	assert.Contains(t, svg, "stroke-green")
	text, err := json.Marshal(p.live())
	require.NoError(t, err)
	assert.Contains(t, string(text), `"uprights":[{"at":5,"hue":"green"}]`)
	lines := p.live().Tables[0].Lines
	require.Len(t, lines, 2)
	assert.Equal(t, "soft", lines[0].Hue)
	assert.Equal(t, []float64{5, 3}, lines[0].Dash)
	assert.Equal(t, [2]int{1, 0}, [2]int{lines[0].Order, lines[1].Order})
}

func TestTitlesOfAnswersSayAFinding(t *testing.T) {
	offered := line{points: []point{{x: 1, y: 100}, {x: 2, y: 200}, {x: 3, y: 300}}}
	answered := func(y ...float64) line {
		l := line{label: "a"}
		for i, v := range y {
			l.points = append(l.points, point{x: float64(i + 1), y: v})
		}
		return l
	}
	assert.Equal(t, "shop ok answers keep up with what is offered as far as ×2, 199/s", keepingUpTitle("shop", answered(100, 199, 250), offered))
	assert.Equal(t, "shop ok answers keep up with what is offered at every load that was tried", keepingUpTitle("shop", answered(100, 200, 299), offered))
	assert.Equal(t, "shop ok answers are fewer than what is offered at every load that was tried", keepingUpTitle("shop", answered(50, 60, 70), offered))

	one, other := answered(100, 180, 90), answered(100, 150, 160)
	other.label = "b"
	assert.Equal(t, "most ok answers: a 180/s at ×2, b 160/s at ×3", mostAnswersTitle([]line{one, other}))
	assert.Empty(t, mostAnswersTitle([]line{one, answered()}), "nothing to compare with")
}
