package loaders

import "strings"

// The names under which tracers write the same fact. Names changed three times within the
// OpenTelemetry GenAI conventions alone, and some producers put two generations on one span:
// the first name of a row that is present wins, and values are never added up.

// fact is something that a span's attributes can say.
type fact uint8

const (
	factInput fact = iota
	factOutput
	factTotal
	factCacheRead
	factCacheWrite
	factCacheWrite5m
	factCacheWrite1h
	factReasoning
	factAudioIn
	factAudioOut
	factAudioCachedIn
	factImageIn
	factImageOut
	factImageCachedIn
	factWebSearch
	lastCount = factWebSearch // the facts up to here are counts
)

const (
	factCost fact = iota + lastCount + 1
	factOperation
	factProvider
	factRequestModel
	factResponseModel
	factWeakModel // names a model, but not whether it was asked for or served
	factResponseID
	factCallID
	factProviderRequestID
	factSession
	factWorkflow
	factWorkflowName
	factAgentName
	factTenantTag
	factOrganization
	factTeam
	factTeamName
	factProject
	factCustomer
	factUser
	factAPIKey
	factAPIKeyName
	factResponseTier
	factRequestTier
	factStreamed
	factErrorType
	factFinish
	factOpenInferenceKind
	factTraceloopKind
	factLangfuseType
	factVercelOperation
	factService
	factKept // written to attrs as it stands
	factCount
)

// spelling lists the names of one fact, the most trusted first.
type spelling struct {
	of    fact
	names []string
}

// target is what one attribute name means: a fact, and its rank among the fact's names.
type target struct {
	of   fact
	rank uint8
}

// attributeNames finds the meaning of an attribute name. It is read by all workers of a job.
type attributeNames struct {
	targets map[string]target
	kept    []string
}

func newAttributeNames() *attributeNames {
	names := &attributeNames{targets: map[string]target{}, kept: keptAttributes()}
	for _, list := range [][]spelling{countSpellings(), callSpellings(), ownerSpellings(),
		{{factKept, names.kept}}} {
		for _, row := range list {
			for rank, name := range row.names {
				names.targets[name] = target{of: row.of, rank: uint8(rank)}
			}
		}
	}
	return names
}

// inherited lists the facts that a resource states for all its spans.
func inherited() []fact {
	return []fact{factTenantTag, factOrganization, factTeam, factTeamName, factProject,
		factCustomer, factAPIKey, factAPIKeyName}
}

// keptAttributes are harmless, bounded values that help a person find a call.
func keptAttributes() []string {
	return []string{
		"server.address", "deployment.environment.name", "deployment.environment",
		"http.response.status_code", "litellm.provider.model", "litellm.call_type",
		"litellm.request.purpose", "anthropic.organization.id", "anthropic.workspace.id",
		"gen_ai.tool.name", "gen_ai.request.previous_response.id",
	}
}

func countSpellings() []spelling {
	return []spelling{
		{factInput, []string{"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
			"llm.token_count.prompt", "llm.usage.prompt_tokens", "ai.usage.inputTokens",
			"ai.usage.promptTokens", "ai.usage.tokens"}},
		{factOutput, []string{"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
			"llm.token_count.completion", "llm.usage.completion_tokens",
			"ai.usage.outputTokens", "ai.usage.completionTokens"}},
		{factTotal, []string{"gen_ai.usage.total_tokens", "llm.usage.total_tokens",
			"llm.token_count.total", "ai.usage.totalTokens"}},
		{factCacheRead, []string{"gen_ai.usage.cache_read.input_tokens",
			"gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.details.cache_read_tokens",
			"gen_ai.usage.details.cache_read_input_tokens", "gen_ai.usage.cached_input_tokens",
			"gen_ai.usage.cached_tokens", "gen_ai.usage.cache_read_tokens",
			"gen_ai.usage.prompt_tokens_details.cached_tokens",
			"gen_ai.usage.input_cached_tokens", "llm.token_count.prompt_details.cache_read",
			"ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"}},
		{factCacheWrite, []string{"gen_ai.usage.cache_write.input_tokens",
			"gen_ai.usage.cache_creation.input_tokens",
			"gen_ai.usage.cache_creation_input_tokens",
			"gen_ai.usage.cache_write_input_tokens", "gen_ai.usage.details.cache_write_tokens",
			"gen_ai.usage.details.cache_creation_input_tokens",
			"gen_ai.usage.cache_write_tokens", "gen_ai.usage.cache_creation_tokens",
			"llm.token_count.prompt_details.cache_write",
			"llm.token_count.prompt_details.cache_creation",
			"ai.usage.inputTokenDetails.cacheWriteTokens"}},
		{factCacheWrite5m, []string{"gen_ai.usage.cache_creation_5m.input_tokens"}},
		{factCacheWrite1h, []string{"gen_ai.usage.cache_creation_1h.input_tokens"}},
		{factReasoning, []string{"gen_ai.usage.reasoning.output_tokens",
			"gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens",
			"gen_ai.usage.details.reasoning_tokens", "gen_ai.usage.details.thoughts_tokens",
			"gen_ai.usage.completion_tokens_details.reasoning_tokens",
			"llm.token_count.completion_details.reasoning",
			"ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"}},
		{factAudioIn, []string{"gen_ai.usage.audio.input_tokens",
			"gen_ai.usage.input_audio_tokens", "gen_ai.usage.details.input_audio_tokens",
			"llm.token_count.prompt_details.audio"}},
		{factAudioOut, []string{"gen_ai.usage.audio.output_tokens",
			"gen_ai.usage.output_audio_tokens", "gen_ai.usage.details.output_audio_tokens",
			"llm.token_count.completion_details.audio"}},
		{factAudioCachedIn, []string{"gen_ai.usage.audio.cache_read.input_tokens",
			"gen_ai.usage.details.cache_audio_read_tokens"}},
		{factImageIn, []string{"gen_ai.usage.image.input_tokens"}},
		{factImageOut, []string{"gen_ai.usage.image.output_tokens",
			"gen_ai.usage.output_image_tokens"}},
		{factImageCachedIn, []string{"gen_ai.usage.image.cache_read.input_tokens"}},
	}
}

