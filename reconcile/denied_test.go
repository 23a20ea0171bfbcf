package reconcile

import (
	"path/filepath"
	"slices"
	"testing"
)

// TestDeniedBesideOthers: what an export leaves out of all its rows is withheld, whatever another
// small export that lies beside it has.
func TestDeniedBesideOthers(t *testing.T) {
	t.Parallel()
	row := func(id, metadata string) []byte {
		return []byte(`{"id":"` + id + `","trace_id":"t-` + id + `","created_at":` +
			`"2026-10-05T10:00:00Z","ai_org":"openai","ai_model":"gpt-4.1","cost":0.1,` +
			`"cost_currency":"USD","req_units":1000,"res_units":100,"is_success":true,` +
			`"response_status_code":200` + metadata + "}\n")
	}
	dir := t.TempDir()
	bare, whole := filepath.Join(dir, "bare.jsonl"), filepath.Join(dir, "whole.jsonl")
	writeFile(t, bare, row("a", ""))
	writeFile(t, whole, row("b", `,"metadata":{"_user":"ann","team":"x"}`))
	const query = `SELECT signal, requests FROM signals
		WHERE state = 'denied' AND tenant_id = 'unattributed' ORDER BY ALL`
	alone := lines(t, runOf(t, bare).db, query)
	if len(alone) == 0 {
		t.Fatal("nothing is withheld")
	}
	if both := lines(t, runOf(t, bare, whole).db, query); !slices.Equal(both, alone) {
		t.Errorf("beside another export only %q of %q", both, alone)
	}
}
