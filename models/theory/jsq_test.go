package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Oracle table A5.1, from a chain in which every queue is cut at a length of
// its own: rows whose cut keeps less than 1e-9 of the probability.
func TestJSQAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		servers                           int
		rho, jsq, jsq99, shared, shared99 float64
	}{
		{2, 0.5, 1.4263208, 6.4279369, 1.3333333, 5.6659607},
		{2, 0.7, 2.1081973, 9.3401648, 1.9607843, 8.2655765},
		{2, 0.8, 2.9557366, 13.084398, 2.7777778, 11.93737},
		{2, 0.9, 5.4749127, 24.507702, 5.2631579, 23.34443},
		{3, 0.5, 1.2448359, 5.6274666, 1.1578947, 4.9657285},
		{3, 0.7, 1.7088761, 7.4856706, 1.5470494, 6.2719235},
		{3, 0.8, 2.2855476, 9.8961043, 2.0786517, 8.4554774},
		{4, 0.5, 1.1581506, 5.2658608, 1.0869565, 4.7642484},
	} {
		lambda := float64(row.servers) * row.rho
		q, err := NewJSQ(row.servers, lambda, 1)
		require.NoError(t, err)
		assertTable(t, "JSQ E[T]", row.jsq, q.ResponseMean())
		assertTable(t, "JSQ T p99", row.jsq99, q.ResponseQuantile(0.99))
		one := MMc{lambda, 1, row.servers}
		assertTable(t, "one queue E[T]", row.shared, one.ResponseMean())
		assertTable(t, "one queue T p99", row.shared99, one.ResponseQuantile(0.99))
	}
}

// Three servers of rate 10 offered 8: the values that Ciw's documentation
// estimates by simulation, solved exactly.
func TestJSQAgreesWithTheCiwExample(t *testing.T) {
	q, err := NewJSQ(3, 8, 10)
	require.NoError(t, err)
	for n, want := range []float64{0.443243, 0.354595, 0.144564, 0.041834} {
		assertPrinted(t, "P(N=n)", want, q.NumberProbability(n), 6)
	}
	assertPrinted(t, "E[T]", 0.104755, q.ResponseMean(), 6)
	assert.Zero(t, q.NumberProbability(-1))
}

func TestJSQOfOneServerIsMM1(t *testing.T) {
	q, err := NewJSQ(1, 0.9, 1)
	require.NoError(t, err)
	assertWithin(t, "E[T]", 10, q.ResponseMean(), 1e-12)
	assertWithin(t, "T p99", MM1{0.9, 1}.ResponseQuantile(0.99), q.ResponseQuantile(0.99), 1e-10)
}

func TestJSQDeclinesWhatIsTooLarge(t *testing.T) {
	_, err := NewJSQ(5, 1, 1)
	assert.ErrorContains(t, err, "at most 4 servers")
	_, err = NewJSQ(2, 1.96, 1)
	assert.ErrorContains(t, err, "0.95")
	_, err = NewJSQ(2, 5, 1)
	assert.Error(t, err)
}
