package loaders

import "strings"

// signs are the families of names seen on a span: whether it is ours, and who wrote it.
type signs uint32

const (
	signGenAI signs = 1 << iota
	signLLM
	signOpenInference
	signVercel
	signLiteLLM1
	signLiteLLM2
	signTraceloop
	signLangfuse
	signProviderOwn // anthropic.*, openai.*
	signSpring
	signAgentgateway
	signRollup    // usage that sums other spans
	signPartial   // usage that its producer calls partial
	signBeside    // reasoning that its producer counts beside the output
	signVercel6   // details of usage that the AI SDK has since version 6
	markTraceloop // OpenLLMetry copies its context to every span, databases included
	markHeader    // a header of a response, as an HTTP client saw it
)

// dataSigns make a span ours.
const dataSigns = markTraceloop - 1

// besideOutput is what Google's ADK named, before version 2.3, the reasoning that Gemini counts
// beside the candidates, which are its output.
const besideOutput = "gen_ai.usage.experimental.reasoning_tokens"

// signOf tells which family an attribute name belongs to.
func signOf(name string) signs {
	if len(name) < 4 {
		return 0
	}
	switch name[0] {
	case 'g':
		return signOfGenAI(name)
	case 'l':
		return signOfL(name)
	case 'a':
		return prefixed(name, "ai.", signVercel) | prefixed(name, "anthropic.", signProviderOwn) |
			prefixed(name, "agw.ai.", signAgentgateway) |
			prefixed(name, "ai.usage.inputTokenDetails.", signVercel6)
	case 'o':
		return prefixed(name, "openinference.", signOpenInference) |
			prefixed(name, "openai.", signProviderOwn)
	case 't':
		return prefixed(name, "traceloop.span.", signTraceloop) |
			prefixed(name, "traceloop.", markTraceloop)
	case 's':
		return prefixed(name, "spring.ai.", signSpring)
	case 'm':
		return prefixed(name, "metadata.user_api_key", signLiteLLM1)
	}
	return 0
}

func signOfGenAI(name string) signs {
	switch {
	case !strings.HasPrefix(name, "gen_ai."):
		return 0
	case name == besideOutput:
		return signGenAI | signBeside
	}
	return signGenAI | prefixed(name, "gen_ai.aggregated_usage.", signRollup) |
		prefixed(name, "gen_ai.usage.partial.", signPartial)
}

func signOfL(name string) signs {
	switch {
	case strings.HasPrefix(name, "llm.token_count."), strings.HasPrefix(name, "llm.cost."),
		name == "llm.model_name":
		return signLLM | signOpenInference
	case strings.HasPrefix(name, "llm."):
		return signLLM
	case strings.HasPrefix(name, "litellm.service."):
		return 0 // LiteLLM's own databases and caches
	}
	return prefixed(name, "litellm.", signLiteLLM2) |
		prefixed(name, "langfuse.observation.", signLangfuse)
}

func prefixed(name, prefix string, sign signs) signs {
	if strings.HasPrefix(name, prefix) {
		return sign
	}
	return 0
}
