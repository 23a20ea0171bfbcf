package loaders

import (
	"fmt"
	"strings"
	"testing"
)

// TestColumnsBesideThoseInside holds that a column of a flattened object's name hides none of the
// columns nested in it, and that they are told where they say different things.
func TestColumnsBesideThoseInside(t *testing.T) {
	litellm := "request_id,spend,startTime,model,prompt_tokens,metadata,metadata.usage_object," +
		"metadata.usage_object.prompt_tokens_details.cached_tokens,metadata.user_api_key_team_id\n"
	cloudflare := "id,created_at,tokens_in,tokens_out,provider,metadata,metadata.tenant\n"
	usage := csvCell(`{"prompt_tokens_details":{"cached_tokens":7.0,"audio_tokens":1}}`)
	for row, want := range map[string]string{
		",,7,red":              "[team_id=red cache_read=7] []",
		",{},7,":               "[cache_read=7] []",
		"{},{},,":              "[] []",
		",NULL,7,":             "[cache_read=7] []",
		"," + usage + ",7,red": "[team_id=red cache_read=7] []",
		"," + usage + ",8,": "[] [reason=metadata.usage_object and the columns " +
			"metadata.usage_object.… say different things]",
		csvCell(`{"user_api_key_team_id":"blue"}`) + ",,,red": "[] [reason=metadata and the " +
			"columns metadata.… say different things]",
	} {
		l := mustLoad(t, litellm+"a,1,2026-10-05,gpt-5,10,"+row+"\n")
		got := strings.ReplaceAll(fmt.Sprint(l.texts(TableRequest, "team_id", "cache_read"),
			l.texts(TableReject, "reason")), "][", "] [")
		if got != want {
			t.Errorf("LiteLLM %s: got %s, want %s", row, got, want)
		}
	}
	for row, want := range map[string]string{",red": "[tenant_tag=red] []",
		"{},red": "[tenant_tag=red] []", csvCell(`{"tenant":"red"}`) + ",": "[tenant_tag=red] []",
		csvCell(`{"tenant":"red"}`) + ",blue": "[] [reason=metadata and the columns metadata.… " +
			"say different things]",
	} {
		l := mustLoad(t, cloudflare+"a,2026-10-05T08:00:00Z,1,2,openai,"+row+"\n")
		got := strings.ReplaceAll(fmt.Sprint(l.texts(TableRequest, "tenant_tag"),
			l.texts(TableReject, "reason")), "][", "] [")
		if got != want {
			t.Errorf("Cloudflare %s: got %s, want %s", row, got, want)
		}
	}
	kong := "started_at,request.id,latencies.request,ai.proxy.meta.request_model," +
		"ai.proxy.usage,ai.proxy.usage.prompt_tokens\n1791187200000,k,1,gpt-5,,5\n" +
		"1791187200000,l,1,gpt-5,{},6\n1791187200000,m,1,gpt-5,\"{\"\"prompt_tokens\"\":7}\",\n"
	l := mustLoad(t, kong)
	diffLines(t, "Kong", l.texts(TableRequest, "request_id", "prompt_tokens"), []string{
		"request_id=k prompt_tokens=5", "request_id=l prompt_tokens=6",
		"request_id=m prompt_tokens=7"})
}
