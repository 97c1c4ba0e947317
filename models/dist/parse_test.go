package dist

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

func TestSpellingsThatMeanTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"5ms", "constant 5ms", " 5ms ", "(5ms)", "4ms + 1ms", "4ms +1ms"},
		{"exp 6ms", "(exp 6ms)", "exp\t6ms", "exp 6ms + 0s", "mix 100% exp 6ms"},
		{"lognormal mean=6ms cv=1.5", "lognormal cv=1.5 mean=6ms"},
		{"quantiles p0=1ms p50=5ms p100=2s", "quantiles p100=2s p50=5ms p0=1ms"},
		{"mix 95% exp 4ms, 5% 80ms", "mix 0.95 exp 4ms,5% constant 80ms"},
		{"mix 50% exp 4ms, 50% exp 8ms + 1ms", "(mix 50% exp 4ms, 50% exp 8ms) + 1ms"},
		{"exp 6ms + 1ms truncate 2s", "(exp 6ms + 1ms) truncate 2s"},
	} {
		want, err := Parse(same[0], Time, nil)
		require.Nil(t, err, same[0])
		for _, text := range same[1:] {
			got, err := Parse(text, Time, nil)
			require.Nil(t, err, text)
			assert.Equal(t, want, got, text)
		}
	}
	whole, err := Parse("mix 50% 4ms, 50% 8ms + 1ms", Time, nil)
	require.Nil(t, err)
	assert.Equal(t, 7e6, whole.Mean(), "what follows the last part acts on the whole mix")
	part, err := Parse("mix 50% 4ms, 50% (8ms + 1ms)", Time, nil)
	require.Nil(t, err)
	assert.Equal(t, 6.5e6, part.Mean())
	first, err := Parse("exp 6ms truncate 2ms + 1ms", Time, nil)
	require.Nil(t, err)
	assert.Equal(t, 1.0, first.CDF(3e6), "modifiers act in the order in which they stand")
}

func TestExamplesOfEveryRowParse(t *testing.T) {
	for i := range table {
		for q := Time; q <= Key; q++ {
			if !table[i].Fits(q) {
				continue
			}
			for _, example := range table[i].Examples {
				example = inUnits(example, q)
				if q == Size && table[i].Name == "empirical" {
					example = "empirical counts.csv column=n unit=kB"
				}
				law, err := Parse(example, q, testFiles)
				require.Nil(t, err, "%s: %s", q, example)
				assert.NotNil(t, law)
			}
		}
	}
}

