package reconcile

import (
	"io"
	"strings"
	"testing"
)

// TestQuestions runs every query of README.md that asks the reports something.
func TestQuestions(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	_, section, _ := strings.Cut(string(readFile(t, "README.md")), "### Questions\n")
	section, _, _ = strings.Cut(section, "\n### ")
	blocks := strings.Split(section, "```sql\n")[1:]
	if len(blocks) < 12 {
		t.Errorf("README.md asks %d questions, want 12 or more", len(blocks))
	}
	for _, block := range blocks {
		query, _, _ := strings.Cut(block, "```")
		asked := Asked{Out: run.settings.Out, Query: query}
		if err := Query(t.Context(), asked, io.Discard); err != nil {
			t.Errorf("%s%v", query, err)
		}
	}
}
