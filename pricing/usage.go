package pricing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrImpossible is returned, wrapped, for usage whose counts contradict each other: more cached
// tokens than prompt tokens, a part larger than its whole. Such usage is never clamped.
var ErrImpossible = errors.New("impossible usage")

// errNoUsage is returned for JSON in which no known usage shape is found.
var errNoUsage = errors.New("no known usage shape")

// Usage is a provider's usage object made disjoint.
type Usage struct {
	Counts map[TokenType]int64
	// Other counts what is billed by other units than tokens, by the list's charge name.
	Other map[string]int64
	// PromptTokens is the whole prompt, cached and written tokens included.
	PromptTokens int64
	// LongestPrompt is the longest prompt of several calls that PromptTokens is the sum of: each
	// is one request, whose own prompt chooses its price. It is 0 where one call is counted, or
	// where nothing tells the calls apart.
	LongestPrompt int64
	// Shape is what was recognised: openai_chat, openai_responses, anthropic, gemini, bedrock,
	// billed_units (Cohere), duration, pages or inclusive (our own names, a whole and its parts).
	Shape string
	// Convention says how the source counts: includes_cache | excludes_cache.
	Convention string
	// Picture is what a call for images asked for.
	Picture Picture
	// ServiceTier and Region are as the usage object itself states them, "" when it does not.
	ServiceTier, Region string
	// IsAnswerSplit reports that the usage tells the answer's tokens apart by modality.
	IsAnswerSplit bool
	// Notes say what was ambiguous and how it was read.
	Notes []string
}

// countMax bounds a count: no call has more, and sums of a few stay far from overflow.
const countMax = 1_000_000_000_000_000

// usageBytesMax bounds a usage object.
const usageBytesMax = 1 << 20

