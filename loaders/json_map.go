package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Maps as Spark and Trino print them in a cell, {tenant -> acme, team -> search} or {tenant=acme},
// and as a list of what is called key and value.

// mapJSON writes such text as a JSON object; "" when it is none.
func mapJSON(text string) string {
	inner, isOpen := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, isClosed := strings.CutSuffix(inner, "}")
	if !isOpen || !isClosed || inner == "" {
		return ""
	}
	between := "="
	if strings.Contains(inner, " -> ") {
		between = " -> "
	}
	object := []byte{'{'}
	for rest := inner; rest != ""; {
		name, after, found := strings.Cut(rest, between)
		if !found || name == "" || strings.ContainsAny(name, `{}[]"',`) {
			return ""
		}
		value, next := after, ""
		// A comma that no name follows is a part of the value.
		if at := strings.Index(after, between); at >= 0 {
			end := strings.LastIndex(after[:at], ", ")
			if end < 0 {
				return ""
			}
			value, next = after[:end], after[end+len(", "):]
		}
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = appendJSONText(append(appendJSONText(object, name), ':'), value)
		rest = next
	}
	return view(append(object, '}'))
}

// listedMap writes a list of objects with a key and a value each as one object; "" when it is none.
func listedMap(v *fastjson.Value) string {
	entries := v.GetArray()
	if len(entries) == 0 {
		return ""
	}
	object := []byte{'{'}
	for i, entry := range entries {
		name, value := entry.Get("key"), entry.Get("value")
		if name == nil || value == nil || entry.GetObject().Len() != 2 {
			return ""
		}
		if i > 0 {
			object = append(object, ',')
		}
		object = value.MarshalTo(append(appendJSONText(object, textOf(name)), ':'))
	}
	return view(append(object, '}'))
}
