package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Lists of tags, one of which may name the tenant. A tag may hold commas, which no list that tells
// its members apart cuts.

// said gives an attribute's value as text; tags stay the list that they are.
func (r *spanReader) said(name string, v *fastjson.Value) string {
	isList := v != nil && v.Type() == fastjson.TypeArray
	if isList && r.recent.meaning(r.names, name).of == factTags {
		return view(v.MarshalTo(nil))
	}
	return r.plain(v)
}

// anyTags gives tags of OTLP as JSON.
func anyTags(v value) string {
	list := v.either("arrayValue", "array_value").member("values").list()
	if !list.isThere() {
		return anyText(v)
	}
	text := []byte{'['}
	for ; list.isThere(); list = list.next() {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = appendJSONText(text, anyText(list.value()))
	}
	return view(append(text, ']'))
}

// tagOf finds what a list of tags, such as tenant:NAME, says of a key.
func tagOf(list, key string) string {
	if !strings.Contains(list, key) {
		return ""
	}
	for _, tag := range tagsOf(list) {
		name, value, _ := strings.Cut(strings.Replace(tag, "=", ":", 1), ":")
		if strings.Trim(name, " '") == key {
			return strings.Trim(value, " '")
		}
	}
	return ""
}

// tagsOf splits a list that is written as JSON, as ClickHouse and Python do, ['a','b'], as Postgres
// does, {a,"b, c"}, or as a,b.
func tagsOf(list string) (tags []string) {
	v, err := fastjson.Parse(list)
	if err == nil && v.Type() == fastjson.TypeArray {
		for _, tag := range v.GetArray() {
			tags = append(tags, textOf(tag))
		}
		return tags
	}
	list = strings.TrimSpace(list)
	if strings.HasPrefix(list, "{") {
		return listMembers(strings.Trim(list, "{}"), `"`)
	}
	return listMembers(strings.Trim(list, "[]"), `"'`)
}

// listMembers splits what commas part. One between quotes ends at that which a comma follows, and
// a backslash within stands before what is no end.
func listMembers(list, quotes string) (members []string) {
	var member []byte
	quote := byte(0)
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case quote == 0 && c == ',':
			members, member = append(members, string(member)), member[:0]
		case quote == 0 && len(member) == 0 && c == ' ':
		case quote == 0 && len(member) == 0 && strings.IndexByte(quotes, c) >= 0:
			quote = c
		case quote != 0 && c == '\\' && i+1 < len(list):
			i++
			member = append(member, list[i])
		case quote != 0 && c == quote && endsMember(list[i+1:]):
			quote = 0
		default:
			member = append(member, c)
		}
	}
	return append(members, string(member))
}

func endsMember(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	return rest == "" || rest[0] == ','
}