func callSpellings() []spelling {
	return []spelling{
		{factCost, []string{"litellm.cost.total", "gen_ai.cost.total_cost",
			"gen_ai.usage.cost", "gen_ai.usage.total_cost", "llm.cost.total",
			"agw.ai.usage.cost.total", "operation.cost", "langwatch.span.cost"}},
		{factOperation, []string{"gen_ai.operation.name", "llm.request.type"}},
		{factProvider, []string{"gen_ai.provider.name", "gen_ai.system", "llm.provider",
			"llm.system", "ai.model.provider"}},
		{factRequestModel, []string{"gen_ai.request.model", "llm.request.model_name",
			"ai.model.id"}},
		{factResponseModel, []string{"gen_ai.response.model", "llm.response.model_name",
			"ai.response.model"}},
		{factWeakModel, []string{"llm.model_name", "langfuse.observation.model.name"}},
		{factResponseID, []string{"gen_ai.response.id", "ai.response.id"}},
		{factCallID, []string{"litellm.call_id", "gen_ai.request.id",
			"metadata.litellm_call_id", "http.response.header.x-litellm-call-id",
			"http.response.header.x-portkey-trace-id"}},
		{factProviderRequestID, []string{"anthropic.request.id",
			"http.response.header.request-id", "http.response.header.x-request-id",
			"http.response.header.apim-request-id", "http.response.header.x-amzn-requestid",
			"aws.request_id"}},
		{factSession, []string{"gen_ai.conversation.id", "session.id", "langfuse.session.id",
			"traceloop.association.properties.session_id", "ai.telemetry.metadata.sessionId",
			"spring.ai.chat.client.conversation.id"}},
		{factWorkflow, []string{"gen_ai.agent.call.id", "gen_ai.task.id"}},
		{factWorkflowName, []string{"gen_ai.workflow.name", "traceloop.workflow.name",
			"ai.telemetry.functionId"}},
		{factAgentName, []string{"gen_ai.agent.name"}},
		{factResponseTier, []string{"openai.response.service_tier",
			"gen_ai.openai.response.service_tier"}},
		{factRequestTier, []string{"openai.request.service_tier",
			"gen_ai.openai.request.service_tier"}},
		{factStreamed, []string{"gen_ai.request.stream", "gen_ai.is_streaming",
			"llm.is_streaming", "litellm.request.streaming"}},
		{factErrorType, []string{"error.type"}},
		{factFinish, []string{"gen_ai.response.finish_reasons"}},
		{factOpenInferenceKind, []string{"openinference.span.kind"}},
		{factTraceloopKind, []string{"traceloop.span.kind"}},
		{factLangfuseType, []string{"langfuse.observation.type"}},
		{factVercelOperation, []string{"ai.operationId"}},
		{factService, []string{"service.name"}},
	}
}

func ownerSpellings() []spelling {
	return []spelling{
		{factTenantTag, []string{"tenant.id", "tenant_id",
			"traceloop.association.properties.tenant_id", "langfuse.trace.metadata.tenant_id",
			"langfuse.trace.metadata.tenant", "ai.telemetry.metadata.tenantId"}},
		{factOrganization, []string{"litellm.metadata.user_api_key_org_id",
			"metadata.user_api_key_org_id"}},
		{factTeam, []string{"litellm.team.id", "metadata.user_api_key_team_id",
			"litellm.metadata.user_api_key_team_id"}},
		{factTeamName, []string{"litellm.team.alias", "metadata.user_api_key_team_alias"}},
		{factProject, []string{"litellm.metadata.user_api_key_project_id",
			"metadata.user_api_key_project_id"}},
		{factCustomer, []string{"litellm.end_user.id", "metadata.user_api_key_end_user_id"}},
		{factUser, []string{"litellm.metadata.user_api_key_user_id",
			"metadata.user_api_key_user_id", "user.id", "langfuse.user.id",
			"traceloop.association.properties.user_id", "ai.telemetry.metadata.userId"}},
		{factAPIKey, []string{"litellm.api_key.hash", "metadata.user_api_key_hash"}},
		{factAPIKeyName, []string{"litellm.metadata.user_api_key_alias",
			"metadata.user_api_key_alias"}},
	}
}

// signs are the families of names seen on a span: whether it is ours, and who wrote it.
type signs uint16

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
	signOther       // Spring AI, agentgateway
	signRollup      // usage that sums other spans
	signPartial     // usage that its producer calls partial
	markTraceloop   // OpenLLMetry copies its context to every span, databases included
)

// dataSigns make a span ours.
const dataSigns = markTraceloop - 1

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
			prefixed(name, "agw.ai.", signOther)
	case 'o':
		return prefixed(name, "openinference.", signOpenInference) |
			prefixed(name, "openai.", signProviderOwn)
	case 't':
		return prefixed(name, "traceloop.span.", signTraceloop) |
			prefixed(name, "traceloop.", markTraceloop)
	case 's':
		return prefixed(name, "spring.ai.", signOther)
	case 'm':
		return prefixed(name, "metadata.user_api_key", signLiteLLM1)
	}
	return 0
}

func signOfGenAI(name string) signs {
	if !strings.HasPrefix(name, "gen_ai.") {
		return 0
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
