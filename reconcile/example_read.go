package reconcile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// message is one side of an example: its headers, by lower-case name, and its body.
type message struct {
	headers map[string]string
	body    map[string]any
	events  int // of a streamed body
}

// exampleBytesMax is how large an example may be.
const exampleBytesMax = 16 << 20

// readMessage reads a request or response: HTTP as text (also as curl -v writes it), JSON with
// headers and body, or the body alone, streamed or not. The mark is what curl sets before the lines
// of this side: ">" of requests, "<" of responses.
func readMessage(path, mark string) (*message, error) {
	unusable := func(problem string) error {
		return &InputError{Problem: path + ": " + problem,
			Hint: "write it as HTTP text, as JSON with headers and body, or as the body alone"}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, &InputError{Problem: path + ": " + pathErrText(err), Hint: "check the path"}
	}
	if info.Size() > exampleBytesMax {
		return nil, unusable(fmt.Sprintf("larger than %d MB", exampleBytesMax>>20))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &InputError{Problem: path + ": " + pathErrText(err), Hint: "check the path"}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	m := &message{headers: map[string]string{}}
	if object := jsonObject(text); object != nil {
		m.takeJSON(object)
		return m, nil
	}
	if !m.takeHTTP(ofCurl(string(text), mark)) {
		return nil, unusable("neither HTTP nor JSON")
	}
	return m, nil
}

func jsonObject(text []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil || decoder.More() {
		return nil
	}
	return object
}

// takeJSON takes in {headers, body}, what browsers export (HAR), or a body.
func (m *message) takeJSON(object map[string]any) {
	var hasHeaders bool
	for key, value := range object {
		switch strings.ToLower(key) {
		case "headers", "response_headers", "request_headers":
			hasHeaders = true
			m.takeHeaders(value)
		}
	}
	if !hasHeaders {
		m.body = object
		return
	}
	for _, key := range []string{"body", "postData", "content", "json", "data"} {
		switch body := object[key].(type) {
		case map[string]any:
			if text, isText := body["text"].(string); isText && key != "body" {
				m.takeBody(text)
			} else {
				m.body = body
			}
		case string:
			m.takeBody(body)
		}
	}
}

func (m *message) takeHeaders(value any) {
	switch headers := value.(type) {
	case map[string]any:
		for name, v := range headers {
			if list, isList := v.([]any); isList && len(list) > 0 {
				v = list[0]
			}
			m.headers[strings.ToLower(name)] = fmt.Sprint(v)
		}
	case []any:
		for _, item := range headers {
			if pair, isPair := item.(map[string]any); isPair {
				m.headers[strings.ToLower(fmt.Sprint(pair["name"]))] = fmt.Sprint(pair["value"])
			}
		}
	}
}

// ofCurl picks one side of what curl -v writes of both: its marked lines, of several requests the
// last ones, and of a response the body, which has no mark. Any other text it gives as it is.
func ofCurl(text, mark string) string {
	if !strings.Contains("\n"+text, "\n> ") || !strings.Contains("\n"+text, "\n< HTTP/") {
		return text
	}
	var head, body []string
	for _, line := range strings.Split(text, "\n") {
		isBytes := strings.HasSuffix(line, " bytes data]") // of a body, as in { [5 bytes data]
		switch {
		case line == mark || strings.HasPrefix(line, mark+" "):
			if len(head) > 0 && strings.TrimSpace(head[len(head)-1]) == mark {
				head, body = nil, nil // that was a redirect's, or told to go on
			}
			head = append(head, line)
		case strings.HasPrefix(line, "* ") || isBytes, strings.HasPrefix(line+" ", "> "),
			strings.HasPrefix(line+" ", "< "):
		case mark == "<":
			// It stands behind a body that ends without a new line.
			line, _, _ = strings.Cut(line, "* Connection #")
			body = append(body, line)
		}
	}
	return strings.Join(append(append(head, ""), body...), "\n")
}

// takeHTTP takes in a dump; it reports whether it looks like one.
func (m *message) takeHTTP(text string) bool {
	lines := strings.Split(text, "\n")
	body := len(lines)
	for i, line := range lines {
		// curl -v marks what it sent and got, and comments of its own.
		line = strings.TrimPrefix(strings.TrimPrefix(line, "< "), "> ")
		if line == "<" || line == ">" || strings.TrimSpace(line) == "" {
			if len(m.headers) == 0 {
				continue
			}
			body = i + 1
			break
		}
		name, value, found := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "data:") || strings.HasPrefix(line, "event:"):
			body = i
		case strings.HasPrefix(line, "* ") || strings.Contains(line, "HTTP/"):
			continue
		case found && !strings.ContainsAny(name, " {}\"'<>()"):
			m.headers[strings.ToLower(name)] = strings.TrimSpace(value)
			continue
		default:
			return false
		}
		break
	}
	if body < len(lines) {
		m.takeBody(strings.Join(lines[body:], "\n"))
	}
	return len(m.headers) > 0 || m.body != nil
}

// takeBody takes in JSON, or the events of a stream: the first that says something of a key
// holds for all but usage, of which the last does.
func (m *message) takeBody(text string) {
	if m.body = jsonObject([]byte(text)); m.body != nil {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		data, isData := strings.CutPrefix(line, "data:")
		event := jsonObject([]byte(strings.TrimSpace(data)))
		if !isData || event == nil {
			continue
		}
		if m.body == nil {
			m.body = map[string]any{}
		}
		m.events++
		m.merge(event)
		for _, inner := range []string{"message", "response"} { // Anthropic, OpenAI Responses
			if object, isObject := event[inner].(map[string]any); isObject {
				m.merge(object)
			}
		}
	}
}

func (m *message) merge(event map[string]any) {
	for key, value := range event {
		usage, isUsage := value.(map[string]any)
		before, had := m.body[key].(map[string]any)
		switch {
		case isUsage && had && strings.HasPrefix(strings.ToLower(key), "usage"):
			for name, count := range usage {
				before[name] = count
			}
		case m.body[key] == nil:
			m.body[key] = value
		}
	}
}

// at finds a value in the body by its path, nil when there is none.
func (m *message) at(path ...string) any {
	var value any = m.body
	for _, key := range path {
		object, isObject := value.(map[string]any)
		if !isObject {
			return nil
		}
		value = object[key]
	}
	if value == "" {
		return nil
	}
	return value
}
