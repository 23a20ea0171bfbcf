package reconcile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// secret marks what must never leave an input: keys, prompts, answers, headers.
const secret = "sk-live-Zx9vQ2hostileSecret"

// hostileTexts are values that a gateway's user, a model's name or a provider's file may hold.
func hostileTexts(dir string) []string {
	return []string{
		"'; DROP TABLE raw.request; --", `"); DELETE FROM book.period; --`, "');ATTACH '" + dir +
			"/attached.db' AS a;--", "COPY (SELECT 1) TO '" + dir + "/copied.csv'",
		"$(touch " + dir + "/touched)", "`touch " + dir + "/touched`", "{{.Secret}}", "%s%d%n%!x",
		"/etc/passwd", "../../../../" + dir + "/written", "file:///etc/hosts", "C:\\con\\..\\nul",
		"two\nlines\r\nand\ttabs", "=1+1", "@SUM(A1)", "-", ".", "NULL", "null",
		"NaN", "true", "0", "1e309", "comma, \"quote\" and ; semicolon",
		"émoji 💥 \u202eright to left\u202c \ufeff", "\u0131\u0130ß", "--", "*", "''", `""`,
		"\\", "\\u0000", "<script>alert(1)</script>", strings.Repeat("long ", 20_000),
	}
}

// spendLog is a spend log with a text in each of its fields that takes one.
func spendLog(text string, place int) map[string]any {
	id := fmt.Sprintf("%s#%d", text, place)
	return map[string]any{
		"request_id": id, "call_type": text, "api_key": "Bearer " + secret, "spend": 0.25,
		"total_tokens": 110, "prompt_tokens": 100, "completion_tokens": 10,
		"startTime": fmt.Sprintf("2026-10-05T10:%02d:00+00:00", place),
		"endTime":   fmt.Sprintf("2026-10-05T10:%02d:07+00:00", place), "model": text,
		"model_id": text, "model_group": text, "custom_llm_provider": text, "api_base": text,
		"user": text, "cache_hit": text, "cache_key": text, "request_tags": []string{text},
		"team_id": text, "organization_id": text, "end_user": text, "session_id": text,
		"status": text, "agent_id": text, "requester_ip_address": text,
		"messages": []any{map[string]any{"role": "user", "content": secret}},
		"response": map[string]any{"id": id, "model": text,
			"choices": []any{map[string]any{"message": map[string]any{"content": secret}}}},
		"proxy_server_request": map[string]any{"headers": map[string]any{"authorization": secret}},
		"metadata": map[string]any{
			"user_api_key": secret, "user_api_key_alias": text, "user_api_key_team_id": text,
			"user_api_key_team_alias": text, "user_api_key_org_id": text,
			"user_api_key_user_id": text, "user_api_key_project_id": text,
			"litellm_call_id": id, "response_id": id, "original_model_group": text,
			"spend_logs_metadata": map[string]any{"workflow_id": text, text: text},
			"usage_object": map[string]any{"prompt_tokens": 100, "completion_tokens": 10,
				"total_tokens": 110, "service_tier": text, text: text},
			"error_information": map[string]any{"error_code": text,
				"error_message": "Incorrect API key provided: " + secret, "traceback": secret},
			"cost_breakdown": map[string]any{"original_cost": 0.25, text: text},
		},
	}
}

// spanOf is an OTLP line with one span that has a text in each of its attributes.
func spanOf(text string, place int) map[string]any {
	attributes := []any{}
	add := func(key string, value any) {
		attributes = append(attributes, map[string]any{"key": key, "value": value})
	}
	for _, key := range []string{"gen_ai.provider.name", "gen_ai.request.model",
		"gen_ai.response.model", "gen_ai.conversation.id", "gen_ai.agent.name",
		"gen_ai.workflow.name", "litellm.team.id", "tenant.id", "session.id", "user.id",
		"openai.response.service_tier", "error.type", "server.address", "gen_ai.tool.name",
		"anthropic.request.id", "deployment.environment.name", text} {
		add(key, map[string]any{"stringValue": text})
	}
	id := fmt.Sprintf("%s#%d", text, place)
	add("gen_ai.operation.name", map[string]any{"stringValue": "chat"})
	add("gen_ai.response.id", map[string]any{"stringValue": id})
	add("litellm.call_id", map[string]any{"stringValue": id})
	add("gen_ai.usage.input_tokens", map[string]any{"intValue": "100"})
	add("gen_ai.usage.output_tokens", map[string]any{"intValue": 10})
	for _, key := range []string{"gen_ai.input.messages", "gen_ai.output.messages",
		"gen_ai.system_instructions", "gen_ai.prompt", "input.value", "output.value",
		"llm.input_messages.0.message.content", "http.request.header.authorization",
		"http.request.header.x-api-key", "db.statement", "exception.message"} {
		add(key, map[string]any{"stringValue": secret})
	}
	nanos := fmt.Sprintf("1791194%03d000000000", place)
	span := map[string]any{"traceId": fmt.Sprintf("%032x", place+1), "name": text,
		"spanId": fmt.Sprintf("%016x", place+1), "startTimeUnixNano": nanos,
		"endTimeUnixNano": nanos, "attributes": attributes, "traceState": text,
		"events": []any{map[string]any{"name": "exception", "attributes": []any{map[string]any{
			"key": "exception.message", "value": map[string]any{"stringValue": secret}}}}},
		"status": map[string]any{"code": 0, "message": secret}}
	return map[string]any{"resourceSpans": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{map[string]any{"key": "service.name",
			"value": map[string]any{"stringValue": text}}}},
		"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": text},
			"spans": []any{span}}}}}}
}

