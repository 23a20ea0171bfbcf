package loaders

import (
	"strconv"
	"strings"

	"tieout/pricing"
)

// count makes LiteLLM's counts disjoint. Its prompt_tokens hold the cached tokens of every
// provider on the normal path; payloads that pass through unread do not, which arithmetic shows.
func (l *litellmReader) count(f *litellmFields, row *Request) error {
	counts := inclusive{convention: IncludesCache,
		how: "LiteLLM's prompt_tokens hold cached tokens"}
	var err error
	if counts.prompt, err = parseCount("prompt_tokens", f.prompt); err != nil {
		return err
	}
	if counts.completion, err = parseCount("completion_tokens", f.completion); err != nil {
		return err
	}
	if counts.total, err = parseCount("total_tokens", f.total); err != nil {
		return err
	}
	usage := l.usage(f)
	answer := f.answerUsage(usage)
	f.usage = usage
	if err := counts.readUsage(f, usage); err != nil {
		return err
	}
	if counts.isPassedThrough(f, usage, answer) {
		counts.convention = ExcludesCache
		counts.how = "the prompt is the input of Anthropic's own usage, passed through"
	}
	counts.neverExcludes = countsInclusively(f.provider)
	counts.addsReasoning = pricing.AddsReasoning(f.provider)
	counts.thinksBeside = thinksBeside(f.provider)
	counts.splitFurther(answer, f.isStreamed)
	attempts, err := litellmAttempts(usage, &counts)
	if err != nil {
		return err
	}
	row.Counting = counts.disjoint()
	row.Problem = firstText(row.Problem, attempts.problem)
	if attempts.servedBy != "" {
		row.ResponseModel, row.ModelEvidence = attempts.servedBy, ModelReported
	}
	row.ServiceTier = litellmTier(f, usage, answer)
	geo := firstText(notSaid(usage.member("inference_geo").text()),
		notSaid(answer.member("inference_geo").text()))
	if geo != "global" && row.Region == "" {
		row.Region = geo
	}
	row.UsageOrigin = "provider"
	hasTokens := counts.prompt.N+counts.completion.N > 0
	if text, isOfPieces := counts.besidePieces(usage); isOfPieces {
		hasTokens, row.Input = false, text
	}
	beside := l.answered(f)
	stateFirst(&row.WebSearch, beside.webSearch)
	row.Other = strings.TrimSpace(joinCharges(litellmOther(usage, hasTokens),
		litellmOther(answer, hasTokens), beside.text(hasTokens)) + " " + attempts.text)
	row.Problem = firstText(row.Problem, beside.problem)
	if !hasTokens && !usage.isThere() {
		row.UsageOrigin = "missing"
	}
	return nil
}

// readUsage reads what the usage object states beside the totals. Where it is the stored answer's,
// counts that cannot be read take nothing from a row whose columns count by themselves.
func (c *inclusive) readUsage(f *litellmFields, usage value) error {
	split := *c
	err := litellmDetails(usage, &split)
	if err == nil {
		err = litellmDoubled(usage, &split)
	}
	isAnswers := c.prompt.N+c.completion.N > 0 && usage == f.response.member("usage")
	if err == nil && isAnswers {
		counts := split.disjoint()
		err = counts.possible()
	}
	if err != nil && isAnswers {
		c.how = joinHow(c.how, unreadAnswer(err))
		return nil
	}
	*c = split
	return err
}

// isPassedThrough reports a prompt that is the input of Anthropic's own usage, in the row or in
// the answer. Anybody else's in that form may be LiteLLM's translation, whose input holds the
// cached tokens: it does of a provider that counts so, unless they are more, and where the row's
// own usage object counts them.
func (c inclusive) isPassedThrough(f *litellmFields, usage, answer value) bool {
	native, isAnswer := usage, !isAnthropics(usage)
	if isAnswer {
		native = answer
	}
	if !isAnthropics(native) || native.member("input_tokens").text() != f.prompt {
		return false
	}
	convention, _ := nativeConvention(f.provider, f.model)
	if convention == IncludesCache {
		var own inclusive
		err := litellmDetails(native, &own)
		return err == nil && own.cacheRead.N+own.written().N > c.prompt.N
	}
	return !isAnswer || f.provider == "anthropic" || c.cacheRead.N+c.written().N == 0
}

