package loaders

import (
	"fmt"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	long := strings.Repeat("a1B2", 10)
	for _, key := range []string{"sk-1", "sk-ant-api03-" + long, " sk-proj-" + long,
		"sk_live_" + long,
		"Bearer x", "bearer sk-1", "BEARER " + long, "Basic " + long, "AIza" + long, "AKIA" + long,
		"gsk_" + long, "hf_" + long, "pplx-" + long, "xai-" + long, "fw_" + long, "r8_" + long,
		"dapi" + long, "ghp_" + long, "key=" + long, "key=sk-1", "\"sk-1\"", "\tsk-1"} {
		if id := keyID(key); id == key || strings.Contains(id, long) || len(id) != 64 {
			t.Errorf("%q is kept as %q", key, id)
		}
	}
	if keyID("Bearer sk-1") != keyID("sk-1") || keyID(" bearer sk-1") != keyID("sk-1") {
		t.Error("a key has another hash when its header is written with it")
	}
	for _, name := range []string{"", "search", "team-platform", "basic plan of 2026, renewed",
		"xai-grok", "fw_models", "asia-northeast1", "AKIAN", "gsk_pharma", "pk-lime",
		"pk-0c9f7b1e-51b4-4c1c-9a57",
		"key=value", "0f6b" + long, "skills", "claude-sonnet-5", "hf_hub_downloads_by_team", ") of",
		"\x00\x02\x07\t", "\"", "'", "key=key=key=", "\xff"} {
		if keyID(name) != name {
			t.Errorf("%q is taken for a key", name)
		}
	}
	for tags, want := range map[string]bool{`["a","sk-1"]`: true, `["a","b"]`: false, ``: false,
		`["gsk_` + long + `"]`: true, `["task-1"]`: false, `["sk-`: true} {
		if holdsSecret(tags) != want {
			t.Errorf("a key among %s: %v", tags, !want)
		}
	}
}

// TestSecretsInBills: a key in any name or id of a provider's row is kept as a hash.
func TestSecretsInBills(t *testing.T) {
	const key = "sk-proj-a1B2a1B2a1B2a1B2"
	l, err := loadAs(t, openaiCostCSV(), []byte("start_time,end_time,amount_value,amount_currency,"+
		"line_item,project_id,organization_id,user_id\n1791158400,1791244800,1.5,usd,"+
		strings.Repeat(key+",", 3)+key+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	rows := fmt.Sprint(l.rows[TableBill])
	if !strings.Contains(rows, keyID(key)) || strings.Contains(rows, key) {
		t.Errorf("a key is kept, or nothing: %s", rows)
	}
}

// TestSecretsAmongTags: tags that are but a key are left out, and a kind of call that is one.
func TestSecretsAmongTags(t *testing.T) {
	const key = "sk-proj-a1B2a1B2a1B2a1B2"
	l, err := loadAs(t, litellmJSON(), []byte(`[{"request_id":"1","call_type":"`+key+`",`+
		`"startTime":"2026-10-05T00:00:00Z","spend":0,"model":"gpt-5","request_tags":"`+key+`"}]`))
	if err != nil {
		t.Fatal(err)
	}
	rows := fmt.Sprint(l.rows)
	if !strings.Contains(rows, keyID(key)) || strings.Contains(rows, key) {
		t.Errorf("a key is kept, or nothing: %s", rows)
	}
}

// FuzzSecrets: any text is judged, and what is hashed is not seen any more.
func FuzzSecrets(f *testing.F) {
	for _, text := range []string{"sk-1", ") of", "\x00", "key=\"sk-1", "Bearer  ", "['sk-1']"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id := keyID(text); id != text && len(id) != 64 {
			t.Errorf("%q became %q", text, id)
		}
		holdsSecret(text)
	})
}