// jsonLines writes one value a line.
func jsonLines(t *testing.T, values []map[string]any) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// csvOf writes rows under a header; the value of a column comes from fill.
func csvOf(t *testing.T, header string, rows int, fill func(column string, row int) string) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	columns := strings.Split(header, ",")
	failed := writer.Write(columns)
	for i := range rows {
		fields := make([]string, len(columns))
		for j, column := range columns {
			fields[j] = fill(column, i)
		}
		failed = errors.Join(failed, writer.Write(fields))
	}
	writer.Flush()
	if err := errors.Join(failed, writer.Error()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// hostileExports writes exports of all legs with a hostile text in every field that takes one.
func hostileExports(t *testing.T, dir string, texts []string) {
	t.Helper()
	logs, spans := make([]map[string]any, len(texts)), make([]map[string]any, len(texts))
	for i, text := range texts {
		logs[i], spans[i] = spendLog(text, i), spanOf(text, i)
	}
	for _, field := range []string{"end_user", "user", "team_id", "model", "session_id"} {
		log := spendLog("key as "+field, len(logs))
		log[field] = secret
		logs = append(logs, log)
	}
	rows := string(jsonLines(t, logs))
	bad := `{"request_id":"broken","api_key":"` + secret + `","spend":"` + secret + `",` +
		`"startTime":"2026-10-05T10:00:00Z","messages":"` + secret + "\"}\n" +
		`{"request_id":"` + secret + `"x","spend":1,"startTime":"` + secret + "\"}\n"
	writeFile(t, filepath.Join(dir, "gateway.jsonl"), []byte(rows+bad))
	writeFile(t, filepath.Join(dir, "traces.jsonl"), jsonLines(t, spans))
	pick := func(fixed map[string]string) func(string, int) string {
		return func(column string, row int) string {
			if value, isFixed := fixed[column]; isFixed {
				return value
			}
			return texts[row]
		}
	}
	writeFile(t, filepath.Join(dir, "anthropic.csv"), csvOf(t, "usage_date_utc,model,workspace,"+
		"api_key,usage_type,context_window,token_type,cost_usd,cost_type,inference_geo,speed",
		len(texts), pick(map[string]string{"usage_date_utc": "2026-10-05", "cost_usd": "0.25",
			"cost_type": "token"})))
	writeFile(t, filepath.Join(dir, "openai.csv"), csvOf(t, "start_time,end_time,start_time_iso,"+
		"end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,"+
		"api_key_id,project_id,organization_id,project_name,organization_name,user_email,"+
		"api_source", len(texts), pick(map[string]string{"start_time": "1791158400",
		"end_time": "1791244800", "start_time_iso": "", "end_time_iso": "", "amount_value": "0.5",
		"amount_currency": "usd", "quantity": "1", "user_email": secret + "@example.com"})))
}

// TestHostileText: text from inputs stays text: it breaks no run, runs nowhere, opens no file,
// and comes back byte for byte; secrets stay where they were.
func TestHostileText(t *testing.T) {
	t.Parallel()
	dir, trap := t.TempDir(), t.TempDir()
	texts := hostileTexts(trap)
	hostileExports(t, filepath.Join(dir, "in"), texts)
	run := runWith(t, settingsIn(dir, filepath.Join(dir, "in")))
	got := lines(t, run.db, "SELECT DISTINCT request_id FROM requests WHERE request_id NOT LIKE "+
		"'key as %'")
	var want []string
	for i, text := range texts {
		want = append(want, fmt.Sprintf("%s#%d", text, i))
	}
	differ(t, "request ids", got, want)
	if want := int64(2); run.Rows.Rejected != want || run.Rows.Loaded != run.Rows.Read-want {
		t.Errorf("rows %+v: all but the two broken ones can be read", run.Rows)
	}
	if want := strconv.Itoa(len(texts)); one(t, run.db,
		"SELECT COUNT(*) FROM requests WHERE match_state <> 'only_gateway'") != want {
		t.Errorf("not all %s requests met their spans", want)
	}
	if trapped := files(t, trap); len(trapped) > 0 {
		t.Errorf("a text was run: it wrote %v", trapped)
	}
	for _, id := range got {
		if err := Explain(t.Context(), run.settings.Out, id, io.Discard); err != nil {
			t.Errorf("explain %.40q: %v", id, err)
		}
	}
	noSecrets(t, run)
}

// noSecrets looks for the secret in every byte that a run wrote and in every text that it stored,
// since files are compressed.
func noSecrets(t *testing.T, run outcome) {
	t.Helper()
	for _, path := range append(files(t, run.settings.Out), run.settings.Store) {
		if bytes.Contains(readFile(t, path), []byte(secret[8:])) {
			t.Errorf("%s holds the secret", path)
		}
	}
	mustExec(t, run.db, "ATTACH "+literal(run.settings.Store)+" AS store (READ_ONLY)")
	mustExec(t, run.db, "USE store")
	columns := lines(t, run.db, `SELECT c.schema_name || '.' || c.table_name, c.column_name
		FROM duckdb_columns() AS c WHERE c.database_name = 'store' AND NOT c.internal
			AND c.data_type = 'VARCHAR'`)
	for _, line := range columns {
		table, name, _ := strings.Cut(line, " | ")
		for _, found := range lines(t, run.db, "SELECT "+quotedName(name)+" FROM "+table+
			" WHERE contains("+quotedName(name)+", ?) LIMIT 1", secret[8:]) {
			t.Errorf("%s.%s holds the secret: %.200s", table, name, found)
		}
	}
	if len(columns) < 100 {
		t.Errorf("only %d columns were searched", len(columns))
	}
}

// TestExplainTakesNoSQL: an id is a value, and one that is not there is said not to be.
func TestExplainTakesNoSQL(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"' OR 1=1 --", "x' UNION SELECT 1 --", ""} {
		var said bytes.Buffer
		err := Explain(t.Context(), monthRun(t).settings.Out, id, &said)
		var setting *SettingError
		if !errors.As(err, &setting) || said.Len() > 0 {
			t.Errorf("explain %q: %v, %q", id, err, said.String())
		}
	}
}

