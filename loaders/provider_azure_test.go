package loaders

import (
	"strings"
	"testing"
	"time"
)

func TestAzureMeters(t *testing.T) {
	for _, c := range append(azureSpeechMeters(), [][3]string{
		{"gpt 4o 0806 Inp glbl Tokens", "Azure OpenAI", "gpt-4o-2024-08-06 input global"},
		{"gpt 4o 1120 cached Inp glbl Tokens", "Azure OpenAI",
			"gpt-4o-2024-11-20 cache_read global"},
		{"gpt-4o 1120 Outp regnl Tokens", "Azure OpenAI", "gpt-4o-2024-11-20 output regional"},
		{"gpt 4o mini 0718 Batch Inp glbl Tokens", "Azure OpenAI",
			"gpt-4o-mini-2024-07-18 input global batch"},
		{"gpt 4.1 Inp Data Zone Tokens", "Azure OpenAI", "gpt-4.1 input datazone"},
		{"gpt 4o 0513 Input global Tokens", "Azure OpenAI", "gpt-4o-2024-05-13 input global"},
		{"o3 0416 Inp glbl Tokens", "Azure OpenAI Reasoning", "o3-2025-04-16 input global"},
		{"o4-mini 0416 Outp glbl Tokens", "Azure OpenAI Reasoning",
			"o4-mini-2025-04-16 output global"},
		{"GPT 5 Inpt Glbl 1M Tokens", "Azure OpenAI GPT5", "gpt-5 input global"},
		{"GPT 5 outpt Glbl 1M Tokens", "Azure OpenAI GPT5", "gpt-5 output global"},
		{"5.4 inp Gl 1M Tokens", "Azure OpenAI GPT5", "gpt-5.4 input global"},
		{"5.4 opt Dz 1M Tokens", "Azure OpenAI GPT5", "gpt-5.4 output datazone"},
		{"5.1 pp cd inp Dz 1M Tokens", "Azure OpenAI GPT5",
			"gpt-5.1 cache_read datazone priority"},
		{"5 mini pp Inp Gl", "Azure OpenAI GPT5", "gpt-5-mini input global priority"},
		{"5.5 ShortCo inp Gl 1M Tokens", "Azure OpenAI GPT5", "gpt-5.5 input global"},
		{"5.5 LongCo opt Gl 1M Tokens", "Azure OpenAI GPT5", "gpt-5.5 output global long"},
		{"5.6 sol ShortCo Cd Inp Std Gl 1M Tokens", "Azure OpenAI GPT5",
			"gpt-5.6-sol cache_read global"},
		{"5.6 sol ShortCo Cd Wr Std Gl 1M Tokens", "Azure OpenAI GPT5",
			"gpt-5.6-sol cache_write global"},
		{"6-astra ShortCo Opt Std DZ 1M Tokens", "Azure OpenAI GPT6",
			"gpt-6-astra output datazone"},
		{"gpt-5-codex-ccchd-inp-glbl Tokens", "Azure OpenAI GPT5",
			"gpt-5-codex cache_read global"},
		{"gpt 41 mn pp inp glb", "Azure OpenAI PP GPT4s", "gpt-4.1-mini input global priority"},
		{"gpt-oss-120B Inp glbl Tokens", "Azure OpenAI OSS Models", "gpt-oss-120b input global"},
		{"20b inp Gl", "Azure OpenAI OSS Models", "gpt-oss-20b input global"},
		{"gpt-4o-audio-preview Aud Inp glbl Tokens", "Azure OpenAI",
			"gpt-4o-audio-preview audio_in global"},
		{"gpt-image-1 Img Outp glbl Tokens", "Azure OpenAI Media", "gpt-image-1 image_out global"},
		{"Text Embedding 3 Large glbl Tokens", "Azure OpenAI",
			"text-embedding-3-large input global"},
		{"gpt-4.1-mini-ft mdl opt glbl Tokens", "Azure OpenAI",
			"ft:gpt-4.1-mini output global"},
		{"gpt 4.1 mini ft Hosting Unit", "Azure OpenAI", "- - units"},
		{"Provisioned Managed Global Unit", "Azure OpenAI", "- - global units"},
		{"Grok 4.1 Inp Glbl Tokens", "Azure Grok Models", "grok-4.1 input global"},
		{"4.6 Outp DZ L Tokens", "Azure Grok Models", "grok-4.6 output datazone long"},
		{"V4 Pro Inp glbl Tokens", "Azure Deepseek Models", "deepseek-v4-pro input global"},
		{"V4 Pro cached glbl Tokens", "Azure Deepseek Models",
			"deepseek-v4-pro cache_read global"},
		{"K2.5 Thinking Outp DZ Tokens", "Azure Kimi", "kimi-k2.5-thinking output datazone"},
		{"Phi-4-Input Tokens", "Azure Phi", "phi-4 input"},
		{"FW GLM 5.2 Inp DZ Tokens", "Azure Fireworks", "fw-glm-5.2 input datazone"},
		{"Claude Consumption Unit", "Claude Models", "- - units"},
		{"S1 Unit", "Speech", "- - units"},
		{"Data Transfer Out", "Oracle Coherence for Delphi", "data-transfer output"},
		{"", "", "- -"},
	}...) {
		m := parseAzureMeter(azureName(c[0], c[1]))
		if strings.Contains(c[1], "Coherence") && m.maker != "" {
			t.Errorf("%s is taken for %s", c[1], m.maker)
		}
		if got := azureSaid(m); got != c[2] {
			t.Errorf("%s:\n got  %s\n want %s", c[0], got, c[2])
		}
	}
}

