package dist

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Row describes one distribution, for the parser and for the manual.
type Row struct {
	Name       string
	Parameters []Parameter
	Doc        string
	Source     string   // where the formulas are from
	Examples   []string // right as they stand, for the first quantity that fits

	fits       quantities
	continuous bool // rounded where things are counted
	raw        bool // takes the rest of the text as it is
	build      func(*args) Law
}

// Parameter is one value that a distribution takes.
type Parameter struct {
	Name     string // before the equals sign; "" for one that has a place; "pN" for any percentile
	Form     string // VALUE (with a unit where the quantity has one), NUMBER, WHOLE, FILE, NAME, UNIT
	Optional bool
	Doc      string
}

// Fits reports whether the distribution can be of that quantity.
func (r *Row) Fits(q Quantity) bool { return r.fits&q.bit() != 0 }

// Table lists the distributions of a quantity, in the order of the manual.
func Table(q Quantity) []Row {
	return slices.DeleteFunc(slices.Clone(table), func(r Row) bool { return !r.Fits(q) })
}

// table holds every distribution. It is never written to.
var table = []Row{
	{
		Name: "constant", fits: ofAll, build: buildConstant,
		Parameters: []Parameter{{Form: "VALUE", Doc: "the value"}},
		Doc:        "Always that. The name may be left out.",
		Examples:   []string{"5ms", "constant 5ms"},
	},
	{
		Name: "exp", fits: ofMeasures, continuous: true, build: buildExponential,
		Parameters: []Parameter{{Form: "VALUE", Doc: "the mean m"}},
		Doc:        "Exponential: density e^(-x/m)/m, standard deviation m.",
		Source:     "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, chapter 19",
		Examples:   []string{"exp 6ms"},
	},
	{
		Name: "uniform", fits: ofMeasures, continuous: true, build: buildUniform,
		Parameters: []Parameter{{Form: "VALUE", Doc: "the lower end"}, {Form: "VALUE", Doc: "the upper end"}},
		Doc:        "The same density everywhere between two values.",
		Source:     "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, chapter 26",
		Examples:   []string{"uniform 2ms 9ms"},
	},
	{
		Name: "integers", fits: ofWholeOnes, build: buildIntegers,
		Parameters: []Parameter{{Form: "WHOLE..WHOLE", Doc: "the first and the last"}},
		Doc:        "Whole numbers from the first to the last, each as likely.",
		Examples:   []string{"integers 1..9"},
	},
	{
		Name: "geometric", fits: ofCount, build: buildGeometric,
		Parameters: []Parameter{{Form: "NUMBER", Doc: "the mean m, at least 1"}},
		Doc:        "Whole numbers k = 1, 2, … with probability p(1-p)^(k-1), p = 1/m.",
		Source:     "Devroye, Non-Uniform Random Variate Generation, X.2",
		Examples:   []string{"geometric 4"},
	},
	{
		Name: "normal", fits: ofMeasures, continuous: true, build: buildNormal,
		Parameters: []Parameter{
			{Name: "mean", Form: "VALUE", Doc: "the mean before truncation"},
			{Name: "sd", Form: "VALUE", Doc: "the standard deviation before truncation"},
		},
		Doc:      "Normal, truncated at 0: negative draws are drawn again, which raises the mean where sd is more than a third of it.",
		Source:   "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, section 13.10.1",
		Examples: []string{"normal mean=5ms sd=1ms"},
	},
	{
		Name: "lognormal", fits: ofMeasures, continuous: true, build: buildLognormal,
		Parameters: []Parameter{
			{Name: "mean", Form: "VALUE", Optional: true, Doc: "the mean"},
			{Name: "cv", Form: "NUMBER", Optional: true, Doc: "standard deviation / mean"},
			{Name: "pN", Form: "VALUE", Optional: true, Doc: "a percentile, as in p50 or p99.9; any two instead of mean and cv"},
		},
		Doc:      "e^(mu + sigma N) with N standard normal: sigma² = log(1+cv²) and mu = log(mean) - sigma²/2, or through two percentiles.",
		Source:   "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, chapter 14",
		Examples: []string{"lognormal mean=6ms cv=1.5", "lognormal p50=5ms p99=40ms"},
	},
	{
		Name: "gamma", fits: ofMeasures, continuous: true, build: buildGamma,
		Parameters: []Parameter{
			{Name: "mean", Form: "VALUE", Doc: "the mean"},
			{Name: "cv", Form: "NUMBER", Doc: "standard deviation / mean"},
		},
		Doc:      "Gamma with shape 1/cv²: more regular than exponential for cv < 1, less for cv > 1.",
		Source:   "Marsaglia and Tsang, ACM Trans. Math. Software 26(3), 2000",
		Examples: []string{"gamma mean=6ms cv=0.5"},
	},
	{
		Name: "erlang", fits: ofMeasures, continuous: true, build: buildErlang,
		Parameters: []Parameter{
			{Name: "k", Form: "WHOLE", Doc: "how many exponential stages"},
			{Name: "mean", Form: "VALUE", Doc: "the mean of the whole"},
		},
		Doc:      "The sum of k exponential times, cv = 1/√k.",
		Source:   "Kleinrock, Queueing Systems 1, section 4.2",
		Examples: []string{"erlang k=4 mean=6ms"},
	},
	{
		Name: "weibull", fits: ofMeasures, continuous: true, build: buildWeibull,
		Parameters: []Parameter{
			{Name: "mean", Form: "VALUE", Doc: "the mean"},
			{Name: "shape", Form: "NUMBER", Doc: "below 1 heavier than exponential"},
		},
		Doc:      "P(X > x) = e^(-(x/scale)^shape), scale = mean/Γ(1+1/shape).",
		Source:   "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, chapter 21",
		Examples: []string{"weibull mean=6ms shape=0.7"},
	},
	{
		Name: "hyperexp", fits: ofMeasures, continuous: true, build: buildHyperexp,
		Parameters: []Parameter{
			{Name: "mean", Form: "VALUE", Doc: "the mean"},
			{Name: "cv", Form: "NUMBER", Doc: "standard deviation / mean, at least 1"},
		},
		Doc:      "One of two exponentials, with balanced means: mostly short, now and then long.",
		Source:   "Tijms, Stochastic Models, 1994, appendix B",
		Examples: []string{"hyperexp mean=6ms cv=3"},
	},
	{
		Name: "pareto", fits: ofMeasures, continuous: true, build: buildPareto,
		Parameters: []Parameter{
			{Name: "min", Form: "VALUE", Doc: "the smallest value"},
			{Name: "max", Form: "VALUE", Optional: true, Doc: "the largest value"},
			{Name: "alpha", Form: "NUMBER", Doc: "the tail index: without max, the mean is infinite up to 1, the variance up to 2"},
		},
		Doc:      "P(X > x) = (min/x)^alpha from min on; with max, given that X is at most that.",
		Source:   "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, chapter 20",
		Examples: []string{"pareto min=2ms alpha=2.5", "pareto min=2ms max=10s alpha=1.1"},
	},
	{
		Name: "quantiles", fits: ofMeasures, continuous: true, build: buildQuantiles,
		Parameters: []Parameter{{Name: "pN", Form: "VALUE", Doc: "a percentile; p0 and p100 must be among them, 64 at most"}},
		Doc:        "Through the given percentiles; between two of them the logarithm of the value is linear in the rank.",
		Examples:   []string{"quantiles p0=1ms p50=5ms p90=12ms p99=60ms p100=2s"},
	},
	{
		Name: "empirical", fits: ofMeasures, build: buildEmpirical,
		Parameters: []Parameter{
			{Form: "FILE", Doc: "a CSV file with a header, or one compressed with gzip"},
			{Name: "column", Form: "NAME", Doc: "the column"},
			{Name: "unit", Form: "UNIT", Optional: true, Doc: "of the numbers in the file; for times and sizes"},
		},
		Doc:      "A value of the column, each as likely.",
		Examples: []string{"empirical latencies.csv column=latency_ms unit=ms"},
	},
	{
		Name: "mix", fits: ofMeasures, raw: true, build: buildMix,
		Parameters: []Parameter{{Form: "SHARE DISTRIBUTION, …", Doc: "shares sum to 100%; put a distribution in parentheses to give it a + or truncate of its own"}},
		Doc:        "One of several distributions, each with its share.",
		Examples:   []string{"mix 95% exp 4ms, 5% lognormal mean=80ms cv=1"},
	},
	{
		Name: "trace", fits: ofMeasures, build: buildTrace,
		Parameters: []Parameter{
			{Form: "COLUMN", Doc: "a column of the trace"},
			{Name: "unit", Form: "UNIT", Optional: true, Doc: "of the numbers in the column; for times and sizes"},
		},
		Doc:      "The value in that column of the trace row that this request came from.",
		Examples: []string{"trace service_us unit=us"},
	},
	{
		Name: "zipf", fits: ofKey, build: buildZipf,
		Parameters: []Parameter{
			{Name: "s", Form: "NUMBER", Doc: "the exponent, from 0"},
			{Name: "n", Form: "WHOLE", Doc: "how many keys"},
		},
		Doc:      "Key i, from 0, with probability proportional to 1/(i+1)^s: the most popular first.",
		Source:   "Vose 1991 up to a million keys; Hörmann and Derflinger 1996 beyond",
		Examples: []string{"zipf s=0.99 n=1M"},
	},
	{
		Name: "uniform", fits: ofKey, build: buildKeyUniform,
		Parameters: []Parameter{{Name: "n", Form: "WHOLE", Doc: "how many keys"}},
		Doc:        "Each key as likely.",
		Examples:   []string{"uniform n=1M"},
	},
}

