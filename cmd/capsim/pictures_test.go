package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README shows pictures, which are drawn by the program: as SVG, which is
// the same bytes everywhere.
var readmePictures = []struct {
	file    string
	command string // OUT is a folder for what it writes
	draws   string // a second command, that writes the picture
	page    string // or the page of the first that has it
	chart   string // and the chart there
}{
	{
		file:    "web-shop.svg",
		command: "run web-shop.toml --duration 2m --out OUT",
		draws:   "graph OUT/result.json",
	},
	{
		file:    "up-or-out.svg",
		command: "compare vertical-vs-horizontal.toml --duration 30s --replications 3 --no-failures --out OUT",
		page:    "comparison.html", chart: "latency-load",
	},
}

const (
	picturesDir = "../../docs/pictures"
	mostPicture = 200_000 // bytes: it is loaded with the README
)

func TestPicturesOfTheReadmeAreThoseOfTheProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for _, p := range readmePictures {
		t.Run(p.file, func(t *testing.T) {
			assert.Contains(t, string(readme), "](docs/pictures/"+p.file+")", "the README shows it")
			out := t.TempDir()
			words := func(command string) []string {
				w := strings.Fields(strings.ReplaceAll(command, "OUT", out))
				if strings.HasSuffix(w[1], ".toml") {
					w[1] = filepath.Join(galleryDir, w[1])
				}
				return w
			}
			exit, picture := capsim(t, append(words(p.command), "--quiet")...)
			require.LessOrEqual(t, exit, exitMissed)
			if p.draws != "" {
				exit, picture = capsim(t, words(p.draws)...)
				require.Zero(t, exit)
			} else {
				picture = chartAlone(t, filepath.Join(out, p.page), p.chart)
			}
			assert.Less(t, len(picture), mostPicture)
			assert.NotContains(t, picture, "<script")
			path := filepath.Join(picturesDir, p.file)
			if *update {
				require.NoError(t, os.MkdirAll(picturesDir, 0o755))
				require.NoError(t, os.WriteFile(path, []byte(picture), 0o644))
				return
			}
			drawn, err := os.ReadFile(path)
			require.NoError(t, err)
			if string(drawn) != picture { // thousands of numbers: nobody wants to see both
				t.Errorf("%s is no more what the program draws: make pictures", path)
			}
		})
	}
}

// chartAlone takes a chart out of a page, to stand by itself: on paper of its
// own, since the colours of a page that is dark are in the page's style sheet.
func chartAlone(t *testing.T, page, chart string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?s)<figure id="chart-` + chart + `"[^>]*>.*?<svg([^>]*)>(.*?</svg>)`).FindSubmatch(text)
	require.NotNil(t, found, "the chart %s of %s", chart, page)
	attributes := string(found[1])
	if !strings.Contains(attributes, "xmlns=") {
		attributes = ` xmlns="http://www.w3.org/2000/svg"` + attributes
	}
	title, drawing, titled := strings.Cut(string(found[2]), "</title>") // which has to be first
	require.True(t, titled)
	return "<svg" + attributes + ">" + title + `</title><rect width="100%" height="100%" fill="#FFFFFF"/>` + drawing + "\n"
}
