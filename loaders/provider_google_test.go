package loaders

import (
	"strings"
	"testing"
)

// googleSKUs are descriptions and what they say: model, token type, tier, context, zone.
func googleSKUs() [][2]string {
	return [][2]string{
		{"Gemini 2.5 Flash GA Text Input - Predictions", "gemini-2.5-flash input"},
		{"Gemini 2.5 Flash GA Text Output - Predictions", "gemini-2.5-flash output"},
		{"Gemini 2.5 Flash GA Thinking Text Output - Predictions",
			"gemini-2.5-flash reasoning"},
		{"Gemini 2.5 Flash GA Text Output (Thinking On) - Predictions",
			"gemini-2.5-flash output"},
		{" Gemini 2.5 Flash GA Input Text Caching", "gemini-2.5-flash cache_read"},
		{" Gemini 2.5 Flash GA Input Text Caching (Long)", "gemini-2.5-flash cache_read long"},
		{"Gemini 2.5 Flash Lite Text Input - Predictions", "gemini-2.5-flash-lite input"},
		{"Gemini 2.5 Flash GA Audio Input (Long) - Predictions",
			"gemini-2.5-flash audio_in long"},
		{"Gemini 3.0 Pro Text Input (Long) - Predictions", "gemini-3-pro input long"},
		{"Gemini 3.0 Pro Text Input Caching", "gemini-3-pro cache_read"},
		{"Gemini 3 Flash Text Input Caching Storage", "gemini-3-flash -"},
		{"Gemini 3 Flash Image Input Caching Priority",
			"gemini-3-flash image_cached_in priority"},
		{"Gemini 3.1 Flash Image Text Input - Predictions", "gemini-3.1-flash-image input"},
		{"Gemini 3.5 Flash Global Text Input - Predictions", "gemini-3.5-flash input global"},
		{"Gemini 3.5 Flash Regional Text Output - Predictions",
			"gemini-3.5-flash output regional"},
		{"Gemini 2.0 Flash Text Input - Batch Predictions", "gemini-2.0-flash input batch"},
		{"Gemini 2.5 Flash Live Audio (AV2A) Output - Predictions",
			"gemini-2.5-flash-live audio_out"},
		{"Gemini 3.8 Flash Global Video Input - Predictions", "gemini-3.8-flash image_in global"},
		{"Generate content input token count gemini 3.5 flash text", "gemini-3.5-flash input"},
		{"Generate content cached input token count gemini 3.5 flash text",
			"gemini-3.5-flash cache_read"},
		{"Generate content output token count gemini 2.5 flash short input text",
			"gemini-2.5-flash output"},
		{"Generate content output token count gemini 2.5 flash lite short output text " +
			"non-thinking", "gemini-2.5-flash-lite output"},
		{"Generate content output token count gemini 2.5 pro long input text",
			"gemini-2.5-pro output long"},
		{"Generate_content text input token count for gemini 3 pro short",
			"gemini-3-pro input"},
		{"Generate_content text output token count for gemini 3 flash batch",
			"gemini-3-flash output batch"},
		{"Generate_content image output token count for Gemini 3 Pro Image",
			"gemini-3-pro-image image_out"},
		{"Generate_content audio input token count for Gemini 3.5 Live Translate",
			"gemini-3.5-live-translate audio_in"},
		{"Claude Sonnet 4.5 Input Tokens", "claude-sonnet-4-5 input"},
		{"Claude Opus 4.6 - Cache Read Input Tokens - Global",
			"claude-opus-4-6 cache_read global"},
		{"Claude Opus 4.6 5 Minute Cache Write Tokens", "claude-opus-4-6 cache_write_5m"},
		{"Claude Opus 5 - 1 hour Cache Write Input Tokens - Batch",
			"claude-opus-5 cache_write_1h batch"},
		{"Claude 3.5 Haiku Output Tokens", "claude-3-5-haiku output"},
		{"Llama 3.3 70B Instruct Output Tokens", "llama-3.3-70b-instruct output"},
		{"LLM Grounding with Google Search tool - Predictions", "- web_search"},
		{"Grounding with Google Search on Gemini 3", "- web_search"},
		{"Generate content search query gemini 3 free", "- web_search"},
		{"Veo Generation 720p with Audio", "- - other"},
		{"Gemini 1.5 Flash Text Input Characters", "gemini-1.5-flash -"},
		{"Generative AI Provisioned Throughput Gemini 2.5 Flash 1 month",
			"gemini-2.5-flash - reserved"},
		{"Vertex AI: Provisioned Throughput GSU - 1 Month", "- - reserved"},
		{"Custom Model Training n1-standard-4", "- - none"},
		{"Gemini Code Assist Standard monthly subscription", "- - none"},
		{"Input Gemini image token count", "gemini image_in"},
		{"", "- - none"},
	}
}

// geminiSKUs are those of the API of AI Studio, of modalities.
func geminiSKUs() [][2]string {
	return [][2]string{
		{"Generate content input token count gemini 2.5 flash input audio",
			"gemini-2.5-flash audio_in"},
		{"Generate content cached input token count gemini 2.5 flash input short text",
			"gemini-2.5-flash cache_read"},
		{"Generate content cached input token count gemini 2.5 flash input image",
			"gemini-2.5-flash image_cached_in"},
		{"Generate content input token count gemini 3.7 flash image flex caching",
			"gemini-3.7-flash image_cached_in flex"},
		{"Generate content input token count Gemini 2.5 Pro input image",
			"gemini-2.5-pro image_in"},
		{"GenerateContent audio input token count for Gemini 2.0 Flash",
			"gemini-2.0-flash audio_in"},
		{"Generate content output token count gemini 3.1 flash lite preview text",
			"gemini-3.1-flash-lite-preview output"},
		{"Generate_content text cached input token count for gemini 3 pro short",
			"gemini-3-pro cache_read"},
		{"EmbedContent input token count for gemini-embedding-2 text",
			"gemini-embedding-2 input"},
	}
}

func TestGoogleSKUs(t *testing.T) {
	for _, c := range append(googleSKUs(), geminiSKUs()...) {
		sku := parseGoogleSKU(c[0])
		parts := []string{firstText(sku.model, "-"), firstText(sku.tokenType, "-")}
		for _, part := range []string{sku.tier, sku.context, sku.zone} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		switch {
		case !sku.isAI:
			parts = append(parts, "none")
		case sku.isReserved:
			parts = append(parts, "reserved")
		case sku.model == "" && sku.tokenType == "":
			parts = append(parts, "other")
		}
		if got := strings.Join(parts, " "); got != c[1] {
			t.Errorf("%s:\n got  %s\n want %s", c[0], got, c[1])
		}
	}
}

// TestGoogleLinesByCreditAreNotRead holds that a table with a row for each credit is none of the
// export's: its costs may repeat.
func TestGoogleLinesByCreditAreNotRead(t *testing.T) {
	columns := []string{"service_description", "sku_description", "usage_start_time", "cost"}
	if paths := googlePaths(columns); len(paths) != 4 || len(paths[0]) != 2 || len(paths[2]) != 1 {
		t.Errorf("the columns are read as %q", paths)
	}
	for _, more := range []string{"credits_amount", "CREDITS_name"} {
		if paths := googlePaths(append(columns, more)); paths != nil {
			t.Errorf("with %s the columns are read as %q", more, paths)
		}
	}
	if paths := googlePaths(columns[1:]); paths != nil {
		t.Errorf("another table is read as %q", paths)
	}
}
