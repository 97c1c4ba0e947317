package dist

import (
	"math"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// mix draws from one of several laws, each with its share.
type mix struct{ parts []part }

type part struct {
	Law
	share float64
	upTo  float64 // shares of this part and those before it
}

// maxParts is how many laws one mix may hold.
const maxParts = 64

func buildMix(a *args) Law {
	var m mix
	sum := 0.0
	texts := splitTop(a.rest, ',')
	if len(texts) > maxParts {
		a.fail("E309", "a mix has at most 64 parts", "")
		return nil
	}
	at := a.restAt
	for i, text := range texts {
		share, law := a.part(text, at, i == len(texts)-1)
		if a.err != nil {
			return nil
		}
		if sum += share; share > 0 {
			m.parts = append(m.parts, part{Law: law, share: share, upTo: sum})
		}
		at += len(text) + 1
	}
	if math.Abs(sum-1) > 1e-9 {
		missing, off := "missing", 1-sum
		if off < 0 {
			missing, off = "too much", -off
		}
		a.fail("E306", "the shares of a mix must sum to 1, got "+number(round(sum))+", "+number(round(off))+" "+missing, "")
		return nil
	}
	if len(m.parts) == 1 {
		return m.parts[0].Law
	}
	return m
}

// round drops the digits that a sum of decimal shares leaves behind.
func round(x float64) float64 { return math.Floor(float64(x*1e9)+0.5) / 1e9 }

// part reads "95% exp 4ms".
func (a *args) part(text string, at int, last bool) (float64, Law) {
	trimmed := strings.TrimLeft(text, " \t")
	at += len(text) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " \t")
	word, law, found := strings.Cut(trimmed, " ")
	lawAt := at + len(word) + 1
	share, err := kind.ParseRatio(word)
	switch {
	case trimmed == "":
		a.failAt(token{"", at, 0}, "E206", "a part of the mix is empty", a.row.usage())
		return 0, nil
	case err != nil && !startsLikeNumber(word):
		a.failAt(token{word, at, len(word)}, "E206", "each part of a mix begins with its share, got "+quote(word), a.row.usage())
		return 0, nil
	case err != nil:
		a.err = err.Moved(at)
		return 0, nil
	case !found:
		a.failAt(token{word, at, len(word)}, "E206", "a distribution must follow the share "+quote(word), a.row.usage())
		return 0, nil
	case firstWord(law) == "mix":
		a.failAt(token{law, lawAt, len(law)}, "E206", "a mix within a mix needs parentheses", `as in "mix 90% exp 1ms, 10% (mix 50% exp 5ms, 50% exp 9ms)"`)
		return 0, nil
	}
	if i := topModifier(law); a.modified && i >= 0 {
		a.failAt(token{law[i:], lawAt + i, len(law) - i}, "E207", `what follows the last part acts on the whole mix; put this part in parentheses to be clear`,
			`as in "mix 90% (exp 1ms + 2ms), 10% exp 9ms"`)
		return 0, nil
	}
	inner, err := a.law(law, lawAt)
	if a.err = err; err != nil {
		return 0, nil
	}
	if _, ok := inner.(Trace); ok {
		a.failAt(token{law, lawAt, len(law)}, "E206", "a trace column is looked up, not drawn: it cannot be part of a mix", "")
	}
	return share, inner
}

func (m mix) Sample(s *sim.Stream) float64 {
	u := s.Float64()
	i := 0
	for u >= m.parts[i].upTo && i < len(m.parts)-1 {
		i++
	}
	return m.parts[i].Sample(s)
}

func (m mix) Mean() float64 {
	sum := 0.0
	for _, p := range m.parts {
		sum += float64(p.share * p.Mean())
	}
	return sum
}

// Variance is what the parts vary within and between them.
func (m mix) Variance() float64 {
	mean, sum := m.Mean(), 0.0
	for _, p := range m.parts {
		v, off := p.Variance(), p.Mean()-mean
		if math.IsInf(v, 1) || math.IsInf(mean, 1) {
			return math.Inf(1)
		}
		sum += float64(p.share * (v + float64(off*off)))
	}
	return sum
}

func (m mix) CDF(x float64) float64 {
	sum := 0.0
	for _, p := range m.parts {
		sum += float64(p.share * p.CDF(x))
	}
	return clamp(sum)
}
