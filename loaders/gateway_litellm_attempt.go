package loaders

import (
	"strconv"
	"strings"
)

// Anthropic's API may try other models within a call: one that declines before the fallback
// answers, or an advisor. Its usage.iterations tell what each counted; each is billed at its own
// model's price. The counts at the top are of the model that answered alone, and LiteLLM's may be
// of all together.

// attempts is what the iterations of a usage object tell.
type attempts struct {
	servedBy string // the model of the fallback that answered
	text     string // what attempts at other models count, as it stands in other_charges
	problem  string
}

// iteration is what one or several iterations count, disjoint.
type iteration struct {
	kind, model                                       string
	input, cacheRead, write5m, write1h, write, output Count
}

// litellmAttempts leaves to the counts those of the model that answered, and tells the others
// apart. Counts that are neither its own nor those of all together do not say what was billed.
func litellmAttempts(usage value, counts *inclusive) (attempts, error) {
	var all []iteration
	isPlain := true
	for each := usage.member("iterations").list(); each.isThere(); each = each.next() {
		read, err := readIteration(each.value())
		if err != nil {
			return attempts{}, err
		}
		all = append(all, read)
		isPlain = isPlain && (read.isMessage() || read.kind == "compaction")
	}
	if isPlain {
		return attempts{}, nil
	}
	a := attempts{servedBy: fallbackOf(all)}
	var own, others iteration
	var words []string
	for _, each := range all {
		switch {
		case each.isUnclear(a.servedBy):
			a.problem = "an iteration of a model that is not named is part of the answer"
			return a, nil
		case each.isOf(a.servedBy):
			own.add(each)
		default:
			others.add(each)
			words = each.appendWords(words)
		}
	}
	if !counts.leave(own, others) {
		a.problem = "the counts are neither those of the model that answered nor of all iterations"
		return a, nil
	}
	a.text = strings.Join(words, " ")
	return a, nil
}

func readIteration(v value) (iteration, error) {
	i := iteration{kind: v.member("type").text(), model: v.member("model").text()}
	var written Count
	details := detailReader{}
	details.take(&i.input, v, "input_tokens")
	details.take(&i.output, v, "output_tokens")
	details.take(&i.cacheRead, v, "cache_read_input_tokens")
	details.take(&written, v, "cache_creation_input_tokens")
	details.take(&i.write5m, v.member("cache_creation"), "ephemeral_5m_input_tokens")
	details.take(&i.write1h, v.member("cache_creation"), "ephemeral_1h_input_tokens")
	i.write.N = max(0, written.N-i.write5m.N-i.write1h.N)
	return i, details.failed
}

// fallbackOf is the model of the last fallback, which answered; "" without one.
func fallbackOf(all []iteration) string {
	for at := len(all) - 1; at >= 0; at-- {
		if all[at].kind == "fallback_message" {
			return all[at].model
		}
	}
	return ""
}

func (i iteration) isMessage() bool { return i.kind == "" || i.kind == "message" }

// isOf reports an iteration of the model that answered: without a fallback all messages are.
func (i iteration) isOf(servedBy string) bool {
	if servedBy == "" {
		return i.isMessage()
	}
	return i.model == servedBy
}

// isUnclear reports an iteration of which nothing says what its model is.
func (i iteration) isUnclear(servedBy string) bool {
	if i.model == "" {
		return servedBy != "" || !i.isMessage()
	}
	return strings.ContainsAny(i.model, " =")
}

func (i *iteration) add(other iteration) {
	for _, pair := range [...][2]*Count{{&i.input, &other.input}, {&i.output, &other.output},
		{&i.cacheRead, &other.cacheRead}, {&i.write5m, &other.write5m},
		{&i.write1h, &other.write1h}, {&i.write, &other.write}} {
		pair[0].N += pair[1].N
	}
}

func (i iteration) written() int64 { return i.write5m.N + i.write1h.N + i.write.N }

// appendWords tells the counts by type and model. An attempt that was declined before its answer
// began is not billed.
func (i iteration) appendWords(words []string) []string {
	billed := ""
	if i.output.N == 0 {
		billed = "unbilled_"
	}
	for _, of := range [...]struct {
		name  string
		count Count
	}{{"input", i.input}, {"cache_read", i.cacheRead}, {"cache_write_5m", i.write5m},
		{"cache_write_1h", i.write1h}, {"cache_write", i.write}, {"output", i.output}} {
		if of.count.N > 0 {
			words = append(words,
				billed+of.name+"@"+i.model+"="+strconv.FormatInt(of.count.N, 10))
		}
	}
	return words
}

// leave leaves the counts of the model that answered; false when they cannot be told from others.
func (c *inclusive) leave(own, others iteration) bool {
	prompt, more := own.input.N, others.input.N
	if c.convention == IncludesCache {
		prompt += own.cacheRead.N + own.written()
		more += others.cacheRead.N + others.written()
	}
	written := c.written()
	if !leaveOwn(&c.prompt, prompt, more) ||
		!leaveOwn(&c.completion, own.output.N, others.output.N) ||
		!leaveOwn(&c.cacheRead, own.cacheRead.N, others.cacheRead.N) ||
		!leaveOwn(&written, own.written(), others.written()) {
		return false
	}
	c.cacheWrite, c.total = written, Count{}
	if c.cacheWrite5m.N+c.cacheWrite1h.N != own.written() {
		c.cacheWrite5m, c.cacheWrite1h = Count{}, Count{}
		if own.write.N == 0 {
			c.cacheWrite5m, c.cacheWrite1h = Counted(own.write5m.N), Counted(own.write1h.N)
		}
	}
	return true
}

// leaveOwn makes a count of all iterations together one of those of the model that answered.
func leaveOwn(count *Count, own, others int64) bool {
	if count.N != own && count.N != own+others && count.Known {
		return false
	}
	if count.Known || own > 0 {
		*count = Counted(own)
	}
	return true
}
