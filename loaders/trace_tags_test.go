package loaders

import "testing"

// TestTagsNameTheTenant holds how lists of tags are written.
func TestTagsNameTheTenant(t *testing.T) {
	for _, c := range []struct{ list, want string }{
		{`b,tenant:acme,c`, "acme"},
		{`tenant=acme`, "acme"},
		{`tenant:acme\eu,b`, `acme\eu`},
		{`["b","tenant:acme, inc"]`, "acme, inc"},
		{`["tenant:acme,team:x"]`, "acme,team:x"},
		{`['b', 'tenant:acme, inc']`, "acme, inc"},
		{`['b\'s','tenant:o\'neil']`, "o'neil"},
		{`['b\\','tenant:acme\',\'s']`, "acme','s"},
		{`['tenant:o'neil, inc','b']`, "o'neil, inc"},
		{`["it's", 'tenant:acme, inc']`, "acme, inc"},
		{`[tenant:acme, b]`, "acme"},
		{`{tenant:acme,b}`, "acme"},
		{`{b,"tenant:acme, \"the\" inc"}`, `acme, "the" inc`},
		{`{tenant:o'neil,b}`, "o'neil"},
		{`{"tenant":"acme"}`, ""},
		{`b,tenants:acme`, ""},
		{`[]`, ""},
	} {
		if got := tagOf(c.list, "tenant"); got != c.want {
			t.Errorf("%s names the tenant %q, want %q", c.list, got, c.want)
		}
	}
}
