package reconcile

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tieout/pricing"
)

// The two exports of a provider's console, written as it writes them, tie with each other.

// anthropicUse is a row of Anthropic's token export, with the prices of its classes.
type anthropicUse struct {
	model, display, key, workspace, kind, context, geo string
	counts                                             [5]int64 // in the order of the header
	usdPerMillion                                      [5]string
	searches                                           int64
}

func anthropicUses() []anthropicUse {
	return []anthropicUse{
		{"claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "gateway-prod", "Support", "standard",
			"≤ 200k", "not_available", [5]int64{910337, 240121, 61007, 3100449, 82013},
			[5]string{"3", "3.75", "6", "0.3", "15"}, 4},
		{"claude-haiku-4-5-20251001", "Claude Haiku 4.5", "gateway-prod", "Support", "standard",
			"≤ 200k", "not_available", [5]int64{749, 0, 0, 0, 30},
			[5]string{"1", "1.25", "2", "0.1", "5"}, 0},
		{"claude-haiku-4-5-20251001", "Claude Haiku 4.5", "gateway-batch", "Default", "batch",
			"≤ 200k", "not_available", [5]int64{1000001, 0, 0, 0, 120111},
			[5]string{"0.5", "0.625", "1", "0.05", "2.5"}, 0},
		{"claude-sonnet-4-6", "Claude Sonnet 4.6", "gateway-prod", "Default", "standard",
			"≤ 200k", "global", [5]int64{4676, 667763, 0, 18493129, 136799},
			[5]string{"3", "3.75", "6", "0.3", "15"}, 0},
	}
}

// anthropicPair writes three days of tokens and cost; each cost row is rounded to cents, and one
// class a day stands in two rows of the same key, as it does in real exports.
func anthropicPair(t *testing.T) (tokens, cost string) {
	t.Helper()
	names := []string{"input_no_cache", "input_cache_write_5m", "input_cache_write_1h",
		"input_cache_read", "output"}
	tokens = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window," +
		"usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m," +
		"usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens," +
		"web_search_count,inference_geo,speed\n"
	cost = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd," +
		"cost_type,inference_geo,speed\n"
	for n := int64(0); n < 3; n++ {
		date := fmt.Sprintf("2026-10-%02d", 5+n)
		for _, u := range anthropicUses() {
			line := []string{date, u.model, u.key, u.workspace, u.kind, u.context}
			for i, count := range u.counts {
				count += n * 1237 * min(count, 1)
				line = append(line, fmt.Sprint(count))
				parts := []int64{count}
				if i == 1 && count > 0 {
					parts = []int64{count / 3, count - count/3}
				}
				for _, part := range parts {
					if part > 0 || i == 0 {
						cost += strings.Join([]string{date, u.display, u.workspace, u.key,
							"message", u.context, names[i], cents(t, u.usdPerMillion[i], part),
							"token", u.geo, ""}, ",") + "\n"
					}
				}
			}
			if u.searches > 0 {
				cost += strings.Join([]string{date, "--", u.workspace, u.key, "--", "--", "--",
					cents(t, "10000", u.searches), "web_search", "--", ""}, ",") + "\n"
			}
			tokens += strings.Join(append(line, fmt.Sprint(u.searches), u.geo, ""), ",") + "\n"
		}
	}
	return tokens, cost
}

// cents is an amount rounded to whole cents, half up.
func cents(t *testing.T, perMillion string, tokens int64) string {
	t.Helper()
	plus := mustUSD(t, perMillion).Times(tokens).Shift(-6).Add(mustUSD(t, "0.005")).String()
	whole, fraction, _ := strings.Cut(plus, ".")
	return whole + "." + (fraction + "00")[:2]
}

// TestAnthropicPairTies: every line is within half a cent of tokens times price, so nothing is a
// break; and with one line a cent off, that line's day is.
func TestAnthropicPairTies(t *testing.T) {
	t.Parallel()
	tokens, cost := anthropicPair(t)
	run := runPriced(t, "", map[string]string{"tokens.csv": tokens, "cost.csv": cost})
	if run.Verdict != VerdictTied || run.Unpriced != 0 {
		t.Errorf("verdict %s, %d unpriced", run.Verdict, run.Unpriced)
		for _, l := range lines(t, run.db, "SELECT cause, day, response_model FROM breaks") {
			t.Log(l)
		}
	}
	off := lines(t, run.db, `SELECT day, response_model, token_type, difference FROM identity
		WHERE identity = 'I7' AND (status NOT IN ('ok', 'rounding')
			OR abs(difference) > 0.005 * CASE token_type WHEN 'cache_write_5m' THEN 2 ELSE 1 END)`)
	if len(off) > 0 {
		t.Errorf("lines off: %q", off)
	}
	if n := one(t, run.db, "SELECT COUNT(*) FROM identity WHERE identity = 'I7'"); n < "30" {
		t.Errorf("only %s lines were compared", n)
	}
	wrong := strings.Replace(cost, ",output,1.23,", ",output,1.25,", 1)
	run = runPriced(t, "", map[string]string{"tokens.csv": tokens, "cost.csv": wrong})
	if wrong == cost || run.Verdict != VerdictBreaks {
		t.Errorf("two cents more on one line: verdict %s", run.Verdict)
	}
}

