package reconcile

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tieout/fixtures"
	"tieout/pricing"
)

// explainedText is what Explain says of a request of the month.
func explainedText(t *testing.T, run outcome, requestID string) string {
	t.Helper()
	var said bytes.Buffer
	if err := Explain(t.Context(), run.settings.Out, requestID, &said); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

// TestExplainedBreaks: of each planted request the explanation states spend, charge, drift and
// cause, its lines add up to the charge, and the file and line that it names hold the request.
func TestExplainedBreaks(t *testing.T) {
	t.Parallel()
	var truth fixtures.Truth
	if err := json.Unmarshal(readFile(t, month+"/truth.json"), &truth); err != nil {
		t.Fatal(err)
	}
	run, seen := monthRun(t), 0
	for _, b := range truth.Breaks {
		if b.Level != "request" {
			continue
		}
		seen++
		text := explainedText(t, run, b.RequestID)
		want := []string{"request " + b.RequestID + ", ", "  tenant    " + b.TenantID + " (",
			", answered by " + b.ResponseModel + " (", "  cause     " + b.Cause + " ("}
		if b.SpendUSD == "" {
			want = append(want, "  gateway   no row\n", "  spend     not recorded\n")
		} else {
			want = append(want, "  spend     "+b.SpendUSD+" USD\n")
		}
		if b.ChargeUSD == "" {
			want = append(want, "  charge    none (unpriced)\n")
		} else {
			want = append(want, "  charge    "+b.ChargeUSD+" USD (",
				"  drift     "+b.DriftUSD+" USD (spend - charge)\n")
			checkSum(t, text, b.ChargeUSD)
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", b.Kind, part, text)
			}
		}
		checkPlace(t, text, b.RequestID)
	}
	if seen < 12 {
		t.Errorf("only %d requests were explained", seen)
	}
}

// checkSum wants the charged lines of an explanation to add up to the charge.
func checkSum(t *testing.T, text, charge string) {
	t.Helper()
	var sum pricing.USD
	amount := regexp.MustCompile(
		`(?m)^  \w+ +(\d+)  x ([\d.]+) USD a million = ([\d.]+) USD\n(.*)$`)
	for _, line := range amount.FindAllStringSubmatch(text, -1) {
		quantity, err := strconv.ParseInt(line[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustUSD(t, line[2]).Times(quantity).Shift(-6).String(); got != line[3] {
			t.Errorf("%s comes to %s", line[0], got)
		}
		if !strings.Contains(line[4], "not charged") {
			sum = sum.Add(mustUSD(t, line[3]))
		}
	}
	if sum.Cmp(mustUSD(t, charge)) != 0 {
		t.Errorf("the lines come to %s, the charge is %s:\n%s", sum, charge, text)
	}
}

// checkPlace wants the request on each line of a file that an explanation names.
func checkPlace(t *testing.T, text, requestID string) {
	t.Helper()
	place := regexp.MustCompile(
		`(?m)^  (gateway|trace)   +(\S+\.jsonl):(\d+)(?:, trace \w+ span (\w+))?`)
	found := place.FindAllStringSubmatch(text, -1)
	if len(found) == 0 {
		t.Errorf("no file and line in\n%s", text)
	}
	for _, f := range found {
		number, err := strconv.Atoi(f[3])
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(string(readFile(t, f[2])), "\n")
		mark := requestID
		if f[1] == "trace" {
			mark = f[4]
		}
		if number < 1 || number > len(all) || !strings.Contains(all[number-1], `"`+mark+`"`) {
			t.Errorf("%s:%s does not hold %s", f[2], f[3], mark)
		}
	}
}

// TestExplainBySpan: a call that only a trace saw is found by its span's id too.
func TestExplainBySpan(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	span := one(t, run.db, "SELECT span_id FROM requests WHERE match_state = 'trace_provider'")
	text := explainedText(t, run, span)
	if !strings.Contains(text, "cause     row_missing_gateway (break)") ||
		!strings.Contains(text, " span "+span) {
		t.Errorf("span %s is explained as\n%s", span, text)
	}
}

// TestExplainShowsHeaders: what the caller was told of a call stands beside the gateway's figure.
func TestExplainShowsHeaders(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	text := explainedText(t, run, one(t, run.db,
		"SELECT request_id FROM answers WHERE header_usd = 0.0026825"))
	for _, want := range []string{"jsonl:2, met by call_id", "  header    0.0026825 USD, ",
		"  spend     0.0026825 USD", ", litellm 1.98.2\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// TestExplainNaming: of a request that a finding of the bill names the explanation shows it, and of
// no other.
func TestExplainNaming(t *testing.T) {
	t.Parallel()
	evidence := "no side counted the tokens of pk-1: input +10"
	for id, want := range map[string]bool{"pk-1": true, "pk": false, "1": false, "k-1": false} {
		if got := names(evidence, id); got != want {
			t.Errorf("%s: got %v, want %v", id, got, want)
		}
	}
	if !names("booked on the other day of midnight UTC: a, b and 7 more", "a") {
		t.Error("the first of a list is not named")
	}
}
