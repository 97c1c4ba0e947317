package records

import (
	"math"
	"math/bits"
	"strconv"
)

// Decimal reads a plain decimal number, with an exponent or without: "12",
// "-0.5", "1.5e-05". What strconv takes besides (nan, Infinity, 0x1p4,
// 1_000) is refused, and so is what no float64 can hold.
func Decimal(text []byte) (float64, bool) {
	i := sign(text)
	mantissa := decimalAt(text, i)
	if mantissa == i {
		return 0, false
	}
	if i = mantissa; i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		digits := i + 1 + sign(text[i+1:])
		if i = digits; !isDigitAt(text, i) {
			return 0, false
		}
		for isDigitAt(text, i) {
			i++
		}
	}
	if i != len(text) {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(text), 64)
	return x, err == nil
}

// sign returns the length of a leading minus.
func sign(text []byte) int {
	if len(text) > 0 && text[0] == '-' {
		return 1
	}
	return 0
}

// decimalAt returns where the number "digits" or "digits.digits" that begins
// at i ends; i if there is none.
func decimalAt(text []byte, i int) int {
	from := i
	for isDigitAt(text, i) {
		i++
	}
	if i == from || i == len(text) || text[i] != '.' || !isDigitAt(text, i+1) {
		return i
	}
	for i++; isDigitAt(text, i); i++ {
	}
	return i
}

func isDigitAt(text []byte, i int) bool { return i < len(text) && '0' <= text[i] && text[i] <= '9' }

// Nanoseconds reads a plain decimal number of a unit given in nanoseconds,
// exactly, rounded to the nearest: the stamp 1700158625.123456789 in seconds
// would lose its last three digits in a float64. ok is false for what is no
// plain decimal, is negative or does not fit.
func Nanoseconds(text []byte, unit int64) (ns int64, ok bool) {
	if len(text) == 0 || decimalAt(text, 0) != len(text) {
		if x, ok := Decimal(text); ok && x >= 0 { // with an exponent
			ns := float64(x*float64(unit)) + 0.5
			return int64(min(ns, 1<<62)), ns < 1<<62
		}
		return 0, false
	}
	whole, i := uint64(0), 0
	for ; i < len(text) && text[i] != '.'; i++ {
		hi, lo := bits.Mul64(whole, 10)
		var carry uint64
		whole, carry = bits.Add64(lo, uint64(text[i]-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, false
		}
	}
	hi, lo := bits.Mul64(whole, uint64(unit))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	part, scale := uint64(0), uint64(1)
	for i++; i < len(text) && scale < 1e18; i++ {
		part, scale = part*10+uint64(text[i]-'0'), scale*10
	}
	fractionHi, fractionLo := bits.Mul64(part, uint64(unit))
	fractionLo, carry := bits.Add64(fractionLo, scale/2, 0)
	fraction, _ := bits.Div64(fractionHi+carry, fractionLo, scale)
	sum, carry := bits.Add64(lo, fraction, 0)
	return int64(sum), carry == 0 && sum <= math.MaxInt64
}
