package loaders

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// source is where the value of a field comes from and how it is read, compiled.
type source struct {
	field     string // for messages
	first     []int  // slots: the first that says something
	sum       []int  // slots that are added up
	plus      int64  // added to a count that is known
	times     int    // slot that an amount is multiplied by, or -1
	constant  string
	convert   func(string) string
	strip     string
	values    map[string]string // nil: values stand as they are
	otherwise string            // for values that are not among values
	isOpen    bool              // otherwise was given
	missing   string            // when the record says nothing
	unit      string
	scale     pricing.USD // of counts and amounts
	isScaled  bool
	isSound   bool          // the count is of seconds of sound
	when      instants      // of times
	length    time.Duration // of durations: their unit; 0 for text such as 1.5s
}

// text gives the value as text; "" when the record does not say.
func (s *source) text(p *picks) (string, error) {
	text := s.constant
	for _, slot := range s.first {
		if text = p.text(slot); text != "" {
			break
		}
	}
	if text == "" {
		return s.missing, nil
	}
	if s.strip != "" {
		text = stripped(text, s.strip)
	}
	if s.convert != nil {
		text = s.convert(text)
	}
	if s.values == nil {
		return text, nil
	}
	if mapped, known := s.mapped(text); known {
		return mapped, nil
	}
	if s.isOpen {
		return s.otherwise, nil
	}
	return "", badRow("%s: a value that the mapping does not list", s.field)
}

// mapped is what a value means. Other spellings of true and false mean what these do.
func (s *source) mapped(text string) (string, bool) {
	mapped, known := s.values[text]
	if isTrue, isFlag := truthOf(text); isFlag && !known {
		mapped, known = s.values[strconv.FormatBool(isTrue)]
	}
	return mapped, known
}

// document gives the first value with all that is in it, as JSON text.
func (s *source) document(p *picks) string {
	for _, slot := range s.first {
		if text := p.document(slot); text != "" {
			return text
		}
	}
	return s.constant
}

// object gives the first value that is a JSON object, or text that holds one.
func (s *source) object(p *picks) *fastjson.Value {
	for _, slot := range s.first {
		if object := p.object(slot); object != nil {
			return object
		}
	}
	return nil
}

// isHeld reports that the record has one of the paths, be it empty.
func (s *source) isHeld(p *picks) bool {
	for _, slot := range s.first {
		found := p.found[slot]
		isNull := found.value != nil && found.value.Type() == fastjson.TypeNull
		if found.text != "" || found.value != nil && !isNull {
			return true
		}
	}
	return false
}

// count reads a number of tokens or calls.
func (s *source) count(p *picks) (Count, error) {
	if len(s.sum) > 0 && !s.isHeld(p) {
		var total Count
		for _, slot := range s.sum {
			part, err := s.parseCount(s.stripped(p.text(slot)))
			if err != nil {
				return Count{}, err
			}
			total = Count{N: total.N + part.N, Known: total.Known || part.Known}
		}
		return s.more(total), nil
	}
	text, err := s.text(p)
	if err != nil {
		return Count{}, err
	}
	count, err := s.parseCount(text)
	return s.more(count), err
}

func (s *source) more(count Count) Count {
	if count.Known {
		count.N += s.plus
	}
	return count
}

func (s *source) stripped(text string) string {
	if s.strip == "" {
		return text
	}
	return stripped(text, s.strip)
}

func (s *source) parseCount(text string) (Count, error) {
	if !s.isScaled || text == "" {
		return parseUnits(s.isSound, s.field, text)
	}
	number, err := pricing.ParseUSD(text)
	if err != nil {
		return Count{}, badRow("%s %s: not a number", s.field, quoted(text))
	}
	return parseUnits(s.isSound, s.field, number.Mul(s.scale).String())
}

// money reads an amount, exactly, and keeps its text.
func (s *source) money(p *picks, w *worker) (Money, error) {
	if len(s.sum) > 0 && !s.isHeld(p) {
		return s.total(p, w)
	}
	text, err := s.text(p)
	if err == nil && text == "" {
		err = s.plain(p)
	}
	if err != nil || text == "" {
		return Money{}, err
	}
	if !s.isScaled && s.times < 0 {
		return w.money(s.field, text)
	}
	amount, err := s.exact(p, text)
	if err != nil {
		return Money{}, err
	}
	money, err := w.narrow(s.field, amount)
	money.Text = text
	return money, err
}

// plain refuses an amount that is in parts, as if a currency stood beside it: which part is it?
func (s *source) plain(p *picks) error {
	for _, slot := range s.first {
		v := p.found[slot].value
		if v == nil || p.found[slot].text != "" {
			continue
		}
		object := v.GetObject()
		if len(v.GetArray()) > 0 || object != nil && object.Len() > 0 {
			return badRow("%s: %s, not an amount", s.field, v.Type())
		}
	}
	return nil
}

// exact is an amount in USD before it is rounded to what is stored.
func (s *source) exact(p *picks, text string) (pricing.USD, error) {
	amount, err := pricing.ParseUSD(text)
	if err != nil {
		return amount, badRow("%s %s: not an amount", s.field, quoted(text))
	}
	if s.isScaled {
		amount = amount.Mul(s.scale)
	}
	if s.times < 0 {
		return amount, nil
	}
	factor, err := pricing.ParseUSD(p.text(s.times))
	if err != nil {
		return amount, badRow("%s: what it is multiplied by, %s, is not a number", s.field,
			quoted(p.text(s.times)))
	}
	return amount.Mul(factor), nil
}

