package manual

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("capsim.schema.json", document))
	s, err := c.Compile("capsim.schema.json")
	require.NoError(t, err)
	return s
}

// asJSON is a TOML text as a validator wants it.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var tree map[string]any
	_, err := toml.Decode(text, &tree)
	require.NoError(t, err, text)
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	require.NoError(t, err)
	return document
}

func TestTheSchemaAcceptsTheGallery(t *testing.T) {
	s := compiled(t)
	for _, name := range topologies.Gallery() {
		assert.NoError(t, s.Validate(asJSON(t, string(topologies.Exhibit(name+".toml")))), name)
	}
}

// TestTheSchemaAcceptsEveryExample puts the examples into a design, where
// nothing is required.
func TestTheSchemaAcceptsEveryExample(t *testing.T) {
	s := compiled(t)
	for _, p := range allPages(New()) {
		if _, code := kind.LookUpCode(p.Path); code || p.Path == "codes" || p.Path == "numbers" {
			continue
		}
		document := asJSON(t, p.Example).(map[string]any)
		file := map[string]any{"client": map[string]any{}}
		changes := map[string]any{}
		for key, value := range document {
			if slices.Contains(topologies.Shared(), key) {
				file[key] = value
				continue
			}
			changes[key] = value
		}
		if file["design"] == nil {
			file["design"] = map[string]any{"x": changes}
		}
		assert.NoError(t, s.Validate(file), "%s:\n%s", p.Path, p.Example)
	}
}

func TestTheSchemaRefusesWhatIsWrong(t *testing.T) {
	const shop = `[client.users]
target = "web"
arrivals = "poisson 80/s"
timeout = "2s"
retries = { max = 2, backoff = "doubling 100ms max 2s", jitter = "full" }

[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }, { repeat = 2, steps = [] }]
`
	s := compiled(t)
	require.NoError(t, s.Validate(asJSON(t, shop)))
	for old, new := range map[string]string{
		"cores = 1":                 "core = 1",
		"[server.web]":              "[sever.web]",
		`target = "web"`:            `targe = "web"`,
		`"2s"`:                      `2`,
		`timeout = "2s"`:            `timeout = "2 sec"`,
		`"poisson 80/s"`:            `"poison 80/s"`,
		`"full"`:                    `"ful"`,
		"max = 2, ":                 "",
		`doubling 100ms max 2s`:     `trebling 100ms max 2s`,
		"[{ cpu":                    `[{ get = "r", cpu`,
		`{ cpu = "exp 10ms" }`:      `{ miss = [], cpu = "exp 10ms" }`,
		`"exp 10ms" }`:              `"expo 10ms" }`,
		`, steps = []`:              "",
		"cores = 1\n":               "cores = 0\n",
		"on.request":                "off.request",
		"[client.users]\n":          "[client]\n",
		"2, steps = [] }]":          "2, steps = [] }]\n[design.x]\nserver.web.core = 2",
		`[server.web]` + "\ncores":  "[run]\nseed = -1\n[server.web]\ncores",
		`[client.users]` + "\ntarg": "title = 3\n[client.users]\ntarg",
	} {
		require.Contains(t, shop, old)
		text := strings.Replace(shop, old, new, 1)
		assert.Error(t, s.Validate(asJSON(t, text)), text)
		file, report := topologies.Load(one(text), "example.toml", topologies.Options{})
		if file != nil {
			report = file.Check()
		}
		assert.True(t, report.Failed(), "the schema refuses what capsim accepts:\n%s", text)
	}
}

// TestTheSchemaSaysWhereAMistakeIs is what an editor marks.
func TestTheSchemaSaysWhereAMistakeIs(t *testing.T) {
	s := compiled(t)
	for text, at := range map[string]string{
		"[client.users]\ntarget = \"web\"\ntimeot = \"2s\"":                          "client users",
		"[client.users]\ntarget = \"web\"\ntimeout = 2":                              "client users timeout",
		"[client.users]\ntimeout = \"2s\"":                                           "client users",
		"[client.users]\ntarget = \"web\"\nsession = { think = \"1s\" }":             "client users session",
		"extends = \"shop.toml\"\n[server.web]\ncore = 2":                            "server web",
		"[client.users]\ntarget = \"web\"\n[server.web]\non.request = [{ cpu = 5 }]": "server web on request 0 cpu",
	} {
		var failed *jsonschema.ValidationError
		require.ErrorAs(t, s.Validate(asJSON(t, text)), &failed, text)
		deepest := failed.InstanceLocation
		for causes := failed.Causes; len(causes) > 0; causes = causes[0].Causes {
			require.Len(t, causes, 1, text)
			deepest = causes[0].InstanceLocation
			if len(causes[0].Causes) > 1 { // the forms that a value may have
				break
			}
		}
		assert.Equal(t, at, strings.Join(deepest, " "), text)
	}
}
