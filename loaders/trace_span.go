package loaders

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// itemStep keeps apart the spans of records that begin on one line; no record holds that many.
const itemStep = 1_000_000_000

// spanReader turns the spans of one worker into rows, whatever form they were written in: a form
// begins a span, fills its ids and times into row, notes its attributes and ends it.
type spanReader struct {
	*tracer
	line int64
	item int64 // of the span within the record

	resource, span facts
	events         facts // of the span, when hasEvents
	hasEvents      bool
	row            *Span // where it will be held
	attributes     int64
	isCut          bool   // the SDK cut attributes off
	isFailed       bool   // the span's status is error
	fault          error  // what makes the span a reject if it is ours
	scratch        []byte // texts of the numbers of the resource and the span in hand
	kept           []byte
	inner          [innerTextsMax + 2]fastjson.Parser // of JSON within texts
	python, usage  []byte
	isAnyID        bool // ids are the store's own, and need not be OpenTelemetry's
}

// place tells where the spans are that follow: the line of their record and their number on it.
func (r *spanReader) place(line int64) {
	r.line, r.item = line, r.w.nth*itemStep
	r.scratch = r.scratch[:0]
}

// begin forgets the span before.
func (r *spanReader) begin(scope string) {
	r.item++
	r.row = r.part.slot(r.lineage)
	*r.row = Span{} // alone, so that it is cleared where it lies
	r.row.Line, r.row.Item, r.row.Scope = r.line, r.item, scope
	r.attributes, r.isCut, r.isFailed, r.fault = 0, false, false, nil
	r.hasEvents = false
	r.span.reset()
}

// note takes in one attribute of the span or of its resource.
func (r *spanReader) note(into *facts, name, text string) {
	meaning := r.recent.meaning(r.names, name)
	into.signs |= meaning.signs
	if meaning.isKnown {
		into.note(meaning, name, text)
	}
}

// end holds the span until it is delivered; one that cannot be read is a reject, and harms no
// neighbour. Spans of databases and web servers are counted, not loaded.
func (r *spanReader) end() error {
	if r.hasEvents {
		r.span.takeEvents(&r.events)
	}
	if r.span.signs&markHeader != 0 {
		r.readHeaders()
	}
	if r.span.signs&dataSigns == 0 {
		r.passOver()
		return r.answered()
	}
	if err := r.deliver(); err != nil {
		return r.w.settle(r.placed(err), r.line, nil)
	}
	return r.answered()
}

func (r *spanReader) deliver() error {
	if r.fault != nil {
		return r.fault
	}
	if err := r.finish(); err != nil {
		return err
	}
	if !r.row.StartedUS.Known {
		return badRow("no start time, so it belongs to no day")
	}
	r.hold()
	return nil
}

// hold keeps the row in its place.
func (r *spanReader) hold() {
	p, row := r.part, r.row
	p.texts.keepRow(row)
	link := p.link()
	link.key, link.parent, link.trace = r.lineage.seeds.keys(row)
	link.parentID, link.of, link.isLoaded = row.ParentSpanID, row, true
	p.loaded = append(p.loaded, link)
	p.rows++
	if r.span.own.where != "" && row.Role == roleOther {
		own := r.span.own
		p.gifts = append(p.gifts, gift{from: link, own: &own})
	}
}

// passOver remembers of a span that is not loaded what the spans around it take from it.
func (r *spanReader) passOver() {
	r.w.ignored()
	row := r.row
	if r.identify() != nil || row.TraceID == "" || row.SpanID == "" {
		return
	}
	p := r.part
	link := p.link()
	link.key, link.parent, link.trace = r.lineage.seeds.keys(row)
	p.texts.keep(&row.ParentSpanID)
	link.parentID = row.ParentSpanID
	r.takeFromResource()
	if r.span.lends() {
		of := &Span{WorkflowName: r.span.text(factWorkflowName),
			AgentName: r.span.text(factAgentName)}
		r.span.identify(of)
		p.texts.keepRow(of)
		link.of = of
	}
	provider, call := r.span.text(factProviderRequestID), r.span.text(factCallID)
	if provider != "" || call != "" {
		p.texts.keep(&provider)
		p.texts.keep(&call)
		p.gifts = append(p.gifts, gift{from: link, providerRequestID: provider, callID: call})
	}
}

// lends reports facts that spans further down take over.
func (f *facts) lends() bool {
	for _, of := range [...]fact{factSession, factWorkflow, factWorkflowName, factAgentName,
		factTenantTag, factTags, factOrganization, factTeam, factProject, factUser} {
		if f.texts[of] != "" {
			return true
		}
	}
	return false
}

// placed names the span that an error is about, since a line holds many.
func (r *spanReader) placed(err error) error {
	if err == nil || len(r.row.SpanID) != 16 || !isHex(r.row.SpanID) {
		return err
	}
	var row rowError
	if errors.As(err, &row) {
		return badRow("span %s: %s", r.row.SpanID, row.reason)
	}
	return err
}

// finish checks ids and lets the attributes fill the rest of the row.
func (r *spanReader) finish() error {
	row := r.row
	if err := r.identify(); err != nil {
		return err
	}
	if row.TraceID == "" || row.SpanID == "" {
		return badRow("traceId or spanId is missing, so the span cannot be told from a copy")
	}
	row.Attributes = Counted(r.attributes)
	r.readInner()
	r.takeFromResource()
	row.Service = firstText(row.Service, r.resource.text(factService))
	row.GatewayVersion = r.gatewayVersion()
	row.Attrs = r.keptJSON()
	return r.span.fill(row, r.isFailed, r.isCut)
}