// total adds up amounts; its text is the sum.
func (s *source) total(p *picks, w *worker) (Money, error) {
	var sum pricing.USD
	isKnown := false
	for _, slot := range s.sum {
		text := s.stripped(p.text(slot))
		if text == "" {
			continue
		}
		part, err := s.exact(p, text)
		if err != nil {
			return Money{}, err
		}
		sum, isKnown = sum.Add(part), true
	}
	if !isKnown {
		return Money{}, nil
	}
	return w.narrow(s.field, sum)
}

// narrow rounds an exact amount to what is stored, and counts where digits are lost.
func (w *worker) narrow(field string, exact pricing.USD) (Money, error) {
	narrow, rounded := exact.Narrow()
	if isBeyond(narrow) {
		return Money{}, badRow("%s: beyond any amount we store", field)
	}
	if rounded {
		w.tally.RoundedAmounts++
	}
	return Money{USD: narrow, Text: exact.String(), Known: true}, nil
}

// instant reads a moment.
func (s *source) instant(p *picks) (Count, error) {
	text, err := s.text(p)
	if err != nil || text == "" {
		return Count{}, err
	}
	return s.when.read(s.field, text)
}

// micros reads a length of time in microseconds.
func (s *source) micros(p *picks) (Count, error) {
	text, err := s.text(p)
	if err != nil || text == "" {
		return Count{}, err
	}
	if s.length == 0 {
		length, err := time.ParseDuration(text)
		if err != nil || length < 0 {
			return Count{}, badRow("%s %s: not a length of time", s.field, quoted(text))
		}
		return Counted(length.Microseconds()), nil
	}
	us, ok := scaledWhole(text, placesOf(s.length))
	if !ok || us < 0 {
		return Count{}, badRow("%s %s: not a length of time", s.field, quoted(text))
	}
	return Counted(us), nil
}

// flag reads a boolean.
func (s *source) flag(p *picks) (bool, error) {
	text, err := s.text(p)
	if err != nil {
		return false, err
	}
	return parseFlag(s.field, text)
}

func stripped(text, characters string) string {
	if !strings.ContainsAny(text, characters) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(characters, r) {
			return -1
		}
		return r
	}, text)
}

// conversions are the words of "as:" and what they do.
func conversions() map[string]func(string) string {
	return map[string]func(string) string{
		"lower":            strings.ToLower,
		"http_status":      httpStatus,
		"error_if_any":     func(string) string { return "error" },
		"present":          func(string) string { return "true" },
		"nonzero":          nonzero,
		"traceparent":      func(text string) string { return traceIDOf(text, 32, 1) },
		"traceparent_span": func(text string) string { return traceIDOf(text, 16, 2) },
		"otel_id":          otelID,
		"second_part":      secondPart,
		"geography":        pricing.Geography,
		"after_colons":     afterColons,
		"known_provider":   knownProvider,
	}
}

// httpStatus tells the status of a call from its HTTP status: 499 is a client that hung up. Other
// text is left as it is.
func httpStatus(text string) string {
	code, err := strconv.Atoi(strings.TrimSuffix(text, ".0"))
	switch {
	case err != nil, code == 1: // a flag
		return text
	case code >= 200 && code < 300:
		return "success"
	case code < 0:
		return text // of the gateway's own
	case code == 499:
		return "cancelled"
	}
	return "error"
}

func nonzero(text string) string {
	amount, err := pricing.ParseUSD(text)
	return strconv.FormatBool(err == nil && !amount.IsZero())
}

// traceIDOf gives an id of a W3C header, or the id alone, as some access logs write it, or a UUID.
func traceIDOf(text string, length, part int) string {
	if length == 32 {
		text = traceUUID(text)
	}
	if len(text) == length {
		id, _ := hexID("", text, length/2)
		return id
	}
	return traceparent(text, part)
}

// traceparent cuts a part out of a W3C header: 00-<trace id>-<span id>-01. Callers that write it in
// upper case are passed on as they wrote it; spans have it in lower case.
func traceparent(text string, part int) string {
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts[1]) != 32 || len(parts[2]) != 16 {
		return ""
	}
	return strings.ToLower(parts[part])
}

// otelID is a trace's or a span's id in hex, which plain protobuf dumps write in base64, and MLflow
// behind tr-; other text stays.
func otelID(text string) string {
	bytes, id := 8, strings.TrimPrefix(text, "tr-")
	if len(id) > 16 {
		bytes = 16
	}
	if len(id) < 2*bytes && !strings.HasSuffix(id, "=") { // no whole id
		return text
	}
	if plain, err := hexID("", id, bytes); err == nil && plain != "" {
		return plain
	}
	return text
}

// afterColons is the model of a short-hand such as openai::gpt-5; other text stays.
func afterColons(text string) string {
	if _, after, found := strings.Cut(text, "::"); found {
		return after
	}
	return text
}

// secondPart of a path such as namespace/name/route.
func secondPart(text string) string {
	_, rest, _ := strings.Cut(text, "/")
	part, _, _ := strings.Cut(rest, "/")
	return part
}
