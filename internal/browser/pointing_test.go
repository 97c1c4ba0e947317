//go:build browser

package browser

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pointed asks the first chart for its values by the keyboard, as a pointer
// would, and looks at its legend before, meanwhile and after.
const pointed = `(async () => {
	const place = document.querySelector(".place"), figure = place.closest("figure"), legend = figure.querySelector(".legend");
	const press = key => place.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
	const rest = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
	const values = () => [...legend.querySelectorAll("tr:not(.unseen) .u-value")].map(cell => cell.textContent);
	const looks = () => ({
		Height: figure.getBoundingClientRect().height, Values: values(),
		Lefts: [...legend.querySelectorAll("tr:not(.unseen)")].map(row => row.getBoundingClientRect().left),
	});
	await rest();
	const before = looks();
	for (let i = 0; i < 20; i++) press("ArrowRight");
	await rest();
	const axis = [...figure.querySelectorAll(".live > p")].at(-1);
	return {
		Before: before, Meanwhile: looks(),
		Under: legend.getBoundingClientRect().top - axis.getBoundingClientRect().bottom, Axis: axis.textContent,
	};
})()`

// Values appear with the pointer, and nothing else moves; at rest there are
// none. What the axis is stands between the axis and the legend.
func TestLegendsHaveRoomForTheirValues(t *testing.T) {
	tab := opened(t, "run web-shop.toml --duration 20s --replications 2")
	type looks struct {
		Height float64
		Values []string
		Lefts  []float64
	}
	for _, width := range widths {
		require.NoError(t, tab.look(width, schemes[0]))
		require.NoError(t, tab.load(true))
		var seen struct {
			Before, Meanwhile looks
			Under             float64
			Axis              string
		}
		require.NoError(t, tab.ask(pointed, &seen))
		require.NotEmpty(t, seen.Before.Values, "entries")
		for i, v := range seen.Before.Values {
			assert.Empty(t, v, "entry %d at rest", i)
			assert.NotEmpty(t, seen.Meanwhile.Values[i], "entry %d under the pointer", i)
		}
		assert.InDelta(t, seen.Before.Height, seen.Meanwhile.Height, 0.5, "%d pixels", width)
		assert.InDeltaSlice(t, seen.Before.Lefts, seen.Meanwhile.Lefts, 0.5, "%d pixels", width)
		assert.Contains(t, seen.Axis, "percentile")
		assert.GreaterOrEqual(t, seen.Under, 0.0)
	}
}

// A phone shows the bottleneck first, in a picture that it cannot show whole,
// and says that there is more.
func TestPhonesShowTheBottleneck(t *testing.T) {
	tab := opened(t, "run web-shop.toml --duration 20s --replications 2")
	require.NoError(t, tab.look(390, schemes[0]))
	require.NoError(t, tab.load(true))
	var seen struct {
		Left, Right, From, To float64
		Hint                  bool
	}
	require.NoError(t, tab.ask(`(() => {
		const place = document.querySelector(".picture .scroll"), frame = place.getBoundingClientRect();
		const box = place.querySelector(".stroke-vermilion").getBoundingClientRect();
		return {
			Left: box.left, Right: box.right, From: frame.left, To: frame.right,
			Hint: document.querySelector(".swipe").getBoundingClientRect().height > 0,
		};
	})()`, &seen))
	assert.GreaterOrEqual(t, seen.Left, seen.From)
	assert.LessOrEqual(t, seen.Right, seen.To)
	assert.Positive(t, seen.Right-seen.Left)
	assert.True(t, seen.Hint, "a hint that it scrolls")
}

// opened is the page that a command makes, in an empty tab.
func opened(t *testing.T, command string) *tab {
	t.Helper()
	k := kind{name: t.Name(), makes: command, page: "report.html"}
	path, err := k.make(shared.capsim, shared.pages)
	require.NoError(t, err)
	tab, err := shared.chrome.open("file://" + path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tab.close()) })
	return tab
}

// A chart of a run of years has an axis of time as well, and its small figures
// are not cut off at the edge of the chart.
func TestLongRunsHaveAnAxisOfTime(t *testing.T) {
	tab := opened(t, "run hello.toml --load 0.00001 --duration 1000d --replications 1")
	for _, width := range widths {
		require.NoError(t, tab.look(width, schemes[0]))
		require.NoError(t, tab.load(true))
		var seen struct{ Under, Edge []int }
		require.NoError(t, tab.ask(`(() => {
			const charts = [...document.querySelectorAll("figure")].filter(f => f.querySelector(".live")?.textContent.includes("time in the measured window"));
			const ink = (canvas, x, y, w, h) => {
				const of = canvas.getContext("2d").getImageData(x, y, w, h).data;
				let n = 0;
				for (let i = 3; i < of.length; i += 4) if (of[i] > 0) n++;
				return n;
			};
			const canvases = charts.map(f => f.querySelector("canvas"));
			return {
				Under: canvases.map(c => ink(c, 0, c.height - 24 * devicePixelRatio, c.width, 20 * devicePixelRatio)),
				Edge: canvases.map(c => ink(c, 0, 0, 1, c.height)),
			};
		})()`, &seen))
		require.NotEmpty(t, seen.Under)
		for i := range seen.Under {
			assert.Positive(t, seen.Under[i], "%d pixels, chart %d: labels under the axis", width, i)
			assert.Zero(t, seen.Edge[i], "%d pixels, chart %d: a label that is cut off", width, i)
		}
	}
}
