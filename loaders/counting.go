package loaders

import (
	"strconv"

	"tieout/pricing"
)

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// inclusive holds the counts of one call as sources state them: totals, and subsets of them.
type inclusive struct {
	prompt, completion, total              Count
	cacheRead                              Count
	cacheWrite, cacheWrite5m, cacheWrite1h Count // cacheWrite is the whole, the others its parts
	reasoning                              Count
	audioIn, audioOut, imageIn, imageOut   Count
	audioCachedIn, imageCachedIn           Count
	webSearch                              Count
	convention, how                        string // what the format says of itself
	totalDecides                           bool   // total holds cached tokens in any convention
	neverExcludes                          bool   // the API is known to count inclusively
	addsReasoning                          bool   // reasoning is no part of completion or total
	thinksBeside                           bool   // the API counts reasoning beside the answer
}

// disjoint makes the counts disjoint. Arithmetic that only one reading survives overrides what
// the format says of itself; counts that no reading survives are named in Problem.
func (c inclusive) disjoint() Counting {
	out := Counting{Convention: c.convention, How: c.how}
	out.CacheRead, out.Reasoning, out.WebSearch = c.cacheRead, c.reasoning, c.webSearch
	out.AudioIn, out.AudioOut, out.AudioCachedIn = c.audioIn, c.audioOut, c.audioCachedIn
	out.ImageIn, out.ImageOut, out.ImageCachedIn = c.imageIn, c.imageOut, c.imageCachedIn
	c.splitWrites(&out)
	more := c.beyond()
	if more > 0 && c.convention == IncludesCache {
		c.reasoning, out.Reasoning = Counted(more), Counted(more) // as Gemini and xAI count it
	}
	c.decide(&out)
	c.splitPrompt(&out)
	c.splitCompletion(&out)
	if more > 0 && c.reasoning.N == 0 {
		out.Convention, out.How = ExcludesCache, "total counts more than prompt and answer"
		out.PromptTokens = Counted(c.prompt.N + more)
		out.Problem = "total counts " + strconv.FormatInt(more, 10) +
			" cached tokens, and nothing says how many were read and how many written"
	}
	return out
}

// written is the number of tokens written to the provider's cache. A whole of 0 gives way to its
// parts: some sources count by TTL only.
func (c inclusive) written() Count {
	if c.cacheWrite.N == 0 && (c.cacheWrite5m.Known || c.cacheWrite1h.Known) {
		return Counted(c.cacheWrite5m.N + c.cacheWrite1h.N)
	}
	return c.cacheWrite
}

// splitWrites gives the tokens of known TTL to their types and the remainder to cache_write.
func (c inclusive) splitWrites(out *Counting) {
	out.CacheWrite5m, out.CacheWrite1h = c.cacheWrite5m, c.cacheWrite1h
	rest := c.written().N - c.cacheWrite5m.N - c.cacheWrite1h.N
	switch {
	case rest < 0:
		out.Problem = "cache writes by TTL exceed the cache writes"
	case rest > 0 || (c.cacheWrite.Known && !c.cacheWrite5m.Known && !c.cacheWrite1h.Known):
		out.CacheWrite = Counted(rest)
	}
}

// beyond is how many tokens a total that holds all counts beside prompt and answer, where nothing
// says what they are: cached tokens on top of the prompt, or reasoning on top of the answer. Where
// cached tokens are counted it is reasoning only if the prompt holds them and it is not them.
func (c inclusive) beyond() int64 {
	if !c.totalDecides || !c.prompt.Known || !c.completion.Known || c.reasoning.N > 0 {
		return 0
	}
	more := max(0, c.total.N-c.prompt.N-c.completion.N)
	cached := c.cacheRead.N + c.written().N
	if cached > 0 && (c.convention != IncludesCache || cached > c.prompt.N || more == cached) {
		return 0
	}
	return more
}

// decide settles whether the prompt count holds the cached tokens.
func (c inclusive) decide(out *Counting) {
	cached := c.cacheRead.N + c.written().N
	if !c.prompt.Known || cached == 0 || c.neverExcludes {
		return
	}
	withCache := c.prompt.N + c.completion.N + cached
	switch {
	case cached > c.prompt.N:
		out.Convention, out.How = ExcludesCache, "more cached than prompt tokens"
	case c.total.Known && c.total.N == withCache && c.total.N != c.prompt.N+c.completion.N:
		out.Convention, out.How = ExcludesCache, "total counts the cached tokens on top"
	case c.totalDecides && c.total.Known && c.total.N == c.prompt.N+c.completion.N:
		out.Convention, out.How = IncludesCache, "total holds the cached tokens within the prompt"
	}
}

