package loaders

import (
	"strings"
	"testing"
)

// TestSpellingsOfFlags holds that a boolean is read alike however it is written, by code and by
// mappings, and that other words are told.
func TestSpellingsOfFlags(t *testing.T) {
	const usage = "start_time,end_time,num_model_requests,model,input_tokens,output_tokens," +
		"input_cached_tokens,batch\n1790899200,1790985600,1,gpt-5,1,1,0,"
	row := logged("one", `,"cache_hit":"WORD"`)
	cloudflare := `{"id":"a","created_at":"2026-10-05T08:00:00Z","tokens_in":1,"tokens_out":2,` +
		`"provider":"openai","model":"gpt-5","cached":"WORD"}` + "\n"
	for words, want := range map[string][3]string{
		"true True TRUE t T yes Y 1 1.0":   {"batch", "hit", "hit"},
		"false False FALSE f F no N 0 0.0": {"", "none", "none"},
		"maybe":                            {"batch: neither true nor false", "unknown", "unknown"},
	} {
		for _, word := range strings.Fields(words) {
			l := mustLoad(t, usage+word+"\n")
			got := [3]string{strings.Join(l.texts(TableReject, "reason"), "")}
			got[0] = strings.TrimPrefix(got[0], "reason=")
			if len(l.rows[TableUsage]) > 0 {
				got[0] = l.rows[TableUsage][0]["service_tier"]
			}
			for i, text := range []string{row, cloudflare} {
				l := mustLoad(t, strings.Replace(text, "WORD", word, 1))
				got[i+1] = l.rows[TableRequest][0]["gateway_cache"]
			}
			if got != want {
				t.Errorf("%s: got %q, want %q", word, got, want)
			}
		}
	}
}
