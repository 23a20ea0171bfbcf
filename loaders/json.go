package loaders

import (
	"unsafe"

	"github.com/valyala/fastjson"
)

// textOf gives a string or number value as text without copying; it lives as long as the parsed
// record. Null, absent and structured values are "".
func textOf(value *fastjson.Value) string {
	if value == nil {
		return ""
	}
	switch value.Type() {
	case fastjson.TypeString:
		return view(value.GetStringBytes())
	case fastjson.TypeNumber:
		return value.String()
	}
	return ""
}

func textAt(value *fastjson.Value, path ...string) string {
	if value == nil {
		return ""
	}
	return textOf(value.Get(path...))
}

// firstText is the first that says something.
func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// firstTier returns the first service tier that may have served: "auto" is only asked for.
func firstTier(tiers ...string) string {
	for i, tier := range tiers {
		if tier == "auto" {
			tiers[i] = ""
		}
	}
	return firstText(tiers...)
}

func countAt(value *fastjson.Value, path ...string) (Count, error) {
	if value == nil {
		return Count{}, nil
	}
	return parseCount(path[len(path)-1], textAt(value, path...))
}

// isTrue reads a boolean that may be written as JSON or as text.
func isTrue(value *fastjson.Value) bool {
	if value == nil {
		return false
	}
	return value.Type() == fastjson.TypeTrue || isTrueText(textOf(value))
}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is the bytes of a text, to be read only.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// objectOf gives an object that may be written as text inside a string; nil when there is none or
// it cannot be read.
func objectOf(value *fastjson.Value, parser *fastjson.Parser) *fastjson.Value {
	if value == nil {
		return nil
	}
	if value.Type() == fastjson.TypeObject {
		return value
	}
	return parseObject(textOf(value), parser)
}

// parseObject reads an object that is JSON, or that was written as text otherwise.
func parseObject(text string, parser *fastjson.Parser) *fastjson.Value {
	text = plainJSON(text)
	if len(text) < 2 || text[0] != '{' {
		return nil
	}
	parsed, err := parser.Parse(text)
	if err != nil || parsed.Type() != fastjson.TypeObject {
		return nil
	}
	return parsed
}