func TestBadDistributionsSayWhatIsWrongAndWhere(t *testing.T) {
	for _, row := range []struct {
		q     Quantity
		text  string
		code  string
		marks string // the part of the text that is marked
		says  string // in the message or the hint
	}{
		{Time, "", "E301", "", "got an empty text"},
		{Time, "exponental 6ms", "E205", "exponental", `did you mean "exp"?`},
		{Time, "exponential 6ms", "E205", "exponential", `did you mean "exp"?`},
		{Time, "gausian mean=1ms sd=1ms", "E205", "gausian", `did you mean "normal"?`},
		{Time, "levy 6ms", "E205", "levy", "times take: constant, exp, uniform, normal"},
		{Time, "zipf s=1 n=10", "E205", "zipf", "not a distribution of times"},
		{Key, "exp 4", "E205", "exp", "keys take: constant, integers, zipf, uniform"},
		{Time, "integers 1..9", "E205", "integers", "not a distribution of times"},
		{Time, "5", "E301", "5", `"5ms" or "5s"`},
		{Time, "exp 6", "E301", "6", `"6ms" or "6s"`},
		{Time, "exp 6 ms", "E301", "6 ms", `did you mean "6ms"?`},
		{Time, "exp 6msec", "E301", "msec", `did you mean "6ms"?`},
		{Time, "exp", "E206", "exp", "exp lacks its value"},
		{Time, "exp 6ms 7ms", "E206", "7ms", "exp takes VALUE"},
		{Time, "exp 6ms shape=2", "E206", "shape=2", `exp has no parameter "shape"`},
		{Time, "exp mean=6ms", "E206", "mean=6ms", `as in "exp 6ms"`},
		{Time, "exp 0ms", "E302", "0ms", "mean must be > 0"},
		{Time, "exp -6ms", "E302", "-6ms", "must not be negative"},
		{Time, "exp nan", "E303", "nan", "finite"},
		{Time, "nan", "E303", "nan", "finite"},
		{Time, "exp 9999999h", "E304", "9999999h", "292 years"},
		{Time, "uniform 9ms 2ms", "E309", "2ms", "the upper end must be above the lower"},
		{Time, "uniform 2ms", "E206", "uniform 2ms", "lacks its value"},
		{Time, "lognormal mean=6ms", "E206", "lognormal mean=6ms", `lacks "cv"`},
		{Time, "lognormal p50=6ms", "E206", "lognormal p50=6ms", "two percentiles"},
		{Time, "lognormal", "E206", "lognormal", "two percentiles"},
		{Time, "lognormal mean=6ms p99=9ms", "E207", "p99=9ms", "not both"},
		{Time, "lognormal mean=6ms cv=1 cv=2", "E207", "cv=2", "given twice"},
		{Time, "lognormal p50=6ms p50.0=9ms", "E207", "p50.0=9ms", "given twice"},
		{Time, "lognormal p50=6ms p99=5ms", "E309", "p99=5ms", "must be above p50"},
		{Time, "lognormal p50=6ms p100=9ms", "E309", "p100=9ms", "between p0 and p100"},
		{Time, "lognormal p50=6ms p990=9ms", "E302", "p990=9ms", "from p0 to p100"},
		{Time, "lognormal mean=6ms sigma=1", "E206", "sigma=1", "lognormal takes [mean=VALUE] [cv=NUMBER] [pN=VALUE]"},
		{Time, "lognormal mean=6ms cv=0", "E309", "cv=0", "constant"},
		{Time, "gamma mean=0s cv=1", "E302", "mean=0s", "mean must be > 0"},
		{Time, "gamma men=6ms cv=1", "E206", "men=6ms", `did you mean "mean"?`},
		{Time, "gamma mean = 6ms cv=1", "E206", "mean", "without spaces"},
		{Time, "erlang k=0 mean=6ms", "E309", "0", "from 1"},
		{Time, "erlang k=2.5 mean=6ms", "E302", "2.5", "whole number"},
		{Time, "weibull mean=6ms shape=0", "E309", "shape=0", "from 0.1 to 100"},
		{Time, "hyperexp mean=6ms cv=0.5", "E309", "cv=0.5", `use "gamma"`},
		{Time, "normal mean=6ms sd=0ms", "E309", "sd=0ms", "constant"},
		{Time, "pareto min=2ms alpha=1", "E308", "pareto min=2ms alpha=1", "infinite"},
		{Time, "pareto min=2ms max=1ms alpha=1.1", "E309", "max=1ms", "above min"},
		{Time, "pareto alpha=1.1", "E206", "pareto alpha=1.1", `lacks "min"`},
		{Time, "quantiles p50=5ms p100=1s", "E206", "quantiles p50=5ms p100=1s", "needs p0 and p100"},
		{Time, "quantiles p0=0ms p100=1s", "E302", "p0=0ms", "must be > 0"},
		{Time, "quantiles p0=5ms p50=4ms p100=1s", "E309", "p50=4ms", "must not be below p0"},
		{Time, "mix 50% exp 4ms, 40% exp 5ms", "E306", "mix 50% exp 4ms, 40% exp 5ms", "got 0.9, 0.1 missing"},
		{Time, "mix 50% exp 4ms, 60% exp 5ms", "E306", "mix 50% exp 4ms, 60% exp 5ms", "got 1.1, 0.1 too much"},
		{Time, "mix exp 4ms, 40% exp 5ms", "E206", "exp", "begins with its share"},
		{Time, "mix 95% exp 4ms, 5%", "E206", "5%", "must follow the share"},
		{Time, "mix 95% exp 4ms,", "E206", "", "a part of the mix is empty"},
		{Time, "mix 95 exp 4ms, 5% exp 5ms", "E302", "95", `written "95%"`},
		{Time, "mix 95% exp 4, 5% exp 5ms", "E301", "4", `"4ms" or "4s"`},
		{Time, "mix 50% exp 4ms, 50% mix 50% exp 1ms, 50% exp 2ms", "E206", "mix 50% exp 1ms", "needs parentheses"},
		{Time, "mix 50% exp 4ms + 1ms, 50% exp 2ms + 3ms", "E207", "+ 1ms", "parentheses to be clear"},
		{Time, "mix 50% exp 4ms, 50% trace x unit=ms", "E206", "trace x unit=ms", "looked up"},
		{Time, "trace x unit=ms truncate 5ms", "E206", "5ms", "cannot be drawn again"},
		{Time, "trace x", "E206", "trace x", `lacks "unit"`},
		{Time, "trace x unit=msec", "E301", "msec", "unknown unit"},
		{Count, "trace x unit=ms", "E206", "unit=ms", "no unit"},
		{Time, "exp 6ms + ", "E206", "+", "a value must follow"},
		{Time, "exp 6ms + 1ms + 2ms", "E207", "+", "given twice"},
		{Time, "exp 6ms trunc 2s", "E206", "trunc", "exp takes VALUE"},
		{Time, "exp 6ms + 1ms trunc 2s", "E206", "trunc", "expected + or truncate"},
		{Time, "exp 6s truncate 1ms", "E309", "1ms", "once in 1000 draws"},
		{Time, "5ms truncate 5ms", "E309", "5ms", "once in 1000 draws"},
		{Time, "+ 5ms", "E301", "", "expected a distribution"},
		{Time, "(exp 6ms", "E301", "(", "not closed"},
		{Time, "exp '6ms", "E301", "'", "quote is not closed"},
		{Time, "((((((((((exp 6ms))))))))))", "E702", "((exp 6ms))", "deeper"},
		{Time, strings.Repeat("x", 5000), "E704", strings.Repeat("x", 5000), "4096"},
		{Key, "zipf s=1 n=0", "E309", "0", "from 1"},
		{Key, "zipf s=-1 n=10", "E309", "s=-1", "from 0 to 20"},
		{Key, "zipf n=10", "E206", "zipf n=10", `lacks "s"`},
		{Key, "zipf s=1 n=10 + 1", "E206", "+", "neither + nor truncate"},
		{Key, "uniform 2 9", "E206", "2", "uniform takes n=WHOLE"},
		{Count, "geometric 0.5", "E309", "0.5", "at least 1"},
		{Count, "integers 9..1", "E309", "9..1", "must not be below"},
		{Count, "integers 9", "E301", "9", `as in "integers 1..9"`},
		{Count, "2.5", "E302", "2.5", "whole number"},
		{Count, "exp 4 + 0.5", "E302", "0.5", "whole number"},
		{Size, "exp 6KB", "E301", "KB", `did you mean "6kB"?`},
		{Time, "empirical absent.csv column=x unit=ms", "E503", "absent.csv", "no such file"},
		{Time, "empirical latencies.csv column=latency unit=ms", "E602", "latency", `the columns are "user", "latency_ms"`},
		{Time, "empirical latencies.csv column=latency_ms", "E206", "empirical latencies.csv column=latency_ms", `lacks "unit"`},
		{Time, "empirical latencies.csv column=user unit=ms", "E604", "latencies.csv", `line 2, column 1: expected a plain decimal number from 0, got "a" (and 4 more like it)`},
		{Count, "empirical latencies.csv column=latency_ms", "E604", "latencies.csv", `line 3, column 3: expected a whole number, got "2.5"`},
	} {
		law, err := Parse(row.text, row.q, testFiles)
		require.NotNil(t, err, "%s gave %v", row.text, law)
		assert.Equal(t, row.code, err.Code, row.text)
		assert.Equal(t, row.marks, row.text[err.Offset:err.Offset+err.Len], "%s: %s", row.text, err.Message)
		assert.Contains(t, err.Message+"\n"+err.Hint, row.says, row.text)
	}
	_, err := Parse("empirical latencies.csv column=latency_ms unit=ms", Time, nil)
	require.NotNil(t, err)
	assert.Equal(t, "E503", err.Code)
}

