package loaders

import "testing"

// TestBackendsTellTheirProvider holds what is read of names that operators choose.
func TestBackendsTellTheirProvider(t *testing.T) {
	for _, c := range []struct{ name, model, want string }{
		{"openai-main", "gpt-5", "openai"},
		{"eu_azure-openai", "gpt-5", "azure"},
		{"gcp_vertex_anthropic", "claude-sonnet-5", "vertex"},
		{"acme-primary", "gpt-5-2025-08-07", ""},
		{"my-account", "claude-sonnet-5", ""},
		{"primary", "us.anthropic.claude-sonnet-5-v1:0", "bedrock"},
		{"@aws-prod", "anthropic.claude-sonnet-5-v1:0", "bedrock"},
		{"@aws-prod", "openai.gpt-oss-120b-1:0", "bedrock"},
		{"@perplexity-prod", "sonar-pro", "perplexity"},
		{"@team-x", "sonar-pro", "perplexity"},
		{"@cerebras-prod", "llama-3.3-70b", "cerebras"},
		{"@cluster-7", "llama-3.3-70b", "@cluster-7"},
		{"cluster-7", "gpt-oss-120b", "cluster-7"},
		{"cluster-7", "llama-3.3-70b", "cluster-7"},
		{"cluster-7", "", "cluster-7"},
		{"custom-my-openai", "gpt-5", "openai"},
		{"custom", "gpt-5-2025-08-07", ""},
		{"custom", "deepseek-chat", "custom"},
	} {
		if got := backendProvider(c.name, c.model); got != c.want {
			t.Errorf("%s with %s is of %q, want %q", c.name, c.model, got, c.want)
		}
	}
}
