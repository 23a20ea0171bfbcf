package reconcile

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/marcboeker/go-duckdb"
)

// TestRepeatedTexts: an id that a row has under several names, and an amount that tells its text,
// are stored once, and raw.request tells each as the source wrote it.
func TestRepeatedTexts(t *testing.T) {
	t.Parallel()
	spends := []string{"0.0004071", "0", "12", "0.10", "1e-05", "0.000000000000001", "100", "7.50"}
	var text strings.Builder
	var want []string
	for i, spend := range spends {
		id := fmt.Sprintf("id-%d", i)
		call, session, workflow := id, "session", "session"
		if i%2 == 1 {
			call, workflow = "call-"+id, "workflow"
		}
		fmt.Fprintf(&text, `{"request_id": %q, "call_type": "acompletion", "spend": %s,
			"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "model": "gpt-5",
			"startTime": "2026-10-02T00:00:0%d+00:00", "endTime": "2026-10-02T00:00:09+00:00",
			"session_id": %q, "metadata": {"litellm_call_id": %q, "response_id": %q,
			"spend_logs_metadata": {"workflow_id": %q}}}`+"\n", id, spend, i, session, call, id,
			workflow)
		want = append(want, strings.Join([]string{id, call, id, session, workflow, spend}, " | "))
	}
	file := filepath.Join(t.TempDir(), "spend.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	done := runOf(t, file)
	connector, err := duckdb.NewConnector(done.settings.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	db := sql.OpenDB(connector)
	defer db.Close()
	got := lines(t, db, `SELECT request_id, call_id, response_id, session_id, workflow_id,
		spend_text FROM raw.request ORDER BY request_id`)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	stored := lines(t, db, `SELECT COUNT(call_id), COUNT(response_id), COUNT(workflow_id),
		COUNT(spend_text) FROM raw.request_row`)
	if stored[0] != "4 | 0 | 4 | 3" {
		t.Errorf("%s texts are stored", stored[0])
	}
}
