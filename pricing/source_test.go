package pricing

import (
	"strings"
	"testing"
)

// rateAt rates a million input tokens, or others, on a book.
func rateAt(t *testing.T, book *Book, call, counts string) Rating {
	t.Helper()
	return book.Rate(callOf(t, call, counts))
}

func withList(t *testing.T, book *Book, name, text string) *Book {
	t.Helper()
	made, err := book.With(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func checkRates(t *testing.T, book *Book, cases [][3]string) {
	t.Helper()
	for _, c := range cases {
		rating := rateAt(t, book, c[0], c[1])
		got := strings.TrimSpace(rating.Status + " " + rating.Total.String())
		if rating.Status != rated {
			got = rating.Status
		}
		if got != c[2] {
			t.Errorf("%s %s: %s (%s), want %s", c[0], c[1], got, rating.Hint, c[2])
		}
	}
}

func TestParseSource(t *testing.T) {
	for argument, want := range map[string]string{
		"litellm.json@2026-08-01": "litellm.json 2026-08-01",
		"a@b.csv":                 "a@b.csv open",
		"a@b.json@2026-08-01":     "a@b.json 2026-08-01",
		"prices.csv":              "prices.csv open",
	} {
		source, err := ParseSource(argument)
		if got := source.Name + " " + day(source.AsOf); err != nil || got != want {
			t.Errorf("%s: %s, %v", argument, got, err)
		}
	}
}

func TestUndatedListsNeedADay(t *testing.T) {
	for _, text := range []string{
		`{"gpt-5":{"litellm_provider":"openai","input_cost_per_token":1e-6}}`,
		`{"data":[{"id":"openai/gpt-5","pricing":{"prompt":"0.000001"}}]}`,
		`{"gpt-5":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":1}}}}}`,
	} {
		_, err := builtin(t).With("list.json", strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), "FILE@YYYY-MM-DD") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSnapshotsMakeAHistory(t *testing.T) {
	snapshot := func(price string) string {
		return `{"gpt-5":{"litellm_provider":"openai","input_cost_per_token":` + price + `}}`
	}
	book := withList(t, builtin(t), "litellm.json@2026-08-01", snapshot("1e-6"))
	book = withList(t, book, "litellm.json@2026-09-01", snapshot("2e-6"))
	checkRates(t, book, [][3]string{
		{"openai gpt-5 2026-07-31", "input=1000000", "rated 1.25"},
		{"openai gpt-5 2026-08-01", "input=1000000", "rated 1"},
		{"openai gpt-5 2026-09-01", "input=1000000", "rated 2"},
		// the list replaces the whole price key: ours is not mixed in
		{"openai gpt-5 2026-09-01", "cache_read=1", "unpriced"},
		{"openai gpt-5 2026-09-01 tier=flex", "input=1000000", "rated 0.625"},
	})
}

func TestLiteLLMConditions(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "litellm.json@2026-01-01", `{
		"sample_spec": {"input_cost_per_token": 0},
		"gpt-9": {"litellm_provider": "openai", "input_cost_per_token": 1.5000020000000002e-05,
			"output_cost_per_token": 3e-5, "input_cost_per_token_above_272k_tokens": 3e-5,
			"input_cost_per_token_flex": 7e-6, "regional_processing_uplift_multiplier_eu": 1.1,
			"file_search_cost_per_1k_calls": 0.0025, "input_dbu_cost_per_token": 1,
			"search_context_cost_per_query": {"search_context_size_low": 0.01,
				"search_context_size_medium": 0.02}},
		"claude-9": {"litellm_provider": "anthropic", "input_cost_per_token": 1e-6,
			"cache_creation_input_token_cost": 1.25e-6,
			"provider_specific_entry": {"us": 1.1, "fast": 6.0}},
		"azure/eu/gpt-9": {"litellm_provider": "azure", "input_cost_per_token": 2e-6},
		"us.anthropic.claude-9-v1:0": {"litellm_provider": "bedrock_converse",
			"input_cost_per_token": 1.1e-6}
	}`)
	checkRates(t, book, [][3]string{
		{"openai gpt-9 2026-02-01", "input=1000", "rated 0.01500002"},
		{"openai gpt-9 2026-02-01", "input=272001", "rated 8.16003"},
		{"openai gpt-9 2026-02-01 region=eu", "output=1000", "rated 0.033"},
		{"openai gpt-9 2026-02-01 tier=flex", "input=1000", "rated 0.007"},
		{"openai gpt-9 2026-02-01 tier=flex", "output=1000", "unpriced"},
		{"openai gpt-9 2026-02-01 tier=flex", "web_search=1", "rated 0.02"},
		{"openai gpt-9 2025-12-31", "input=1000", "unpriced"},
		{"anthropic claude-9 2026-02-01 region=us", "input=1000", "rated 0.0011"},
		{"anthropic claude-9 2026-02-01 tier=fast", "cache_write=1000", "rated 0.0075"},
		{"anthropic claude-9 2026-02-01", "cache_write_1h=1000", "unpriced"},
		{"azure azure/eu/gpt-9 2026-02-01", "input=1000", "rated 0.002"},
		{"bedrock us.anthropic.claude-9-v1:0 2026-02-01", "input=1000", "rated 0.0011"},
	})
	var reasons []string
	for _, skipped := range book.Skipped() {
		reasons = append(reasons, skipped.Entry+" "+skipped.Key+": "+skipped.Reason)
	}
	for _, want := range []string{
		"sample_spec : not a model", "input_dbu_cost_per_token: Databricks",
		"search_context_size_low: one price",
	} {
		if !strings.Contains(strings.Join(reasons, "\n"), want) {
			t.Errorf("not skipped: %s in %q", want, reasons)
		}
	}
}

func TestGenaiPrices(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "data.json", `[{"id":"anthropic","models":[
		{"id":"claude-9","match":{"equals":"claude-9"},"prices":[
			{"prices":{"input_mtok":{"base":5,"tiers":[{"start":200000,"price":10}]},
				"cache_write_mtok":6.25,"web_searches_kcount":10}},
			{"constraint":{"start_date":"2026-03-13"},"prices":{"input_mtok":4}}],
		 "price_variants":[{"when":{"processing":"batch"},"prices":{"input_mtok":2}}]}]},
		{"id":"deepseek","models":[{"id":"chat","prices":[
			{"prices":{"input_mtok":1}},
			{"constraint":{"start_date":"2026-05-01"},"prices":{"input_mtok":2}},
			{"constraint":{"start_time":"01:00:00Z","end_time":"04:00:00Z"},
				"prices":{"input_mtok":4}}]}]}]`)
	checkRates(t, book, [][3]string{
		{"anthropic claude-9 2026-03-12", "input=1000000", "rated 10"},
		{"anthropic claude-9 2026-03-12", "input=200000", "rated 1"},
		{"anthropic claude-9 2026-03-13", "input=1000000", "rated 4"},
		{"anthropic claude-9 2026-03-12", "cache_write_5m=1000000 web_search=1", "rated 6.26"},
		{"anthropic claude-9 2026-03-13 tier=batch", "input=1000000", "rated 2"},
		{"deepseek chat 2026-04-01T02:00:00Z", "input=1000000", "rated 1"},
		{"deepseek chat 2026-05-02T02:00:00Z", "input=1000000", "rated 4"},
		{"deepseek chat 2026-05-02T05:00:00Z", "input=1000000", "rated 2"},
	})
}

func TestOpenRouterModels(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "models.json@2026-08-01", `{"data":[
		{"id":"anthropic/claude-9","pricing":{"prompt":"0.000003","completion":"0.000015",
			"input_cache_write":"0.00000375","image":"0","discount":"0.1"}},
		{"id":"acme/m","canonical_slug":"acme/m-20260101","pricing":{"prompt":"0.000002"}},
		{"id":"acme/m:free","canonical_slug":"acme/m-20260101","pricing":{"prompt":"0"}},
		{"id":"acme/n","canonical_slug":"acme/m","pricing":{"prompt":"0.000007"}},
		{"id":"acme/m:exacto","pricing":{"prompt":"0.000009"}},
		{"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}}]}`)
	checkRates(t, book, [][3]string{
		{"openrouter anthropic/claude-9 2026-08-02", "input=1000 output=100", "rated 0.0045"},
		{"openrouter anthropic/claude-9:nitro 2026-08-02", "cache_write=1000", "rated 0.00375"},
		{"openrouter acme/m-20260101 2026-08-02", "input=1000", "rated 0.002"},
		{"openrouter acme/m 2026-08-02", "input=1000", "rated 0.002"},
		{"openrouter acme/m:exacto 2026-08-02", "input=1000", "rated 0.009"},
		{"openrouter openrouter/acme/m:exacto 2026-08-02", "input=1000", "rated 0.009"},
		{"openrouter openrouter/acme/m:nitro 2026-08-02", "input=1000", "rated 0.002"},
		{"openrouter openrouter/auto 2026-08-02", "input=1", "unpriced"},
	})
	if len(book.Skipped()) != 3 {
		t.Errorf("skipped: %v", book.Skipped())
	}
}

