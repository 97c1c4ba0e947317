package tidy

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// processor is one for which Go fuses x*y + z into a single instruction,
// which rounds once instead of twice.
type processor struct {
	name  string
	env   []string
	fused *regexp.Regexp
}

var processors = []processor{
	{"arm64", []string{"GOARCH=arm64"}, regexp.MustCompile(`\((\S+:\d+)\)\tFN?M(?:ADD|SUB)[SD]\t`)},
	{"amd64 v3", []string{"GOARCH=amd64", "GOAMD64=v3"}, regexp.MustCompile(`\((\S+:\d+)\)\tVFN?M(?:ADD|SUB)\d+S[SD]\t`)},
}

// complaints are what the compiler says beside the listing.
var complaints = regexp.MustCompile(`(?m)^\S+\.go:\d+:\d+: .*$`)

// No product in the packages that compute results may be fused with a sum,
// or the last bit differs between processors: it is written float64(x*y) + z.
// math.FMA is the same everywhere and may be used on purpose.
func TestNoProductIsFusedWithASum(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for other processors")
	}
	tr := readTree(t)
	var dirs []string
	for _, dir := range slices.Sorted(maps.Keys(tr.packages)) {
		if simulating(dir) {
			dirs = append(dirs, dir)
		}
	}
	wanted := tr.linesWith("math.FMA(")
	for _, p := range processors {
		t.Run(p.name, func(t *testing.T) {
			for _, f := range p.fusedIn(t, root, dirs) {
				if !slices.Contains(wanted, f) {
					t.Errorf("%s is fused: write float64(x*y) + z", f)
				}
			}
		})
	}
}

func TestAFusedProductIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for other processors")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("go.mod", "module planted\n\ngo 1.26\n")
	write("planted.go", `package planted

func Fused(x, y, z float64) float64 {
	return x*y + z
}

func Rounded(x, y, z float64) float64 {
	return float64(x*y) + z
}
`)
	for _, p := range processors {
		assert.Equal(t, []string{"planted.go:4"}, p.fusedIn(t, dir, []string{"."}), p.name)
	}
}

// fusedIn compiles packages of the module at home and returns where the
// compiler made fused instructions, as PATH:LINE, each once. The compiler's
// own listing is used (-S): the disassembler of Go does not know the fused
// instructions of amd64.
func (p processor) fusedIn(t *testing.T, home string, dirs []string) []string {
	t.Helper()
	args := []string{"build", "-gcflags=-S"}
	for _, dir := range dirs {
		args = append(args, "./"+dir)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), append([]string{"CGO_ENABLED=0", "GOOS=linux"}, p.env...)...)
	out, err := cmd.CombinedOutput()
	listing := string(out)
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), strings.Join(complaints.FindAllString(listing, -1), "\n"))
	require.Contains(t, listing, "STEXT", "the compiler's listing")
	absolute, err := filepath.Abs(home)
	require.NoError(t, err)
	var found []string
	for _, m := range p.fused.FindAllStringSubmatch(listing, -1) {
		at := strings.TrimPrefix(strings.TrimPrefix(m[1], absolute+"/"), module+"/")
		found = append(found, at)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// linesWith returns where the code of the tree holds a text, as PATH:LINE.
func (tr *tree) linesWith(text string) []string {
	var found []string
	for _, f := range tr.sorted() {
		if f.syntax == nil || f.isTest() {
			continue
		}
		for i, line := range f.lines {
			if strings.Contains(line, text) {
				found = append(found, fmt.Sprintf("%s:%d", f.path, i+1))
			}
		}
	}
	return found
}