// TestQueryReadsReportsOnly: a query sees the reports and nothing else of the machine, and
// changes nothing.
func TestQueryReadsReportsOnly(t *testing.T) {
	t.Parallel()
	dir, _ := oldRun(t)
	out, trap := filepath.Join(dir, "report"), filepath.Join(dir, "trap")
	before := snapshot(t, dir)
	var said bytes.Buffer
	if err := Query(t.Context(), Asked{Out: out,
		Query: "SELECT COUNT(*) AS n FROM requests"}, &said); err != nil ||
		said.String() != "n\n301\n" {
		t.Errorf("a query of the reports gives %q, %v", said.String(), err)
	}
	parquet := literal(filepath.Join(out, "requests.parquet"))
	store := literal(filepath.Join(dir, "store.duckdb"))
	for _, query := range []string{
		"SELECT * FROM " + parquet, "SELECT * FROM read_parquet(" + parquet + ")",
		"SELECT * FROM read_csv('go.mod')", "SELECT * FROM read_text('go.mod')",
		"SELECT * FROM read_blob('go.mod')", "SELECT * FROM read_json('" + month + "/truth.json')",
		"SELECT * FROM glob('*')", "SELECT * FROM 'go.mod'", "ATTACH " + store + " AS s",
		"ATTACH '" + trap + "' AS t", "COPY requests TO '" + trap + "'",
		"COPY (SELECT 1) TO '" + trap + "' (FORMAT PARQUET)", "EXPORT DATABASE '" + trap + "'",
		"IMPORT DATABASE '" + trap + "'", "CREATE TABLE t AS SELECT 1", "DROP TABLE requests",
		"INSERT INTO requests SELECT * FROM requests", "DELETE FROM requests",
		"UPDATE requests SET spend_usd = 0", "INSTALL httpfs", "LOAD httpfs",
		"LOAD '" + trap + "'", "SET enable_external_access = true",
		"SET GLOBAL enable_external_access = true", "SET temp_directory = '" + trap + "'",
		"SET log_query_path = '" + trap + "'", "PRAGMA enable_profiling = 'json'",
		"SET profiling_output = '" + trap + "'",
		"SELECT * FROM read_csv('https://example.com/x.csv')",
		"SELECT 1; COPY requests TO '" + trap + "'", "SELECT 1; ATTACH " + store + " AS s",
		"CHECKPOINT", "VACUUM", "CALL pragma_version(); SELECT * FROM glob('*')",
	} {
		said.Reset()
		err := Query(t.Context(), Asked{Out: out, Query: query}, &said)
		if err == nil && query != "VACUUM" &&
			query != "CHECKPOINT" {
			t.Errorf("%s gives\n%.200s", query, said.String())
		}
	}
	after := snapshot(t, dir)
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if before[path] != after[path] {
			t.Errorf("a query wrote %s", path)
		}
	}
	if _, err := os.Stat(trap); err == nil || len(after) != len(before) {
		t.Errorf("%d files, %d before", len(after), len(before))
	}
}
