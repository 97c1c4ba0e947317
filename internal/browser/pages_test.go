//go:build browser

package browser

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var nobrowser = flag.Bool("nobrowser", false, "leave these tests out: for machines without Chromium")

// shots is the folder that CAPSIM_SHOTS names, for pictures of every page in
// both widths and colour schemes, and on paper: to be looked at.
var shots = os.Getenv("CAPSIM_SHOTS")

// What all tests share: the browser, the program, and a folder for pages.
var shared struct {
	chrome        *chrome
	capsim, pages string
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *nobrowser {
		fmt.Println("left out, as -nobrowser says")
		return
	}
	code, err := withBrowser(m.Run)
	if err != nil {
		log.Fatal("browser: ", err)
	}
	os.Exit(code)
}

// withBrowser calls run with a browser and a program that is up to date.
func withBrowser(run func() int) (code int, err error) {
	path, err := findChrome()
	if err != nil {
		return 0, err
	}
	if shared.pages, err = os.MkdirTemp("", "capsim-pages-"); err != nil {
		return 0, err
	}
	defer func() { err = firstError(err, os.RemoveAll(shared.pages)) }()
	shared.capsim = filepath.Join(shared.pages, "capsim")
	build := exec.Command("go", "build", "-pgo=off", "-o", shared.capsim, "../../cmd/capsim")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 0, fmt.Errorf("go build: %w", err)
	}
	if shared.chrome, err = startChrome(path); err != nil {
		return 0, err
	}
	defer func() { err = firstError(err, shared.chrome.stop()) }()
	return run(), nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// widths are those of a desk and of a phone, in pixels.
var widths = []int{1280, 390}

var schemes = []string{"light", "dark"}

func TestPages(t *testing.T) {
	made := map[string]string{}
	for _, k := range kinds { // one after another: some need the result of one before
		require.NotContains(t, made, k.name, "two kinds of one name")
		page, err := k.make(shared.capsim, shared.pages)
		assert.NoError(t, err)
		made[k.name] = page
	}
	require.False(t, t.Failed())
	tabs := make(chan struct{}, runtime.NumCPU())
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			tabs <- struct{}{}
			defer func() { <-tabs }()
			look(t, &k, made[k.name])
		})
	}
}

var (
	verbsOfHelp = regexp.MustCompile(`(?s)\nVerbs\n(.*?)\n\n`)
	verbOfHelp  = regexp.MustCompile(`(?m)^  ([a-z]+) `)
)

// A verb that writes a page has a row in the table.
func TestEveryVerbWithAPageIsLookedAt(t *testing.T) {
	help, err := exec.Command(shared.capsim, "help").Output()
	require.NoError(t, err)
	list := verbsOfHelp.FindSubmatch(help)
	require.NotNil(t, list)
	var listed, known []string
	for _, verb := range verbOfHelp.FindAllSubmatch(list[1], -1) {
		listed = append(listed, string(verb[1]))
	}
	for _, k := range kinds {
		known = append(known, strings.Fields(k.makes)[0])
	}
	slices.Sort(known)
	assert.ElementsMatch(t, listed, append(slices.Compact(known), pageless...))
}

// look opens a page and says all that is wrong with it.
func look(t *testing.T, k *kind, path string) {
	tab, err := shared.chrome.open("file://" + path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, tab.close()) }()
	require.NoError(t, tab.look(widths[0], schemes[0]))
	require.NoError(t, tab.load(true))
	var seen contents
	require.NoError(t, tab.ask(contentsOf, &seen))
	judge(t, k, &seen)
	for _, width := range widths {
		for _, scheme := range schemes {
			where := fmt.Sprintf("%d pixels, %s", width, scheme)
			require.NoError(t, tab.look(width, scheme))
			problems, err := tab.problems((width == widths[0]) == (scheme == schemes[0])) // barriers once in each, which is slow
			require.NoError(t, err)
			for _, p := range problems {
				t.Errorf("%s: %s", where, p)
			}
			keep(t, tab, fmt.Sprintf("%s-%d-%s.png", k.name, width, scheme))
		}
	}
	onPaper(t, k, tab)
	assert.Empty(t, tab.took(), "with scripts")

	require.NoError(t, tab.look(widths[0], schemes[0]))
	require.NoError(t, tab.load(false))
	var without contents
	require.NoError(t, tab.ask(contentsOf, &without))
	judge(t, k, &without)
	assert.Equal(t, seen.Tables, without.Tables, "tables without scripts")
	for _, width := range widths {
		require.NoError(t, tab.look(width, schemes[0]))
		wide, err := tab.wide()
		require.NoError(t, err)
		assert.Empty(t, wide, "wider than the window of %d pixels, without scripts", width)
	}
	assert.Empty(t, tab.took(), "without scripts")
}