// litellmDoubled reads the totals of a usage object of images, which LiteLLM may write under both
// pairs of names, with 0 under those that it keeps in its columns.
func litellmDoubled(usage value, counts *inclusive) error {
	details := detailReader{}
	if counts.prompt.N+counts.completion.N == 0 && usage.has("prompt_tokens") {
		details.take(&counts.prompt, usage, "input_tokens")
		details.take(&counts.completion, usage, "output_tokens")
	}
	return details.failed
}

// besidePieces reports an embedding of images that are charged by the piece, as pricing reads it:
// of its tokens only those that are named as text are charged beside them.
func (c inclusive) besidePieces(usage value) (text Count, isOfPieces bool) {
	details, reader := usage.member("prompt_tokens_details"), detailReader{}
	var images Count
	reader.take(&images, details, "image_count")
	reader.take(&text, details, "text_tokens")
	others := c.completion.N + c.cacheRead.N + c.written().N + c.audioIn.N + c.imageIn.N
	return Counted(text.N), images.N > 0 && others == 0 && text.N <= c.prompt.N
}

// isAnthropics reports a usage object as Anthropic's API answers it, whose input_tokens leave the
// cached tokens out.
func isAnthropics(usage value) bool {
	return usage.has("input_tokens") && !usage.has("prompt_tokens") &&
		!usage.has("input_tokens_details") &&
		(usage.has("cache_read_input_tokens") || usage.has("cache_creation_input_tokens"))
}

// litellmOther reads the counts by other units: the tokens of Perplexity's citations, which come
// on top of the prompt, the sound that Mistral bills beside tokens, and those of a call without
// tokens: transcription, speech, pages read, images. Where a call has tokens the latter tell of the
// same, and the tokens are what is billed. A part of a unit is not counted, but one of a second of
// sound is rounded.
func litellmOther(usage value, hasTokens bool) string {
	if !usage.isThere() {
		return ""
	}
	type count struct{ charge, text string }
	counts := []count{{"other_citation_token", usage.member("citation_tokens").text()},
		{unitAudioSecond, usage.member("prompt_audio_seconds").text()}} // Mistral
	if !hasTokens {
		prompt := usage.member("prompt_tokens_details")
		counts = append(counts,
			count{unitCharacter, prompt.member("character_count").text()},
			count{"other_input_image", prompt.member("image_count").text()},
			count{unitAudioSecond, prompt.member("audio_length_seconds").text()},
			count{unitAudioSecond, usage.member("seconds").text()},
			count{"other_input_video_per_second", prompt.member("video_length_seconds").text()},
			count{"other_ocr_page", usage.member("pages_processed").text()},
			count{unitImage, usage.member("images").text()})
	}
	var words []string
	for _, of := range counts {
		count, err := parseUnits(of.charge == unitAudioSecond, of.charge, of.text)
		if err == nil && count.N > 0 {
			words = append(words, of.charge+"="+strconv.FormatInt(count.N, 10))
		}
	}
	return strings.Join(words, " ")
}

// litellmTier is the tier that was served: a batch is paid for when its results are fetched.
func litellmTier(f *litellmFields, usage, answer value) string {
	// Vertex names the tier that served a call its traffic type.
	tier := firstTier(usage.member("service_tier").text(), usage.member("traffic_type").text(),
		usage.member("trafficType").text(), answer.member("service_tier").text(),
		f.response.member("service_tier").text(),
		f.breakdown.member("service_tier").text()) // by which it was priced
	speed := firstText(usage.member("speed").text(), answer.member("speed").text())
	if speed == "fast" {
		return anthropicTier(tier, speed)
	}
	if (tier == "" || tier == "default") && strings.HasSuffix(f.callType, "retrieve_batch") {
		return "batch"
	}
	return tier
}

// countsInclusively names the providers whose own API counts cached tokens within the prompt: there
// more cached than prompt tokens is no other convention but a mistake.
func countsInclusively(provider string) bool {
	switch provider {
	case "openai", "text-completion-openai", "azure", "deepseek", "xai", "groq", "mistral":
		return true
	}
	return false
}

// usage finds the usage object; older rows have only the additional values.
func (l *litellmReader) usage(f *litellmFields) value {
	usage := f.meta.usage.object(&l.usageInside)
	if !usage.isThere() && f.usage.kind() == jsonObject {
		usage = f.usage
	}
	if usage.isThere() {
		return usage
	}
	additional := f.meta.additionalUsage.object(&l.usageInside)
	if !additional.isThere() || additional.isEmpty() {
		return value{}
	}
	return additional
}

