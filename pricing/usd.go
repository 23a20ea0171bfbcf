package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"
)

// usdScale is the number of fraction digits that an amount keeps in the database:
// DECIMAL(38,15).
const usdScale = 15

// The bounds of a readable amount: wide enough for any source, narrow enough that no exponent
// can make us allocate.
const (
	textBytesMax      = 128
	fractionDigitsMax = 64
	integerDigitsMax  = 40
)

// errNotDecimal is returned by ParseUSD for text that is not a plain or exponent decimal.
var errNotDecimal = errors.New("not a decimal")

// errOutOfRange is returned for a decimal that is too large or too fine to be money.
var errOutOfRange = errors.New("out of range")

// USD is an exact amount of US dollars. The zero value is 0.
type USD struct {
	short  short
	isLong bool
	long   decimal.Decimal // the amount when it is not short
}

func usdOf(amount decimal.Decimal) USD { return USD{isLong: true, long: amount} }

func (u USD) decimal() decimal.Decimal {
	if u.isLong {
		return u.long
	}
	return decimal.New(u.short.digits, u.short.exponent)
}

// ParseUSD reads an amount from its text, exactly: plain (0.0021925) or with an exponent
// (2.85e-05). Anything else is an error: empty text, NaN, Inf, separators, currency signs,
// hexadecimal, and values with more than 64 fraction digits or 40 integer digits.
func ParseUSD(text string) (USD, error) {
	exponent, err := scanDecimal(text)
	if err != nil {
		return USD{}, fmt.Errorf("amount %q: %w", clip(text), err)
	}
	if exponent < -fractionDigitsMax || exponent > integerDigitsMax {
		return USD{}, fmt.Errorf("amount %q: %w", clip(text), errOutOfRange)
	}
	if amount, isShort := shortOf(text, exponent); isShort {
		return USD{short: amount}, nil
	}
	amount, err := decimal.NewFromString(text)
	if err != nil {
		return USD{}, fmt.Errorf("amount %q: %w", clip(text), errNotDecimal)
	}
	if amount.NumDigits()+int(amount.Exponent()) > integerDigitsMax {
		return USD{}, fmt.Errorf("amount %q: %w", clip(text), errOutOfRange)
	}
	return usdOf(amount), nil
}

// scanDecimal checks the form [+-]digits[.digits][e[+-]digits], with a digit on at least one
// side of the point, and returns the power of ten of the last digit.
func scanDecimal(text string) (int, error) {
	if len(text) > textBytesMax {
		return 0, errOutOfRange
	}
	rest := trimSign(text)
	whole, rest := cutDigits(rest)
	fraction := ""
	if len(rest) > 0 && rest[0] == '.' {
		fraction, rest = cutDigits(rest[1:])
	}
	if len(whole)+len(fraction) == 0 {
		return 0, errNotDecimal
	}
	if len(rest) == 0 {
		return -len(fraction), nil
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return 0, errNotDecimal
	}
	unsigned := trimSign(rest[1:])
	digits, tail := cutDigits(unsigned)
	if len(digits) == 0 || len(tail) > 0 {
		return 0, errNotDecimal
	}
	exponent, err := strconv.ParseInt(rest[1:], 10, 16)
	if err != nil {
		return 0, errOutOfRange
	}
	return int(exponent) - len(fraction), nil
}

// trimSign drops one leading sign.
func trimSign(text string) string {
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// cutDigits splits text behind its leading ASCII digits.
func cutDigits(text string) (digits, rest string) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}

// clip shortens hostile text for an error message.
func clip(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}

// Narrow rounds to 15 fraction digits, half to even. The second result is true when digits
// other than zero were lost.
func (u USD) Narrow() (USD, bool) {
	if !u.isLong {
		narrow, isRounded := u.short.narrow()
		return USD{short: narrow}, isRounded
	}
	if u.long.Exponent() >= -usdScale {
		return u, false
	}
	narrow := u.decimal().RoundBank(usdScale)
	return usdOf(narrow), !narrow.Equal(u.decimal())
}

// Int128 returns the value of Narrow as a two's-complement integer of 1e-15 USD, the layout of
// DECIMAL(38,15). An amount that needs more than 38 digits is an error.
func (u USD) Int128() (hi int64, lo uint64, err error) {
	narrow, _ := u.Narrow()
	if !narrow.isLong {
		if hi, lo, isSmall := narrow.short.int128(); isSmall {
			return hi, lo, nil
		}
	}
	unscaled := narrow.decimal().Shift(usdScale).BigInt()
	if len(new(big.Int).Abs(unscaled).String()) > 38 {
		return 0, 0, fmt.Errorf("amount %s: DECIMAL(38,15): %w", u, errOutOfRange)
	}
	low := new(big.Int).And(unscaled, new(big.Int).SetUint64(^uint64(0)))
	high := new(big.Int).Rsh(unscaled, 64)
	return high.Int64(), low.Uint64(), nil
}

// FromInt128 is the inverse of Int128.
func FromInt128(hi int64, lo uint64) USD {
	unscaled := new(big.Int).Lsh(big.NewInt(hi), 64)
	unscaled.Or(unscaled, new(big.Int).SetUint64(lo))
	return usdOf(decimal.NewFromBigInt(unscaled, -usdScale))
}

// Add returns u + v.
func (u USD) Add(v USD) USD { return usdOf(u.decimal().Add(v.decimal())) }

// Sub returns u - v.
func (u USD) Sub(v USD) USD { return usdOf(u.decimal().Sub(v.decimal())) }

// Mul returns u × v, exactly.
func (u USD) Mul(v USD) USD { return usdOf(u.decimal().Mul(v.decimal())) }

// Times returns u × n, exactly: a price times a count.
func (u USD) Times(n int64) USD { return usdOf(u.decimal().Mul(decimal.NewFromInt(n))) }

// Quo returns u / v, rounded to 15 fraction digits; v must not be 0. It is for sources that bill
// in another currency and state their own rate: nothing that we compute divides.
func (u USD) Quo(v USD) USD { return usdOf(u.decimal().DivRound(v.decimal(), usdScale)) }

// Neg returns -u.
func (u USD) Neg() USD { return usdOf(u.decimal().Neg()) }

// Cmp returns -1, 0 or +1 as u is less than, equal to or greater than v.
func (u USD) Cmp(v USD) int { return u.decimal().Cmp(v.decimal()) }

// IsZero reports whether u is 0.
func (u USD) IsZero() bool { return u.Sign() == 0 }

// Sign returns -1, 0 or +1.
func (u USD) Sign() int {
	if u.isLong {
		return u.long.Sign()
	}
	return cmp.Compare(u.short.digits, 0)
}

// Shift moves the decimal point: cents to dollars is Shift(-2).
func (u USD) Shift(places int32) USD { return usdOf(u.decimal().Shift(places)) }

// String writes the amount as a plain decimal: no exponent, no trailing zeros, "0" for zero.
func (u USD) String() string { return u.decimal().String() }

// significant rounds to so many significant digits, half to even.
func (u USD) significant(digits int) USD {
	places := digits - u.decimal().NumDigits() - int(u.decimal().Exponent())
	return usdOf(u.decimal().RoundBank(int32(places)))
}

// fits reports whether u has at most so many fraction digits.
func (u USD) fits(fractionDigits int32) bool {
	return u.decimal().Equal(u.decimal().Truncate(fractionDigits))
}

// IsShortest reports that a text is the amount's shortest decimal, which the amount alone tells.
// Of an amount below zero, or of very many digits, it never says so.
func (u USD) IsShortest(text string) bool { return !u.isLong && u.short.isShortest(text) }
