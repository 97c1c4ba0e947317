package reports

import (
	"bytes"
	"encoding/json"
	"github.com/capsim/capsim/internal/result"
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	for _, n := range []string{"result", "single", "hostile", "comparison"} {
		b, _ := os.ReadFile("testdata/" + n + ".json")
		var o bytes.Buffer
		if n == "comparison" {
			var c result.Comparison
			if e := json.Unmarshal(b, &c); e != nil {
				t.Fatal(e)
			}
			if e := ComparisonText(os.Stdout, &c, TextOptions{}); e != nil {
				t.Fatal(e)
			}
			ComparisonJSON(&o, &c)
		} else {
			var r result.Result
			if e := json.Unmarshal(b, &r); e != nil {
				t.Fatal(e)
			}
			w := 0
			if n == "single" {
				w = 72
			}
			if e := Text(os.Stdout, &r, TextOptions{Width: w}); e != nil {
				t.Fatal(e)
			}
			JSON(&o, &r)
		}
		os.WriteFile("testdata/"+n+".json", o.Bytes(), 0o644)
		os.Stdout.WriteString("=======\n")
	}
}
