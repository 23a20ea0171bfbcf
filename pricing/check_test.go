package pricing

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestBuiltinListsAreClean(t *testing.T) {
	for _, problem := range builtin(t).Check() {
		t.Error(problem)
	}
}

func TestCheckFindsFaults(t *testing.T) {
	for text, want := range map[string]string{
		"o,m,input,,2026-01-01,1\no,m,input,2026-02-01,,1": "gap",
		"o,m,input,,,0.0000025":                            "another unit",
		"o,m,input,,,2500000":                              "another unit",
		"o,m,input,,,1\no,m,cache_read,,,2":                "costs more than input",
		"o,m,input,2027-01-01,,1":                          "in force from 2027-01-01",
	} {
		rows := strings.ReplaceAll(text, "\n", ",s,2026-11-23\n") + ",s,2026-11-23\n"
		book, err := builtin(t).Bare().With("faulty.csv", strings.NewReader(
			"provider,model,token_type,effective_from,effective_to,usd_per_million,source,"+
				"observed_on\n"+rows))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, problem := range book.Check() {
			found = found || strings.Contains(problem.String(), want) &&
				strings.HasPrefix(problem.Where, "faulty.csv:")
		}
		if !found {
			t.Errorf("%q: %v, want %q", text, book.Check(), want)
		}
	}
}

func TestDiffOfABookWithItselfIsEmpty(t *testing.T) {
	a, b := builtin(t), builtin(t)
	if d := Diff(a, b, time.Date(2026, 8, 20, 0, 0, 0, 0, time.UTC)); len(d) > 0 {
		t.Errorf("%d differences, the first %v", len(d), d[0])
	}
}

func TestDiffFindsEachCell(t *testing.T) {
	const header = "provider,model,token_type,min_input_tokens,usd_per_million\n"
	read := func(rows string) *Book {
		book, err := builtin(t).Bare().With("x.csv", strings.NewReader(header+rows))
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	a := read("o,m,input,0,1\no,m,input,200001,2\no,m,output,0,5\no,only,input,0,1\n")
	b := read("o,m,input,0,1\no,m,input,200000,2\no,m,cache_read,0,0.1\n")
	var got []string
	for _, d := range Diff(a, b, time.Now()) {
		got = append(got, d.String())
	}
	want := "only_b o/m|standard| cache_read  0.1; only_a o/m|standard| output 5 ; " +
		"conflict o/m|standard| input 1 2; only_a o/m|standard| output 5 ; " +
		"only_a o/only|standard|  listed "
	if joined := strings.Join(got, "; "); joined != want {
		t.Errorf("%s", joined)
	}
}

// TestPeerConflictsShowInDiff holds the research's conflicts between LiteLLM's map and our list
// to what Diff reports.
func TestPeerConflictsShowInDiff(t *testing.T) {
	text, err := io.ReadAll(shared(t, "litellm/model_prices_and_context_window.json"))
	if err != nil {
		t.Fatal(err)
	}
	book := builtin(t)
	litellm, err := book.Bare().With("litellm.json@2026-08-01", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]Difference)
	conflicts := 0
	for _, d := range Diff(litellm, book, time.Date(2026, 8, 20, 0, 0, 0, 0, time.UTC)) {
		if d.Kind() == "conflict" {
			conflicts++
		}
		if d.Kind() == "conflict" && d.ServiceTier == standardTier && d.MinPrompt == 0 {
			found[d.Provider+"/"+d.Model+" "+string(d.TokenType)] = d
		}
	}
	for _, cell := range []string{
		"google/gemini-3.6-flash input", "google/gemini-3.6-flash cache_read",
		"deepseek/deepseek-chat output", "mistral/codestral input",
		"anthropic/claude-3-haiku cache_write_1h",
	} {
		if d, ok := found[cell]; !ok || !strings.Contains(d.SourceB, "Peers differ") {
			t.Errorf("%s: %+v", cell, d)
		}
	}
	t.Logf("%d conflicts", conflicts)
}
