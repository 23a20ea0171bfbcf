package loaders

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzLiteLLM(f *testing.F)        { fuzzPages(f, litellmJSON(), "litellm_rows") }
func FuzzLiteLLMPages(f *testing.F)   { fuzzPages(f, litellmJSON(), "litellm_pages") }
func FuzzLiteLLMCSV(f *testing.F)     { fuzzPages(f, litellmCSV(), "litellm_csv") }
func FuzzLiteLLMPayload(f *testing.F) { fuzzPages(f, litellmPayload(), "litellm_payload") }
func FuzzLiteLLMPubSub(f *testing.F)  { fuzzPages(f, litellmPubSub(), "litellm_pubsub") }
func FuzzLiteLLMDaily(f *testing.F)   { fuzzPages(f, litellmDaily(), "litellm_daily") }
func FuzzPrometheus(f *testing.F)     { fuzzPages(f, prometheusCounters(), "prometheus") }
func FuzzVercel(f *testing.F)         { fuzzPages(f, vercelReport(), "vercel") }
func FuzzKong(f *testing.F)           { fuzzPages(f, kongLog(), "kong") }
func FuzzTrueFoundry(f *testing.F)    { fuzzPages(f, truefoundrySpans(), "truefoundry") }

// Mappings run on one engine; each of ours is fuzzed, because each has paths of its own.
func FuzzAgentgatewayLog(f *testing.F)   { fuzzMapped(f, "agentgateway_log", "agentgateway") }
func FuzzAgentgatewayStore(f *testing.F) { fuzzMapped(f, "agentgateway_store", "agentgateway") }
func FuzzAPISIX(f *testing.F)            { fuzzMapped(f, "apisix", "apisix") }
func FuzzBedrockRequests(f *testing.F)   { fuzzMapped(f, "bedrock_requests", "bedrock_log") }
func FuzzBifrost(f *testing.F)           { fuzzMapped(f, "bifrost", "bifrost") }
func FuzzCloudflare(f *testing.F)        { fuzzMapped(f, "cloudflare", "cloudflare") }
func FuzzDatabricks(f *testing.F)        { fuzzMapped(f, "databricks", "databricks") }
func FuzzEnvoy(f *testing.F)             { fuzzMapped(f, "envoy", "envoy") }
func FuzzHelicone(f *testing.F)          { fuzzMapped(f, "helicone", "helicone") }
func FuzzHigress(f *testing.F)           { fuzzMapped(f, "higress", "higress") }
func FuzzMLflow(f *testing.F)            { fuzzMapped(f, "mlflow", "mlflow") }
func FuzzLogpush(f *testing.F) {
	fuzzMapped(f, "cloudflare_logpush", "cloudflare_logpush")
}
func FuzzOpenRouterGeneration(f *testing.F) {
	fuzzMapped(f, "openrouter_generation", "openrouter_generation")
}
func FuzzOpenRouterRequests(f *testing.F) {
	fuzzMapped(f, "openrouter_requests", "openrouter_activity")
}
func FuzzPortkey(f *testing.F)    { fuzzMapped(f, "portkey", "portkey") }
func FuzzTensorZero(f *testing.F) { fuzzMapped(f, "tensorzero", "tensorzero") }

func fuzzMapped(f *testing.F, name, folder string) { fuzzPages(f, mapped(name), folder) }

// FuzzMappingFile compiles what grew out of our own mappings: it compiles, or says where it is
// wrong.
func FuzzMappingFile(f *testing.F) {
	files, err := mappingFiles.ReadDir("mappings")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := mappingFiles.ReadFile("mappings/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := compileMapping("mine.yaml", text)
		var wrong *MappingError
		if err != nil && (!errors.As(err, &wrong) || !strings.Contains(wrong.Problems[0], ":")) {
			t.Errorf("%v does not say where", err)
		}
	})
}

// FuzzEveryFormat feeds each format of the list with the testdata of all, so that a new one is
// fuzzed before it has a target of its own.
func FuzzEveryFormat(f *testing.F) {
	formats := Formats()
	place := map[string]uint8{}
	for i, format := range formats {
		place[format.Name] = uint8(i)
	}
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil || len(paths) == 0 {
		f.Fatal("no testdata to grow from: ", err)
	}
	for _, path := range paths {
		if format, _, err := Recognise(path); err == nil {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(place[format.Name], content)
		}
	}
	before := heldBytes()
	f.Fuzz(func(t *testing.T, at uint8, content []byte) {
		l, err := loadAs(t, formats[int(at)%len(formats)], content)
		if held := heldBytes(); held > before+heldBytesMax {
			t.Fatalf("%d bytes are held for an input of %d", held-before, len(content))
		}
		var unusable *FileError
		if errors.As(err, &unusable) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkCounts(t, l)
	})
}
