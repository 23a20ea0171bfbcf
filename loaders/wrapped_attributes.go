package loaders

import "github.com/valyala/fastjson"

// A Collector carries logs as OTLP, where an object that it has parsed is a list of keys and typed
// values: [{"key":"model","value":{"stringValue":"m"}}].

// attributeObject makes such a list an object; nil when a list is none.
func attributeObject(list []*fastjson.Value) *fastjson.Value {
	if len(list) == 0 {
		return nil
	}
	text := appendAttributes(nil, list)
	if text == nil {
		return nil
	}
	object, err := fastjson.ParseBytes(text)
	if err != nil {
		return nil
	}
	return object
}

// appendAttributes writes a list of attributes as an object, and nothing when it is no such list.
func appendAttributes(to []byte, list []*fastjson.Value) []byte {
	to = append(to, '{')
	for i, attribute := range list {
		key, value := attribute.GetStringBytes("key"), attribute.Get("value")
		if key == nil || value == nil || value.Type() != fastjson.TypeObject {
			return nil
		}
		if i > 0 {
			to = append(to, ',')
		}
		to = appendAnyValue(append(appendJSONText(to, view(key)), ':'), value)
	}
	return append(to, '}')
}

// appendAnyValue writes a typed value as the JSON that it was.
func appendAnyValue(to []byte, v *fastjson.Value) []byte {
	for _, kind := range []string{"stringValue", "intValue", "doubleValue", "boolValue"} {
		if plain := v.Get(kind); plain != nil {
			return plain.MarshalTo(to)
		}
	}
	if inside := v.Get("kvlistValue"); inside != nil {
		if object := appendAttributes(nil, inside.GetArray("values")); object != nil {
			return append(to, object...)
		}
	}
	if list := v.Get("arrayValue"); list != nil {
		to = append(to, '[')
		for i, element := range list.GetArray("values") {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendAnyValue(to, element)
		}
		return append(to, ']')
	}
	return append(to, "null"...)
}
