package kind

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimesOfDay(t *testing.T) {
	for text, want := range map[string]int64{"00:00": 0, "20:00": 72_000, "23:59": 86_340, "06:30:15": 23_415, "00:00:01": 1} {
		got, err := ParseClock(text)
		require.Nil(t, err, text)
		assert.Equal(t, want*1_000_000_000, got, text)
	}
	for _, row := range []struct{ text, code, says string }{
		{"", "E301", `as in "20:00"`}, {"8pm", "E301", `as in "20:00"`}, {"20", "E301", "hours and minutes"},
		{"8:30", "E301", `did you mean "08:30"?`}, {"24:00", "E302", `midnight is "00:00"`}, {"25:00", "E302", "23:59:59"},
		{"12:60", "E302", "23:59:59"}, {"12:5", "E301", "time of day"}, {"12:05:", "E301", "time of day"}, {"12:05:06:07", "E301", "time of day"},
		{"123:00", "E301", "time of day"}, {"-1:00", "E301", "time of day"}, {strings.Repeat("1", 300), "E704", "hours"},
	} {
		_, err := ParseClock(row.text)
		require.NotNil(t, err, row.text)
		assert.Equal(t, row.code, err.Code, row.text)
		assert.Contains(t, err.Message+err.Hint, row.says, row.text)
		assert.Equal(t, len(row.text), err.Len)
	}
}
