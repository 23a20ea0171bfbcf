package pricing

import (
	"math/bits"
	"strconv"
)

// short is an amount of few digits: digits times ten to the power of exponent. Nearly every amount
// that is loaded is one, and a load reads millions: it is read, rounded and written without
// arbitrary precision, and without anything being allocated.
type short struct {
	digits   int64
	exponent int32
}

// shortDigits is how many digits always fit an int64.
const shortDigits = 18

// shortOf reads checked text whose last digit counts ten to the power of exponent.
func shortOf(text string, exponent int) (short, bool) {
	digits, count := int64(0), 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == 'e' || c == 'E' {
			break
		}
		if c < '0' || c > '9' {
			continue
		}
		if count > 0 || c != '0' {
			if count++; count > shortDigits {
				return short{}, false
			}
		}
		digits = digits*10 + int64(c-'0')
	}
	if text[0] == '-' {
		digits = -digits
	}
	return short{digits: digits, exponent: int32(exponent)}, exponent <= shortDigits-count
}

// powerOfTen is 10^n for n up to shortDigits.
func powerOfTen(n int) int64 {
	power := int64(1)
	for range n {
		power *= 10
	}
	return power
}

// narrow rounds to usdScale fraction digits, half to even, and reports that digits were lost.
func (s short) narrow() (short, bool) {
	drop := -usdScale - int(s.exponent)
	if drop <= 0 {
		return s, false
	}
	if drop > shortDigits { // less than half of the smallest step
		return short{exponent: -usdScale}, s.digits != 0
	}
	power := powerOfTen(drop)
	whole, lost := s.digits/power, s.digits%power
	if twice := 2 * max(lost, -lost); twice > power || (twice == power && whole%2 != 0) {
		if s.digits < 0 {
			whole--
		} else {
			whole++
		}
	}
	return short{digits: whole, exponent: -usdScale}, lost != 0
}

// int128 is USD.Int128 of a narrow amount that is not too large for this way.
func (s short) int128() (hi int64, lo uint64, isSmall bool) {
	shift := int(s.exponent) + usdScale
	if shift < 0 || shift > shortDigits {
		return 0, 0, false
	}
	size := uint64(s.digits)
	if s.digits < 0 {
		size = -size
	}
	high, low := bits.Mul64(size, uint64(powerOfTen(shift)))
	if s.digits < 0 {
		low = -low
		high = ^high
		if low == 0 {
			high++
		}
	}
	return int64(high), low, true
}

// isShortest reports that a text is the decimal of the amount without a digit too many, such as 0,
// 12 and 0.05, so that nothing is lost where the text is not kept; of an amount that has another
// kind of text, below zero or of very many digits, it says no.
func (s short) isShortest(text string) bool {
	if s.digits < 0 || s.exponent > 0 || s.exponent < -usdScale {
		return false
	}
	var room [40]byte
	whole, fraction := s.digits, room[:0]
	for range -s.exponent { // the last digit first
		if digit := byte(whole % 10); digit != 0 || len(fraction) > 0 {
			fraction = append(fraction, '0'+digit)
		}
		whole /= 10
	}
	var start [20]byte
	front := strconv.AppendInt(start[:0], whole, 10)
	if len(fraction) == 0 {
		return text == string(front)
	}
	point := len(front)
	if len(text) != point+1+len(fraction) || text[:point] != string(front) || text[point] != '.' {
		return false
	}
	for i, digit := range fraction {
		if text[len(text)-1-i] != digit {
			return false
		}
	}
	return true
}