func TestPortkeyPricesAreCents(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "pricing/openai.json@2026-08-01", `{
		"default": {"pricing_config":{"pay_as_you_go":{"request_token":{"price":0}}}},
		"gpt-9": {"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.00025},
			"response_token":{"price":0.001},"cache_read_input_token":{"price":0.000025},
			"additional_units":{"web_search":{"price":1},"routing_units":{"price":1}}},
			"batch_config":{"request_token":{"price":0.000125}}},
		 "custom_pricing":{"context_tier_map":{"0":"short","272000":"long"},"regions":{
			"default":{"execution_modes":{"standard":{"context_tiers":{
				"short":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.00025}}}},
				"long":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.0005}}}}}}}},
			"us,eu":{"execution_modes":{"standard":{"pricing_config":{"pay_as_you_go":{
				"request_token":{"price":0.000275}}}}}}}}}}`)
	checkRates(t, book, [][3]string{
		{"openai gpt-9 2026-08-02", "input=1000", "rated 0.0025"},
		{"openai gpt-9 2026-08-02", "input=272000", "rated 0.68"},
		{"openai gpt-9 2026-08-02", "input=272001", "rated 1.360005"},
		{"openai gpt-9 2026-08-02 region=eu", "input=1000", "rated 0.00275"},
		{"openai gpt-9 2026-08-02 tier=batch", "input=1000", "rated 0.00125"},
		{"openai unknown 2026-08-02", "input=1000", "unpriced"},
	})
}

