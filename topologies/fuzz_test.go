package topologies

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/capsim/capsim/models/kind"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzLoad feeds any bytes to the front end. Whatever they are, it neither
// panics nor prints what a terminal would act upon; each finding has the shape
// that the language promises; and what is accepted means the same to another
// TOML library, and gives the same specification twice.
func FuzzLoad(f *testing.F) {
	for _, name := range Gallery() {
		text, err := os.ReadFile(name + ".toml")
		require.NoError(f, err)
		f.Add(text, "")
	}
	for _, tt := range catalogue {
		if len(tt.file) < 4096 {
			f.Add([]byte(tt.file), "server.web.cores=2")
		}
	}
	f.Add([]byte(twoDesigns), "client.users.retries={max=1}")
	f.Add([]byte("a.b.c = 1\n[a.d]\n[[x.y]]\nz = {q.r = 1979-05-27T07:32:00Z}\n"), "\"a b\".'c'.d=\"x\"")
	f.Add([]byte("x = \"\"\"\\\n  a\\u00e9\"\"\"\ny = '''\n'a'''\n"), "a=1")
	f.Fuzz(func(t *testing.T, data []byte, set string) {
		if len(data) > 1<<16 || len(set) > 1<<10 {
			t.Skip()
		}
		files := memory{"x.toml": string(data), "a.log": clf, "day.csv": day, "data/nasa-http-1995-08-01.access.log.gz": clf}
		var opts Options
		if set != "" {
			opts.Set = []Setting{{Text: set, Arg: 1}}
		}
		loaded, report := Load(files, "x.toml", opts)
		wellFormed(t, report)
		if loaded == nil {
			require.True(t, report.Failed(), "what cannot be loaded has an error")
			return
		}
		if !report.Failed() {
			sameToAnotherLibrary(t, data)
		}
		for _, design := range append([]string{""}, loaded.Designs()...) {
			spec, found := loaded.Spec(design)
			wellFormed(t, found)
			require.Equal(t, spec == nil, found.Failed())
			again, _ := loaded.Spec(design)
			require.Equal(t, spec, again)
		}
	})
}

// wellFormed checks the shape of all that a report prints.
func wellFormed(t *testing.T, report *kind.Report) {
	t.Helper()
	for _, line := range headlines(report) {
		require.Regexp(t, headline, line)
	}
	for _, d := range report.Diagnostics() {
		_, known := kind.LookUpCode(d.Code)
		require.True(t, known, d.Code)
		require.NotContains(t, d.Message+d.Hint, "node.", "no name of a Go type")
	}
	var text, document bytes.Buffer
	require.NoError(t, report.WriteText(&text, "nothing was simulated"))
	require.Less(t, text.Len(), 64<<10)
	for _, c := range text.String() {
		require.False(t, c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e, "%U", c)
	}
	require.NoError(t, report.WriteJSON(&document))
	require.True(t, json.Valid(document.Bytes()))
}

// sameToAnotherLibrary demands that BurntSushi/toml sees the same keys.
func sameToAnotherLibrary(t *testing.T, data []byte) {
	t.Helper()
	src := newSource("x.toml", data)
	report := &kind.Report{}
	root, ok := parseTOML(src, report)
	require.True(t, ok)
	var other map[string]any
	meta, err := toml.Decode(string(src.data), &other)
	require.NoError(t, err)
	for _, key := range meta.Keys() {
		if value := find(root, key); value == nil && !strings.Contains(key.String(), "[") {
			assert.NotNil(t, value, key.String())
		}
	}
}

// find follows a key through tables, and through the first item of arrays
// of tables that has it.
func find(t *kind.Table, key []string) *kind.Value {
	e := t.Get(key[0])
	if e == nil || len(key) == 1 {
		if e == nil {
			return nil
		}
		return e.Value
	}
	switch e.Value.Type {
	case kind.TypeTable:
		return find(e.Value.Table, key[1:])
	case kind.TypeArray:
		return within(e.Value, key[1:])
	}
	return nil
}

func within(array *kind.Value, key []string) *kind.Value {
	for _, item := range array.Items {
		var found *kind.Value
		switch item.Type {
		case kind.TypeTable:
			found = find(item.Table, key)
		case kind.TypeArray:
			found = within(item, key)
		}
		if found != nil {
			return found
		}
	}
	return nil
}
