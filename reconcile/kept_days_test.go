package reconcile

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	stages "tieout/sql"
)

// lateCalls deals out calls whose gateway row, span and logged header arrive in other nights, and
// whose sessions last over days.
type lateCalls struct {
	*rand.Rand
	count int
}

// deal gives what arrives of some calls, by night and file: most of it in the first night.
func (c *lateCalls) deal(calls, nights int, put func(int, string, map[string]any)) {
	for range calls {
		c.count++
		c.one(fmt.Sprintf("call-%04d", c.count), func(of string, row map[string]any) {
			put(max(0, c.IntN(5*nights)-4*nights), of, row)
		})
	}
}

func (c *lateCalls) one(id string, put func(string, map[string]any)) {
	at := day("2026-10-01").Add(time.Duration(c.IntN(20*24*60)) * time.Minute)
	session := ""
	switch c.IntN(4) {
	case 0:
		session = fmt.Sprintf("session-%d", c.IntN(60))
	case 1:
		session = "session of " + id
	}
	row := map[string]any{"request_id": "chatcmpl-" + id, "call_type": "acompletion",
		"spend": 0.002, "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
		"startTime": isoTime(at), "endTime": isoTime(at.Add(7 * time.Second)),
		"model": "gpt-5-2025-08-07", "custom_llm_provider": "openai", "session_id": session,
		"team_id": fmt.Sprintf("team-%d", c.IntN(3)), "status": "success",
		"metadata": map[string]any{"litellm_call_id": id,
			"user_api_key_project_id": fmt.Sprintf("proj-%d", c.IntN(2))}}
	span := callSpan(id, c.count, at.Add(-time.Duration(c.IntN(3))*time.Hour))
	switch c.IntN(8) {
	case 0: // no bodies
		put("portkey.jsonl", map[string]any{"id": id, "trace_id": session, "ai_org": "openai",
			"created_at": isoTime(at), "ai_model": "gpt-5", "req_units": 1000,
			"res_units": 100, "cost": 0.2, "cost_currency": "USD", "response_status_code": 200})
	case 1:
		put("otlp.jsonl", span)
	case 2:
		row["status"] = "failure"
		put("litellm.jsonl", row)
	case 3:
		put("litellm.jsonl", row)
		put("headers.jsonl", map[string]any{"timestamp": isoTime(at), "level": "info",
			"headers": map[string]any{"x-litellm-call-id": id, "x-litellm-version": "1.98.2",
				"x-litellm-model-id": "one", "x-litellm-response-cost": "0.002"}})
	case 4, 5:
		put("litellm.jsonl", row)
	default:
		put("litellm.jsonl", row)
		put("otlp.jsonl", span)
	}
}

// callSpan is a line with the span of a call, which mostly names a workflow.
func callSpan(id string, place int, at time.Time) map[string]any {
	attributes := []any{
		map[string]any{"key": "gen_ai.usage.input_tokens", "value": map[string]any{
			"intValue": "1000"}},
		map[string]any{"key": "gen_ai.usage.output_tokens", "value": map[string]any{
			"intValue": "100"}}}
	for key, text := range map[string]string{"gen_ai.operation.name": "chat",
		"gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-5-2025-08-07",
		"gen_ai.response.id": "chatcmpl-" + id, "litellm.call_id": id,
		"gen_ai.workflow.name": []string{"", "draft", "answer"}[place%3]} {
		attributes = append(attributes, map[string]any{"key": key, "value": map[string]any{
			"stringValue": text}})
	}
	span := map[string]any{"traceId": fmt.Sprintf("%032x", place), "name": "chat",
		"spanId": fmt.Sprintf("%016x", place), "attributes": attributes,
		"startTimeUnixNano": fmt.Sprint(at.UnixNano()),
		"endTimeUnixNano":   fmt.Sprint(at.Add(5 * time.Second).UnixNano())}
	return map[string]any{"resourceSpans": []any{map[string]any{"scopeSpans": []any{
		map[string]any{"spans": []any{span}}}}}}
}

func isoTime(at time.Time) string { return at.Format("2006-01-02T15:04:05-07:00") }

// TestSumsOfDaysHold: what is kept of days is after each night what all requests give, whatever
// arrives late: the span, header, session or named workflow of a call, a file without bodies, one
// of the provider.
func TestSumsOfDaysHold(t *testing.T) {
	t.Parallel()
	seeds := uint64(1)
	if os.Getenv(soakVariable) != "" {
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			sumsHold(t, 4, &lateCalls{Rand: rand.New(rand.NewPCG(seed, 36))})
		})
	}
}

func sumsHold(t *testing.T, nights int, calls *lateCalls) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	kept := 0
	settings.Progress = func(step Step) {
		if step.Name == "kept" {
			kept++
		}
	}
	arrivals := make([]map[string][]map[string]any, nights)
	put := func(night int, of string, row map[string]any) {
		if arrivals[night] == nil {
			arrivals[night] = map[string][]map[string]any{}
		}
		arrivals[night][of] = append(arrivals[night][of], row)
	}
	calls.deal(400, nights, put)
	var last outcome
	for night, dealt := range arrivals {
		for name, rows := range dealt {
			path := filepath.Join(in, fmt.Sprintf("%02d-%s", night, name))
			writeFile(t, path, jsonLines(t, rows))
		}
		if night == nights/2 {
			writeFile(t, filepath.Join(in, "usage.csv"), readFile(t,
				month+"/provider/openai_completions_usage_2026-10.csv"))
		}
		last = runWith(t, settings)
		keptAsRated(t, fmt.Sprintf("night %d", night), settings.Store)
	}
	if kept != nights-1 {
		t.Errorf("%d of %d nights kept anything", kept, nights)
	}
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	sameReports(t, runWith(t, scratch), last)
}

// keptAsRated wants the sums that a store keeps of days to be those of the requests that it keeps.
func keptAsRated(t *testing.T, when, store string) {
	t.Helper()
	db := emptyDB(t)
	mustExec(t, db, "ATTACH "+literal(store)+" AS store (READ_ONLY); "+
		"CREATE SCHEMA memory.raw; CREATE SCHEMA memory.book")
	for _, table := range lines(t, db, `SELECT schema_name || '.' || table_name
		FROM duckdb_tables() WHERE database_name = 'store'`) {
		of, name, _ := strings.Cut(table, ".")
		if of == "kept" {
			of = "book"
		}
		mustExec(t, db, "CREATE VIEW memory."+of+"."+name+" AS FROM store."+table)
	}
	for _, stage := range stages.Stages() {
		if stage.Name > workflowStage && stage.Name <= dayStage {
			equalRows(t, db, when+": "+stage.Table, stage.Text, "FROM "+stage.Table)
		}
	}
}

func equalRows(t *testing.T, db *sql.DB, what, a, b string) {
	t.Helper()
	n := one(t, db, fmt.Sprintf(`SELECT COUNT(*) FROM (
		((%[1]s) EXCEPT ALL (%[2]s)) UNION ALL ((%[2]s) EXCEPT ALL (%[1]s)))`, a, b))
	if n != "0" {
		t.Errorf("%s: %s rows differ", what, n)
	}
}