// TestPortkeyNamesPromptSizes: Gemini's entries are named by the prompts that they price, and a
// unit that stands under both of its names is taken once.
func TestPortkeyNamesPromptSizes(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "google.json@2026-08-01", `{
		"gemini-9-lte-200k": {"pricing_config":{"pay_as_you_go":{
			"request_token":{"price":0.0001},"response_token":{"price":0.001}}}},
		"gemini-9-gt-200k": {"pricing_config":{"pay_as_you_go":{
			"request_token":{"price":0.0002},"response_token":{"price":0.002}}}},
		"gemini-9-live": {"pricing_config":{"pay_as_you_go":{"request_text_token":{"price":0.0001},
			"cached_text_input_token":{"price":0.00001},
			"cache_read_text_input_token":{"price":0.00001}}}}}`)
	checkRates(t, book, [][3]string{
		{"google gemini-9 2026-08-02", "input=200000", "rated 0.2"},
		{"google gemini-9 2026-08-02", "input=200001", "rated 0.400002"},
		{"google gemini-9-live 2026-08-02", "input=1000 cache_read=1000", "rated 0.0011"},
	})
}

func TestContract(t *testing.T) {
	book := withList(t, builtin(t), "contract.csv",
		"provider,model,token_type,service_tier,effective_from,effective_to,discount_percent,"+
			"margin_percent,usd_per_million,source\n"+
			"openai,gpt-5-2025-08-07,output,,2026-10-01,2026-11-01,,,7,our deal\n"+
			"openai,,,,2026-10-01,2026-11-01,10,,,our deal\n"+
			"anthropic,Claude Sonnet 5,,batch,2026-10-01,,,20,,our deal\n")
	checkRates(t, book, [][3]string{
		{"openai gpt-5 2026-09-30", "input=1000", "rated 0.00125"},
		{"openai gpt-5 2026-10-01", "input=1000", "rated 0.001125"},
		{"openai gpt-5 2026-10-01", "output=1000", "rated 0.007"},
		{"openai gpt-5 2026-11-01", "output=1000", "rated 0.01"},
		{"openai gpt-5 2026-10-01 tier=flex", "input=1000", "rated 0.0005625"},
		{"anthropic claude-sonnet-5 2026-10-15 tier=batch", "input=1000", "rated 0.0012"},
		{"anthropic claude-sonnet-5 2026-10-15", "input=1000", "rated 0.002"},
	})
	rating := rateAt(t, book, "openai gpt-5 2026-10-01", "input=1000")
	if line := rating.Lines[0]; line.File != "contract.csv" || line.FileLine != 3 ||
		!strings.Contains(line.Source, "our deal 0.9 x list price 1.25") {
		t.Errorf("%+v", line)
	}
	for text, want := range map[string]string{
		"openai,,10,5\n":        "give one of",
		"openai,,101,\n":        "not within 0 to 100",
		"openai,no-model,10,\n": "not listed",
		"nobody,,10,\n":         "nothing to discount",
		"openai,,x,\n":          "not a decimal",
		"openai,,0.0000001,\n":  "state the price itself",
	} {
		_, err := builtin(t).With("contract.csv", strings.NewReader(
			"provider,model,discount_percent,margin_percent\n"+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestContractRowsInAnyOrder: of two rows for one price the one that says more holds, wherever it
// stands; two that say as much at once are refused.
func TestContractRowsInAnyOrder(t *testing.T) {
	const header = "provider,model,token_type,effective_from,effective_to,discount_percent," +
		"usd_per_million\n"
	rows := []string{"openai,,,,,10,\n", "openai,gpt-5,,2026-10-01,2026-11-01,50,\n",
		"openai,gpt-5,output,2026-10-10,,,1\n"}
	for range rows {
		rows = append(rows[1:], rows[0])
		book := withList(t, builtin(t), "contract.csv", header+strings.Join(rows, ""))
		checkRates(t, book, [][3]string{
			{"openai gpt-5 2026-09-30", "input=1000", "rated 0.001125"},
			{"openai gpt-5 2026-10-01", "input=1000", "rated 0.000625"},
			{"openai gpt-5 2026-10-01", "output=1000", "rated 0.005"},
			{"openai gpt-5 2026-10-10", "output=1000", "rated 0.001"},
			{"openai gpt-5-mini 2026-10-10", "input=1000", "rated 0.000225"},
		})
	}
	for text, want := range map[string]string{
		"openai,gpt-5,,,,10,\nopenai,gpt-5,,,,20,\n":           "line 3: line 2 has another price",
		"openai,,,2026-10-01,,10,\nopenai,,,2027-01-01,,20,\n": "end one of them",
	} {
		_, err := builtin(t).With("contract.csv", strings.NewReader(header+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	withList(t, builtin(t), "contract.csv", header+
		"openai,,,2026-10-01,2027-01-01,10,\nopenai,,,2027-01-01,2028-01-01,20,\n")
}

func TestUserAliases(t *testing.T) {
	book := withList(t, builtin(t), "names.csv",
		"provider,alias,model,valid_from,valid_to\n"+
			"azure,Chat-Prod,gpt-4o-2024-11-20,,2026-09-01\n"+
			"azure,chat-prod,gpt-5,2026-09-01,\n"+
			"aws.bedrock,abc123,claude-sonnet-4-5,,\n"+
			"bedrock,abc456,global.anthropic.claude-sonnet-4-5-20250929-v1:0,,\n"+
			"bedrock,abc789,eu.anthropic.claude-sonnet-4-5-20250929-v1:0,,\n"+
			"openai,gpt-4o,gpt-4o-mini,,\n")
	checkRates(t, book, [][3]string{
		{"azure chat-prod 2026-08-31", "input=1000", "rated 0.0025"},
		{"azure CHAT-PROD 2026-09-01", "input=1000", "rated 0.00125"},
		{"openai gpt-4o 2026-09-01", "input=1000", "rated 0.00015"},
		{"- arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc123 2026-09-01",
			"input=1000", "rated 0.0033"},
		{"- arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc456 2026-09-01",
			"input=1000", "rated 0.003"},
		{"bedrock abc789 2026-09-01", "input=1000", "rated 0.0033"},
		{"- arn:aws:bedrock:eu-west-1:1:application-inference-profile/other 2026-09-01",
			"input=1000", "unpriced"},
	})
	checkRates(t, builtin(t), [][3]string{
		{"openai gpt-4o 2026-09-01", "input=1000", "rated 0.0025"},
	})
	_, err := builtin(t).With("names.csv", strings.NewReader(
		"provider,alias,model\nazure,x,no-such-model\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("%v", err)
	}
}

func FuzzWithNeverPanics(f *testing.F) {
	f.Add(`{"m":{"litellm_provider":"openai","input_cost_per_token":1e-6}}`)
	f.Add(`{"m":{"litellm_provider":"x",
		"tiered_pricing":[{"range":[0,1],"input_cost_per_token":1}]}}`)
	f.Add(`[{"id":"a","models":[{"id":"b","prices":[{"constraint":{"start_time":"1"}}]}]}]`)
	f.Add(`{"data":[{"id":"a","pricing":{"prompt":"-1"}}]}`)
	f.Add(`{"m":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":1}}}}}`)
	f.Add("provider,discount_percent\nopenai,10\n")
	f.Add("provider,model,token_type,usd_per_million\nopenai,m,input,1\n")
	bare := builtin(f).Bare()
	f.Fuzz(func(t *testing.T, text string) {
		book, err := bare.With("list@2026-01-01", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, sheet := range book.Sheets() {
			q := Query{sheet.Provider, sheet.Model, sheet.ServiceTier, sheet.Region}
			book.Rate(Call{Query: q, At: sheet.From, Counts: map[TokenType]int64{Input: 1}})
		}
		book.Check()
	})
}

// TestSnapshotLeavesEarlierDays: a dated list prices nothing before its day, even where it lists a
// name that is an alias of ours, or a region that ours covers by its default rows.
func TestSnapshotLeavesEarlierDays(t *testing.T) {
	const list = `{
		"gpt-4.1-2025-04-14": {"litellm_provider": "openai",
			"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0": {"litellm_provider": "bedrock_converse",
			"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}}`
	first, err := builtin(t).With("a.json@2026-08-01", strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	both, err := first.With("b.json@2026-09-01", strings.NewReader(
		strings.ReplaceAll(list, "1e-6", "2e-6")))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ provider, model, at, want string }{
		{"openai", "gpt-4.1-2025-04-14", "2026-07-31", "0.01"},
		{"openai", "gpt-4.1-2025-04-14", "2026-08-01", "0.002"},
		{"openai", "gpt-4.1-2025-04-14", "2026-09-01", "0.004"},
		{"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-07-31", "0.0198"},
		{"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-08-31", "0.002"},
		{"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-09-02", "0.004"},
	} {
		at, err := parseTime(c.at)
		if err != nil {
			t.Fatal(err)
		}
		rating := both.Rate(Call{Query: Query{Provider: c.provider, Model: c.model}, At: at,
			Counts: map[TokenType]int64{Input: 1000, Output: 1000}})
		if rating.Status != rated || rating.Total.String() != c.want {
			t.Errorf("%s %s: %s %s, want %s: %s", c.model, c.at, rating.Status, rating.Total,
				c.want, rating.Hint)
		}
	}
}
