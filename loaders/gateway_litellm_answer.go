package loaders

import (
	"errors"
	"fmt"
	"strings"
)

// A row may store the provider's answer beside LiteLLM's own usage object, which can leave out
// what the answer's usage splits: cached tokens, how long cache writes live, reasoning. Calls of
// tools and images stand in the answer alone.

// answerUsage is the usage object of the stored answer, where another one tells the row's counts.
// The iterations of a call, and a batch, are no counts of one answer.
func (f *litellmFields) answerUsage(usage value) value {
	answer := f.response.member("usage")
	if answer == usage || answer.kind() != jsonObject || usage.has("iterations") ||
		answer.has("iterations") || strings.HasSuffix(f.callType, "retrieve_batch") {
		return value{}
	}
	return answer
}

// answerCounts reads what the answer's usage counts; whole is its prompt with the cached tokens,
// which an input in Anthropic's form leaves out, unless it is the row's own prompt that holds
// them. An error is of what it says that cannot be.
func (c *inclusive) answerCounts(answer value) (own inclusive, whole Count, err error) {
	own.convention, own.neverExcludes = c.convention, c.neverExcludes
	own.addsReasoning, own.thinksBeside = c.addsReasoning, c.thinksBeside
	details := detailReader{}
	details.take(&own.prompt, answer, "prompt_tokens")
	details.take(&own.prompt, answer, "input_tokens")
	details.take(&own.completion, answer, "completion_tokens")
	details.take(&own.completion, answer, "output_tokens")
	details.take(&own.total, answer, "total_tokens")
	if err = details.failed; err == nil {
		err = litellmDetails(answer, &own)
	}
	whole = own.prompt
	if isAnthropics(answer) && (c.convention != IncludesCache || own.prompt.N != c.prompt.N) {
		own.convention = ExcludesCache
		whole = Counted(own.prompt.N + own.cacheRead.N + own.written().N)
	}
	if err == nil {
		counts := own.disjoint()
		err = counts.possible()
		counted := c.prompt.N + c.completion.N
		if counted > 0 && err == nil && counts.Problem != "" {
			err = errors.New(counts.Problem)
		}
	}
	return own, whole, err
}

// unreadAnswer says that a stored answer takes nothing from a row.
func unreadAnswer(err error) string {
	return "the usage of the answer that it stores is not read: " + err.Error()
}

// splitFurther takes from the answer's usage what the counts leave out. Where the two count
// otherwise, the provider's own answer stands, and how says so. An answer that cannot be read
// takes nothing from a row that counts by itself.
func (c *inclusive) splitFurther(answer value, isStreamed bool) {
	if !answer.isThere() {
		return
	}
	own, whole, err := c.answerCounts(answer)
	if err != nil {
		c.how = joinHow(c.how, unreadAnswer(err))
		return
	}
	if own.prompt.N+own.completion.N == 0 {
		return
	}
	differs := ""
	switch {
	case c.prompt.N+c.completion.N == 0: // the gateway's count is none
		c.prompt, c.completion, c.total = whole, own.completion, own.total
	case isStreamed && own.completion.N < c.completion.N:
		return // as a stream begins, before its counts are whole
	case c.prompt.N != own.prompt.N && c.prompt.N != whole.N,
		c.completion.N != own.completion.N:
		differs = fmt.Sprintf("the row counts %d in, %d out, the answer that it stores %d in, "+
			"%d out", c.prompt.N, c.completion.N, whole.N, own.completion.N)
	}
	if differs == "" {
		differs = c.fillFrom(&own)
	}
	if differs != "" {
		stateFirst(&own.webSearch, c.webSearch)
		own.how = joinHow(c.how, differs+", which is charged")
		*c = own
	}
}

// fillFrom takes the subsets that are not stated yet, and tells of one that is stated otherwise.
func (c *inclusive) fillFrom(own *inclusive) (differs string) {
	has := *c
	for _, of := range [...]struct {
		name    string
		to, own *Count
	}{
		{"cached tokens", &c.cacheRead, &own.cacheRead},
		{"tokens of cache write", &c.cacheWrite, &own.cacheWrite},
		{"tokens of 5 m cache write", &c.cacheWrite5m, &own.cacheWrite5m},
		{"tokens of 1 h cache write", &c.cacheWrite1h, &own.cacheWrite1h},
		{"reasoning tokens", &c.reasoning, &own.reasoning},
		{"audio tokens of the prompt", &c.audioIn, &own.audioIn},
		{"cached audio tokens", &c.audioCachedIn, &own.audioCachedIn},
		{"audio tokens of the answer", &c.audioOut, &own.audioOut},
		{"image tokens of the prompt", &c.imageIn, &own.imageIn},
		{"cached image tokens", &c.imageCachedIn, &own.imageCachedIn},
		{"image tokens of the answer", &c.imageOut, &own.imageOut},
	} {
		if of.to.N > 0 && of.own.N > 0 && of.to.N != of.own.N {
			*c = has
			return fmt.Sprintf("the row counts %d %s, the answer that it stores %d",
				of.to.N, of.name, of.own.N)
		}
		stateFirst(of.to, *of.own)
	}
	stateFirst(&c.webSearch, own.webSearch)
	return ""
}

// answered counts what the stored answer says that is not tokens. Of an answer that is text, or a
// list of embeddings, which may be long, only the usage is read.
func (l *litellmReader) answered(f *litellmFields) (beside answered) {
	first := f.response.member("data").list()
	hasImages := first.isThere() && (first.value().has("url") || first.value().has("b64_json"))
	if usage := f.response.member("usage"); hasImages || f.response.has("output") {
		beside.takeAnswer(parseObject(view(f.response.raw()), &l.answer))
	} else if usage.kind() == jsonObject {
		beside.takeUsage(parseObject(view(usage.raw()), &l.answer))
	}
	return beside
}

// joinCharges adds the counts by units that are not told yet.
func joinCharges(told string, others ...string) string {
	words := strings.Fields(told)
	for _, word := range strings.Fields(strings.Join(others, " ")) {
		unit, _, _ := strings.Cut(word, "=")
		if !strings.Contains(" "+strings.Join(words, " "), " "+unit+"=") {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
