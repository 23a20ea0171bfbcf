package pricing

import (
	"strings"
	"testing"
	"time"
)

func TestUserListOverridesOnItsDatesOnly(t *testing.T) {
	book, err := builtin(t).With("contract.csv", strings.NewReader(
		"provider,model,token_type,effective_from,effective_to,usd_per_million,source\n"+
			"openai,gpt-5,input,2026-10-01,2026-11-01,1,contract 7\n"+
			"openai,house-model,input,,,3,contract 7\n"+
			"azure.ai.openai,gpt-5-2025-08-07,input,,,9,contract 7\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ provider, model, at, want, file string }{
		{"openai", "gpt-5", "2026-09-30", "1.25", "list/openai.csv"},
		{"openai", "gpt-5", "2026-10-01", "1", "contract.csv"},
		{"openai", "gpt-5-2025-08-07", "2026-10-31", "1", "contract.csv"},
		{"openai", "gpt-5", "2026-11-01", "1.25", "list/openai.csv"},
		{"openai", "house-model", "2026-11-01", "3", "contract.csv"},
		{"azure", "gpt-5-2025-08-07", "2026-11-01", "9", "contract.csv"},
		{"azure", "gpt-5", "2026-11-01", "1.25", "list/azure.csv"},
		{"azure", "azure_ai/gpt-5", "2026-11-01", "1.25", "list/azure.csv"},
		{"azure_ai", "azure/gpt-5", "2026-11-01", "1.25", "list/azure.csv"},
	} {
		at, _ := parseTime(test.at)
		rating := book.Rate(Call{Query: Query{Provider: test.provider, Model: test.model},
			At: at, Counts: map[TokenType]int64{Input: 1_000_000}})
		if rating.Total.String() != test.want || rating.Lines[0].File != test.file {
			t.Errorf("%+v: %s %+v", test, rating.Total, rating.Lines)
		}
	}
	lists := book.Lists()
	if last := lists[len(lists)-1]; last.Name != "contract.csv" || last.Rows != 3 ||
		len(last.SHA256) != 64 {
		t.Errorf("lists: %+v", last)
	}
}

func TestBadListsAreRefusedWithTheirLine(t *testing.T) {
	const header = "provider,model,token_type,hours_utc,effective_from,effective_to," +
		"usd_per_million\n"
	for text, want := range map[string]string{
		"provider,model,usd_per_million\n":                              `no column "token_type"`,
		"provider,model,token_type,usd_per_million,price\n":             `unknown column "price"`,
		header + "o,m,input,,,,NaN\n":                                   "line 2",
		header + "o,m,input,,,,-1\n":                                    "negative",
		header + "o,m,input,,,,0.1234567891\n":                          "more than 9 fraction",
		header + "o,m,input,,,,1000000000\n":                            "out of range",
		header + "o,m,inputs,,,,1\n":                                    `token_type "inputs"`,
		header + "o,m,input,,2026-02-30,,1\n":                           "not YYYY-MM-DD",
		header + "o,m,input,,2026-03-01,2026-03-01,1\n":                 "not before",
		header + "o,m,input,01:00-04:00,,,1\n":                          "must be dated",
		header + "o,m,input,1-4,2026-01-01,,1\n":                        "HH:MM-HH:MM",
		header + "o,m,input,,,2026-03-01,1\no,m,input,,2026-02-28,,1\n": "two prices",
		header + "o,m,input,01:00-04:00,2026-01-01,,1\n" +
			"o,m,input,03:00-05:00,2026-01-01,,1\n": "two prices",
		header + "o,m,input\n": "wrong number of fields",
		"":                     "header",
	} {
		_, err := builtin(t).With("bad.csv", strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "bad.csv") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestBuildingIsDeterministic(t *testing.T) {
	other, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	a, b := builtin(t).Sheets(), other.Sheets()
	for i := range a {
		if a[i].PriceKey != b[i].PriceKey || !a[i].From.Equal(b[i].From) || !sameLines(a[i], b[i]) {
			t.Fatalf("sheet %d differs", i+1)
		}
	}
}

func sameLines(a, b Sheet) bool {
	for _, t := range TokenTypes() {
		x, xOK := a.Price(t)
		y, yOK := b.Price(t)
		if xOK != yOK || x.USDPerToken.Cmp(y.USDPerToken) != 0 || x.FileLine != y.FileLine {
			return false
		}
	}
	return true
}

func TestSpanMinus(t *testing.T) {
	on := func(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }
	var open time.Time
	for _, test := range []struct {
		from, cut span
		left      int
	}{
		{span{open, open}, span{on(2), on(3)}, 2},
		{span{on(1), on(4)}, span{open, on(3)}, 1},
		{span{on(1), on(4)}, span{open, open}, 0},
		{span{on(1), on(2)}, span{on(2), on(3)}, 1},
		{span{on(1), open}, span{on(2), open}, 1},
	} {
		if left := test.from.minus(test.cut); len(left) != test.left {
			t.Errorf("%v minus %v = %v", test.from, test.cut, left)
		}
	}
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := Builtin(); err != nil {
			b.Fatal(err)
		}
	}
}
