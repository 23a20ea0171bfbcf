package loaders

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

func TestInspectedObjectsBecomeJSON(t *testing.T) {
	for printed, want := range map[string]string{
		"{ a: 1 }":                                   `{ "a": 1 }`,
		"{ 'a.b': \"o'neil\", c: `\"'` }":            `{ "a.b": "o'neil", "c": "\"'" }`,
		`{ a: 'x\'y', b: 'c:\\d', c: '\x41\u00e9' }`: `{ "a": "x'y", "b": "c:\\d", "c": "Aé" }`,
		"{ a: 'one\\n' +\n    'two' }":               `{ "a": "one two" }`,
		"{ a: 'on'... 12 more characters }":          `{ "a": "on"}`,
		"{ a: [ 1, -2.5, 3n, NaN ] }":                `{ "a": [ 1, -2.5, 3, null ] }`,
		"{ a: undefined, b: [Object] }":              `{ "a": null, "b": null }`,
		"{ a: [Function: f], b: true }":              `{ "a": null, "b": true }`,
		"{ a: [ 1,\n ... 3 more items\n] }":          "{ \"a\": [ 1,\n null\n] }",
		"<ref *1> { a: [Circular *1] }":              ` { "a": null }`,
		"{ r: Resource { a: 1 } }":                   `{ "r":  { "a": 1 } }`,
		"{ m: Map(1) { 'k' => 1 } }":                 `{ "m":  { "k" : 1 } }`,
		"{ d: 2026-11-17T08:00:00.000Z }":            `{ "d": "2026-11-17T08:00:00.000Z" }`,
		"{ a: [Object: null prototype] {} }":         `{ "a":  {} }`,
		"{ a: 1 }\nhello {\n{ \"b\": 2 }":            "{ \"a\": 1 }\n\n{ \"b\": 2 }",
		"{ a: 'never ends":                           `{ "a": `,
	} {
		reader := &inspectedReader{from: bufio.NewReader(strings.NewReader(printed))}
		got, err := io.ReadAll(reader)
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %q, %v\nwant %q", printed, got, err, want)
		}
	}
}

func TestIsInspected(t *testing.T) {
	for text, want := range map[string]bool{
		"{\n  resource: {":                    true,
		"listening\n{\n  traceId: '1'":        true,
		"listening\n{\n  other: 1":            false,
		`{"a": 1}`:                            false,
		"{}":                                  false,
		"[ { a: 1 } ]":                        false,
		"":                                    false,
		"a,b\n\"const x =\n{ resource: {\",1": false,
		"{{ template: x }}":                   false,
	} {
		if isInspected([]byte(text)) != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}
