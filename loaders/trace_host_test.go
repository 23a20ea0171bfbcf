package loaders

import "testing"

func TestHostTellsWhoBillsACall(t *testing.T) {
	for _, c := range []struct{ stated, address, want string }{
		{"openai", "acme.openai.azure.com", "azure.ai.openai"},
		{"openai", "https://API.x.ai:443/v1", "x_ai"},
		{"openai", "us-east-1.api.x.ai", "x_ai"},
		{"openai", "eu.api.openai.com", "openai"},
		{"openai", "generativelanguage.googleapis.com", "gcp.gemini"},
		{"openai", "europe-west1-aiplatform.googleapis.com", "gcp.vertex_ai"},
		{"anthropic", "bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"},
		{"openai", "bedrock-mantle.us-east-1.api.aws", "aws.bedrock"},
		{"anthropic", "api.deepseek.com", "deepseek"},
		{"", "openrouter.ai", "openrouter"},
		{"openai", "llm-gw.internal", "openai"},
		{"openai", "api.x.ai.proxy.internal", "openai"},
		{"openai", "notopenrouter.ai", "openai"},
		{"openai", "bedrock.internal", "openai"},
		{"openai", "", "openai"},
		{"azure.ai.inference", "api.openai.com", "azure.ai.inference"},
		{"gcp.vertex_ai", "api.anthropic.com", "gcp.vertex_ai"},
	} {
		var f facts
		f.kept[keptAddress] = c.address
		if got := f.payee(c.stated); got != c.want {
			t.Errorf("%q at %q is billed by %q, want %q", c.stated, c.address, got, c.want)
		}
	}
	if name := keptAttributes()[keptAddress]; name != "server.address" {
		t.Errorf("the host is kept as %s", name)
	}
}

func TestGoogleServiceIsToldByHostOrSDK(t *testing.T) {
	for _, c := range []struct{ stated, address, scope, langChain, want string }{
		{"google", "us-central1-aiplatform.googleapis.com", "", "", "gcp.vertex_ai"},
		{"gcp.gen_ai", "aiplatform.googleapis.com", "", "", "gcp.vertex_ai"},
		{"gcp.gemini", "aiplatform.googleapis.com", "", "", "gcp.vertex_ai"},
		{"google", "generativelanguage.googleapis.com", "openinference.instrumentation.vertexai",
			"", "gcp.gemini"},
		{"google", "", "openinference.instrumentation.vertexai", "", "gcp.vertex_ai"},
		{"google", "", "openinference.instrumentation.google_genai", "", "google"},
		{"google", "", "openinference.instrumentation.langchain", "google_vertexai",
			"gcp.vertex_ai"},
		{"google", "", "openinference.instrumentation.langchain", "google_genai", "google"},
		{"google", "llm-gw.internal", "gcp.vertex.agent", "", "google"},
		{"gcp.gemini", "", "", "google_vertexai", "gcp.gemini"},
		{"anthropic", "", "openinference.instrumentation.vertexai", "", "anthropic"},
	} {
		var f facts
		f.kept[keptAddress], f.texts[factLangChain] = c.address, c.langChain
		if got := f.googleService(c.stated, c.scope); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestFrameworkIsNoProvider(t *testing.T) {
	for _, c := range []struct{ written, address, want string }{
		{"langchain", "", ""},
		{"spring_ai", "api.groq.com", "groq"},
		{"Strands-Agents", "bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"},
		{"microsoft.agent_framework", "", ""},
		{"gcp.vertex.agent", "", ""},
		{"gcp.vertex.agent", "europe-west1-aiplatform.googleapis.com", "gcp.vertex_ai"},
		{"gateway", "", ""},
		{"_OTHER", "api.mistral.ai", "mistral_ai"},
		{"acme", "api.mistral.ai", "acme"},
		{"azure-openai.chat", "", "azure.ai.openai"},
		{"azure-openai.embeddings", "", "azure.ai.openai"},
		{"azure.chat", "", "azure.ai.openai"},
	} {
		var f facts
		f.kept[keptAddress] = c.address
		if got := f.payee(providerName(c.written, 0)); got != c.want {
			t.Errorf("%q at %q is billed by %q, want %q", c.written, c.address, got, c.want)
		}
	}
}
