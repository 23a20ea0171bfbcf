package loaders

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// Attributes as plain JSON: {"name": value}, the way most stores and SDKs show them.

// attributeDepthMax bounds objects within an attribute map; stores that nest write one level for
// each dot of a name.
const attributeDepthMax = 8

// noteMap takes in an attribute map: an object, a list of {key, value} or of [key, value].
func (r *spanReader) noteMap(into *facts, attributes *fastjson.Value) int64 {
	if attributes == nil {
		return 0
	}
	switch attributes.Type() {
	case fastjson.TypeObject:
		return r.noteObject(into, "", attributes, 0)
	case fastjson.TypeString:
		object := parseObject(textOf(attributes), &r.inner[innerTextsMax])
		return r.noteObject(into, "", object, 0)
	}
	count := int64(0)
	for _, pair := range attributes.GetArray() {
		name, value := either(pair, "key", "Key"), either(pair, "value", "Value")
		if inner := value.Get("Value"); inner != nil {
			value = inner // Go's SDK writes {"Type":"INT64","Value":12}
		}
		if list := pair.GetArray(); len(list) == 2 {
			name, value = list[0], list[1]
		}
		r.note(into, textOf(name), r.said(textOf(name), value))
		count++
	}
	return count
}

func (r *spanReader) noteObject(into *facts, prefix string, v *fastjson.Value, depth int) int64 {
	count := int64(0)
	v.GetObject().Visit(func(key []byte, value *fastjson.Value) {
		name := view(key)
		if prefix != "" {
			name = prefix + "." + name
		}
		count += r.noteMember(into, name, value, depth)
	})
	return count
}

// noteMember takes in one attribute. An object in place of JSON as text, as stores show it that
// parse such texts, counts as the text and as what stands in it.
func (r *spanReader) noteMember(into *facts, name string, value *fastjson.Value, depth int) int64 {
	if value.Type() != fastjson.TypeObject || depth >= attributeDepthMax {
		r.note(into, name, r.said(name, value))
		return 1
	}
	for _, inner := range r.names.inner {
		if inner.name == name {
			r.note(into, name, view(value.MarshalTo(nil)))
		}
	}
	return r.noteObject(into, name, value, depth+1)
}

// plain gives a JSON value as text; a list is joined with commas, an object says nothing.
func (r *spanReader) plain(v *fastjson.Value) string {
	if v == nil || v.Type() != fastjson.TypeArray {
		return r.number(v)
	}
	list := v.GetArray()
	if len(list) == 1 {
		return r.number(list[0])
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		texts = append(texts, r.number(element))
	}
	return strings.Join(texts, ",")
}

// number gives a value as text without an allocation for each number; JavaScript's protobuf
// library writes 64-bit integers as two halves.
func (r *spanReader) number(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return view(v.GetStringBytes())
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		from := len(r.scratch)
		r.scratch = v.MarshalTo(r.scratch)
		return view(r.scratch[from:])
	case fastjson.TypeObject:
		if v.Exists("low") && v.Exists("high") {
			low, high := uint32(v.GetInt64("low")), v.GetInt64("high")
			return strconv.FormatInt(high<<32|int64(low), 10)
		}
	}
	return ""
}

// either is the member of one name or, for want of it, of another.
func either(v *fastjson.Value, name, old string) *fastjson.Value {
	if v == nil {
		return nil
	}
	if found := v.Get(name); found != nil {
		return found
	}
	return v.Get(old)
}
