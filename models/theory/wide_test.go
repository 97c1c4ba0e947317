package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWideNumbersDoNotOverflow(t *testing.T) {
	big, small := newWide(1), newWide(1)
	for range 1000 {
		big, small = big.scaled(1e300), small.scaled(1e-300)
	}
	assertWithin(t, "product", 1, big.times(small).over(newWide(1)), 1e-10)
	assertWithin(t, "sum", 2, big.plus(big).over(big), 1e-15)
	assert.Equal(t, big, big.plus(small))
	assert.Equal(t, big, small.plus(big))
}

func TestWideZeroAddsNothing(t *testing.T) {
	one := newWide(1)
	assert.Equal(t, one, one.plus(wide{}))
	assert.Equal(t, one, wide{}.plus(one))
	assert.Equal(t, wide{}, one.scaled(0))
	assert.Equal(t, wide{}, one.times(wide{}))
	assert.Zero(t, wide{}.over(one))
}
