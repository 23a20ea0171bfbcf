package pricing

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func TestSplitCents(t *testing.T) {
	for _, test := range []struct{ amounts, cents, remainder string }{
		{"", "", "0"},
		{"0.333 0.333 0.334", "0.33 0.33 0.34", "0"},
		{"0.005", "0", "0.005"},
		{"0.015", "0.02", "-0.005"},
		{"0.005 0.005", "0.01 0", "0"},
		{"0.004 0.004 0.004", "0.01 0 0", "0.002"},
		{"-0.005 0.015", "0 0.01", "0"},
		{"1.999 1.999 1.999", "2 2 2", "-0.003"},
		{"10 0 5", "10 0 5", "0"},
	} {
		cents, remainder := SplitCents(amountsOf(t, test.amounts))
		if got := join(cents); got != test.cents || remainder.String() != test.remainder {
			t.Errorf("SplitCents(%s) = %s remainder %s, want %s remainder %s",
				test.amounts, got, remainder, test.cents, test.remainder)
		}
	}
}

func TestSplitCentsConserves(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 5_000 {
		amounts := make([]USD, random.IntN(12))
		var total USD
		for i := range amounts {
			amounts[i] = usdOf(decimal.New(random.Int64N(4e9)-1e9, -9))
			total = total.Add(amounts[i])
		}
		cents, remainder := SplitCents(amounts)
		sum := remainder
		for i, cent := range cents {
			sum = sum.Add(cent)
			if !cent.fits(2) {
				t.Fatalf("%s is not cents", cent)
			}
			if off := cent.Sub(amounts[i]); off.Cmp(mustUSD(t, "0.01")) >= 0 ||
				off.Cmp(mustUSD(t, "-0.01")) <= 0 {
				t.Fatalf("%s moved by %s", amounts[i], off)
			}
		}
		if sum.Cmp(total) != 0 {
			t.Fatalf("cents and remainder add up to %s, want %s", sum, total)
		}
		if half := mustUSD(t, "0.005"); remainder.Cmp(half) > 0 || remainder.Cmp(half.Neg()) < 0 {
			t.Fatalf("remainder %s is more than half a cent", remainder)
		}
	}
}

func amountsOf(t *testing.T, text string) []USD {
	t.Helper()
	var amounts []USD
	for field := range strings.FieldsSeq(text) {
		amounts = append(amounts, mustUSD(t, field))
	}
	return amounts
}

func join(amounts []USD) string {
	texts := make([]string, len(amounts))
	for i, amount := range amounts {
		texts[i] = amount.String()
	}
	return strings.Join(texts, " ")
}