// takeFromResource lets the resource tell of the span what it tells of all its spans.
func (r *spanReader) takeFromResource() {
	for _, f := range r.names.inherited {
		r.span.inherit(f, &r.resource)
	}
}

// identify makes the ids of one form.
func (r *spanReader) identify() (err error) {
	row := r.row
	if r.isAnyID {
		row.TraceID, row.SpanID = ownID(row.TraceID), ownID(row.SpanID)
		row.ParentSpanID = ownID(row.ParentSpanID)
		return nil
	}
	if row.TraceID, err = hexID("traceId", row.TraceID, 16); err != nil {
		return err
	}
	if row.SpanID, err = hexID("spanId", row.SpanID, 8); err != nil {
		return err
	}
	row.ParentSpanID, err = hexID("parentSpanId", row.ParentSpanID, 8)
	if row.ParentSpanID == row.SpanID {
		row.ParentSpanID = ""
	}
	return err
}

// ownID keeps an id that a store may have given itself; a UUID is written as the hex that it is.
func ownID(text string) string {
	if plain := strings.ReplaceAll(text, "-", ""); len(text) == 36 && isHex(plain) {
		return strings.ToLower(plain)
	}
	if isHex(text) {
		return strings.ToLower(text)
	}
	return text
}

// hexID gives an id of so many bytes in lower-case hex; an absent or all-zero id is "".
func hexID(field, text string, bytes int) (string, error) {
	if len(text) == 2*bytes {
		switch form := hexForm(text); {
		case form == hexZeros:
			return "", nil
		case form&notHex != 0:
			return "", badRow("%s is not hexadecimal", field)
		case form&hexUpper != 0:
			return strings.ToLower(text), nil
		}
		return text, nil
	}
	if text == "" {
		return "", nil
	}
	if len(text) == base64.StdEncoding.EncodedLen(bytes) {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) == bytes {
			return hexID(field, hex.EncodeToString(raw), bytes)
		}
	}
	if len(text) < 2*bytes && isHex(text) {
		return hexID(field, strings.Repeat("0", 2*bytes-len(text))+text, bytes)
	}
	return "", badRow("%s is not an id of %d bytes", field, bytes)
}

func isHex(text string) bool { return hexForm(text)&notHex == 0 }

// What hexForm finds.
const (
	hexZeros = 0 // nothing but the digit 0
	hexUpper = 1
	notHex   = 2
)

// hexForm says what kinds of letters a text has. It does not branch: of digits that are as good as
// random the processor guesses every other branch wrong.
func hexForm(text string) (form uint32) {
	for i := range len(text) {
		c := text[i]
		isDigit := (uint32(c-'0') - 10) >> 31
		isLetter := (uint32(c|0x20-'a') - 6) >> 31
		isUpper := isLetter &^ uint32(c>>5)
		isOther := 1 &^ (isDigit | isLetter)
		form |= isUpper*hexUpper | isOther*notHex
		form |= uint32(c^'0') << 8 // not 0 when the letter is not the digit 0
	}
	return form
}

// parseNanos reads nanoseconds since 1970; 0 means unknown.
func parseNanos(field, text string) (Count, error) {
	if text == "" || text == "0" {
		return Count{}, nil
	}
	nanos, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Count{}, badRow("%s %s: not nanoseconds", field, quoted(text))
	}
	if us := nanos / 1000; us >= possibleFromUS && us < possibleToUS {
		return Counted(us), nil
	}
	return checkInstant(field, text, time.Unix(0, nanos).UTC())
}

// parseMicros reads microseconds since 1970; 0 means unknown.
func parseMicros(field, text string) (Count, error) {
	text = strings.TrimSuffix(text, ".0")
	if text == "" || text == "0" {
		return Count{}, nil
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Count{}, badRow("%s %s: not microseconds", field, quoted(text))
	}
	return checkInstant(field, text, time.UnixMicro(micros).UTC())
}

// lasting is the end of a span that is stated as its length, in so many of a microsecond.
func lasting(from Count, length string, perMicro int64) (Count, error) {
	count, err := parseCount("duration", length)
	if err != nil || !count.Known || !from.Known {
		return Count{}, err
	}
	return Counted(from.N + count.N/perMicro), nil
}

// lasts sets both instants of a span from its beginning and its length.
func (r *spanReader) lasts(from Count, err error, length string, perMicro int64) {
	r.row.StartedUS = from
	if err == nil {
		r.row.EndedUS, err = lasting(from, length, perMicro)
	}
	r.fault = err
}

// keptJSON writes the harmless attributes of the span, then of its resource, as one object.
func (r *spanReader) keptJSON() string {
	out := r.kept[:0]
	for i, name := range r.names.kept {
		value := firstText(r.span.kept[i], r.resource.kept[i])
		if value == "" || len(value) > keptBytesMax {
			continue
		}
		if isSecret(value) {
			value = keyID(value)
		}
		if out = append(out, ','); len(out) == 1 {
			out[0] = '{'
		}
		out = appendJSONText(append(appendJSONText(out, name), ':'), value)
	}
	if r.kept = out; len(out) == 0 {
		return ""
	}
	r.kept = append(out, '}')
	return view(r.kept)
}

func appendJSONText(out []byte, text string) []byte {
	return append(appendEscaped(append(out, '"'), text), '"')
}

func appendEscaped(out []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, fmt.Sprintf(`\u%04x`, c)...)
		default:
			out = append(out, c)
		}
	}
	return out
}
