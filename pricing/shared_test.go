package pricing

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared opens a file of the research data beside the repository; the test is skipped where
// there is none.
func shared(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skip("no research data beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// sharedCase is one line of the research's rating cases. Its usage is inclusive.
type sharedCase struct {
	ID, Provider, Model, Date, Tier string
	Usage                           json.RawMessage
	RawUsage                        json.RawMessage `json:"raw_usage"`
	Expected                        string          `json:"expected_usd"`
}

func TestSharedCases(t *testing.T) {
	lines := bufio.NewScanner(shared(t, "pricing/cases.jsonl"))
	lines.Buffer(nil, 1<<20)
	book := builtin(t)
	for lines.Scan() {
		var c sharedCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		checkSharedCase(t, book, c, c.Usage)
		// The raw usage of p051 was stored without its modality details.
		if string(c.RawUsage) != "null" && c.ID != "p051" {
			checkSharedCase(t, book, c, c.RawUsage)
		}
	}
}

func checkSharedCase(t *testing.T, book *Book, c sharedCase, raw []byte) {
	t.Helper()
	usage, err := ReadUsage(c.Provider, raw)
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return
	}
	at, err := parseTime(c.Date)
	if err != nil {
		t.Fatal(err)
	}
	rating := book.Rate(Call{
		Query: Query{Provider: c.Provider, Model: c.Model, ServiceTier: c.Tier}, At: at,
		Counts: usage.Counts, PromptTokens: usage.PromptTokens,
	})
	if rating.Status != rated || rating.Total.String() != c.Expected {
		t.Errorf("%s %s %s: %s %s, want %s\n  %s\n  %s", c.ID, c.Provider, c.Model,
			rating.Status, rating.Total, c.Expected, rating.Hint,
			strings.Join(rating.Key.Path, "; "))
	}
}
