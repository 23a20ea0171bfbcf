package loaders

import "testing"

// awsUsageTypes are usage types and what they say: region, model, token type, tier, context.
func awsUsageTypes() [][2]string {
	return [][2]string{
		{"USE1-Claude4.6Sonnet-input-tokens", "us-east-1 claude-sonnet-4-6 input - -"},
		{"USE1-Claude4.6Opus-input-tokens-cross-region-global", "global claude-opus-4-6 input - -"},
		{"USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global",
			"global claude-opus-4-6 cache_read - -"},
		{"EUC1-Claude4.6Opus-cache-write-input-token-count",
			"eu-central-1 claude-opus-4-6 cache_write - -"},
		{"APS3-Claude4.6Opus-cache-write-1h-input-token-count-cross-region-geo",
			"ap-south-1 claude-opus-4-6 cache_write_1h - -"},
		{"USW2-NovaPro-input-tokens-cross-region-geo", "us-west-2 amazon.nova-pro input - -"},
		{"USE1-Claude4.5Sonnet-input-tokens-long-context-cross-region-global",
			"global claude-sonnet-4-5 input - long"},
		{"USE1-Claude4.5Haiku-input-tokens-cross-region-global-batch",
			"global claude-haiku-4-5 input batch -"},
		{"USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard",
			"global anthropic.claude-opus-4-8 input standard -"},
		{"USE1-gpt-oss-120b-output-tokens-priority",
			"us-east-1 openai.gpt-oss-120b output priority -"},
		{"USE1-Nova2.0Lite-input-tokens-flex", "us-east-1 amazon.nova-2-lite input flex -"},
		{"USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
			"global amazon.nova-2-pro input priority -"},
		{"USE1-NovaSonic-speech-input-tokens", "us-east-1 amazon.nova-sonic audio_in - -"},
		{"USE1-Llama3-2-1B-output-tokens", "us-east-1 meta.llama3-2-1b-instruct output - -"},
		{"EU-Qwen3-32B-output-tokens-batch", "eu-west-1 qwen.qwen3-32b output batch -"},
		{"EUW2-Mistral7B-input-tokens", "eu-west-2 mistral.mistral-7b-instruct-v0:2 input - -"},
		{"USE1-TitanEmbeddingV2-Text-input-tokens",
			"us-east-1 amazon.titan-embed-text-v2:0 input - -"},
		{"USE1-DeepSeek-R1-output-tokens", "us-east-1 deepseek.r1-v1:0 output - -"},
		{"USE1-Qwen3Coder-30B-A3B-input-tokens",
			"us-east-1 qwen.qwen3-coder-30b-a3b input - -"},
		{"USE1-Claude3.5Sonnetv2-output-tokens", "us-east-1 claude-3-5-sonnet-20241022 output - -"},
		{"USE1-Claude2.0-input-tokens", "us-east-1 Claude2.0 input - -"},
		{"USW2-MP:USW2_InputTokenCount-Units", "us-west-2 - input - -"},
		{"USW2-MP:USW2_CacheReadInputTokenCount_Global-Units", "global - cache_read - -"},
		{"USW2-MP:USW2_CacheWrite1hInputTokenCount_Global-Units", "global - cache_write_1h - -"},
		{"USW2-MP:USW2_output_tokens_standard-Units", "us-west-2 - output standard -"},
		{"USW2-MP:USW2_cache_read_tokens_long_ctx_global_batch-Units",
			"global - cache_read batch long"},
		{"USW2-MP:USW2_cache_write_tokens_30m_standard-Units",
			"us-west-2 - cache_write standard -"},
		{"USE1-MP:USE1_MillionBatchInputTokens-Units", "us-east-1 - input batch -"},
		{"USE1-Claude4Sonnet-reserved-1-month-input-tokens-per-minute",
			"us-east-1 claude-sonnet-4 reserved - -"},
		{"USE1-Claude4.6Sonnet-reserved-3-month-output-tokens-per-minute-cross-region-geo",
			"us-east-1 claude-sonnet-4-6 reserved - -"},
		{"USE1-NovaCanvas-output-image-count", "us-east-1 amazon.nova-canvas - - -"},
		{"USE1-Claude4.6Sonnet-input-tokens-telepathic", "us-east-1 claude-sonnet-4-6 - - -"},
		{"USE1-Guardrail-ContentPolicyUnitsConsumed", "us-east-1 - - - -"},
		{"Claude4.6Sonnet-input-tokens", "- claude-sonnet-4-6 input - -"},
		{"USE2_InputTokenCount_Global-Units", "global - input - -"},
		{"USE1-MP:USE1_ResponseTokenCount-Units", "us-east-1 - output - -"},
		{"USE1-NovaPro-input-tokens-latency-optimized",
			"us-east-1 amazon.nova-pro input latency_optimized -"},
		{"USW2-MP:USW2_InputTokenCount_LatencyOptimized-Units",
			"us-west-2 - input latency_optimized -"},
		{"USE1-Nova2.0Omni-image-input-tokens", "us-east-1 amazon.nova-2-omni image_in - -"},
		{"USE1-BoxUsage_big-Units", "us-east-1 - - - -"},
		{"", "- - - - -"},
		{"BoxUsage:t3.micro", "- - - - -"},
	}
}

func TestAWSUsageTypes(t *testing.T) {
	for _, c := range awsUsageTypes() {
		text, want := c[0], c[1]
		u := parseAWSUsageType(text)
		got := ""
		if u.isGlobal {
			u.region = "global"
		}
		if u.isReserved {
			u.tokenType = "reserved"
		}
		for i, part := range []string{u.region, u.model, u.tokenType, u.tier, u.context} {
			if part == "" {
				part = "-"
			}
			if i > 0 {
				got += " "
			}
			got += part
		}
		if got != want {
			t.Errorf("%s:\n got  %s\n want %s", text, got, want)
		}
	}
}

func TestAWSModels(t *testing.T) {
	for name, want := range map[string]string{
		"Claude 3 Haiku (Amazon Bedrock Edition)":     "claude-3-haiku",
		"Claude 4.6 Sonnet (Amazon Bedrock Edition)":  "claude-sonnet-4-6",
		"Claude Opus 5.5 (Amazon Bedrock Edition)":    "claude-opus-5-5",
		"OpenAI GPT-5.6 Sol (Amazon Bedrock Edition)": "openai.gpt-5.6-sol",
		"Claude3.7Sonnet": "claude-3-7-sonnet",
		"Claude3.5Haiku":  "claude-3-5-haiku",
		"Claude4.1Opus":   "claude-opus-4-1",
		"Cohere Command R+ (Amazon Bedrock Edition)": "cohere.command-r-plus-v1:0",
		"MistralLarge":                  "mistral.mistral-large-2402-v1:0",
		"Llama3.3-70B":                  "meta.llama3-3-70b-instruct",
		"Llama4-Maverick-17B":           "meta.llama4-maverick-17b-instruct",
		"Mistral-Large-3-675b-Instruct": "mistral.mistral-large-3-675b-instruct",
		"openai.gpt-oss-120b":           "openai.gpt-oss-120b",
		"cohere.rerank-english-v3":      "cohere.rerank-english-v3",
		"SomethingNew9":                 "SomethingNew9",
	} {
		if got := awsModel(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
