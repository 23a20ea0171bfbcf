package loaders

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readmeMappings are the worked examples of README.md.
func readmeMappings(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		if example, _, _ := strings.Cut(block, "```"); strings.HasPrefix(example, "format:") {
			found = append(found, example)
		}
	}
	return found
}

// loadMapped loads content by a mapping.
func loadMapped(t *testing.T, mapping, content string) (loaded, error) {
	t.Helper()
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "mine.yaml"), filepath.Join(dir, "export")}
	for i, text := range []string{mapping, content} {
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return loadWith(paths[1], Options{Threads: 1, Mappings: paths[:1]})
}

// TestMappingsOfTheReadme holds that each worked example reads what it says it reads.
func TestMappingsOfTheReadme(t *testing.T) {
	examples := readmeMappings(t)
	if len(examples) != 3 {
		t.Fatalf("README.md has %d worked examples of mappings", len(examples))
	}
	for i, c := range []struct {
		export string
		table  Table
		show   []string
		want   []string
	}{
		{`{"call":"c1","at":"25.10.2026 02:30:00","took":1500,"labels":{"team":"red"},` +
			`"vendor":"OpenAI","model":"fast","answer":{"model":"gpt-5-2025-08-07"},"code":200,` +
			`"cached":"no","tokens_in":"100","tokens_out":10,"tokens_cached":60,` +
			`"price_ct":"0.0225"}` + "\n" +
			`{"call":"c2","at":"2026-10-05","model":"fast","price_ct":1}` + "\n",
			TableRequest, []string{"request_id", "tenant_tag", "provider", "input", "cache_read",
				"output", "usage_convention", "status", "gateway_cache", "spend_usd",
				"spend_text", "started_us", "ended_us"},
			[]string{"request_id=c1 tenant_tag=red provider=openai input=40 cache_read=60 " +
				"output=10 usage_convention=includes_cache status=success gateway_cache=none " +
				"spend_usd=0.000225 spend_text=0.0225 started_us=1792888200000000 " +
				"ended_us=1792888201500000",
				`line=2 reason=started "2026-10-05": not a time of the mapping's layout`}},
		{`{"x-request-id":"e1","start_time":"2026-10-05T08:00:00Z","response_code":200,` +
			`"gen_ai.request.model":"gpt-5","gen_ai.usage.input_tokens":100,` +
			`"gen_ai.usage.output_tokens":10,"cost_nano":225000,"x-department":"hr"}` + "\n",
			TableRequest, []string{"request_id", "gateway", "tenant_tag", "input", "output",
				"spend_usd", "started_us"},
			[]string{"request_id=e1 gateway=envoy tenant_tag=hr input=100 output=10 " +
				"spend_usd=0.000225 started_us=1791187200000000"}},
		{"Day,Model,Kind,Quantity,Price per million\n2026-10-05,m1,in,1.5,0.25\n" +
			"2026-10-05,m1,rebate,-,-\n2026-10-05,m1,out,0.000003,10\n2026-10-05,m1,in,x,1\n",
			TableBill, []string{"line", "model_raw", "token_type", "charge_category", "quantity",
				"amount_usd", "bucket_to_us"},
			[]string{"line=2 model_raw=m1 token_type=input charge_category=usage " +
				"quantity=1500000 amount_usd=0.375 bucket_to_us=1791244800000000",
				"line=4 model_raw=m1 token_type=output charge_category=usage quantity=3 " +
					"amount_usd=0.00003 bucket_to_us=1791244800000000",
				"line=3 reason=amount is missing", `line=5 reason=quantity "x": not a number`}},
	} {
		l, err := loadMapped(t, examples[i], c.export)
		if err != nil {
			t.Error(err)
			continue
		}
		got := append(l.texts(c.table, c.show...), l.texts(TableReject, "line", "reason")...)
		diffLines(t, "example "+l.Format, got, c.want)
	}
}

