package loaders

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// charges counts what a call is billed for by other units than tokens, web searches apart.
type charges struct {
	fileSearches, codeRuns, imageCalls, xSearches Count // calls of tools, billed beside tokens
	imagesIn, images, audioSeconds, characters    Count // what calls without tokens are billed by
	videoSeconds                                  Count
	cacheHours                                    Count // tokens kept in a cache, times hours
}

// The names that the price list has for these charges, where no constant stands beside others.
const (
	chargeFileSearch   = "file_search_call"
	chargeCodeRun      = "code_interpreter_call"
	chargeImageCall    = "image_generation_call"
	chargeXSearch      = "x_search_call"
	chargeImageIn      = "other_input_image"
	chargeVideoSecond  = "other_output_video_per_second"
	chargeCacheStorage = "cache_storage_token_hour"
)

// text writes the counts as they stand in other_charges. Where a call has tokens, images and
// seconds tell of the same, and the tokens are what is billed; calls of tools and the storage of
// a cache are billed beside them.
func (c *charges) text(hasTokens bool) string {
	if *c == (charges{}) {
		return ""
	}
	var words []string
	add := func(name string, count Count) {
		if count.N > 0 {
			words = append(words, name+"="+strconv.FormatInt(count.N, 10))
		}
	}
	add(chargeCacheStorage, c.cacheHours)
	add(chargeCodeRun, c.codeRuns)
	add(chargeFileSearch, c.fileSearches)
	add(chargeImageCall, c.imageCalls)
	add(chargeXSearch, c.xSearches)
	if !hasTokens {
		add(unitAudioSecond, c.audioSeconds)
		add(unitCharacter, c.characters)
		add(chargeImageIn, c.imagesIn)
		add(unitImage, c.images)
		add(chargeVideoSecond, c.videoSeconds)
	}
	return strings.Join(words, " ")
}

// chargeTargets are the charges by other units that a mapping can fill, and where the provider's
// answer lies, in which what the gateway's own fields leave out is counted.
func chargeTargets() []mapTarget[requestDraft] {
	count := func(name string, field func(*charges) *Count) mapTarget[requestDraft] {
		return countTarget(name, func(d *requestDraft) *Count { return field(&d.charges) })
	}
	return []mapTarget[requestDraft]{
		count("file_searches", func(c *charges) *Count { return &c.fileSearches }),
		count("code_runs", func(c *charges) *Count { return &c.codeRuns }),
		count("x_searches", func(c *charges) *Count { return &c.xSearches }),
		count("images_in", func(c *charges) *Count { return &c.imagesIn }),
		count("images", func(c *charges) *Count { return &c.images }),
		{name: "audio_seconds", kind: kindCount, isSound: true,
			count: func(d *requestDraft) *Count { return &d.charges.audioSeconds }},
		count("characters", func(c *charges) *Count { return &c.characters }),
		count("video_seconds", func(c *charges) *Count { return &c.videoSeconds }),
		count("cache_hours", func(c *charges) *Count { return &c.cacheHours }),
		{name: "answer", kind: kindAnswer, answer: func(d *requestDraft, v *fastjson.Value) {
			d.answer.takeAnswer(v)
			d.body = v
		}},
	}
}

// answered is what a provider's answer says that is not tokens.
type answered struct {
	charges
	webSearch Count
	problem   string // a count that cannot be, in words
}

// takeAnswer counts the calls of tools, by the usage object or one by one among the output, and
// the images and seconds of calls without tokens.
func (a *answered) takeAnswer(answer *fastjson.Value) {
	if answer == nil || answer.Type() != fastjson.TypeObject {
		return
	}
	a.takeUsage(answer.Get("usage"))
	var items answered
	for _, item := range answer.GetArray("output") {
		switch string(item.GetStringBytes("type")) {
		case "web_search_call":
			// Opening a page and looking for words in it are no searches.
			kind := item.GetStringBytes("action", "type")
			if kind == nil || string(kind) == "search" {
				more(&items.webSearch)
			}
		case "file_search_call":
			more(&items.fileSearches)
		case "code_interpreter_call":
			more(&items.codeRuns)
		case "image_generation_call":
			more(&items.imageCalls)
		}
	}
	for _, item := range answer.GetArray("data") {
		if item.Exists("b64_json") || (item.Exists("url") && answer.Exists("created")) {
			more(&items.images)
		}
	}
	a.fillFrom(&items)
}

// fillFrom takes the counts that are not stated yet.
func (a *answered) fillFrom(other *answered) {
	stateFirst(&a.webSearch, other.webSearch)
	a.charges.fillFrom(&other.charges)
}

func (c *charges) fillFrom(other *charges) {
	for _, pair := range [...][2]*Count{
		{&c.fileSearches, &other.fileSearches}, {&c.codeRuns, &other.codeRuns},
		{&c.imageCalls, &other.imageCalls}, {&c.xSearches, &other.xSearches},
		{&c.imagesIn, &other.imagesIn}, {&c.images, &other.images},
		{&c.audioSeconds, &other.audioSeconds}, {&c.characters, &other.characters},
		{&c.videoSeconds, &other.videoSeconds}, {&c.cacheHours, &other.cacheHours},
	} {
		stateFirst(pair[0], *pair[1])
	}
}

// takeUsage counts in a usage object what is not tokens.
func (a *answered) takeUsage(usage *fastjson.Value) {
	if usage == nil || usage.Type() != fastjson.TypeObject {
		return
	}
	for _, from := range []struct {
		to   *Count
		path []string
	}{
		{&a.webSearch, []string{"server_tool_use", "web_search_requests"}},
		{&a.webSearch, []string{"prompt_tokens_details", "web_search_requests"}},
		{&a.webSearch, []string{"server_side_tool_usage_details", "web_search_calls"}},
		{&a.webSearch, []string{"num_search_queries"}},
		{&a.webSearch, []string{"num_sources_used"}},
		{&a.xSearches, []string{"server_side_tool_usage_details", "x_search_calls"}},
		{&a.codeRuns, []string{"server_side_tool_usage_details",
			"code_interpreter_calls"}},
		{&a.fileSearches, []string{"server_side_tool_usage_details",
			"file_search_calls"}},
		{&a.audioSeconds, []string{"seconds"}},
		{&a.audioSeconds, []string{"prompt_audio_seconds"}},
	} {
		text := textOf(usage.Get(from.path...))
		if strings.HasPrefix(text, "-") {
			a.problem = from.path[len(from.path)-1] + " of the answer is negative"
		}
		if count, err := parseUnits(from.to == &a.audioSeconds, "", text); err == nil {
			stateFirst(from.to, count)
		}
	}
}

// stateFirst keeps the count that was stated first, unless it is 0 and another is not.
func stateFirst(to *Count, count Count) {
	if !to.Known || to.N == 0 && count.N > 0 {
		*to = count
	}
}

func more(to *Count) { *to = Counted(to.N + 1) }
