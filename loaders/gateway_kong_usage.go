package loaders

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// count reads the usage of a call. Names differ by release and by endpoint: text, audio and
// images, realtime with flat names.
func (k *kongReader) count(d *requestDraft, v *fastjson.Value, call kongCall) error {
	usage, c := call.Get("usage"), &d.counts
	prompt, completion := usage.Get("prompt_tokens_details"), usage.Get("completion_tokens_details")
	input, output := usage.Get("input_tokens_details"), usage.Get("output_tokens_details")
	for _, want := range []struct {
		to    *Count
		from  *fastjson.Value
		names []string
	}{
		{&c.prompt, usage, []string{"prompt_tokens", "prompt_token", "input_tokens"}},
		{&c.completion, usage, []string{"completion_tokens", "completion_token", "output_tokens"}},
		{&c.total, usage, []string{"total_tokens"}},
		{&c.cacheRead, prompt, []string{"cached_tokens", "cache_read_tokens"}},
		{&c.cacheRead, input, []string{"cached_tokens"}},
		{&c.cacheRead, usage, []string{"cache_read_input_tokens",
			"input_tokens_cached_tokens_count"}},
		{&c.cacheWrite, prompt, []string{"cache_creation_tokens", "cache_write_tokens"}},
		{&c.cacheWrite, usage, []string{"cache_creation_input_tokens",
			"cache_write_input_tokens"}},
		{&c.reasoning, completion, []string{"reasoning_tokens"}},
		{&c.reasoning, output, []string{"reasoning_tokens"}},
		{&c.reasoning, usage, []string{"output_tokens_reasoning_tokens_count"}},
		{&c.audioIn, prompt, []string{"audio_tokens"}},
		{&c.audioIn, input, []string{"audio_tokens_count", "audio_tokens"}},
		{&c.audioIn, usage, []string{"input_tokens_audio_tokens_count"}},
		{&c.audioCachedIn, prompt.Get("cached_tokens_details"), []string{"audio_tokens"}},
		{&c.audioCachedIn, input.Get("cached_tokens_details"), []string{"audio_tokens"}},
		{&c.imageIn, input, []string{"image_tokens"}},
		{&c.imageCachedIn, input.Get("cached_tokens_details"), []string{"image_tokens"}},
		{&c.audioOut, completion, []string{"audio_tokens"}},
		{&c.audioOut, output, []string{"audio_tokens"}},
		{&c.audioOut, usage, []string{"output_tokens_audio_tokens_count"}},
	} {
		for _, name := range want.names {
			if want.to.Known || want.from == nil {
				break
			}
			count, err := countAt(want.from, name)
			if err != nil {
				return err
			}
			*want.to = count
		}
	}
	c.convention, c.how = kongConvention(d, v, call.plugin)
	// Kong leaves out what Gemini thought, which its total counts.
	c.totalDecides = strings.Contains(firstText(d.row.ResponseModel, d.sentModel), "gemini")
	if d.row.IsStreamed && c.prompt.N == 0 && c.completion.N > 0 {
		d.row.UsageOrigin = "estimated" // Kong's own guess of a quarter token a character
	}
	return nil
}

// kongConvention says what the release in use means for cached tokens: Anthropic's were left out
// of the prompt until 3.14.0.8 and 3.15.0.4. The release stands in a response header, if anywhere;
// the key ai.ai-proxy was written before 3.10 only.
func kongConvention(d *requestDraft, v *fastjson.Value, plugin string) (convention, how string) {
	model := firstText(d.row.ResponseModel, d.sentModel)
	native, how := nativeConvention(d.row.Provider, model)
	if native != ExcludesCache {
		return native, how
	}
	release := kongRelease(v)
	switch {
	case release == "" && plugin == "ai-proxy":
		return ExcludesCache, "Kong before 3.10 leaves Anthropic's cached tokens out of the prompt"
	case release == "":
		return ConventionUnknown, "Kong counts Anthropic's cached tokens since 3.14.0.8, and the " +
			"log does not name its release"
	case kongAtLeast(release, "3.15.0.4"),
		kongAtLeast(release, "3.14.0.8") && !kongAtLeast(release, "3.15"):
		return IncludesCache, "Kong " + release + " adds Anthropic's cached tokens to the prompt"
	}
	return ExcludesCache, "Kong " + release + " leaves Anthropic's cached tokens out of the prompt"
}

// kongRelease finds "kong/3.14.0.8" in the response headers by which Kong names itself.
func kongRelease(v *fastjson.Value) string {
	headers := v.Get("response", "headers")
	for _, name := range []string{"via", "server", "Via", "Server"} {
		values := headers.GetArray(name) // of a header that came more than once
		if len(values) == 0 && headers.Exists(name) {
			values = []*fastjson.Value{headers.Get(name)}
		}
		for _, value := range values {
			if release := kongReleaseIn(textOf(value)); release != "" {
				return release
			}
		}
	}
	return ""
}

func kongReleaseIn(header string) string {
	_, release, found := strings.Cut(header, "kong/")
	if !found {
		return ""
	}
	end := strings.IndexFunc(release, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		release = release[:end]
	}
	return strings.Trim(release, ".")
}

// kongAtLeast compares releases number by number; what is not stated counts as 0.
func kongAtLeast(release, least string) bool {
	have, want := strings.Split(release, "."), strings.Split(least, ".")
	for i := range max(len(have), len(want)) {
		var h, w int
		if i < len(have) {
			h, _ = strconv.Atoi(have[i])
		}
		if i < len(want) {
			w, _ = strconv.Atoi(want[i])
		}
		if h != w {
			return h > w
		}
	}
	return true
}