const openAIUsageHeader = "start_time,end_time,start_time_iso,end_time_iso,num_model_requests," +
	"model,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens\n"

const openAICostHeader = "start_time,end_time,start_time_iso,end_time_iso,amount_value," +
	"amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id," +
	"organization_id,project_name,organization_name,user_email\n"

// openAIDay is the time columns of 5 October.
const openAIDay = "1791158400,1791244800,2026-10-05T00:00:00+00:00,2026-10-06T00:00:00+00:00,"

// TestOpenAIDayTies: 4,228 calls of a day, billed in one sum, to the last digit.
func TestOpenAIDayTies(t *testing.T) {
	t.Parallel()
	run := runPriced(t, "", map[string]string{
		"usage.csv": openAIUsageHeader + openAIDay + "4228.0,gpt-4o-mini-2024-07-18,5789342.0," +
			"106885.0,229120.0,5560222.0\n",
		"cost.csv": openAICostHeader + openAIDay +
			"0.915348300000000000000000000000000000,usd,,,,,,,org-x,,X,\n"})
	differ(t, "identity", lines(t, run.db, `SELECT left_value, right_value, status FROM identity
		WHERE identity = 'I7'`), []string{"0.9153483 | 0.9153483 | ok"})
	if run.Verdict != VerdictTied {
		t.Errorf("verdict %s", run.Verdict)
	}
}

// TestSameDayExport: a cost export of the day it was made lags behind the usage; that is
// provisional until the day is settled, and a break afterwards.
func TestSameDayExport(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"usage.csv": openAIUsageHeader + openAIDay +
			"4.0,gpt-4o-mini-2024-07-18,31422.0,29.0,0.0,31422.0\n",
		"cost.csv": openAICostHeader + openAIDay +
			"0.003400000000000000000000000000000000,usd,,,,,,,org-x,,X,\n"}
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, "in", name), []byte(text))
	}
	for asOf, want := range map[string][]string{
		"2026-10-05": {"provisional | false | -0.0047307", "provisional | false | 0.0013307"},
		"2026-10-08": {"requests_not_loaded | false | -0.0047307",
			"bill_price_differs | true | 0.0013307"}} {
		settings := settingsIn(t.TempDir(), filepath.Join(dir, "in"))
		settings.Prices, settings.AsOf = nil, day(asOf)
		run := runWith(t, settings)
		differ(t, "as of "+asOf, lines(t, run.db, "SELECT cause, is_break, drift_usd FROM breaks"),
			want)
		checkedBridge(t, run)
		if isTied := run.Verdict == VerdictTied; isTied != (asOf == "2026-10-05") {
			t.Errorf("as of %s the verdict is %s", asOf, run.Verdict)
		}
	}
}

// checkedBridge wants a run's bridges to add up to the last digit.
func checkedBridge(t *testing.T, run outcome) {
	t.Helper()
	for _, b := range run.Bridge {
		reached := mustUSD(t, b.SpendUSD)
		for _, step := range b.Steps {
			reached = reached.Add(mustUSD(t, step.AmountUSD))
		}
		var want pricing.USD
		if b.BillUSD == nil {
			continue // to the charge, which the stage's own check has compared
		}
		if want = mustUSD(t, *b.BillUSD); reached.Cmp(want) != 0 {
			t.Errorf("the bridge of %s %s reaches %s and not %s", b.Provider, b.Account, reached,
				want)
		}
	}
}

// TestMaterialityDecidesTheVerdict: breaks that are just as large as the materiality do not decide
// it, one picodollar more does, and so do small ones that come to more together.
func TestMaterialityDecidesTheVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spends []string // of calls that are charged 0.00015 each
		want   string
	}{{[]string{"0.00115"}, VerdictTied}, {[]string{"0.001150000001"}, VerdictBreaks},
		{[]string{"0.00065", "0.00065"}, VerdictTied},
		{[]string{"0.00065", "0.000650000001"}, VerdictBreaks}} {
		var rows []map[string]any
		for i, spend := range c.spends {
			e := spendEntry{id: fmt.Sprint("call", i), model: "gpt-4o-mini", provider: "openai",
				day: "2026-10-05", spend: spend, prompt: 1000}
			rows = append(rows, e.row())
		}
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "in/gateway.jsonl"), jsonLines(t, rows))
		settings := settingsIn(dir, filepath.Join(dir, "in"))
		settings.Prices = nil
		settings.Config = &Config{Tolerances: []Tolerance{{MaterialUSD: "0.001"}}}
		run := runWith(t, settings)
		if run.Verdict != c.want || run.Breaks != int64(len(c.spends)) {
			t.Errorf("%v: %s with %d breaks, want %s", c.spends, run.Verdict, run.Breaks, c.want)
		}
	}
}
