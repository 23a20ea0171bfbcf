package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Response headers as applications log them, one JSON object a line: the third place in which a
// request's id stands, and a second statement of what the gateway says that it cost. The headers
// are the object itself, or its member headers, response_headers or response.headers; as
// attributes of a log record they are called http.response.header.NAME.

func applicationHeaders() Format {
	return Format{
		Name: "application.response_headers", Leg: LegApplication,
		About: "response headers that applications log, one call a line: ids and the gateway's " +
			"cost, to compare with",
		recognise: recogniseHeaders,
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler {
				return func(v *fastjson.Value, line int64) error {
					return w.answerOf(v, line)
				}
			})
		},
	}
}

// headersWithin are the places of headers in a record.
func headersWithin() [][]string {
	return [][]string{{"headers"}, {"response_headers"}, {"response", "headers"},
		{"http.response.headers"}, {"attributes"}, {}}
}

const headerAttribute = "http.response.header."

// headerOfAttribute is the header that an attribute or a log's member holds; older conventions, and
// many logs, write _ for -.
func headerOfAttribute(name string) string {
	header, isAttribute := strings.CutPrefix(strings.ToLower(name), headerAttribute)
	if rest, isOfProvider := strings.CutPrefix(header, "llm_provider"); isOfProvider {
		return "llm_provider" + strings.ReplaceAll(rest, "_", "-")
	}
	if isAttribute || strings.HasPrefix(header, "x_") { // request_id alone is anybody's
		return strings.ReplaceAll(header, "_", "-")
	}
	return header
}

// isAnswerHeader reports an attribute that holds a header of ours.
func isAnswerHeader(attribute string) bool {
	if !strings.HasPrefix(attribute, headerAttribute) {
		return false
	}
	name := headerOfAttribute(attribute)
	return answerField(&Answer{}, name) != nil || namesServer(name)
}

// namesServer reports a header by which servers name themselves.
func namesServer(name string) bool { return name == "via" || name == "server" }

// firstListed is the first of a header's values, which an attribute lists as a,b or as JSON text.
func firstListed(text string) string {
	if list, isList := strings.CutPrefix(text, `["`); isList {
		text, _, _ = strings.Cut(list, `"`)
		return text
	}
	text, _, _ = strings.Cut(text, ",")
	return text
}

// recogniseHeaders looks for a header of a gateway, or for two of a provider, in a record that is
// no gateway's own log.
func recogniseHeaders(h *Head) Match {
	own, others, seen := 0, 0, ""
	for path := range h.Keys {
		for _, within := range headersWithin() {
			prefix := strings.Join(append(within, ""), ".")
			name, isWithin := strings.CutPrefix(path, prefix)
			name = headerOfAttribute(name)
			if !isWithin || answerField(&Answer{}, name) == nil {
				continue
			}
			others++
			if isOfGateway(name) {
				own++
				if seen == "" || name < seen { // the same for the same file
					seen = name
				}
			}
			break
		}
	}
	if own == 0 || h.Keys["latencies"] || h.Keys["request_id"] && h.Keys["spend"] {
		return Match{}
	}
	return Match{Fits: true, Score: own + others, Why: "JSON has the response header " + seen}
}

func isOfGateway(name string) bool {
	return gatewayOfHeader(name) != "" || name == "request-id" || name == "x-amzn-requestid" ||
		name == "apim-request-id"
}

// gatewayOfHeader names the gateway that writes such a header.
func gatewayOfHeader(name string) string {
	for _, sign := range [][2]string{{"x-litellm-", "litellm"}, {"llm_provider-", "litellm"},
		{"x-portkey-", "portkey"}, {"x-kong-", "kong"}, {"helicone-", "helicone"},
		{"cf-aig-", "cloudflare"}} {
		if strings.HasPrefix(name, sign[0]) {
			return sign[1]
		}
	}
	return ""
}