// splitPrompt takes the cached and other modalities out of the prompt.
func (c inclusive) splitPrompt(out *Counting) {
	if !c.prompt.Known {
		return
	}
	out.PromptTokens = c.prompt
	rest := c.prompt.N - c.audioIn.N - c.imageIn.N
	// Where nothing decides, the cached tokens are taken out, as most sources count; the charge is
	// then a range, whose upper end has them on top.
	cached := c.cacheRead.N + c.written().N
	if nested := c.audioCachedIn.N + c.imageCachedIn.N; out.Convention == ConventionUnknown &&
		rest >= 0 && cached > rest+nested {
		out.Convention, out.How = ExcludesCache, "more cached than text tokens of the prompt"
	}
	if out.Convention == ExcludesCache {
		out.PromptTokens = Counted(c.prompt.N + cached)
	} else {
		rest -= cached
	}
	// The cached audio and image tokens stand in both subsets: give them to their own type.
	rest += c.audioCachedIn.N + c.imageCachedIn.N
	out.AudioIn = less(c.audioIn, c.audioCachedIn)
	out.ImageIn = less(c.imageIn, c.imageCachedIn)
	if c.cacheRead.Known {
		out.CacheRead = less(c.cacheRead, Counted(c.audioCachedIn.N+c.imageCachedIn.N))
	}
	if rest < 0 && c.overlaps(out, cached) {
		c.splitOverlapping(out, c.prompt.N-cached)
		return
	}
	out.Input = Counted(rest)
	if rest < 0 || out.AudioIn.N < 0 || out.ImageIn.N < 0 || out.CacheRead.N < 0 {
		out.Input = Count{}
		out.Problem = "the parts of the prompt exceed its " + strconv.FormatInt(c.prompt.N, 10)
	}
}

// overlaps reports a prompt whose audio and image tokens hold cached ones, when nothing says how
// many.
func (c inclusive) overlaps(out *Counting, cached int64) bool {
	return out.Convention == IncludesCache && c.audioCachedIn.N+c.imageCachedIn.N == 0 &&
		cached <= c.prompt.N && c.audioIn.N+c.imageIn.N <= c.prompt.N
}

// splitOverlapping reads what was not cached as audio, then image, then text, as pricing reads a
// usage object and as LiteLLM's calculator does.
func (c inclusive) splitOverlapping(out *Counting, fresh int64) {
	audio := min(c.audioIn.N, fresh)
	image := min(c.imageIn.N, fresh-audio)
	out.Input = Counted(fresh - audio - image)
	if c.audioIn.Known {
		out.AudioIn = Counted(audio)
	}
	if c.imageIn.Known {
		out.ImageIn = Counted(image)
	}
	out.How = joinHow(out.How, "cached tokens that no modality is told of are taken off the text "+
		"first, then images, then audio")
}

// thinksBeside names the providers whose own API counts reasoning beside the answer: of others,
// which count it within, more of it than of the whole is no other reading but a mistake.
func thinksBeside(provider string) bool {
	switch provider {
	case "x_ai", "xai", "gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai", "gemini", "vertex_ai",
		"google":
		return true
	}
	return false
}

// splitCompletion takes reasoning and other modalities out of the completion; when the total, or
// that there is more of it, shows that reasoning stands outside, it is left whole.
func (c inclusive) splitCompletion(out *Counting) {
	if !c.completion.Known {
		if c.total.Known && !c.prompt.Known { // parts of a sum that is not split are no usage
			out.Reasoning, out.AudioOut, out.ImageOut = Count{}, Count{}, Count{}
		}
		return
	}
	rest := c.completion.N - c.reasoning.N - c.audioOut.N - c.imageOut.N
	sum := c.prompt.N + c.completion.N
	switch {
	case c.reasoning.N > 0 && c.addsReasoning:
		rest += c.reasoning.N
		out.How = joinHow(out.How, "the provider counts reasoning on top of the completion")
	case c.reasoning.N > 0 && c.total.Known && c.total.N == sum+c.reasoning.N:
		rest += c.reasoning.N
		out.How = joinHow(out.How, "total counts reasoning on top of the completion")
	case c.reasoning.N > c.completion.N && !c.total.Known && c.thinksBeside:
		rest += c.reasoning.N
		out.How = joinHow(out.How, "more reasoning than completion tokens: they stand beside")
	}
	out.Output = Counted(rest)
	if rest < 0 {
		out.Output = Count{}
		out.Problem = "the parts of the completion exceed its " +
			strconv.FormatInt(c.completion.N, 10)
	}
}

// readImages reads as images what a model that makes images answers, where nothing tells its
// tokens apart, as pricing reads a usage object.
func (c *Counting) readImages(model string) {
	if c.Output.N == 0 || c.ImageOut.Known || !pricing.AnswersInImages(model) {
		return
	}
	c.ImageOut, c.Output = c.Output, Counted(0)
	c.How = joinHow(c.How, "an answer that is not told apart is read as images")
}

// callMax is more than any call counts, and than all calls of a batch do.
const callMax = 10_000_000_000

// possible refuses counts that no call can have: one of them would outweigh all other calls.
func (c *Counting) possible() error {
	for _, count := range [...]Count{c.PromptTokens, c.Input, c.CacheRead, c.CacheWrite5m,
		c.CacheWrite1h, c.CacheWrite, c.Output, c.Reasoning, c.AudioIn, c.AudioCachedIn, c.AudioOut,
		c.ImageIn, c.ImageCachedIn, c.ImageOut, c.WebSearch} {
		if count.N > callMax {
			return badRow("%d tokens or searches: more than a call can have", count.N)
		}
	}
	return nil
}

func joinHow(first, second string) string {
	if first == "" {
		return second
	}
	return first + "; " + second
}

func less(whole, part Count) Count {
	if !whole.Known {
		return whole
	}
	return Counted(whole.N - part.N)
}
