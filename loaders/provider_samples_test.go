package loaders

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tieout/pricing"
)

// TestSamplesOfProviderUsageByHand holds each sample to sums that were added up by hand.
func TestSamplesOfProviderUsageByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"openai_usage_completions.json", []string{"cache_read=50000", "cache_write=0",
			"input=150000", "output=21000"}},
		{"openai_usage_other.json", []string{"input=51000",
			"other_input_audio_per_second=3605", "other_input_character=18250",
			"other_output_image=12", "other_stored_byte=1048576", "web_search=3"}},
		{"openai_activity_legacy.csv", []string{"cache_read=1024", "input=6076",
			"other_input_character=4100", "other_output_image=2", "output=410"}},
		{"anthropic_usage_report.json", []string{"cache_read=3100000", "cache_write_1h=60000",
			"cache_write_5m=240000", "input=910000", "output=82000", "web_search=4"}},
		{"aws_cur2_bedrock.csv", []string{"cache_read=3100000", "cache_write=240000",
			"input=1410000", "output=82000"}},
		{"aws_cost_explorer.json", []string{"input=910000", "output=82000"}},
		{"azure_cost_details.csv", []string{"cache_read=50000", "input=150000",
			"output=421000"}},
		{"gcp_billing_export.jsonl", []string{"cache_read=400000", "input=1065040",
			"output=80000", "reasoning=20000"}},
		{"openrouter_activity.csv", []string{"cache_read=2000", "input=5600", "output=598",
			"reasoning=512"}},
		{"openrouter_activity_api.json", []string{"=2500", "output=320"}},
		{"deepseek_amount.csv", []string{"=0", "cache_read=900000", "input=310000",
			"output=52000"}},
		{"fireworks_billing_metrics.csv", []string{"=6042", "output=500"}},
		{"bedrock_invocation_log.jsonl", []string{"cache_read=4096", "input=1235", "output=322"}},
		{"groq_activity.json", []string{"cache_read=40000", "input=200000", "output=36000"}},
	} {
		l := sample(t, "providers/"+c.name)
		diffLines(t, c.name, sums(t, l.rows[TableUsage], "quantity", "token_type"), c.want)
	}
}

func TestSamplesOfProviderBillsByHand(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"openai_costs.json", "0.615"},
		{"anthropic_cost_report.json", "7.547"},
		{"aws_cur2_bedrock.csv", "6.29"}, // 7.29 of use, 1.00 of credit
		{"aws_cost_explorer.json", "3.96"},
		{"azure_cost_details.csv", "4.6475"},
		{"gcp_billing_export.jsonl", "0.262"}, // 0.581512 of use, 0.319512 of credit
		{"openrouter_activity.csv", "0.012984"},
		{"openrouter_activity_api.json", "0.0123"},
		{"deepseek_cost.csv", "2.232"},
		{"groq_activity.json", "0.15824"},
		{"xai_usage.json", "1.84"},
	} {
		l := sample(t, "providers/"+c.name)
		if got := sumUSD(t, l.rows[TableBill]); got != c.want {
			t.Errorf("%s: bills %s USD, want %s", c.name, got, c.want)
		}
	}
}

// TestSamplesThatAreRefusedInPart: what cannot be read has a reason that says what to do.
func TestSamplesThatAreRefusedInPart(t *testing.T) {
	for _, c := range []struct {
		name   string
		loaded int64
		reason string
	}{
		{"mistral_usage.json", 2,
			`currency "EUR": only USD is read, there are no exchange rates`},
		{"fireworks_billing_summary.json", 0, "the summary does not say of which days it is: add " +
			"startTime and endTime beside lineItems as they were asked for, or export usage " +
			"costs by day"},
		{"xai_prepaid_balance.json", 1, ""},
	} {
		path := filepath.Join(samples, "providers", c.name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("no shared samples")
		}
		l, err := loadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if l.Loaded != c.loaded || l.Read != l.Loaded+l.Rejected {
			t.Errorf("%s: read %d, loaded %d, rejected %d", c.name, l.Read, l.Loaded, l.Rejected)
		}
		for _, reason := range l.texts(TableReject, "reason") {
			if reason != "reason="+c.reason {
				t.Errorf("%s: %s", c.name, reason)
			}
		}
	}
}

// TestSamplesAreAllKnown: every file among the samples of providers is recognised.
func TestSamplesAreAllKnown(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(samples, "providers", "*.*"))
	if err != nil || len(paths) == 0 {
		t.Skip("no shared samples")
	}
	real, err := filepath.Glob(filepath.Join(samples, "providers", "real", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, real...) {
		format, match, err := Recognise(path)
		isBalance := strings.HasSuffix(path, "balance.json")
		if err != nil || match.Why == "" || (format.Leg == LegProvider) == isBalance {
			t.Errorf("%s: %v, %v", path, format.Name, err)
		}
	}
}

// TestNamesOfBillsArePriced: the model ids that are read out of usage types, meters and SKUs are
// those that the price list has.
func TestNamesOfBillsArePriced(t *testing.T) {
	book, err := pricing.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"testdata/aws_cur/cur2.csv", "testdata/azure/*.csv",
		"testdata/google/*.jsonl", "testdata/focus/*.csv"} {
		files, err := filepath.Glob(path)
		if err != nil || len(files) == 0 {
			t.Fatal(path, err)
		}
		for _, file := range files {
			l, err := loadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range l.rows[TableUsage] {
				checkPriced(t, book, file, r)
			}
		}
	}
}