// aliases are names that other tools use.
var aliases = []struct{ other, name string }{
	{"exponential", "exp"}, {"expo", "exp"}, {"const", "constant"}, {"fixed", "constant"}, {"deterministic", "constant"},
	{"gaussian", "normal"}, {"norm", "normal"}, {"log-normal", "lognormal"}, {"lognorm", "lognormal"}, {"unif", "uniform"},
	{"integer", "integers"}, {"randint", "integers"}, {"geom", "geometric"}, {"hyperexponential", "hyperexp"},
	{"percentiles", "quantiles"}, {"mixture", "mix"}, {"csv", "empirical"}, {"zipfian", "zipf"},
}

// find returns the row of a name.
func find(name string, q Quantity) *Row {
	for i := range table {
		if table[i].Name == name && table[i].Fits(q) {
			return &table[i]
		}
	}
	return nil
}

// unknown explains a name that no row of the quantity has.
func unknown(name string, q Quantity) (message, hint string) {
	var names, known []string
	for _, r := range Table(q) {
		names = append(names, r.Name)
	}
	hint = q.String() + " take: " + strings.Join(names, ", ")
	for i := range table {
		if table[i].Name == name {
			return quote(name) + " is not a distribution of " + q.String(), hint
		}
	}
	known = append(known, names...)
	for _, a := range aliases {
		if slices.Contains(names, a.name) {
			known = append(known, a.other)
		}
	}
	// A misspelt alias stands for its name.
	near := kind.Nearest(name, known)
	for _, a := range aliases {
		if a.other == name {
			near = []string{a.name}
		}
		for i := range near {
			if near[i] == a.other {
				near[i] = a.name
			}
		}
	}
	slices.Sort(near)
	near = slices.DeleteFunc(slices.Compact(near), func(n string) bool { return !slices.Contains(names, n) })
	message = "unknown distribution " + quote(name)
	if len(near) > 0 {
		message += `; did you mean "` + strings.Join(near, `" or "`) + `"?`
	}
	return message, hint
}

// usage shows the row's examples, for a hint.
func (r *Row) usage() string {
	return r.Name + " takes " + r.forms() + `, as in "` + strings.Join(r.Examples, `" or "`) + `"`
}

// forms lists the row's parameters.
func (r *Row) forms() string {
	forms := make([]string, 0, len(r.Parameters))
	for _, p := range r.Parameters {
		form := p.Form
		if p.Name != "" {
			form = p.Name + "=" + form
		}
		if p.Optional {
			form = "[" + form + "]"
		}
		forms = append(forms, form)
	}
	return strings.Join(forms, " ")
}
