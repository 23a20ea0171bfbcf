package loaders

import "strings"

// dialect names the convention that the span was written by, the most telling sign first.
func (f *facts) dialect(scope string) string {
	switch {
	case f.signs&signVercel != 0:
		return "vercel"
	case f.signs&signLiteLLM2 != 0:
		return "litellm_v2"
	case f.signs&signLiteLLM1 != 0 || scope == "litellm":
		return "litellm_v1"
	case f.signs&signLangfuse != 0:
		return "langfuse"
	case f.signs&signOpenInference != 0:
		return "openinference"
	case f.signs&(signTraceloop|markTraceloop|signLLM) != 0:
		return "openllmetry"
	case f.isOldSemconv():
		return "semconv_old"
	}
	return "semconv_new"
}

// isOldSemconv reports names that GenAI conventions gave up with 1.27 (prompt_tokens) and 1.37
// (gen_ai.system).
func (f *facts) isOldSemconv() bool {
	isOld := func(of fact, rank uint8) bool { return f.texts[of] != "" && f.ranks[of] == rank }
	return isOld(factProvider, 1) || isOld(factInput, 1) || isOld(factOutput, 1)
}

// role tells calls from spans that repeat or surround them.
func (f *facts) role(row *Span) string {
	switch {
	case row.Name == "raw_gen_ai_request":
		return roleOther // LiteLLM's copy of the provider's answer to the call around it
	case f.signs&markPending != 0:
		return roleOther
	case f.isTool():
		return roleTool
	case f.isContainer(row.Name):
		return roleContainer
	case !f.isCall(row):
		return roleOther
	case isGateway(row.Scope) || isGateway(row.Service):
		return roleGateway
	}
	return roleCall
}

func (f *facts) isTool() bool {
	return f.text(factOperation) == "execute_tool" ||
		strings.EqualFold(f.text(factOpenInferenceKind), "TOOL") ||
		f.text(factTraceloopKind) == "tool" || f.text(factLangfuseType) == "tool" ||
		f.text(factVercelOperation) == "ai.toolCall"
}

func (f *facts) isContainer(name string) bool {
	switch f.text(factOperation) {
	case "invoke_agent", "invoke_workflow", "create_agent", "plan", "framework", "retrieval",
		"fetch_response":
		return true
	}
	switch strings.ToUpper(f.text(factOpenInferenceKind)) { // LangSmith writes llm
	case "", "LLM", "EMBEDDING":
	default:
		return true
	}
	switch f.text(factTraceloopKind) {
	case "workflow", "task", "agent":
		return true
	}
	switch f.text(factLangfuseType) {
	case "", "generation", "embedding":
	default:
		return true
	}
	if isAroundSDKCalls(firstText(f.text(factVercelOperation), name)) {
		return true
	}
	hasUsage := f.counts[factInput].Known || f.counts[factOutput].Known
	return f.signs&signRollup != 0 || (f.signs&signPartial != 0 && !hasUsage) ||
		f.text(factProvider) == "spring_ai"
}

// isAroundSDKCalls reports an operation of Vercel's AI SDK that holds calls, each with a span of
// its own.
func isAroundSDKCalls(operation string) bool {
	switch operation {
	case "ai.generateText", "ai.streamText", "ai.generateObject", "ai.streamObject", "ai.embed",
		"ai.embedMany":
		return true
	}
	return false
}

// isCall reports a call of a model. The operation is not required: LiteLLM leaves it out when
// message logging is off, and old instrumentations never had it.
func (f *facts) isCall(row *Span) bool {
	switch row.Operation {
	case "chat", "completion", "text_completion", "generate_content", "responses", "messages",
		"embeddings", "embedding", "image_generation", "speech", "transcription",
		"acompletion", "atext_completion", "aresponses", "anthropic_messages", "aembedding",
		"aimage_generation", "aspeech", "atranscription":
		return true
	}
	if f.text(factOpenInferenceKind) != "" || f.text(factLangfuseType) != "" {
		return true
	}
	hasUsage := f.counts[factInput].Known || f.counts[factOutput].Known || f.own.where != ""
	hasModel := row.RequestedModel != "" || row.ResponseModel != ""
	return hasModel && (hasUsage || row.ResponseID != "" || row.Provider != "")
}

// isGateway reports the scope or service name of a known gateway.
func isGateway(name string) bool {
	for _, gateway := range []string{"litellm", "kong", "portkey", "custom.genai.instrumentation",
		"aigw", "ai-gateway", "envoy-ai-gateway", "agentgateway", "bifrost"} {
		if rest, ok := strings.CutPrefix(name, gateway); ok &&
			(rest == "" || strings.IndexByte("-._/", rest[0]) >= 0) {
			return true
		}
	}
	return false
}