// azureSpeechMeters are meters of speech, images and models of old, and what they say.
func azureSpeechMeters() [][3]string {
	return [][3]string{
		{"gpt-4o-rt-aud-1217 cchd Inp glbl Tokens", "Azure OpenAI",
			"gpt-4o-realtime-preview-2024-12-17 audio_cached_in global"},
		{"gpt-4o-rt-txt-0603 Inp glbl Tokens", "Azure OpenAI",
			"gpt-4o-realtime-preview-2025-06-03 input global"},
		{"gpt4o realtimePrvw audio outp glbl Tokens", "Azure OpenAI",
			"gpt-4o-realtime-preview audio_out global"},
		{"gpt-4o-aud-1217-txt Outp glbl Tokens", "Azure OpenAI",
			"gpt-4o-audio-preview-2024-12-17 output global"},
		{"gpt4omini-aud1217 Outp glbl Tokens", "Azure OpenAI",
			"gpt-4o-mini-audio-preview-2024-12-17 audio_out global"},
		{"gpt-rt-aud-0828 Inp glbl Tokens", "Azure OpenAI",
			"gpt-realtime-2025-08-28 audio_in global"},
		{"gpt-4o-mini-tts-txt-inp-glbl Tokens", "Azure OpenAI", "gpt-4o-mini-tts input global"},
		{"gpt-image-1-inp-cached-txt-glbl Tokens", "Azure OpenAI", "gpt-image-1 cache_read global"},
		{"5.2 chat 0210 cd inp Gl 1M Tokens", "Azure OpenAI GPT5",
			"gpt-5.2-chat-2026-02-10 cache_read global"},
		{"gpt 4.1 mini dev ft opt glbl Tokens", "Azure OpenAI", "ft:gpt-4.1-mini output global"},
		{"gpt-35-turbo16K-0125 Inp-glbl Tokens", "Azure OpenAI", "gpt-35-turbo-0125 input global"},
		{"gpt-4-turbo128K Outp-glbl Tokens", "Azure OpenAI", "gpt-4-turbo output global"},
		{"computer-use-inpt-glbl Tokens", "Azure OpenAI", "computer-use-preview input global"},
		{"Img 2.6 Flash Text In Glbl 1M Tokens", "MAI Models", "mai-image-2.6-flash input global"},
		{"Image 2.5 Flash Image Output glbl Tokens", "MAI Models",
			"mai-image-2.5-flash image_out global"},
	}
}

// azureSaid writes what a meter's name says as words.
func azureSaid(m azureMeter) string {
	parts := []string{firstText(m.model, "-"), firstText(m.tokenType, "-")}
	for _, part := range []string{m.zone, m.tier, m.context} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if m.isUnits && m.model == "" {
		parts = append(parts, "units")
	}
	return strings.Join(parts, " ")
}

func TestAzureDays(t *testing.T) {
	for text, want := range map[string]string{
		"9/2/2026": "2026-09-02", "10/05/2026": "2026-10-05", "2026-10-05": "2026-10-05",
		"2026-10-05T13:00:00Z": "2026-10-05", "10/05/2026 00:00:00": "2026-10-05",
	} {
		us, err := parseAzureDay(text)
		if err != nil || utcDayText(us.N) != want {
			t.Errorf("%s: %v %v", text, us, err)
		}
	}
	for _, text := range []string{"", "13/05/2026", "5.10.2026", "10/05/1926"} {
		if us, err := parseAzureDay(text); err == nil {
			t.Errorf("%q was read as %v", text, us)
		}
	}
}

func TestAzureUnits(t *testing.T) {
	for text, want := range map[string]int32{"1K": 3, "1M": 6, "1K Tokens": 3, "10K": 4, "1": 0,
		"1,000,000": 6} {
		if got, ok := azureUnit(text); !ok || got != want {
			t.Errorf("%s: %d %v", text, got, ok)
		}
	}
	for _, text := range []string{"1 Hour", "100", "1/Hour", "1 GB"} {
		if got, ok := azureUnit(text); ok {
			t.Errorf("%s counts tokens by %d", text, got)
		}
	}
}

func utcDayText(us int64) string {
	return time.UnixMicro(us).UTC().Format(time.DateOnly)
}
