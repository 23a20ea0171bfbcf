package reconcile

import (
	"os"
	"strings"
	"testing"
)

// auditedSamples are the samples of each gateway's own export, by the row of the shared table that
// they belong to. Exports that are the provider's records too are read as requests when asked.
func auditedSamples() [][3]string {
	return [][3]string{
		{"Portkey", "portkey", "portkey.jsonl"},
		{"Kong", "kong", "kong.jsonl"},
		{"Helicone", "helicone", "helicone.jsonl"},
		{"Cloudflare REST", "cloudflare", "cloudflare.jsonl"},
		{"Envoy AI Gateway", "envoy", "envoy_ai_gateway.jsonl"},
		{"OpenRouter CSV", "openrouter", "openrouter_activity.csv"},
		{"Bifrost", "bifrost", "bifrost.jsonl"},
		{"TensorZero", "tensorzero", "tensorzero.jsonl"},
		{"Langfuse", "langfuse", "langfuse.jsonl"},
		{"Vercel", "vercel", "vercel_report.jsonl"},
		{"Bedrock", "bedrock", "bedrock_invocation.jsonl"},
		{"Databricks", "databricks", "databricks.jsonl"},
		{"MLflow", "mlflow", "mlflow_gateway.jsonl"},
		{"TrueFoundry", "truefoundry", "truefoundry.jsonl"},
		{"APISIX", "apisix", "apisix.jsonl"},
		{"Higress", "higress", "higress.jsonl"},
		{"agentgateway", "agentgateway", "agentgateway.jsonl"},
	}
}

// notAsMarked are the signals of samples that are judged otherwise than the table marks what the
// gateway gives, and why.
func notAsMarked() map[string]string {
	return map[string]string{
		"agentgateway token_types": "its writes have no lifetime, so that the charge is a range",
		"agentgateway workflow":    "the sample has one call: a trace of one call is no workflow",
		"apisix token_types":       "its writes have no lifetime, so that the charge is a range",
		"bedrock token_types":      "its writes have no lifetime: the body is in another file",
		"langfuse request_id":      "an observation's id is Langfuse's own: no gateway knows it",
		"langfuse response_model":  "the model equals the requested one: some tracers copy it",
		"vercel":                   "a report by day has no requests to judge",
	}
}

// TestAuditOfSamples holds the audit to the shared table of what each gateway gives: its marks are
// the table's, and what each sample carries is what the mark says, or there is a reason.
func TestAuditOfSamples(t *testing.T) {
	t.Parallel()
	marks := sharedMarks(t)
	for _, sample := range auditedSamples() {
		row, gateway, file := sample[0], sample[1], sample[2]
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			want := marks[row]
			if len(want) != len(Signals()) {
				t.Fatalf("the shared table has no row %q", row)
			}
			for i, signal := range Signals() {
				if got := markOf(t, gateway, signal); got != want[i] {
					t.Errorf("%s is marked %s, the table has %s", signal, got, want[i])
				}
			}
			if notAsMarked()[gateway] == "" {
				checkCarried(t, gateway, file, want)
			}
		})
	}
}

// sharedMarks reads the table of the shared notes: by the row's first words, a state a signal.
func sharedMarks(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../shared/research/gateways.md")
	if err != nil {
		t.Skip("no shared notes")
	}
	states := map[string]string{"●": "present", "◐": "partial", "○": "absent"}
	marks := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 7 {
			continue
		}
		var row []string
		for _, cell := range cells[2:7] {
			mark := []rune(strings.TrimSpace(cell) + " ")[0]
			if state := states[string(mark)]; state != "" {
				row = append(row, state)
			}
		}
		for _, sample := range auditedSamples() {
			if strings.HasPrefix(strings.TrimSpace(cells[1]), sample[0]) && len(row) == 5 {
				marks[sample[0]] = row
			}
		}
	}
	return marks
}

// markOf is what the audit says that the gateway gives by default.
func markOf(t *testing.T, gateway, signal string) string {
	t.Helper()
	for _, a := range advices() {
		if a.gateway == gateway && a.signal == signal && a.from+a.to == "" {
			return a.byDefault
		}
	}
	return "none"
}

// checkCarried holds a sample's audit to the marks: they are told, and what is always there is
// present in some request, what is never there in none. An id that nothing is loaded to meet is
// there.
func checkCarried(t *testing.T, gateway, file string, want []string) {
	t.Helper()
	settings := settingsIn(t.TempDir(), samples(t, "gateways/"+file)...)
	settings.From, settings.To, settings.Prices = day("2026-01-01"), day("2027-01-01"), nil
	settings.Mappings = []string{"openrouter_requests", "bedrock_requests"}
	db := neededOf(t, settings, "report.signals").store.db
	for i, signal := range Signals() {
		got := one(t, db, `SELECT COALESCE(string_agg(DISTINCT by_default), 'none')
			FROM report.signals WHERE gateway = ? AND signal = ?`, gateway, signal)
		if got != want[i] {
			t.Errorf("%s is told as %s, the table has %s", signal, got, want[i])
		}
		isCarried := one(t, db, `SELECT COALESCE(bool_or(state = 'present'
			OR how LIKE 'has an id;%'), FALSE) FROM report.signals
			WHERE gateway = ? AND signal = ? AND how NOT LIKE 'a failed attempt%'`,
			gateway, signal) == "true"
		isAsMarked := want[i] == "partial" || isCarried == (want[i] == "present")
		reason := notAsMarked()[gateway+" "+signal]
		if isAsMarked == (reason != "") {
			t.Errorf("%s is marked %s; that a request carries it: %t; reason of a difference: %q",
				signal, want[i], isCarried, reason)
		}
	}
}
