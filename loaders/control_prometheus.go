package loaders

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"tieout/pricing"
)

// Prometheus counters of gateways, in the text that a scrape gives: totals since the process
// began, by label. Counters of money, tokens and requests are kept; all other metrics are passed
// over. Labels that name a person are not kept.

func prometheusCounters() Format {
	return Format{
		Name: "prometheus.counters", Leg: LegControl,
		About: "counters of LiteLLM and Kong as Prometheus text: totals to compare with",
		recognise: func(h *Head) Match {
			for line := range bytes.Lines(h.Bytes) {
				if name := counterName(string(bytes.TrimSpace(line))); counterKind(name) != "" {
					return Match{Fits: true, Score: 1, Why: "Prometheus text has " + name}
				}
			}
			return Match{}
		},
		load: func(j *Job) error {
			return j.eachBlock(func(send func(block) error) error {
				return j.readLines(j.stream, j.options.RecordBytesMax, send)
			}, func(w *worker) func(block) error {
				return func(b block) error { return w.counters(b) }
			})
		},
	}
}

// counterName is the metric that a line of samples names, "" for comments and other text.
func counterName(line string) string {
	end := strings.IndexAny(line, "{ \t")
	if end <= 0 || line[0] == '#' {
		return ""
	}
	name := line[:end]
	for _, c := range name {
		if c != '_' && c != ':' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
			(c < '0' || c > '9') {
			return ""
		}
	}
	return name
}

// counterKind is what a metric totals: "amount", "quantity", or "" for what is no total of ours.
func counterKind(name string) string {
	isGateway := slices.ContainsFunc([]string{"litellm_", "kong_ai_", "ai_llm_"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	isPart := slices.ContainsFunc([]string{"_bucket", "_sum", "_count", "_created"},
		func(suffix string) bool { return strings.HasSuffix(name, suffix) })
	switch {
	case !isGateway || isPart || strings.Contains(name, "remaining") ||
		strings.Contains(name, "budget") || strings.Contains(name, "latency"):
		return ""
	case strings.Contains(name, "spend"), strings.Contains(name, "cost"):
		return "amount"
	case strings.Contains(name, "tokens"), strings.Contains(name, "requests"):
		return "quantity"
	}
	return ""
}

// counters reads the samples of a block.
func (w *worker) counters(b block) error {
	for _, r := range b.records {
		if err := w.reject(r.line, "line longer than the limit", nil); err != nil {
			return err
		}
	}
	line := b.line
	for text := range bytes.Lines(b.text) {
		err := w.counter(string(bytes.TrimSpace(text)), line)
		if err := w.settle(err, line, nil); err != nil {
			return err
		}
		line++
	}
	return nil
}

func (w *worker) counter(text string, line int64) error {
	name := counterName(text)
	kind := counterKind(name)
	if text == "" || text[0] == '#' {
		return nil
	}
	if name == "" {
		return badRow("not a line of Prometheus text")
	}
	if kind == "" {
		w.ignored()
		return nil
	}
	labels, rest, err := cutLabels(text[len(name):])
	if err != nil {
		return err
	}
	value, stamp, _ := strings.Cut(strings.TrimSpace(rest), " ")
	row := Control{Line: line, Statement: name, Scope: labels}
	if kind == "amount" {
		row.Amount, err = w.money(name, value)
	} else {
		row.Quantity, err = wholeCount(name, value)
	}
	if err != nil {
		return err
	}
	if value == "" {
		return badRow("%s has no value", name)
	}
	var at Count
	// Milliseconds in Prometheus' own text, seconds in OpenMetrics.
	if at, err = parseInstant("timestamp", strings.TrimSpace(stamp)); err != nil {
		return err
	}
	return w.control([]Control{row}, at)
}

// wholeCount reads a count that may be written with an exponent, as counters are.
func wholeCount(field, text string) (Count, error) {
	number, err := pricing.ParseUSD(text)
	if err != nil {
		return Count{}, badRow("%s %s: not a number", field, quoted(text))
	}
	return parseCount(field, number.String())
}

// cutLabels reads {name="value",…} and gives the labels as a scope, and what follows.
func cutLabels(text string) (scope, rest string, err error) {
	if !strings.HasPrefix(text, "{") {
		return "", text, nil
	}
	var out strings.Builder
	text = text[1:]
	for {
		text = strings.TrimLeft(text, ", \t")
		if strings.HasPrefix(text, "}") {
			return out.String(), text[1:], nil
		}
		name, after, found := strings.Cut(text, "=")
		after = strings.TrimLeft(after, " \t")
		if !found || !strings.HasPrefix(after, `"`) {
			return "", "", badRow("labels are not closed")
		}
		end := stringEnd([]byte(after), 0)
		if end < 0 {
			return "", "", badRow("a label is not closed")
		}
		name = strings.TrimSpace(name)
		if !strings.Contains(name, "email") {
			writeLabel(&out, name, unescapedLabel(after[1:end]))
		}
		text = after[end+1:]
	}
}

// unescapedLabel reads the three escapes that label values have.
func unescapedLabel(text string) string {
	if value, err := strconv.Unquote(`"` + text + `"`); err == nil {
		return value
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(text)
}