// answerField is where a header's value belongs; nil when it tells nothing of ours.
func answerField(a *Answer, name string) *string {
	switch name {
	case "x-litellm-call-id", "x-kong-request-id", "helicone-id", "cf-aig-log-id":
		return &a.CallID
	case "x-portkey-trace-id", "x-litellm-trace-id":
		return &a.TraceID
	case "x-request-id", "request-id", "x-amzn-requestid", "apim-request-id",
		"llm_provider-x-request-id", "llm_provider-request-id", "llm_provider-x-amzn-requestid",
		"llm_provider-apim-request-id":
		return &a.ProviderRequestID
	case "x-litellm-version":
		return &a.GatewayVersion
	case "x-litellm-model-id":
		return &a.ModelID
	case "x-litellm-response-cost":
		return &a.Spend.Text
	case "x-generation-id":
		return &a.ResponseID
	}
	return nil
}

// take takes in a header, and reports whether it is one of ours.
func (a *Answer) take(name, text string) (isKnown bool) {
	if namesServer(name) {
		if version := kongReleaseIn(text); version != "" {
			a.Gateway, a.GatewayVersion = firstText(a.Gateway, "kong"), version
		}
		return false
	}
	field := answerField(a, name)
	if field == nil || text == "" {
		return false
	}
	if a.Gateway == "" {
		a.Gateway = gatewayOfHeader(name)
	}
	if *field == "" || strings.HasPrefix(name, "llm_provider-") { // the gateway's x-request-id
		*field = text // is not the provider's
	}
	return true
}

// releaseName is a text that names a release, without the v that some write before it; "" for any
// other text.
func releaseName(text string) string {
	text = strings.TrimPrefix(text, "v")
	if text == "" || len(text) > 64 || text[0] < '0' || text[0] > '9' {
		return ""
	}
	isOther := func(c rune) bool {
		isLetter := c|0x20 >= 'a' && c|0x20 <= 'z'
		return (c < '0' || c > '9') && !isLetter && !strings.ContainsRune(".-+_", c)
	}
	if strings.IndexFunc(text, isOther) >= 0 {
		return ""
	}
	return text
}

// answerOf reads one record; one without a header of ours is passed over.
func (w *worker) answerOf(v *fastjson.Value, line int64) error {
	a := Answer{Line: line}
	isFound := false
	take := func(name string, value *fastjson.Value) {
		if list := value.GetArray(); len(list) > 0 {
			value = list[0]
		}
		isFound = a.take(headerOfAttribute(name), strings.Clone(textOf(value))) || isFound
	}
	for _, within := range headersWithin() {
		headers := v.Get(within...)
		for _, pair := range headers.GetArray() { // [{"name": …, "value": …}]
			take(textAt(pair, "name"), pair.Get("value"))
		}
		headers.GetObject().Visit(func(name []byte, value *fastjson.Value) {
			take(string(name), value)
		})
	}
	if !isFound {
		w.ignored()
		return nil
	}
	return w.answer(&a, v)
}

func (w *worker) answer(a *Answer, v *fastjson.Value) error {
	for _, name := range []string{"response_id", "completion_id", "gen_ai.response.id"} {
		if a.ResponseID == "" {
			a.ResponseID = textAt(v, name)
		}
	}
	for _, name := range []string{"timestamp", "time", "ts", "@timestamp", "date"} {
		at, err := parseInstant(name, textAt(v, name))
		if err == nil && at.Known {
			a.AtUS = at
			break
		}
	}
	var err error
	if a.Spend, err = w.money("x-litellm-response-cost", a.costText()); err != nil {
		return err
	}
	a.hideSecrets()
	w.tally.Read++
	w.tally.Loaded++
	if a.AtUS.Known {
		w.tally.saw(a.AtUS.N)
	}
	return w.answers.add(a)
}

// costText is the cost as the header says it; Python's word for none is none.
func (a *Answer) costText() string {
	if a.Spend.Text == "None" || a.Spend.Text == "null" {
		return ""
	}
	return a.Spend.Text
}

func (a *Answer) hideSecrets() {
	a.GatewayVersion = releaseName(a.GatewayVersion)
	a.ResponseID = lowerUUID(plainResponseID(a.ResponseID))
	a.CallID, a.TraceID = lowerUUID(a.CallID), traceUUID(a.TraceID)
	a.ProviderRequestID = lowerUUID(a.ProviderRequestID)
	for _, id := range []*string{&a.CallID, &a.TraceID, &a.ProviderRequestID, &a.ModelID,
		&a.ResponseID} {
		if isSecret(*id) {
			*id = keyID(*id)
		}
	}
}