// stubborn is an Env whose every file fails in the same way.
type stubborn struct{ err error }

func (s stubborn) Open(string) (io.ReadCloser, error) { return nil, s.err }

func TestEmpiricalReportsWhyAFileCannotBeRead(t *testing.T) {
	const text = "empirical a.csv column=x unit=ms"
	for _, row := range []struct {
		err  error
		code string
	}{
		{&kind.LiteralError{Code: "E004", Message: "not a regular file"}, "E004"},
		{errors.New("disk on fire"), "E005"},
	} {
		_, err := Parse(text, Time, stubborn{row.err})
		require.NotNil(t, err)
		assert.Equal(t, row.code, err.Code)
	}
	for data, code := range map[string]string{"": "E601", "x\n": "E601", "x\n1,2\n": "E605", "x\nNaN\n": "E604", "x\n-1\n": "E604", "<html>": "E605"} {
		_, err := Parse(text, Time, files{"a.csv": data})
		require.NotNil(t, err, data)
		assert.Equal(t, code, err.Code, data)
	}
}

// Whatever is thrown at it, Parse answers with a law that can be used or with
// an error that marks a part of the text.
func FuzzParseDist(f *testing.F) {
	for i := range table {
		for _, example := range table[i].Examples {
			f.Add(example, uint8(0))
			f.Add(inUnits(example, Count), uint8(2))
		}
	}
	f.Add("zipf s=0.99 n=2M", uint8(3))
	f.Add("mix 90% (exp 1ms + 2ms) truncate 2s, 10% (mix 50% 1ms, 50% exp 9ms) + 1ms truncate 9s", uint8(0))
	f.Add("quantiles p0=1ms p50=", uint8(1))
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		q := Quantity(which % 4)
		law, err := Parse(text, q, testFiles)
		if err != nil {
			assert.Len(t, err.Code, 4)
			assert.NotEmpty(t, err.Message)
			assert.True(t, err.Offset >= 0 && err.Len >= 0 && err.Offset+err.Len <= len(text), "%q %+v", text, err)
			return
		}
		if _, ok := law.(Trace); ok {
			return
		}
		s := sim.Keyed(1)
		for range 10 {
			x := law.Sample(&s)
			assert.True(t, x >= 0 && !math.IsInf(x, 0), "%q gave %g", text, x)
			if q == Count || q == Key {
				assert.Equal(t, math.Floor(x), x, text)
			}
		}
		assert.GreaterOrEqual(t, law.Mean(), 0.0, text)
		assert.False(t, math.IsNaN(law.Variance()) || law.Variance() < 0, text)
	})
}
