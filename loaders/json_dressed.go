package loaders

import (
	"bytes"
	"strings"

	"github.com/valyala/fastjson"
)

// JSON in another dress: written as the text of a JSON string once more, as a driver does that is
// given text for a JSON column, or as Python and ClickHouse print their maps and lists.

// isDressed reports text that begins as such JSON does.
func isDressed(text string) bool {
	if len(text) < 4 {
		return false
	}
	switch text[0] {
	case '"':
		return text[1] == '{' || text[1] == '[' || text[1] == '\\' && text[2] == '"'
	case '{':
		return text[1] == '\''
	case '[':
		return text[1] == '\'' || text[1] == '{' && text[2] == '\''
	}
	return false
}

// undressed is the JSON object or list that such text holds, at any depth; "" when it holds none.
func undressed(text string) string {
	if !isDressed(text) {
		return ""
	}
	for text[0] == '"' {
		v, err := fastjson.Parse(text)
		if err != nil || v.Type() != fastjson.TypeString {
			return ""
		}
		if text = string(v.GetStringBytes()); text == "" {
			return ""
		}
	}
	if isDressed(text) {
		text = view(pythonJSON(text, nil))
	}
	if parsedText(bytesOf(text)) == nil {
		return ""
	}
	return text
}

// plainJSON is undressed text, and other text as it stands.
func plainJSON(text string) string {
	if plain := undressed(text); plain != "" {
		return plain
	}
	return text
}

// isFolded reports a record of which a member is an object that is written as text.
func isFolded(v *fastjson.Value) bool {
	found := false
	v.GetObject().Visit(func(_ []byte, member *fastjson.Value) {
		text := view(member.GetStringBytes())
		found = found || strings.HasPrefix(text, "{") || isDressed(text)
	})
	return found
}

// unfolder reads records that hold objects as text as if they were none.
type unfolder struct {
	parser  fastjson.Parser
	scratch []byte
}

func (u *unfolder) unfold(v *fastjson.Value) (*fastjson.Value, error) {
	u.scratch = appendUnfolded(u.scratch[:0], v)
	unfolded, err := u.parser.ParseBytes(u.scratch)
	if err != nil {
		return nil, badRow("its members are text that cannot be read as JSON")
	}
	return unfolded, nil
}

// appendUnfolded writes a value, and in it what is an object or list written as text as what it is.
func appendUnfolded(to []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		to = append(to, '{')
		from := len(to)
		v.GetObject().Visit(func(key []byte, member *fastjson.Value) {
			if len(to) > from {
				to = append(to, ',')
			}
			to = appendUnfolded(append(appendJSONText(to, view(key)), ':'), member)
		})
		return append(to, '}')
	case fastjson.TypeArray:
		to = append(to, '[')
		for i, element := range v.GetArray() {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendUnfolded(to, element)
		}
		return append(to, ']')
	case fastjson.TypeString:
		text := plainJSON(view(v.GetStringBytes()))
		if inside := parsedText(bytesOf(text)); inside != nil {
			return appendUnfolded(to, inside)
		}
	}
	return v.MarshalTo(to)
}

// isCopied reports text that may be of Postgres's COPY in its text form, which writes each
// backslash twice: JSON with a quote in a string is none then.
func isCopied(text []byte) bool { return bytes.Contains(text, []byte(`\\"`)) }

// uncopied is such text as it was before.
func uncopied(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(`\\`), []byte(`\`))
}
