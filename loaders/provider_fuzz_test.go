package loaders

import (
	"strings"
	"testing"
)

func FuzzOpenAIAPI(f *testing.F)       { fuzzPages(f, openaiAPI(), "openai_api") }
func FuzzOpenAIOther(f *testing.F)     { fuzzFormat(f, openaiOtherCSV(), "openai_other") }
func FuzzOpenAIActivity(f *testing.F)  { fuzzFormat(f, openaiActivityCSV(), "openai_activity") }
func FuzzAnthropicAPI(f *testing.F)    { fuzzPages(f, anthropicAPI(), "anthropic_api") }
func FuzzAWSCUR(f *testing.F)          { fuzzFormat(f, awsCUR(), "aws_cur") }
func FuzzAWSCostExplorer(f *testing.F) { fuzzPages(f, awsExplorer(), "aws_cost_explorer") }
func FuzzAzure(f *testing.F)           { fuzzFormat(f, azureCostDetails(), "azure") }
func FuzzGoogle(f *testing.F)          { fuzzPages(f, googleBilling(), "google") }
func FuzzFOCUS(f *testing.F)           { fuzzFormat(f, focusCosts(), "focus") }
func FuzzOpenRouter(f *testing.F) {
	fuzzFormat(f, openrouterActivityCSV(), "openrouter_activity")
}
func FuzzOpenRouterAPI(f *testing.F) {
	fuzzPages(f, openrouterActivityAPI(), "openrouter_api")
}
func FuzzOpenRouterDays(f *testing.F) {
	fuzzFormat(f, openrouterDayCSV(), "openrouter_days")
}
func FuzzDeepSeekAmount(f *testing.F) { fuzzFormat(f, deepseekAmountCSV(), "deepseek_amount") }
func FuzzDeepSeekCost(f *testing.F)   { fuzzFormat(f, deepseekCostCSV(), "deepseek_cost") }
func FuzzFireworksMetrics(f *testing.F) {
	fuzzFormat(f, fireworksMetricsCSV(), "fireworks_metrics")
}
func FuzzFireworksSummary(f *testing.F) {
	fuzzPages(f, fireworksSummary(), "fireworks_summary")
}
func FuzzGroq(f *testing.F)       { fuzzPages(f, groqActivity(), "groq") }
func FuzzMistral(f *testing.F)    { fuzzPages(f, mistralUsage(), "mistral") }
func FuzzXAIUsage(f *testing.F)   { fuzzPages(f, xaiUsage(), "xai_usage") }
func FuzzXAIBalance(f *testing.F) { fuzzPages(f, xaiBalance(), "xai_balance") }
func FuzzBedrockLog(f *testing.F) { fuzzPages(f, bedrockInvocations(), "bedrock_log") }

// fuzzPages fuzzes a format of which many records may stand on one line.
func fuzzPages(f *testing.F, format Format, folder string) {
	fuzzChecked(f, format, folder, func(t testing.TB, l loaded) {
		t.Helper()
		sources := checkCounts(t, l)
		if sources > l.Loaded || (sources == 0) != (l.Loaded == 0) {
			t.Fatalf("%d records are counted and rows name %d lines", l.Loaded, sources)
		}
	})
}

func FuzzAWSUsageType(f *testing.F) {
	f.Add("USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global")
	f.Add("USW2-MP:USW2_CacheWrite1hInputTokenCount_Global-Units")
	f.Fuzz(func(t *testing.T, text string) {
		u := parseAWSUsageType(text)
		if u.tokenType != "" && (!u.isKnown || !u.isTokens || u.isReserved) {
			t.Errorf("%q counts %s by words that it does not know", text, u.tokenType)
		}
	})
}

func FuzzOpenAILineItem(f *testing.F) {
	f.Add("priority | gpt-5.6-sol, output, long context")
	f.Add("gpt-audio-mini-2025-12-15 audio, input")
	f.Fuzz(func(t *testing.T, text string) {
		if item := parseLineItem(text); !strings.Contains(text, item.model) {
			t.Errorf("%q is of %q", text, item.model)
		}
	})
}

func FuzzAzureMeter(f *testing.F) {
	f.Add("gpt 4o 1120 cached Inp glbl Tokens", "Azure OpenAI")
	f.Add("5 mini pp cd Inp Dz", "Azure OpenAI GPT5")
	f.Fuzz(func(t *testing.T, meter, family string) {
		if m := parseAzureMeter(azureName(meter, family)); m.isUnits && m.tokenType != "" {
			t.Errorf("%q counts %s in units of capacity", meter, m.tokenType)
		}
	})
}

func FuzzGoogleSKU(f *testing.F) {
	f.Add("Gemini 2.5 Flash GA Thinking Text Output (Long) - Predictions")
	f.Add("Generate_content image output token count for Gemini 3 Pro Image")
	f.Fuzz(func(t *testing.T, text string) {
		if sku := parseGoogleSKU(text); sku.tokenType != "" && !sku.isAI {
			t.Errorf("%q counts %s and is no AI product", text, sku.tokenType)
		}
	})
}
