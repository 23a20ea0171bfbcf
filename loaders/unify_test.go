package loaders

import "testing"

func TestIDsOfSeveralSpellingsMeet(t *testing.T) {
	t.Parallel()
	const hex, uuid = "7f3c1d0e9a8b4c6d8e2f1a0b9c8d7e6f", "7f3c1d0e-9a8b-4c6d-8e2f-1a0b9c8d7e6f"
	for _, c := range []struct{ given, trace, call string }{
		{uuid, hex, uuid},
		{"7F3C1D0E-9A8B-4C6D-8E2F-1A0B9C8D7E6F", hex, uuid},
		{"7F3C1D0E9A8B4C6D8E2F1A0B9C8D7E6F", hex, "7F3C1D0E9A8B4C6D8E2F1A0B9C8D7E6F"},
		{"chatcmpl-ABCdef", "chatcmpl-ABCdef", "chatcmpl-ABCdef"},
		{"RUN-0001-of-the-caller-who-thinks-36", "RUN-0001-of-the-caller-who-thinks-36",
			"RUN-0001-of-the-caller-who-thinks-36"},
		{"", "", ""},
	} {
		id := Identity{TraceID: c.given, CallID: c.given, ResponseID: c.given,
			ProviderRequestID: c.given}
		id.unify()
		want := Identity{TraceID: c.trace, CallID: c.call, ResponseID: c.call,
			ProviderRequestID: c.call}
		if id != want {
			t.Errorf("%s: %+v, want %+v", c.given, id, want)
		}
	}
	if got := traceIDOf("7F3C1D0E-9A8B-4C6D-8E2F-1A0B9C8D7E6F", 32, 1); got != hex {
		t.Errorf("metadata names the trace %q, want %q", got, hex)
	}
}
