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
	arrows, most := mapObject(inner, " -> ")
	if before, _, found := strings.Cut(inner, " -> "); found && !strings.Contains(before, "=") {
		return arrows
	}
	object, entries := mapObject(inner, "=")
	if most > entries { // the = was within a key
		return arrows
	}
	return object
}

// mapObject writes the entries of a map with this separator as an object, and counts them.
func mapObject(inner, between string) (object string, entries int) {
	isNested := depthOf(inner) == 0
	out := []byte{'{'}
	for rest := inner; rest != ""; entries++ {
		name, after, found := strings.Cut(rest, between)
		if !found || !isMapName(name) {
			return "", 0
		}
		value, next := cutMapValue(after, between, isNested)
		rest = next
		if value == "null" || value == "NULL" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendJSONText(append(appendJSONText(out, name), ':'), value)
	}
	return view(append(out, '}')), entries
}

// cutMapValue cuts off the first value. It ends at a comma that a name and its separator follow,
// unless this stands within the brackets of a map or list that the value is.
func cutMapValue(text, between string, isNested bool) (value, next string) {
	isNested = isNested && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["))
	from, depth := 0, 0
	for {
		part, _, found := strings.Cut(text[from:], between)
		if !found {
			return text, ""
		}
		end := strings.LastIndex(part, ", ")
		if end >= 0 && isMapName(part[end+len(", "):]) &&
			(!isNested || depth+depthOf(part[:end]) == 0) {
			return text[:from+end], text[from+end+len(", "):]
		}
		depth += depthOf(part)
		from += len(part) + len(between)
	}
}

func isMapName(name string) bool {
	return name != "" && !strings.ContainsAny(name, `{}[]"',`)
}

// depthOf is how many brackets stay open.
func depthOf(text string) (open int) {
	for _, c := range []byte(text) {
		switch c {
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
	}
	return open
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
