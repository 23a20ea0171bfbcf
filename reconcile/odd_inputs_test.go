package reconcile

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// focusBill is a FOCUS export of two accounts, with negative amounts and lines beside usage.
const focusBill = "BillingAccountId,BilledCost,BillingCurrency,ChargeCategory,ChargeDescription," +
	"ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,ServiceProviderName," +
	"ServiceName,SkuPriceDetails\n" +
	`acct-1,0.0012345678901,USD,Usage,in,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,1000,Tokens,` +
	`OpenAI,API,"{""ModelId"":""gpt-4o-mini"",""TokenDirection"":""input""}"` + "\n" +
	`acct-2,0.00015,USD,Usage,in,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,1000,Tokens,` +
	`OpenAI,API,"{""ModelId"":""gpt-4o-mini"",""TokenDirection"":""input""}"` + "\n" +
	`acct-2,-0.5,USD,Usage,in,2026-10-06T00:00:00Z,2026-10-07T00:00:00Z,1000,Tokens,` +
	`OpenAI,API,"{""ModelId"":""gpt-4o-mini"",""TokenDirection"":""input""}"` + "\n" +
	`acct-2,-12.345678901234567,USD,Credit,promo,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,,,` +
	`OpenAI,API,"{""ModelId"":""gpt-4o-mini""}"` + "\n" +
	`acct-1,7,USD,Tax,VAT,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,,,` +
	`OpenAI,API,"{""ModelId"":""gpt-4o-mini""}"` + "\n"

// oddInputs are files that a job may find and that its author did not think of.
func oddInputs(t *testing.T) map[string]map[string]string {
	t.Helper()
	call := func(id, provider, model, organization, spend string) map[string]any {
		e := spendEntry{id: id, model: model, provider: provider, day: "2026-10-05", spend: spend,
			prompt: 1000, completion: 10, hasDetails: true}
		row := e.row()
		row["organization_id"] = organization
		return row
	}
	gateway := func(rows ...map[string]any) string { return string(jsonLines(t, rows)) }
	two := gateway(call("a", "openai", "gpt-4o-mini", "acct-1", "0.000156"),
		call("b", "openai", "gpt-4o-mini", "acct-2", "-0.01"),
		call("c", "anthropic", "claude-sonnet-5", "", "999999999.123456789012345"),
		call("d", "nobody", "unheard-of", "", "0.1"))
	return map[string]map[string]string{
		"only a bill":      {"bill.csv": focusBill},
		"only a gateway":   {"gateway.jsonl": two},
		"several accounts": {"bill.csv": focusBill, "gateway.jsonl": two},
		"a bill of another day": {"gateway.jsonl": two, "cost.csv": openAICostHeader +
			strings.ReplaceAll(openAIDay, "1791158400,1791244800", "1791244800,1791331200") +
			"0.5,usd,,,,,,,org-x,,X,\n"},
		"an empty bill": {"gateway.jsonl": two, "cost.csv": "start_time,end_time,start_time_iso," +
			"end_time_iso\n" + openAIDay[:len(openAIDay)-1] + "\n"},
		"a refund larger than the bill": {"gateway.jsonl": two, "cost.csv": openAICostHeader +
			openAIDay + "-3.25,usd,1000,tokens,\"gpt-4o-mini-2024-07-18, input\",,,,org-x,,X,\n"},
		"dust and heaps": {"cost.csv": openAICostHeader + openAIDay +
			"0.000000000000001000000000000000000000,usd,1,tokens,\"gpt-4o-mini, input\",,,,o,,,\n" +
			openAIDay + "98765432109.876543210987654,usd,1,tokens," +
			"\"gpt-4o-mini, output\",,,,o,,,\n"},
	}
}

// TestOddInputs: whatever is loaded, the run's own checks hold and every bridge adds up.
func TestOddInputs(t *testing.T) {
	t.Parallel()
	for name, files := range oddInputs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := runPriced(t, "", files)
			checkedBridge(t, run)
			for _, l := range lines(t, run.db, `SELECT provider, account, MIN(spend_usd),
				SUM(amount_usd), MIN(COALESCE(bill_usd, charge_usd)) FROM bridge
				GROUP BY provider, account
				HAVING MIN(spend_usd) + SUM(COALESCE(amount_usd, 0))
					<> MIN(COALESCE(bill_usd, charge_usd))`) {
				t.Errorf("the bridge does not add up: %s", l)
			}
			if n := one(t, run.db, "SELECT COUNT(*) FROM bridge"); n == "0" {
				t.Error("there is no bridge")
			}
		})
	}
}

// TestPeriodWithoutRows: inputs that all lie outside of the period are no month that ties out.
func TestPeriodWithoutRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range oddInputs(t)["several accounts"] {
		writeFile(t, filepath.Join(dir, "in", name), []byte(text))
	}
	settings := settingsIn(dir, filepath.Join(dir, "in"))
	settings.Prices = nil
	settings.From, settings.To = day("2026-01-01"), day("2026-02-01")
	summary, err := Run(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Requests != 0 || summary.SpendUSD != "0" || len(summary.Bridge) != 0 ||
		summary.Verdict != VerdictEmpty ||
		!strings.Contains(summary.VerdictWords(), "is of 2026-10") {
		t.Errorf("%s", fmt.Sprint(*summary))
	}
}
