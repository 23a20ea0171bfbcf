package pricing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// addOther takes in LiteLLM's counts of what is billed by other units than tokens.
func (r *usageReader) addOther() {
	if n := r.count("citation_tokens"); n > 0 {
		r.usage.Other["other_citation_token"] = n
	}
	details, _ := r.object["prompt_tokens_details"].(map[string]any)
	for name, charge := range map[string]string{
		"character_count":      "other_input_character",
		"image_count":          "other_input_image",
		"audio_length_seconds": audioSecond,
		"video_length_seconds": "other_input_video_per_second",
	} {
		r.setOther(charge, name, details[name])
	}
	r.setOther(audioSecond, "prompt_audio_seconds", r.object["prompt_audio_seconds"])
	slices.Sort(r.usage.Notes)
}

// setOther takes in a count of what is not tokens; a part of a unit is not counted, or rounded
// where it is one of a second of sound, and noted.
func (r *usageReader) setOther(charge, name string, value any) {
	text, isRounded := fmt.Sprint(value), false
	n, err := wholeNumber(text)
	if charge == audioSecond {
		n, isRounded, err = WholeSeconds(text)
	}
	switch {
	case value == nil:
	case err != nil:
		r.lost = fmt.Sprintf("%s %s is not counted", name, clip(text))
		r.note("%s", r.lost)
	case n > 0:
		r.usage.Other[charge] += n
	}
	if isRounded && err == nil {
		r.note("%s %s is counted as %d", name, clip(text), n)
	}
}

// WholeSeconds reads a length of sound as it is billed, rounded to the nearest whole second
// (OpenAI's pricing page), half a second up. A length above 0 is 1 second at least. isRounded
// reports that the text has a part of a second.
func WholeSeconds(text string) (seconds int64, isRounded bool, err error) {
	length, err := ParseUSD(text)
	if err != nil || length.Sign() <= 0 || length.fits(0) {
		seconds, err = wholeNumber(text)
		return seconds, false, err
	}
	seconds, err = wholeNumber(length.decimal().Round(0).String())
	return max(seconds, 1), true, err
}

// addXAITools takes in xAI's calls of its own tools: the sources of Live Search, and the calls of
// agents' tools by kind (docs.x.ai, live-search and cost-tracking).
func (r *usageReader) addXAITools() {
	if !isXAI(r.provider) {
		return
	}
	calls, _ := r.object["server_side_tool_usage_details"].(map[string]any)
	for _, name := range sortedKeys(calls) {
		charge := strings.TrimSuffix(name, "s")
		if charge != "web_search_call" {
			r.setOther(charge, name, calls[name])
		}
	}
	r.set(WebSearch, r.count("num_sources_used")+
		r.count("server_side_tool_usage_details.web_search_calls"))
}

// noteServerTools names the tools whose calls Anthropic counts and does not bill by the call: a
// fetch is free, the execution of code is paid for by its hours.
func (r *usageReader) noteServerTools() {
	calls, _ := r.object["server_tool_use"].(map[string]any)
	for _, name := range sortedKeys(calls) {
		n, err := wholeNumber(fmt.Sprint(calls[name]))
		if err == nil && n > 0 && name != "web_search_requests" && name != "web_fetch_requests" {
			r.note("server_tool_use.%s %d: its fee, if any, is not counted", clip(name), n)
		}
	}
}

// readResponse takes in what a whole response says around its usage object: the tier that
// served, and the calls of tools among its output, which OpenAI's usage does not count.
func (r *usageReader) readResponse(response map[string]any) {
	if tier := r.usage.ServiceTier; tier == "" || tier == "auto" {
		r.usage.ServiceTier, _ = response["service_tier"].(string)
	}
	if tier, ok := response["serviceTier"].(map[string]any); ok && r.usage.ServiceTier == "" {
		r.usage.ServiceTier, _ = tier["type"].(string)
	}
	config, _ := response["performanceConfig"].(map[string]any)
	if config["latency"] == "optimized" { // by Bedrock, dearer than its standard tier
		r.usage.ServiceTier = "latency_optimized"
	}
	items, _ := response["output"].([]any)
	for _, item := range items {
		fields, _ := item.(map[string]any)
		switch kind, _ := fields["type"].(string); kind {
		case "web_search_call":
			// Opening a page that was found, or looking in it, is no search.
			action, _ := fields["action"].(map[string]any)
			if kind, ok := action["type"]; !ok || kind == "search" {
				r.set(WebSearch, 1)
			}
		case "file_search_call", "code_interpreter_call", "image_generation_call":
			r.usage.Other[kind]++
		}
	}
}

// readBilledUnits reads what Cohere's API charged a call for: tokens, the searches of a rerank, the
// images of an embedding. A unit that no list has yet is not priced, and so not free.
func (r *usageReader) readBilledUnits() {
	r.usage.Shape = "billed_units"
	r.set(Input, r.count("billed_units.input_tokens"))
	r.set(Output, r.count("billed_units.output_tokens"))
	r.usage.PromptTokens = r.usage.Counts[Input]
	units, _ := r.object["billed_units"].(map[string]any)
	for _, name := range sortedKeys(units) {
		switch name {
		case "input_tokens", "output_tokens":
		case "search_units":
			r.setOther("other_input_query", name, units[name])
		case "images":
			r.setOther("other_input_image", name, units[name])
		default:
			r.setOther("other_unit", name, units[name])
		}
	}
}

// readImages reads a count of images and their size, "1024-x-1024" or "1024x1024".
func (r *usageReader) readImages() {
	r.usage.Shape = "images"
	r.usage.Picture = Picture{Size: r.text("size"), Quality: r.text("quality")}
	images := r.count("images")
	r.usage.Other["other_input_image"], r.usage.Other["other_output_image"] = images, images
	width, height, _ := strings.Cut(strings.ReplaceAll(r.text("size"), "-", ""), "x")
	w, errWidth := strconv.ParseUint(width, 10, 16)
	h, errHeight := strconv.ParseUint(height, 10, 16)
	if errWidth != nil || errHeight != nil || images > 1_000_000 {
		return
	}
	pixels := min(images*int64(w*h), countMax)
	r.usage.Other["other_input_pixel"], r.usage.Other["other_output_pixel"] = pixels, pixels
}