func checkPriced(t *testing.T, book *pricing.Book, file string, r row) {
	t.Helper()
	unlisted := []string{"", "gpt-audio", "glm-5-chat", "grok-4.1", "gpt-5.6-sol"}
	if slices.Contains(unlisted, r["model_raw"]) {
		return
	}
	at := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for _, key := range book.Keys(pricing.Query{Provider: r["provider"], Model: r["model_raw"],
		ServiceTier: r["service_tier"], Region: r["region"]}) {
		if (key.From.IsZero() || !key.From.After(at)) && (key.To.IsZero() || key.To.After(at)) &&
			key.Status != "priced" {
			t.Errorf("%s: %s is not priced: %s", file, r.String("provider", "model_raw",
				"service_tier", "region"), key.Hint)
		}
	}
}

// TestMissingColumnsOfBillsAreNamed: the error says what an export was taken for and lacks.
func TestMissingColumnsOfBillsAreNamed(t *testing.T) {
	for _, c := range []struct{ path, without, want string }{
		{"aws_cur/cur2.csv", "line_item_unblended_cost",
			"aws.cur but lacks line_item_unblended_cost"},
		{"aws_cur/legacy.csv", "lineItem/UsageAmount",
			"aws.cur but lacks lineitem/usageamount"},
		{"azure/enterprise_agreement.csv", "UnitOfMeasure",
			"azure.cost_details but lacks unitofmeasure"},
		{"google/standard.jsonl", "usage_end_time",
			"google.billing_export.json but lacks usage_end_time"},
		{"openrouter_activity/columns_24.csv", "tokens_prompt",
			"openrouter.activity.csv but lacks tokens_prompt"},
		{"deepseek_amount/hours.csv", "api_key_name",
			"deepseek.amount.csv but lacks api_key_name"},
		{"deepseek_cost/wallets.csv", "wallet_type",
			"deepseek.cost.csv but lacks wallet_type"},
		{"fireworks_metrics/events.csv", "base_model_name",
			"fireworks.billing_metrics.csv but lacks base_model_name"},
		{"focus/focus_1_2.csv", "BilledCost",
			"focus.cost_and_usage but lacks billedcost"},
		{"focus/focus_1_3.csv", "ServiceProviderName",
			"focus.cost_and_usage but lacks providername"},
		{"openai_activity/columns_23.csv", "n_context_tokens_total",
			"openai.activity.csv but lacks n_context_tokens_total"},
		{"openai_api/buckets.json", "end_time", "openai.api.json but lacks end_time"},
		{"anthropic_api/usage_report.json", "ending_at",
			"anthropic.api.json but lacks data.ending_at"},
		{"groq/activity.json", "n_generated_tokens_total",
			"groq.activity.json but lacks data.n_generated_tokens_total"},
		{"mistral/usd.json", "prices", "mistral.usage.json but lacks prices"},
		{"xai_usage/by_group.json", "values",
			"xai.usage.json but lacks timeSeries.dataPoints.values"},
		{"openrouter_api/page.json", "usage\"",
			"openrouter.activity.json but lacks data.usage"},
		{"aws_cost_explorer/grouped.json", "\"Start\"",
			"aws.cost_explorer.json but lacks ResultsByTime.TimePeriod.Start"},
		{"fireworks_summary/with_days.json", "totalCost",
			"fireworks.billing_summary.json but lacks lineItems.totalCost"},
	} {
		content, err := os.ReadFile("testdata/" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		renamed := strings.Repeat("z", len(strings.Trim(c.without, `"`)))
		broken := strings.ReplaceAll(string(content), c.without,
			strings.Replace(c.without, strings.Trim(c.without, `"`), renamed, 1))
		_, err = loadText(t, broken)
		var file *FileError
		if !errors.As(err, &file) || !strings.Contains(file.Problem, c.want) {
			t.Errorf("%s without %s: %v", c.path, c.without, err)
		}
	}
}

// TestPeopleAreNotStored: mail addresses that stand in bills stay there.
func TestPeopleAreNotStored(t *testing.T) {
	seen := 0
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), "@example.com") || strings.HasSuffix(path, ".want") {
			continue
		}
		seen++
		l, err := loadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(l.describe(), "example.com") {
			t.Errorf("%s: a mail address was stored", path)
		}
	}
	if seen < 5 {
		t.Errorf("only %d files hold a mail address to look for", seen)
	}
}

// TestBillsInAnyDress: a BOM, CRLF and another case of the header change nothing.
func TestBillsInAnyDress(t *testing.T) {
	for _, folder := range []string{"openai_other", "openai_activity", "aws_cur", "azure", "focus",
		"openrouter_activity", "deepseek_amount", "deepseek_cost", "fireworks_metrics"} {
		paths, err := filepath.Glob("testdata/" + folder + "/*.csv")
		if err != nil || len(paths) == 0 {
			t.Fatal(folder, err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			plain := strings.ReplaceAll(strings.TrimPrefix(string(content), "\ufeff"), "\r\n", "\n")
			header, rows, _ := strings.Cut(plain, "\n")
			dressed := "\ufeff" + strings.ToUpper(header) + "\r\n" +
				strings.ReplaceAll(rows, "\n", "\r\n")
			want, got := mustLoad(t, plain).describe(), mustLoad(t, dressed).describe()
			diffLines(t, path, strings.Split(got, "\n"), strings.Split(want, "\n"))
		}
	}
}