// TestMappingFaultsPointAtTheLine holds that each mistake is told with its place and a way out.
func TestMappingFaultsPointAtTheLine(t *testing.T) {
	const good = "format: a.b\nleg: gateway\nrecognise:\n  keys: [id, at]\nfields:\n" +
		"  request_id: id\n  started: at\n"
	for _, text := range []string{good, "\uFEFF" + strings.ReplaceAll(good, "\n", "\r\n")} {
		if _, err := compileMapping("mine.yaml", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ old, new, want string }{
		{"leg: gateway", "leg: gatway",
			"mine.yaml:2:6: leg cannot be gatway; it is one of gateway, usage, bill"},
		{"recognise:", "recognize:", "mine.yaml:3:1: the mapping has no key recognize; " +
			"did you mean recognise? (and 1 more problem)"},
		{"  started: at", "  strated: at",
			"mine.yaml:7:3: no field strated; did you mean started?"},
		{"  request_id: id\n", "", "mine.yaml:6:3: "},
		{"  started: at", "  started: {from: at, time: \"%Q\"}", "mine.yaml:7:"},
		{"  started: at", "  started: {from: at, time: \"%m-%d %H:%M\"}",
			"mine.yaml:7:29: time: %m-%d %H:%M names no day: it lacks %Y, %m or %d"},
		{"  started: at", "  started: {from: at, zone: Europe/Berln}", "mine.yaml:7:"},
		{"  started: at", "  started: at\n  spend: {from: c, scale: 0}",
			"mine.yaml:8:27: scale 0 makes nothing of every number"},
		{"  started: at", "  started: at\n  spend: {from: c, unit: euros}", "mine.yaml:8:"},
		{"  started: at", "  started: at\n  status: {from: c, map: {ok: fine}}", "mine.yaml:8:"},
		{"  started: at", "  started: {from: at, as: lowr}", "mine.yaml:7:"},
		{"  started: at", "  started: at\n  started: at", "mine.yaml:8:"},
		{"  keys: [id, at]", "  keys: [id, at", "mine.yaml:5:1: not valid YAML"},
		{"  keys: [id, at]", "  keys: {}", "mine.yaml:4:"},
		{"leg: gateway", "leg: gateway\npairs: {m: [m.key]}",
			"mine.yaml:3:9: m needs two paths"},
		{"leg: gateway", "leg: gateway\npairs: m.key", "mine.yaml:3:8: pairs must name maps"},
		{"format: a.b", "- format: a.b", "mine.yaml:2:1: not valid YAML"},
		{good, "", "mine.yaml:1:1: must hold one YAML document"},
		{good, "a list: [1]", "mine.yaml:1:1: "},
	} {
		_, err := compileMapping("mine.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
		var wrong *MappingError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q instead of %q: got %v, want %s…", c.new, c.old, err, c.want)
		}
	}
}

// TestMappingsReachIntoDocuments: records in a list within an object, and a map in two lists.
func TestMappingsReachIntoDocuments(t *testing.T) {
	const mapping = "format: a.b\nleg: gateway\nrecognise: {keys: [id, at]}\n" +
		"records: [batch.items]\npairs: {tags: [tags.key, tags.value]}\nseparator: /\n" +
		"fields: {request_id: id, started: at, tenant_tag: tags/team, user_id: tags/user}\n"
	const row = `{"id":"x","at":"2026-10-05","tags.key":["team","user"],"tags.value":["red",7]}`
	for _, content := range []string{row + "\n", `{"batch":{"n":1,"items":[` + row + `]}}`,
		`{"log":` + asText(row) + "}\n", "id,at,tags.key,tags.value\n" +
			`x,2026-10-05,"[""team"",""user""]","[""red"",7]"` + "\n"} {
		l, err := loadMapped(t, mapping, content)
		if err != nil {
			t.Errorf("%s: %v", content, err)
			continue
		}
		got := l.texts(TableRequest, "request_id", "tenant_tag", "user_id", "started_us")
		if len(got) != 1 || got[0] != "request_id=x tenant_tag=red user_id=7 "+
			"started_us=1791158400000000" {
			t.Errorf("%s: got %v and %v", content, got, l.texts(TableReject, "reason"))
		}
	}
}

// TestMappingsReadWhenAskedFor holds what those of ours say of a price that are no format else.
func TestMappingsReadWhenAskedFor(t *testing.T) {
	for _, c := range []struct{ mapping, content, want string }{
		{"openrouter_requests", "generation_id,created_at,cost_total,tokens_prompt," +
			"model_permaslug,variant\ng,2026-10-05,0,10,openai/gpt-5,free\n",
			"response_model=openai/gpt-5 service_tier=free"},
		{"openrouter_requests", "generation_id,created_at,cost_total,tokens_prompt," +
			"model_permaslug,variant\ng,2026-10-05,0,10,openai/gpt-5,nitro\n",
			"response_model=openai/gpt-5"},
		{"bedrock_requests", `{"schemaType":"ModelInvocationLog","requestId":"r",` +
			`"timestamp":"2026-10-05T08:00:00Z","region":"us-east-1",` +
			`"modelId":"global.anthropic.claude-sonnet-5-v1:0",` +
			`"output":{"outputBodyJson":{"model":"claude-sonnet-5"}}}` + "\n",
			"region=global response_model=claude-sonnet-5"},
		{"bedrock_requests", `{"schemaType":"ModelInvocationLog","requestId":"r",` +
			`"timestamp":"2026-10-05T08:00:00Z","modelId":"us.amazon.nova-pro-v1:0",` +
			`"output":{"outputBodyJson":{"performanceConfig":{"latency":"optimized"}}}}` + "\n",
			"region=us response_model=us.amazon.nova-pro-v1:0 service_tier=latency_optimized"},
	} {
		path := filepath.Join(t.TempDir(), "export")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := loadWith(path, Options{Threads: 1, Mappings: []string{c.mapping}})
		if err != nil {
			t.Error(err)
			continue
		}
		got := l.texts(TableRequest, "region", "response_model", "service_tier")
		diffLines(t, c.mapping, got, []string{c.want})
	}
}

// TestMappingsRoundSound: sound is billed by whole seconds, other counts have no parts.
func TestMappingsRoundSound(t *testing.T) {
	const mapping = "format: a.b\nleg: gateway\nrecognise: {keys: [id, at]}\n" +
		"fields: {request_id: id, started: at, audio_seconds: s, characters: c, answer: a}\n"
	l, err := loadMapped(t, mapping, `{"id":"r","at":"2026-10-05","s":61.4}`+"\n"+
		`{"id":"r","at":"2026-10-05","s":0.04}`+"\n"+
		`{"id":"r","at":"2026-10-05","a":{"usage":{"type":"duration","seconds":8.5}}}`+"\n"+
		`{"id":"r","at":"2026-10-05","c":8.5}`+"\n")
	if err != nil {
		t.Fatal(err)
	}
	got := append(l.texts(TableRequest, "other_charges"), l.texts(TableReject, "reason")...)
	diffLines(t, "seconds", got, []string{"other_charges=other_input_audio_per_second=61",
		"other_charges=other_input_audio_per_second=1",
		"other_charges=other_input_audio_per_second=9",
		`reason=characters "8.5": not a whole number`})
}

// TestAutoIsNoTierThatServed: the answer tells the tier that did.
func TestAutoIsNoTierThatServed(t *testing.T) {
	const mapping = "format: a.b\nleg: gateway\nrecognise: {keys: [id, at]}\n" +
		"fields: {request_id: id, started: at, service_tier: t, answer: a}\n"
	l, err := loadMapped(t, mapping, `{"id":"r","at":"2026-10-05","t":"auto","a":{"id":"x",`+
		`"service_tier":"flex"}}`+"\n"+
		`{"id":"r","at":"2026-10-05","t":"priority","a":{"service_tier":"default"}}`+"\n")
	if err != nil {
		t.Fatal(err)
	}
	diffLines(t, "tiers", l.texts(TableRequest, "service_tier"),
		[]string{"service_tier=flex", "service_tier=priority"})
}
