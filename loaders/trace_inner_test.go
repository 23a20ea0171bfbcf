package loaders

import "testing"

func TestPythonTextBecomesJSON(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{'a': 1, 'b': None}`, `{"a": 1, "b": null}`},
		{`{'a': True, 'b': (False, 2)}`, `{"a": true, "b": [false, 2]}`},
		{`{"it's": 'a "word"'}`, `{"it's": "a \"word\""}`},
		{`{'a\'b': '\\ \n \x41 \u00e9'}`, `{"a'b": "\\ \n \u0041 \u00e9"}`},
		{`{'a': Usage(b=1)}`, `{"a": Usage[b=1]}`},
		{`{'a`, `{"a`},
	} {
		if got := string(pythonJSON(c.text, nil)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}

func TestInnerMembersHaveAMeaning(t *testing.T) {
	names := newAttributeNames()
	if len(names.inner) > innerTextsMax {
		t.Errorf("%d attributes hold JSON, room is for %d", len(names.inner), innerTextsMax)
	}
	members := 0
	for _, inner := range names.inner {
		for _, member := range inner.members {
			if !names.meaning(inner.name + ".$." + member).isKnown {
				t.Errorf("%s.$.%s is read and means nothing", inner.name, member)
			}
			members++
		}
	}
	for name := range names.targets {
		if len(name) > 2 && containsInner(name) {
			members--
		}
	}
	if members != 0 {
		t.Errorf("%d names of members are listed and not read, or the other way round", members)
	}
}

func containsInner(name string) bool {
	for i := range len(name) - 2 {
		if name[i:i+3] == ".$." {
			return true
		}
	}
	return false
}
