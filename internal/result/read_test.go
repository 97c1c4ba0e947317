package result

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const small = `{"schema": "capsim/result/v1", "run": {"replications": 2}, "clients": {"users": {"latency_s": {"p99": {"mean": 1, "half_width": 0.1}}}}}`

func TestReadTakesWhatWasWritten(t *testing.T) {
	for _, name := range []string{"result", "single", "hostile", "baseline"} {
		data, err := os.ReadFile("../../reports/testdata/" + name + ".json")
		require.NoError(t, err)
		r, err := Read(data)
		require.NoError(t, err, name)
		again, err := json.Marshal(r)
		require.NoError(t, err)
		second, err := Read(again)
		require.NoError(t, err)
		assert.Equal(t, r, second)
	}
}

// A document of an earlier version lacks what came later, and a later one may
// have fields that this does not know.
func TestReadTakesOtherVersions(t *testing.T) {
	r, err := Read([]byte(small))
	require.NoError(t, err)
	assert.InDelta(t, 0.1, *r.Clients["users"].LatencyS["p99"].HalfWidth, 0)
	assert.Nil(t, r.Clients["users"].ThroughputRPS.Mean)
	_, err = Read([]byte(strings.Replace(small, `"run"`, `"novelty": [1], "run"`, 1)))
	assert.NoError(t, err)
}

func TestReadRefusesWhatIsNoResult(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "the document is empty",
		" \n":                                  "the document is empty",
		small[:60]:                             "the document ends in the middle",
		`{"schema"; 1}`:                        "not JSON: invalid character ';' after object key",
		`[]`:                                   "not a result document: it is a JSON array",
		`{}`:                                   "not a result document: it names no schema",
		`null`:                                 "not a result document: it names no schema",
		`{"schema": 7}`:                        `not a result document: "schema" is a JSON number`,
		`{"schema": "capsim/drill/v1"}`:        `its schema is "capsim/drill/v1", not capsim/result/v1`,
		`{"schema": "capsim/result/v1"}`:       "not a result document: it has 0 replications",
		small + "x":                            "not JSON: invalid character 'x' after top-level value",
		strings.Replace(small, "2", "-2", 1):   `not a result document: "run.replications" is negative`,
		strings.Replace(small, "0.1", "-1", 1): `not a result document: "clients.users.latency_s.p99": its interval is negative`,
		strings.Replace(small, `"mean": 1`, `"mean": "x"`, 1):                                                                            `not a result document: "clients.latency_s.mean" is a JSON string`,
		strings.Replace(small, `"mean": 1`, `"mean": 1e999`, 1):                                                                          `not a result document: "clients.latency_s.mean" is a JSON number 1e999`,
		strings.Replace(small, `{"latency`, `null, "x": {"latency`, 1):                                                                   `not a result document: "clients.users" is null`,
		strings.Replace(small, `{"latency`, `{"ops": {"a\u001b": null}, "latency`, 1):                                                    `not a result document: "clients.users.ops.a\x1b" is null`,
		strings.Replace(small, `"clients"`, `"nodes": {"a": null}, "clients"`, 1):                                                        `not a result document: "nodes.a" is null`,
		strings.Replace(small, `"clients"`, `"nodes": {"a": {"resources": {"cpu": null}}}, "clients"`, 1):                                `not a result document: "nodes.a.resources.cpu" is null`,
		strings.Replace(small, `"clients"`, `"nodes": {"a": {"resources": {"cpu": {"utilization": {"half_width": -1}}}}}, "clients"`, 1): `not a result document: "nodes.a.resources.cpu.utilization": its interval is negative`,
		strings.Replace(small, `"clients"`, `"nodes": {"a": {"cache": {"hit_ratio": {"half_width": -1}}}}, "clients"`, 1):                `not a result document: "nodes.a.cache.hit_ratio": its interval is negative`,
		strings.Replace(small, `"clients"`, `"cost": {"monthly": {"half_width": -1}}, "clients"`, 1):                                     `not a result document: "cost.monthly": its interval is negative`,
		`{"schema": "` + strings.Repeat("é", 500) + `"}`:                                                                                 `its schema is "` + strings.Repeat(`\u00e9`, 30) + `\u2026", not capsim/result/v1`,
		strings.Repeat("[", 20000): "not JSON: invalid character '[' exceeded max depth",
	} {
		_, err := Read([]byte(text))
		var bad *ReadError
		require.True(t, errors.As(err, &bad), "%.60s", text)
		assert.Equal(t, want, bad.Message, "%.60s", text)
		assert.LessOrEqual(t, bad.Offset, int64(len(text)))
	}
}

// An empty document says nothing, least of all that all is well.
func TestEmptyDocumentsAreRefused(t *testing.T) {
	for _, d := range readable {
		_, err := ReadAny([]byte(`{"schema": "` + d.schema + `"}`))
		var bad *ReadError
		require.True(t, errors.As(err, &bad), d.schema)
		assert.Regexp(t, "^not a "+d.noun+" document: it has (0|no) ", bad.Message)
	}
	for _, schema := range []string{ComparisonSchema, WhatIfSchema} {
		_, err := ReadAny([]byte(`{"schema": "` + schema + `", "truncated": true}`))
		assert.NoError(t, err, "interrupted before anything was finished")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"schema": "capsim/result/v1", "run": {"replications": 1}, "nodes": {"a": {"resources": {"cpu": {"utilization": null}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if (r == nil) == (err == nil) {
			t.Fatal("neither or both")
		}
	})
}