// ReadUsage reads a usage object as it comes from OpenAI (chat, responses, realtime),
// Anthropic, Gemini, Bedrock, DeepSeek, xAI, LiteLLM or a provider that speaks one of these
// shapes, and makes the counts disjoint. The provider's name decides where shapes look alike
// but count differently. A whole response is accepted too: its usage object is taken, and from
// around it the service tier that served and the calls of tools.
func ReadUsage(provider string, text []byte) (Usage, error) {
	if len(text) > usageBytesMax {
		return Usage{}, fmt.Errorf("usage: more than %d bytes", usageBytesMax)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return Usage{}, fmt.Errorf("usage: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Usage{}, errors.New("usage: more than one object: each is a call of its own")
	}
	reader := &usageReader{provider: strings.ToLower(provider), object: unwrapUsage(fields)}
	reader.usage.Counts = make(map[TokenType]int64)
	reader.usage.Other = make(map[string]int64)
	reader.read()
	reader.readResponse(fields)
	reader.checkCounted()
	if reader.err != nil {
		return Usage{}, fmt.Errorf("usage: %w", reader.err)
	}
	return reader.usage, nil
}

// checkCounted notes usage that counts nothing. It is not free where its total is of tokens that
// nobody knows, or where it has a count that cannot be one.
func (r *usageReader) checkCounted() {
	if len(r.usage.Counts)+len(r.usage.Other) > 0 || r.usage.PromptTokens > 0 {
		return
	}
	if r.lost != "" {
		r.impossible("%s, and nothing else", r.lost)
		return
	}
	total := r.count("total_tokens", "totalTokens", "totalTokenCount", "total_token_count")
	if total > 0 {
		r.impossible("%d tokens in total, and none of a prompt or an answer", total)
		return
	}
	r.note("the usage counts nothing")
}

// unwrapUsage returns the usage object of a whole response.
func unwrapUsage(fields map[string]any) map[string]any {
	for _, name := range []string{"usage", "usageMetadata", "usage_metadata", "usage_info"} {
		if inner, ok := fields[name].(map[string]any); ok {
			return inner
		}
	}
	if meta, ok := fields["meta"].(map[string]any); ok && meta["billed_units"] != nil {
		return meta
	}
	return fields
}

// usageReader reads one object; the first error stays.
type usageReader struct {
	provider string
	object   map[string]any
	usage    Usage
	lost     string // what was not counted, of other units than tokens
	err      error
}

// read picks the shape by the keys that only it has.
func (r *usageReader) read() {
	switch {
	case r.has("inputTokens", "inputTokenCount"):
		r.readBedrock()
	case r.has("generation_token_count"):
		r.readLlama()
	case r.has("promptTokenCount", "prompt_token_count"):
		r.readGemini()
	case r.has("prompt_tokens", "completion_tokens", "cache_creation_tokens") && !r.isDoubled():
		r.readChat()
	case r.has("input_tokens", "output_tokens"):
		if r.isAnthropic() {
			r.readAnthropic()
		} else {
			r.readResponses()
		}
	case r.has("input", "output"):
		r.readInclusive()
	case r.has("billed_units"):
		r.readBilledUnits()
	case r.has("images"):
		r.readImages()
	case r.has("seconds"):
		r.usage.Shape = "duration"
		r.setOther(audioSecond, "seconds", r.object["seconds"])
	case r.has("pages_processed"): // of Mistral's OCR
		r.usage.Shape = "pages"
		r.setOther("other_ocr_page", "pages_processed", r.object["pages_processed"])
	case r.hasOtherCharge():
		r.readInclusive()
	default:
		r.fail(errNoUsage)
	}
}

// hasOtherCharge reports an object that counts by the list's names what is not tokens.
func (r *usageReader) hasOtherCharge() bool {
	return r.has("web_search") || slices.ContainsFunc(sortedKeys(r.object), func(name string) bool {
		return IsOtherCharge(name) && r.has(name)
	})
}

// isDoubled reports an object that has both pairs of names, as LiteLLM writes it for images, and
// whose counts stand under those of the responses.
func (r *usageReader) isDoubled() bool {
	return r.count("prompt_tokens", "completion_tokens") == 0 &&
		r.count("input_tokens", "output_tokens") > 0
}

// isAnthropic tells Anthropic's input_tokens, which exclude the cache, from OpenAI's, which
// include it.
func (r *usageReader) isAnthropic() bool {
	if r.has("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation",
		"server_tool_use") {
		return true
	}
	if r.has("input_tokens_details", "input_token_details", "total_tokens") {
		return false
	}
	return strings.Contains(r.provider, "anthropic")
}

// fail keeps the first error.
func (r *usageReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// impossible records a contradiction.
func (r *usageReader) impossible(format string, args ...any) {
	r.fail(fmt.Errorf("%w: %s", ErrImpossible, fmt.Sprintf(format, args...)))
}

// note records how something ambiguous was read.
func (r *usageReader) note(format string, args ...any) {
	r.usage.Notes = append(r.usage.Notes, fmt.Sprintf(format, args...))
}

// has reports whether the object has one of the keys with a value.
func (r *usageReader) has(names ...string) bool {
	for _, name := range names {
		if value, ok := r.object[name]; ok && value != nil {
			return true
		}
	}
	return false
}

// count returns the first of the keys that has more than 0: gateways fill in 0 where the count
// stands under another name. A path has dots.
func (r *usageReader) count(paths ...string) int64 {
	for _, path := range paths {
		if n, _ := r.lookup(path); n > 0 {
			return n
		}
	}
	return 0
}

// lookup returns the count at a path.
func (r *usageReader) lookup(path string) (int64, bool) {
	var value any = r.object
	for name := range strings.SplitSeq(path, ".") {
		fields, ok := value.(map[string]any)
		if !ok {
			return 0, false
		}
		value = fields[name]
	}
	return r.number(path, value)
}

// number reads a JSON value as a count; null is absent.
func (r *usageReader) number(path string, value any) (int64, bool) {
	var text string
	switch value := value.(type) {
	case nil:
		return 0, false
	case json.Number:
		text = value.String()
	case string:
		text = value
	default:
		r.fail(fmt.Errorf("%s: not a count", path))
		return 0, false
	}
	n, err := wholeNumber(text)
	switch {
	case errors.Is(err, errOutOfRange):
		r.impossible("%s is %s", path, clip(text))
		return 0, true
	case err != nil:
		r.fail(fmt.Errorf("%s %q: not a count", path, clip(text)))
		return 0, false
	}
	return n, true
}

// wholeNumber reads a count from its text: 100, 100.0, 1e3. What no call can have, less than 0
// or more than countMax, is out of range.
func wholeNumber(text string) (int64, error) {
	number, err := ParseUSD(text)
	if err != nil {
		return 0, err
	}
	most := FromInt128(0, countMax).Shift(usdScale)
	switch {
	case !number.fits(0):
		return 0, errNotDecimal
	case number.Sign() < 0 || number.Cmp(most) > 0:
		return 0, errOutOfRange
	}
	return number.decimal().IntPart(), nil
}

// checkTotal notes a total that is not what was counted. Where the prompt leaves the cache out,
// totals do too, or do not.
func (r *usageReader) checkTotal(names ...string) {
	if !r.has(names...) {
		return
	}
	total, counts := r.count(names...), r.usage.Counts
	counted := r.usage.PromptTokens + counts[Output] + counts[Reasoning] + counts[AudioOut] +
		counts[ImageOut]
	cached := counts[CacheRead] + counts[CacheWrite] + counts[CacheWrite5m] + counts[CacheWrite1h]
	isWithoutCache := r.usage.Convention == "excludes_cache" && total == counted-cached
	if AddsReasoning(r.provider) && total == counted-counts[Reasoning] {
		return
	}
	if total != counted && !isWithoutCache {
		r.note("%s %d is not the prompt and the answer, %d: a count is missing or is not what "+
			"its name says", names[0], total, counted)
	}
}

// text returns a string at the top of the object.
func (r *usageReader) text(name string) string {
	text, _ := r.object[name].(string)
	return text
}

// set adds a count to a type.
func (r *usageReader) set(t TokenType, n int64) {
	if n > 0 {
		r.usage.Counts[t] += n
	}
}

// rest sets a type to what is left of a whole; a negative rest is impossible.
func (r *usageReader) rest(t TokenType, whole int64, name string, parts ...int64) {
	left := whole
	for _, part := range parts {
		left -= part
	}
	if left < 0 {
		r.impossible("the parts of %s exceed it: %d of %d", name, whole-left, whole)
		return
	}
	r.set(t, left)
}

// setWrites sets the cache writes: by TTL where the source says it, the others unsaid.
func (r *usageReader) setWrites(total, fiveMinutes, oneHour int64) int64 {
	switch said := fiveMinutes + oneHour; {
	case said > total && total > 0:
		r.impossible("cache writes by TTL add up to %d of %d", said, total)
	case said > total:
		total = said
	case said > 0 && said < total:
		r.note("%d cache writes without a TTL beside %d with one", total-said, said)
	}
	r.set(CacheWrite5m, fiveMinutes)
	r.set(CacheWrite1h, oneHour)
	r.set(CacheWrite, total-fiveMinutes-oneHour)
	return total
}

// readInclusive reads our own names where input holds the cached, written, audio and image
// counts, and output holds reasoning, audio and image.
func (r *usageReader) readInclusive() {
	r.usage.Shape, r.usage.Convention = "inclusive", "includes_cache"
	prompt, completion := r.count("input"), r.count("output")
	r.usage.PromptTokens = prompt
	audioCached := r.count("audio_cached_in", "input_cached_audio")
	imageCached := r.count("image_cached_in", "input_cached_image")
	cached := r.count("cache_read", "input_cached")
	audio, image := r.count("audio_in", "input_audio"), r.count("image_in", "input_image")
	writes := r.setWrites(
		r.count("cache_write")+r.count("cache_write_5m")+r.count("cache_write_1h"),
		r.count("cache_write_5m"), r.count("cache_write_1h"))
	r.rest(CacheRead, cached, "cached input", audioCached, imageCached)
	r.rest(AudioIn, audio, "audio input", audioCached)
	r.rest(ImageIn, image, "image input", imageCached)
	r.set(AudioCachedIn, audioCached)
	r.set(ImageCachedIn, imageCached)
	r.rest(Input, prompt, "input", cached, writes, audio-audioCached, image-imageCached)
	reasoning := r.count("reasoning")
	audioOut, imageOut := r.count("audio_out", "output_audio"), r.count("image_out", "output_image")
	r.set(Reasoning, reasoning)
	r.set(AudioOut, audioOut)
	r.set(ImageOut, imageOut)
	r.rest(Output, completion, "output", reasoning, audioOut, imageOut)
	r.set(WebSearch, r.count("web_search", "web_search_call"))
	for _, name := range sortedKeys(r.object) {
		if IsOtherCharge(name) && name != "web_search_call" {
			r.setOther(name, name, r.object[name])
		}
	}
}
