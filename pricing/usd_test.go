package pricing

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func TestParseUSDReadsTextExactly(t *testing.T) {
	for text, want := range map[string]string{
		"2.85e-05":                               "0.0000285",
		"2.85E-05":                               "0.0000285",
		"0":                                      "0",
		"-0.00":                                  "0",
		"00012.3400":                             "12.34",
		".5":                                     "0.5",
		"5.":                                     "5",
		"+7":                                     "7",
		"-1.25":                                  "-1.25",
		"1e3":                                    "1000",
		"0.000000000000001":                      "0.000000000000001",
		"1234567890123456789.123":                "1234567890123456789.123",
		"0.123456789012345678901234567890123456": "0.123456789012345678901234567890123456",
		"0.00022500000000000002":                 "0.00022500000000000002",
	} {
		got, err := ParseUSD(text)
		if err != nil || got.String() != want {
			t.Errorf("ParseUSD(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestParseUSDRefusesWhatIsNotMoney(t *testing.T) {
	for _, text := range []string{
		"", " ", "NaN", "nan", "Inf", "-Infinity", "1,000", "$1", "0x10", "1_000", "1e", "e5",
		".", "-", "+-1", "1.2.3", "1e400", "1e-400", "1e999999999", "1e-999999999",
		"1e99999999999999999999", "1 ", " 1", "١", "1e5.5", "0.1f",
		"1e-65", "1e41", strings.Repeat("9", 41), strings.Repeat("9", 1<<20),
	} {
		if got, err := ParseUSD(text); err == nil {
			t.Errorf("ParseUSD(%.40q) = %s, want an error", text, got)
		}
	}
}

func TestNarrowRoundsHalfToEvenAndSaysSo(t *testing.T) {
	for text, want := range map[string]struct {
		text string
		lost bool
	}{
		"0.0000000000000005":  {"0", true},
		"0.0000000000000015":  {"0.000000000000002", true},
		"0.0000000000000025":  {"0.000000000000002", true},
		"-0.0000000000000015": {"-0.000000000000002", true},
		"0.0000000000000010":  {"0.000000000000001", false},
		"12.5":                {"12.5", false},
	} {
		got, lost := mustUSD(t, text).Narrow()
		if got.String() != want.text || lost != want.lost {
			t.Errorf("Narrow(%s) = %s, %v, want %s, %v", text, got, lost, want.text, want.lost)
		}
	}
}

func TestInt128IsTheUnscaledValue(t *testing.T) {
	for _, test := range []struct {
		text string
		hi   int64
		lo   uint64
	}{
		{"0", 0, 0},
		{"0.000000000000001", 0, 1},
		{"-0.000000000000001", -1, ^uint64(0)},
		{"1", 0, 1_000_000_000_000_000},
		{"18446.744073709551616", 1, 0},
	} {
		hi, lo, err := mustUSD(t, test.text).Int128()
		if err != nil || hi != test.hi || lo != test.lo {
			t.Errorf("Int128(%s) = %d, %d, %v, want %d, %d",
				test.text, hi, lo, err, test.hi, test.lo)
		}
	}
	for _, text := range []string{"1e23", "-1e23", "99999999999999999999999.9999999999999999"} {
		if hi, lo, err := mustUSD(t, text).Int128(); err == nil {
			t.Errorf("Int128(%s) = %d, %d, want an error", text, hi, lo)
		}
	}
}

func TestInt128RoundTrips(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	for range 20_000 {
		hi, lo := int64(random.Uint64()), random.Uint64()
		if random.IntN(2) == 0 {
			hi >>= 20
		}
		u := FromInt128(hi, lo)
		value := new(big.Int).Lsh(big.NewInt(hi), 64)
		value.Add(value, new(big.Int).SetUint64(lo))
		gotHi, gotLo, err := u.Int128()
		if value.CmpAbs(most) >= 0 {
			if err == nil {
				t.Fatalf("Int128(%s): no error for more than 38 digits", u)
			}
			continue
		}
		if err != nil || gotHi != hi || gotLo != lo {
			t.Fatalf("FromInt128(%d, %d) = %s, back %d, %d, %v", hi, lo, u, gotHi, gotLo, err)
		}
		if again := mustUSD(t, u.String()); again.Cmp(u) != 0 {
			t.Fatalf("%s reads back as %s", u, again)
		}
	}
}

func TestArithmeticIsExact(t *testing.T) {
	a, b := mustUSD(t, "0.1"), mustUSD(t, "0.2")
	if got := a.Add(b).String(); got != "0.3" {
		t.Errorf("0.1 + 0.2 = %s", got)
	}
	if got := a.Sub(b).String(); got != "-0.1" {
		t.Errorf("0.1 - 0.2 = %s", got)
	}
	if got := mustUSD(t, "1899").Shift(-2).String(); got != "18.99" {
		t.Errorf("1899 cents = %s", got)
	}
	if got := mustUSD(t, "0.000000003").Times(3_000_000_000).String(); got != "9" {
		t.Errorf("0.000000003 × 3e9 = %s", got)
	}
	if (USD{}).Sign() != 0 || !(USD{}).IsZero() || (USD{}).String() != "0" {
		t.Error("the zero USD is not 0")
	}
	if a.Cmp(b) != -1 || b.Neg().Sign() != -1 {
		t.Error("Cmp or Neg is wrong")
	}
}

func FuzzParseUSDNeverPanics(f *testing.F) {
	for _, text := range []string{"2.85e-05", "1e999999999", "-.5", "1e-64", "0x1p4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseUSD(text)
		if err != nil {
			return
		}
		if again, err := ParseUSD(u.String()); err != nil || again.Cmp(u) != 0 {
			t.Fatalf("ParseUSD(%q) = %s, back %s, %v", text, u, again, err)
		}
	})
}

func mustUSD(t testing.TB, text string) USD {
	t.Helper()
	u, err := ParseUSD(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestShortPathsAgree holds the fast ways for short amounts to the general ones.
func TestShortPathsAgree(t *testing.T) {
	for _, text := range []string{"0", "-0", "1", "-1", "0.017624", "-0.000000000000001", "+12.50",
		"999999999999999999", "-999999999999999999", "0.00000000000000001", ".5", "5.", "00012.30",
		"1e3", "-123456789012345678", "2.85e-05", "0.0023450000000000003", "1.5e-15", "2.5e-15",
		"-2.5e-15", "2.500001e-15", "-0.0000000000000015", "9e-16", "5e-16", "-5.1e-16", "1e-40",
		"999999999999999999e-33", "7e17", "123456789e12", "0.000000000000000000000000000001"} {
		got, err := ParseUSD(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := decimal.NewFromString(strings.TrimPrefix(text, "+"))
		if err != nil {
			t.Fatal(err)
		}
		if !got.decimal().Equal(want) {
			t.Errorf("%s reads as %s", text, got)
		}
		hi, lo, err := got.Int128()
		if err != nil {
			t.Fatal(err)
		}
		narrow, isRounded := got.Narrow()
		if rounded := want.RoundBank(usdScale); !narrow.decimal().Equal(rounded) ||
			isRounded != !rounded.Equal(want) || got.Sign() != want.Sign() {
			t.Errorf("%s is narrowed to %s, %v", text, narrow, isRounded)
		}
		if back := FromInt128(hi, lo); back.Cmp(narrow) != 0 {
			t.Errorf("%s comes back as %s", text, back)
		}
	}
}

func TestQuo(t *testing.T) {
	for _, c := range [][3]string{{"1", "0.92", "1.086956521739130"}, {"0.92", "0.92", "1"},
		{"-1", "3", "-0.333333333333333"}, {"0", "7.1", "0"}} {
		u, err := ParseUSD(c[0])
		v, err2 := ParseUSD(c[1])
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		want, err := ParseUSD(c[2])
		if err != nil || u.Quo(v).Cmp(want) != 0 {
			t.Errorf("%s / %s: got %s, want %s", c[0], c[1], u.Quo(v), c[2])
		}
	}
}

// TestIsShortest: the amount tells the text again exactly where it is said to.
func TestIsShortest(t *testing.T) {
	for text, want := range map[string]bool{"0": true, "12": true, "0.05": true, "0.0004071": true,
		"100": true, "7.5": true, "0.000000000000001": true, "123456.000000789": true,
		"00": false, "012": false, ".5": false, "5.": false, "1.0": false, "0.050": false,
		"5e-2": false, "1e3": false, "-1": false, "-0": false, "+1": false, "0.0": false} {
		u, err := ParseUSD(text)
		if err != nil {
			continue // no amount at all
		}
		if got := u.IsShortest(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if u.IsShortest(text) && u.String() != text {
			t.Errorf("%s is told again as %s", text, u)
		}
	}
	cents, err := ParseUSD("1.2")
	if err != nil || cents.Shift(-2).IsShortest("1.2") {
		t.Errorf("1.2 cents are not 1.2 dollars: %v", err)
	}
}