// keep keeps a picture of the page, where somebody wants to see it.
func keep(t *testing.T, tab *tab, name string) {
	if shots == "" {
		return
	}
	png, err := tab.picture()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(shots, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(shots, name), png, 0o644))
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// onPaper prints the page.
func onPaper(t *testing.T, k *kind, tab *tab) {
	pdf, err := tab.paper()
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")), "a PDF file")
	sheets := len(pdfPage.FindAll(pdf, -1))
	assert.Positive(t, sheets, "sheets of paper")
	assert.LessOrEqual(t, sheets, 40, "sheets of paper")
	if shots != "" {
		require.NoError(t, os.WriteFile(filepath.Join(shots, k.name+".pdf"), pdf, 0o644))
	}
}

// judge compares what a page shows with what it has to.
func judge(t *testing.T, k *kind, seen *contents) {
	t.Helper()
	assert.Equal(t, k.title, seen.Title, "title")
	assert.Equal(t, "en", seen.Language)
	assert.Contains(t, seen.Policy, "default-src 'none'", "the page's policy")
	assert.NotContains(t, seen.Policy, "unsafe", "the page's policy")
	assert.NotZero(t, seen.Tables, "tables")
	assert.Empty(t, seen.Dangling, "links to what is not there")
	assert.Empty(t, seen.Twice, "ids that are there twice")
	var ids []string
	for _, f := range seen.Figures {
		id := strings.TrimPrefix(f.ID, "chart-")
		ids = append(ids, id)
		assert.NotEmpty(t, f.Caption, "caption of %s", id)
		assert.Greater(t, f.Width, 250.0, "width of %s, in pixels", id)
		assert.Greater(t, f.Height, 60.0, "height of %s, in pixels", id)
		assert.Greater(t, f.Marks, 5, "lines and shapes of %s", id)
		assert.Greater(t, f.Words, 2, "words in %s", id)
	}
	assert.Equal(t, k.charts, ids, "charts, in order")
}

// Pages that are wrong, each in one way: what finds nothing there proves
// nothing elsewhere.
func TestWhatIsWrongIsFound(t *testing.T) {
	const head = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`
	const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`
	const body = `<title>Page</title></head><body><main><h1>Page</h1>`
	for name, c := range map[string]struct{ page, finds string }{
		"nothing":          {head + policy + body, ""},
		"console":          {head + body + `<script>console.error("oh")</script>`, "console.error"},
		"exception":        {head + body + `<script>nobody.home()</script>`, "an exception"},
		"dialog":           {head + body + `<script>alert("oh")</script>`, "a dialog"},
		"request":          {head + body + `<img alt="" src="http://127.0.0.1:9/x.png">`, "a request: http://127.0.0.1:9/x.png"},
		"request for file": {head + body + `<link rel="stylesheet" href="other.css">`, "a request: file:///"},
		"script":           {head + policy + body + `<script>var x = 1</script>`, "ContentSecurityPolicy"},
		"style":            {head + policy + body + `<p style="color:red">red</p>`, "ContentSecurityPolicy"},
		"width":            {head + body + `<svg width="900" height="10"></svg>`, "wider than the window"},
		"contrast":         {head + body + `<p style="color:#ccc;background:#fff">hardly there</p>`, "color-contrast"},
		"dark":             {head + `<style>@media (prefers-color-scheme: dark) {p {color:#333; background:#222}}</style>` + body + `<p>hardly there</p>`, "color-contrast"},
		"no text":          {head + body + `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, "image-alt"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "page.html")
			require.NoError(t, os.WriteFile(path, []byte(c.page+`</main></body></html>`), 0o644))
			tab, err := shared.chrome.open("file://" + path)
			require.NoError(t, err)
			defer func() { assert.NoError(t, tab.close()) }()
			require.NoError(t, tab.load(true))
			require.NoError(t, tab.look(390, "dark"))
			found, err := tab.problems(true)
			require.NoError(t, err)
			found = append(found, tab.took()...)
			if c.finds == "" {
				assert.Empty(t, found)
				return
			}
			assert.Contains(t, strings.Join(found, "\n"), c.finds)
		})
	}
}

// Scripts that are switched off are off: else the tests without them would
// be the same as those with them.
func TestScriptsCanBeSwitchedOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	page := `<!DOCTYPE html><title>before</title><script>document.title = "after"</script>`
	require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
	tab, err := shared.chrome.open("file://" + path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, tab.close()) }()
	for scripts, want := range map[bool]string{true: "after", false: "before"} {
		require.NoError(t, tab.load(scripts))
		var title string
		require.NoError(t, tab.ask("document.title", &title))
		assert.Equal(t, want, title)
	}
}
