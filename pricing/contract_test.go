package pricing

import (
	"strings"
	"testing"
)

// TestContractRegions: a percentage holds in the regions that its row names, before one for all.
func TestContractRegions(t *testing.T) {
	const header = "provider,model,token_type,region,discount_percent,usd_per_million\n"
	book := withList(t, builtin(t), "contract.csv", header+
		"bedrock,amazon.nova-pro-v1:0,,eu-west-2|eu-west-3,10,\n"+
		"bedrock,amazon.nova-pro-v1:0,,default,50,\n"+
		"bedrock,amazon.nova-pro-v1:0,input,eu-central-1|eu-north-1,,1\n"+
		"bedrock,,,,20,\n")
	const nova, in = "bedrock amazon.nova-pro-v1:0 2026-11-01", "input=1000000"
	checkRates(t, book, [][3]string{
		{nova + " region=us-east-1", in, "rated 0.4"},
		{nova + " region=eu-west-2", in, "rated 1.017"},
		{nova + " region=eu-central-1", in, "rated 1"},
		{nova + " region=eu-north-1", in, "rated 1"},
		{nova + " region=ap-southeast-4", in, "rated 0.696"},
	})
	_, err := builtin(t).With("contract.csv",
		strings.NewReader(header+"openai,gpt-4o,,eu,10,\n"))
	if err == nil || !strings.Contains(err.Error(), "gpt-4o in region eu (") {
		t.Error(err)
	}
}

// TestContractNames: a name that moves from one model to another is each of them in its time, and
// an inference profile is priced by the rows of its geography.
func TestContractNames(t *testing.T) {
	book := withList(t, builtin(t), "contract.csv",
		"provider,model,token_type,effective_from,discount_percent,usd_per_million\n"+
			"mistral,mistral-large-latest,,,10,\n"+
			"google,gemini-3-pro,output,,,6\n"+
			"azure,mistral-large-2407,,,50,\n"+
			"bedrock,global.anthropic.claude-sonnet-4-5-20250929-v1:0,,,10,\n"+
			"bedrock,us.anthropic.claude-haiku-4-5-20251001-v1:0,input,,,0.9\n"+
			"bedrock,global.anthropic.claude-haiku-4-5-20251001-v1:0,input,,,0.8\n")
	const in = "input=1000000"
	checkRates(t, book, [][3]string{
		{"mistral mistral-large-latest 2025-08-21", in, "rated 1.8"},
		{"mistral mistral-large-latest 2026-08-21", in, "rated 0.45"},
		{"mistral mistral-large-2411 2026-08-21", in, "rated 2"},
		{"google gemini-3-pro-preview 2026-03-08", "output=1000000", "rated 6"},
		{"google gemini-3.1-pro-preview 2026-03-08", "output=1000000", "rated 12"},
		{"google gemini-3.1-pro-preview 2026-03-09", "output=1000000", "rated 6"},
		{"azure mistral-large-2407 2026-08-21", in, "rated 1"},
		{"bedrock global.anthropic.claude-sonnet-4-5-20250929-v1:0 2026-08-21", in, "rated 2.7"},
		{"bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 2026-08-21", in, "rated 3.3"},
		{"bedrock us.anthropic.claude-haiku-4-5-20251001-v1:0 2026-08-21", in, "rated 0.9"},
		{"bedrock global.anthropic.claude-haiku-4-5-20251001-v1:0 2026-08-21", in, "rated 0.8"},
	})
}
