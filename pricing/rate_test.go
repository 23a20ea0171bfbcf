package pricing

import (
	"bufio"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRateVectors runs testdata/rate.txt: one case a line, fields separated by " | ":
// call (provider model at [tier=] [region=] [prompt=]), disjoint counts, wanted answer, source.
func TestRateVectors(t *testing.T) {
	book := builtin(t)
	file, err := os.Open("testdata/rate.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, cases, covered := bufio.NewScanner(file), 0, make(map[string]bool)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		fields := strings.Split(line, " | ")
		if len(fields) != 4 {
			t.Fatalf("rate.txt:%d: %d fields, want 4", number, len(fields))
		}
		call := callOf(t, fields[0], fields[1])
		rating := book.Rate(call)
		addConditions(covered, book, call, rating)
		got := rating.Status
		if got == rated {
			got += " " + rating.Total.String()
		}
		if got != strings.TrimSpace(fields[2]) {
			t.Errorf("rate.txt:%d: %s: got %s, want %s\n  hint %s\n  path %s", number, fields[0],
				got, fields[2], rating.Hint, strings.Join(rating.Key.Path, "; "))
		}
	}
	const least = 120
	if cases < least {
		t.Errorf("%d cases, want %d", cases, least)
	}
	for _, condition := range listedConditionNames(book) {
		if !covered[condition] {
			t.Errorf("no case covers %s", condition)
		}
	}
	t.Logf("%d cases cover %d conditions", cases, len(covered))
}

// addConditions notes what a rated call depends on.
func addConditions(covered map[string]bool, book *Book, call Call, rating Rating) {
	if rating.Status != rated {
		return
	}
	sheet, _ := book.sheetAt(rating.Key.PriceKey, call.At, call.prompt())
	covered[sheet.Provider+" tier "+sheet.ServiceTier] = true
	covered[sheet.Provider+" region"] = covered[sheet.Provider+" region"] || sheet.Region != ""
	covered[sheet.Provider+" long prompt"] =
		covered[sheet.Provider+" long prompt"] || sheet.MinPrompt > 0
	covered[sheet.Provider+" hours"] = covered[sheet.Provider+" hours"] || sheet.TodTo > 0
	for _, line := range rating.Lines {
		isDated := !line.From.IsZero() || !line.To.IsZero()
		covered[sheet.Provider+" dated"] = covered[sheet.Provider+" dated"] || isDated
		covered["type "+string(line.TokenType)] = true
	}
}

// listedConditionNames returns what the prices of our list depend on.
func listedConditionNames(book *Book) []string {
	names := make(map[string]bool)
	for _, sheet := range book.sheets().all {
		names[sheet.Provider+" tier "+sheet.ServiceTier] = true
		for condition, holds := range map[string]bool{
			" region": sheet.Region != "", " long prompt": sheet.MinPrompt > 0,
			" hours": sheet.TodTo > 0, " dated": !sheet.From.IsZero() || !sheet.To.IsZero(),
		} {
			if holds {
				names[sheet.Provider+condition] = true
			}
		}
		for _, line := range sheet.lines {
			if line != nil {
				names["type "+string(line.TokenType)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func callOf(t *testing.T, call, counts string) Call {
	t.Helper()
	words := strings.Fields(call)
	at, err := parseTime(words[2])
	if err != nil {
		t.Fatal(err)
	}
	c := Call{
		Query: Query{Provider: words[0], Model: strings.ReplaceAll(words[1], "_", " ")}, At: at,
		Counts: make(map[TokenType]int64),
	}
	if c.Provider == "-" {
		c.Provider = ""
	}
	for _, word := range words[3:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "tier":
			c.ServiceTier = value
		case "region":
			c.Region = value
		case "prompt":
			c.PromptTokens = count(t, value)
		default:
			t.Fatalf("unknown condition %q", word)
		}
	}
	for word := range strings.FieldsSeq(counts) {
		name, value, _ := strings.Cut(word, "=")
		if TokenType(name).index() < 0 {
			t.Fatalf("unknown token type %q", name)
		}
		c.Counts[TokenType(name)] = count(t, value)
	}
	return c
}

func count(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRateEqualsSheets holds Rate to the plain multiply-add over Keys and Sheets, the way that
// SQL does it.
func TestRateEqualsSheets(t *testing.T) {
	book := builtin(t)
	random := rand.New(rand.NewPCG(5, 6))
	sheets := book.Sheets()
	for range 5_000 {
		of := sheets[random.IntN(len(sheets))]
		c := Call{
			Query: Query{of.Provider, of.Model, of.ServiceTier, of.Region},
			At:    time.UnixMicro(1.7e15 + random.Int64N(1e14)).UTC(),
			Counts: map[TokenType]int64{
				Input: random.Int64N(300_000), CacheRead: random.Int64N(9_000),
				Output: random.Int64N(9_000), Reasoning: random.Int64N(9_000),
			},
		}
		rating := book.Rate(c)
		want, status := joinSheets(book, sheets, c)
		if rating.Status != status || rating.Total.Cmp(want) != 0 {
			t.Fatalf("%+v: Rate %s %s, sheets %s %s",
				c, rating.Status, rating.Total, status, want)
		}
	}
}

// joinSheets rates by joining keys and sheets on their published fields alone.
func joinSheets(book *Book, sheets []Sheet, c Call) (USD, string) {
	for _, key := range book.Keys(c.Query) {
		if !(span{key.From, key.To}).contains(c.At) || key.Status != priced {
			continue
		}
		prompt := c.Counts[Input] + c.Counts[CacheRead]
		for _, sheet := range sheets {
			if sheet.PriceKey != key.PriceKey || !(span{sheet.From, sheet.To}).contains(c.At) ||
				prompt < sheet.MinPrompt || sheet.MaxPrompt > 0 && prompt >= sheet.MaxPrompt {
				continue
			}
			minute := c.At.Hour()*60 + c.At.Minute()
			if sheet.TodTo > 0 && (minute < sheet.TodFrom || minute >= sheet.TodTo) {
				continue
			}
			var total USD
			for t, n := range c.Counts {
				line, ok := sheet.Price(t)
				if !ok && n > 0 {
					return USD{}, unpriced
				}
				total = total.Add(line.USDPerToken.Times(n))
			}
			return total, rated
		}
	}
	return USD{}, unpriced
}

func TestNegativeCountIsImpossible(t *testing.T) {
	rating := builtin(t).Rate(Call{
		Query: Query{Provider: "openai", Model: "gpt-5"}, At: time.Unix(1.79e9, 0),
		Counts: map[TokenType]int64{Input: -1, Output: 5},
	})
	if rating.Status != impossible || !rating.Total.IsZero() || rating.Hint == "" {
		t.Errorf("%+v", rating)
	}
}

func TestUnknownTokenTypeIsImpossible(t *testing.T) {
	rating := builtin(t).Rate(Call{
		Query: Query{Provider: "openai", Model: "gpt-5"}, At: time.Unix(1.79e9, 0),
		Counts: map[TokenType]int64{"inputs": 1},
	})
	if rating.Status != impossible || !strings.Contains(rating.Hint, `"inputs"`) {
		t.Errorf("%+v", rating)
	}
}

func TestOtherChargesAreRatedWhereCounted(t *testing.T) {
	rating := builtin(t).Rate(Call{
		Query:  Query{Provider: "openai", Model: "gpt-4.1", ServiceTier: "priority"},
		At:     time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC),
		Counts: map[TokenType]int64{Input: 1000},
		Other:  map[string]int64{"file_search_call": 2, "other_input_image": 1},
	})
	if rating.Status != rated || rating.Total.String() != "0.0085" ||
		!slices.Equal(rating.NotRated, []string{"other_input_image"}) {
		t.Errorf("%+v", rating)
	}
}

// TestToolsWithoutPriceAreUnpriced: the fee of a tool is billed beside the tokens, so that a call
// whose fee is not known is not rated by its tokens alone.
func TestToolsWithoutPriceAreUnpriced(t *testing.T) {
	rating := builtin(t).Rate(Call{
		Query:  Query{Provider: "openai", Model: "gpt-4.1"},
		At:     time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC),
		Counts: map[TokenType]int64{Input: 1000},
		Other:  map[string]int64{"file_search_call": 2, "code_interpreter_call": 1},
	})
	if rating.Status != unpriced || !rating.Total.IsZero() || len(rating.Lines) != 2 ||
		!strings.Contains(rating.Hint, "no price for code_interpreter_call") {
		t.Errorf("%+v", rating)
	}
}

// TestDeepResearchIsBilledForAllItDoes: the answer, the reasoning, the searches, and the tokens of
// what was cited, each at a price of its own.
func TestDeepResearchIsBilledForAllItDoes(t *testing.T) {
	usage, err := ReadUsage("perplexity", []byte(`{"prompt_tokens":33,"completion_tokens":7163,
		"total_tokens":7196,"citation_tokens":20016,"num_search_queries":18,
		"reasoning_tokens":73997}`))
	if err != nil || len(usage.Notes) != 1 {
		t.Fatal(usage.Notes, err)
	}
	rating := builtin(t).Rate(Call{
		Query:  Query{Provider: "perplexity", Model: "sonar-deep-research"},
		At:     time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC),
		Counts: usage.Counts, Other: usage.Other,
	})
	if rating.Status != rated || rating.Total.String() != "0.409393" {
		t.Errorf("%+v", rating)
	}
}

// TestSoundPaidByTheHourIsNotFree: beside tokens too, and where the 3,600th part of the price is
// not exact the call is unpriced.
func TestSoundPaidByTheHourIsNotFree(t *testing.T) {
	for model, want := range map[string]string{
		"mistral/voxtral-small-latest": unpriced + " 0", // 0.24 an hour
		"openai/gpt-4o-transcribe":     rated + " 0.0000625",
	} {
		rating := builtin(t).Rate(Call{
			Query:  Query{Model: model},
			At:     time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
			Counts: map[TokenType]int64{Input: 25},
			Other:  map[string]int64{audioSecond: 60},
		})
		if got := rating.Status + " " + rating.Total.String(); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
}

func TestAttemptsAreRatedAtTheirOwnModels(t *testing.T) {
	call := Call{
		Query:  Query{Provider: "anthropic", Model: "claude-opus-4-8"},
		At:     time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
		Counts: map[TokenType]int64{Input: 1000, Output: 100},
		Attempts: ReadAttempts("input@claude-fable-5=400 other_x=9 output@claude-fable-5=10 " +
			"input@claude-fable-5=600 unbilled_input@claude-fable-5=7000"),
	}
	if rating := builtin(t).Rate(call); rating.Status != rated ||
		rating.Total.String() != "0.018" {
		t.Errorf("%+v", rating)
	}
	call.Attempts = ReadAttempts("input@nobody=1")
	if rating := builtin(t).Rate(call); rating.Status != unpriced || !rating.Total.IsZero() {
		t.Errorf("%+v", rating)
	}
}

func TestRateNamesItsSource(t *testing.T) {
	rating := builtin(t).Rate(Call{
		Query: Query{Provider: "anthropic", Model: "claude-sonnet-5"},
		At:    time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
		Counts: map[TokenType]int64{
			Input: 12, CacheWrite: 10, Output: 5, Reasoning: 3,
		},
	})
	fallbacks := make(map[TokenType]string)
	for _, line := range rating.Lines {
		fallbacks[line.TokenType] = line.Fallback
		if line.Source == "" || line.File != "list/anthropic.csv" || line.FileLine < 2 {
			t.Errorf("%s: no source: %+v", line.TokenType, line)
		}
	}
	if fallbacks[Input] != "" || fallbacks[Output] != "" ||
		fallbacks[Reasoning] != "reasoning at the output price" ||
		fallbacks[CacheWrite] != "cache_write without a TTL at the 5m price" {
		t.Errorf("fallbacks: %v", fallbacks)
	}
}

// TestLongPromptsOfATierSayWhoseTheirPriceIs: where the standard price has a bound that the tier's
// has not, the lines above it are marked; below it they are not.
func TestLongPromptsOfATierSayWhoseTheirPriceIs(t *testing.T) {
	book := builtin(t)
	for prompt, want := range map[int64]string{
		272_000: "",
		272_001: "input at the price from 0 prompt tokens: none is listed from 272001",
	} {
		rating := book.Rate(Call{
			Query:  Query{Provider: "openai", Model: "gpt-5.4", ServiceTier: "priority"},
			At:     time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
			Counts: map[TokenType]int64{Input: prompt},
		})
		if rating.Status != rated || rating.Lines[0].Fallback != want {
			t.Errorf("%d: %s %+v, want fallback %q", prompt, rating.Status, rating.Lines, want)
		}
	}
}

func builtin(t testing.TB) *Book {
	t.Helper()
	book, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func BenchmarkRate(b *testing.B) {
	book := builtin(b)
	c := Call{
		Query:  Query{Provider: "openai", Model: "gpt-5-2025-08-07"},
		At:     time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
		Counts: map[TokenType]int64{Input: 724, CacheRead: 4096, Output: 256, Reasoning: 384},
	}
	for b.Loop() {
		book.Rate(c)
	}
}