// litellmDetails reads the subsets of prompt and completion that a usage object states.
func litellmDetails(usage value, counts *inclusive) error {
	if !usage.isThere() {
		return nil
	}
	prompt := usage.member("prompt_tokens_details")
	completion := usage.member("completion_tokens_details")
	// The names of OpenAI's responses and Anthropic's messages stand in stored responses, those of
	// its realtime calls and of its images in calls of these.
	input := firstValue(usage.member("input_tokens_details"), usage.member("input_token_details"))
	output := firstValue(usage.member("output_tokens_details"),
		usage.member("output_token_details"))
	details := detailReader{}
	details.take(&counts.cacheRead, prompt, "cached_tokens")
	details.take(&counts.cacheRead, usage, "cache_read_input_tokens")
	details.take(&counts.cacheRead, input, "cached_tokens")
	details.take(&counts.cacheRead, usage, "cached_tokens") // Moonshot
	details.take(&counts.cacheWrite, prompt, "cache_creation_tokens")
	details.take(&counts.cacheWrite, prompt, "cache_write_tokens")
	details.take(&counts.cacheWrite, usage, "cache_creation_input_tokens")
	details.take(&counts.cacheWrite, input, "cache_write_tokens")
	for _, ttl := range [...]value{prompt.member("cache_creation_token_details"),
		usage.member("cache_creation_token_details"), usage.member("cache_creation")} {
		if counts.cacheWrite5m.N+counts.cacheWrite1h.N == 0 {
			details.take(&counts.cacheWrite5m, ttl, "ephemeral_5m_input_tokens")
			details.take(&counts.cacheWrite1h, ttl, "ephemeral_1h_input_tokens")
		}
	}
	details.modalities(&counts.audioIn, &counts.imageIn, prompt, input)
	cached := firstValue(prompt.member("cached_tokens_details"),
		input.member("cached_tokens_details"))
	details.modalities(&counts.audioCachedIn, &counts.imageCachedIn, cached)
	details.take(&counts.reasoning, completion, "reasoning_tokens")
	details.take(&counts.reasoning, output, "reasoning_tokens")
	details.take(&counts.reasoning, usage, "reasoning_tokens") // Perplexity
	details.modalities(&counts.audioOut, &counts.imageOut, completion, output)
	details.take(&counts.webSearch, prompt, "web_search_requests")
	details.take(&counts.webSearch, usage.member("server_tool_use"), "web_search_requests")
	details.take(&counts.webSearch, usage, "num_search_queries") // Perplexity
	details.take(&counts.webSearch, usage, "num_sources_used")   // xAI
	return details.failed
}

// detailReader reads counts; of several places that may state one the first counts that has more
// than 0: LiteLLM fills in 0 where the provider's count stands elsewhere.
type detailReader struct{ failed error }

func (d *detailReader) take(to *Count, from value, field string) {
	if d.failed == nil && to.N == 0 {
		var count Count
		if count, d.failed = parseCount(field, from.member(field).text()); count.Known {
			*to = count
		}
	}
}

// modalities reads the audio and image tokens of the first details that have some; images and
// video are one price.
func (d *detailReader) modalities(audio, image *Count, details ...value) {
	for _, from := range details {
		if from.isThere() && audio.N+image.N == 0 {
			d.take(audio, from, "audio_tokens")
			d.take(image, from, "image_tokens")
			d.add(image, from, "video_tokens")
		}
	}
}

// add adds a count of the same price.
func (d *detailReader) add(to *Count, from value, field string) {
	more := Count{}
	if d.take(&more, from, field); more.N > 0 {
		*to = Counted(to.N + more.N)
	}
}

// tagText writes request_tags as one compact JSON list, whatever form they came in.
func (l *litellmReader) tagText(v value) string {
	if v.kind() != jsonArray {
		return compactList(v.text())
	}
	if v.isEmpty() {
		return ""
	}
	l.tags = v.compact(l.tags[:0])
	return view(l.tags)
}

// compactList drops the spaces that databases put between list entries, and empty lists.
func compactList(text string) string {
	compact := strings.ReplaceAll(plainJSON(text), `", "`, `","`)
	if compact == "[]" {
		return ""
	}
	return compact
}
