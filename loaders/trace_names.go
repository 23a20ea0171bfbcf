package loaders

import (
	"encoding/binary"
	"strings"
)

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
	factNoCache               // input that was neither read from nor written to a cache
	lastCount   = factNoCache // the facts up to here are counts
)

const (
	factCost fact = iota + lastCount + 1
	factOperation
	factProvider
	factLangChain // what LangChain calls the provider
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
	factTags // a list, one of which may name the tenant
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
	factLogfireType
	factVercelOperation
	factService
	factServiceVersion
	factGatewayVersion
	factOutputValue // here and below: JSON within text
	factProviderMetadata
	factHiddenParams
	factMetadata
	factSpendMetadata
	factAgentAnswer
	factRawUsage
	factLangfuseUsage
	factLangfuseCost
	factInputDetails
	factOutputDetails
	factKept   // written to attrs as it stands
	factHeader // a header of the response, which may say one of the facts above
	factCount
)

// spelling lists the names of one fact, the most trusted first.
type spelling struct {
	of    fact
	names []string
}

// target is what one attribute name means: a fact, its rank among the fact's names, where it is
// kept as it stands, and what the name alone shows of the span.
type target struct {
	of      fact
	rank    uint8
	kept    uint8 // 1 and its place among attributeNames.kept, 0 when it is not kept
	isKnown bool
	signs   signs
}

// recentNames remembers the meanings of names, which repeat from span to span: each has a place by
// its length and sixteen of its letters. It is one worker's.
type recentNames [512]struct {
	name string
	target
}

// meaning is that of attributeNames.
func (r *recentNames) meaning(of *attributeNames, name string) target {
	n := len(name)
	if n < 8 || n > nameBytesMax {
		return of.meaning(name)
	}
	text := bytesOf(name)
	sum := binary.LittleEndian.Uint64(text[n-8:]) + uint64(n)
	sum = sum*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(text[n/2-4:])
	place := &r[sum*0x9e3779b97f4a7c15>>55]
	if place.name == name {
		return place.target
	}
	found := of.meaning(name)
	if place.name == "" { // two names of one place must not drive each other out for ever
		place.name, place.target = strings.Clone(name), found
	}
	return found
}

// nameBytesMax bounds the names that are remembered.
const nameBytesMax = 128

// attributeNames finds the meaning of an attribute name. It is read by all workers of a job.
type attributeNames struct {
	targets    map[string]target
	kept       []string
	inherited  []fact
	inner      []innerText
	innerPaths [][][]string // of the members of inner
}

func newAttributeNames() *attributeNames {
	names := &attributeNames{targets: map[string]target{}}
	for _, list := range [][]spelling{countSpellings(), callSpellings(), ownerSpellings(),
		textSpellings()} {
		for _, row := range list {
			for rank, name := range row.names {
				names.targets[name] = target{of: row.of, rank: uint8(rank), isKnown: true,
					signs: signOf(name)}
			}
		}
	}
	names.inner, names.inherited = innerTexts(), inherited()
	names.flatten("metadata")
	names.callerKeys()
	names.keep()
	for _, inner := range names.inner {
		paths := make([][]string, len(inner.members))
		for i, member := range inner.members {
			paths[i] = strings.Split(member, ".")
		}
		names.innerPaths = append(names.innerPaths, paths)
	}
	return names
}

// meaning finds what a name says. LiteLLM copies the provider's answer to "llm.<provider>.<key>".
func (n *attributeNames) meaning(name string) target {
	if found, known := n.targets[name]; known {
		return found
	}
	if isAnswerHeader(name) {
		return target{of: factHeader, isKnown: true, signs: markHeader}
	}
	isUsage := strings.HasPrefix(name, "llm.") && strings.Count(name, ".") == 2 &&
		(strings.HasSuffix(name, ".usage") || strings.HasSuffix(name, ".usageMetadata"))
	return target{of: factRawUsage, isKnown: isUsage, signs: signOf(name)}
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
	return append(cacheSpellings(), []spelling{
		{factInput, []string{"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
			"llm.token_count.prompt", "llm.usage.prompt_tokens", "ai.usage.inputTokens",
			"ai.usage.promptTokens", "ai.usage.tokens", "gen_ai.aggregated_usage.input_tokens",
			"gen_ai.response.prompt_tokens", "gen_ai.response.input_tokens"}},
		{factOutput, []string{"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
			"llm.token_count.completion", "llm.usage.completion_tokens",
			"ai.usage.outputTokens", "ai.usage.completionTokens",
			"gen_ai.aggregated_usage.output_tokens", "gen_ai.response.completion_tokens",
			"gen_ai.response.output_tokens"}},
		{factTotal, []string{"gen_ai.usage.total_tokens", "llm.usage.total_tokens",
			"llm.token_count.total", "ai.usage.totalTokens"}},
		{factReasoning, []string{"gen_ai.usage.reasoning.output_tokens",
			"gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens",
			"gen_ai.usage.details.reasoning_tokens", "gen_ai.usage.details.thoughts_tokens",
			"gen_ai.usage.completion_tokens_details.reasoning_tokens",
			"gen_ai.usage.completion_tokens_details.reasoning",
			"gen_ai.usage.output_tokens_details.reasoning_tokens",
			"gen_ai.usage.output_tokens_details.reasoning",
			"gen_ai.usage.reasoning_output_tokens",
			"gen_ai.usage.output_token_details.$.reasoning",
			"llm.token_count.completion_details.reasoning", besideOutput,
			"ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens",
			"ai.response.providerMetadata.$.openai.reasoningTokens"}},
		{factAudioIn, []string{"gen_ai.usage.audio.input_tokens",
			"gen_ai.usage.input_audio_tokens", "gen_ai.usage.details.input_audio_tokens",
			"gen_ai.usage.prompt_tokens_details.audio_tokens",
			"gen_ai.usage.input_token_details.audio_tokens",
			"gen_ai.usage.input_token_details.$.audio", "llm.token_count.prompt_details.audio"}},
		{factAudioOut, []string{"gen_ai.usage.audio.output_tokens",
			"gen_ai.usage.output_audio_tokens", "gen_ai.usage.details.output_audio_tokens",
			"gen_ai.usage.completion_tokens_details.audio_tokens",
			"gen_ai.usage.completion_tokens_details.audio",
			"gen_ai.usage.output_token_details.$.audio",
			"llm.token_count.completion_details.audio"}},
		{factAudioCachedIn, []string{"gen_ai.usage.audio.cache_read.input_tokens",
			"gen_ai.usage.details.cache_audio_read_tokens"}},
		{factImageIn, []string{"gen_ai.usage.image.input_tokens",
			"gen_ai.usage.input_image_tokens"}},
		{factImageOut, []string{"gen_ai.usage.image.output_tokens",
			"gen_ai.usage.output_image_tokens"}},
		{factImageCachedIn, []string{"gen_ai.usage.image.cache_read.input_tokens"}},
		{factWebSearch, []string{"gen_ai.usage.web_search_requests",
			"gen_ai.usage.server_tool_use.web_search_requests",
			"gen_ai.usage.details.web_search_requests",
			"gen_ai.usage.details.server_tool_use.web_search_requests",
			"gen_ai.usage.prompt_tokens_details.web_search_requests",
			"llm.usage.web_search_requests"}},
		{factNoCache, []string{"ai.usage.inputTokenDetails.noCacheTokens"}},
	}...)
}

func cacheSpellings() []spelling {
	return []spelling{
		{factCacheRead, []string{"gen_ai.usage.cache_read.input_tokens",
			"gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.details.cache_read_tokens",
			"gen_ai.usage.details.cache_read_input_tokens", "gen_ai.usage.cached_input_tokens",
			"gen_ai.usage.cached_tokens", "gen_ai.usage.cache_read_tokens",
			"gen_ai.usage.prompt_tokens_details.cached_tokens",
			"gen_ai.usage.input_cached_tokens", "llm.token_count.prompt_details.cache_read",
			"gen_ai.usage.details.cached_tokens", "gen_ai.usage.details.cached_content_tokens",
			"gen_ai.usage.details.cached_input_tokens",
			"gen_ai.usage.prompt_tokens_details.cache_read",
			"gen_ai.usage.input_tokens_details.cached_tokens",
			"gen_ai.usage.input_tokens_details.cached", "llm.usage.cache_read_input_tokens",
			"gen_ai.usage.input_token_details.cache_read",
			"gen_ai.usage.input_token_details.$.cache_read",
			"ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens",
			"ai.response.providerMetadata.$.anthropic.cacheReadInputTokens",
			"ai.response.providerMetadata.$.openai.cachedPromptTokens",
			"ai.response.providerMetadata.$.bedrock.usage.cacheReadInputTokens",
			"gen_ai.aggregated_usage.cache_read.input_tokens",
			"gen_ai.aggregated_usage.details.cache_read_tokens"}},
		{factCacheWrite, []string{"gen_ai.usage.cache_write.input_tokens",
			"gen_ai.usage.cache_creation.input_tokens",
			"gen_ai.usage.cache_creation_input_tokens",
			"gen_ai.usage.cache_write_input_tokens", "gen_ai.usage.details.cache_write_tokens",
			"gen_ai.usage.details.cache_creation_input_tokens",
			"gen_ai.usage.cache_write_tokens", "gen_ai.usage.cache_creation_tokens",
			"llm.token_count.prompt_details.cache_write",
			"llm.token_count.prompt_details.cache_creation",
			"gen_ai.usage.prompt_tokens_details.cache_write",
			"llm.usage.cache_creation_input_tokens",
			"gen_ai.usage.input_token_details.$.cache_creation",
			"ai.usage.inputTokenDetails.cacheWriteTokens",
			"ai.response.providerMetadata.$.anthropic.cacheCreationInputTokens",
			"ai.response.providerMetadata.$.bedrock.usage.cacheWriteInputTokens",
			"gen_ai.aggregated_usage.cache_creation.input_tokens",
			"gen_ai.aggregated_usage.cache_write.input_tokens",
			"gen_ai.aggregated_usage.details.cache_write_tokens"}},
		{factCacheWrite5m, []string{"gen_ai.usage.cache_creation_5m.input_tokens"}},
		{factCacheWrite1h, []string{"gen_ai.usage.cache_creation_1h.input_tokens"}},
	}
}

func callSpellings() []spelling {
	return []spelling{
		{factCost, []string{"litellm.cost.total", "gen_ai.cost.total_cost",
			"gen_ai.usage.cost", "gen_ai.usage.total_cost", "llm.cost.total",
			"agw.ai.usage.cost.total", "operation.cost",
			"langfuse.observation.cost_details.$.total", "langwatch.span.cost"}},
		{factOperation, []string{"gen_ai.operation.name", "llm.request.type"}},
		{factProvider, []string{"gen_ai.provider.name", "gen_ai.system", "llm.provider",
			"llm.system", "ai.model.provider"}},
		{factLangChain, []string{"metadata.$.ls_provider", "langsmith.metadata.ls_provider",
			"traceloop.association.properties.ls_provider"}},
		{factRequestModel, []string{"gen_ai.request.model", "llm.request.model_name",
			"llm.request.model", "ai.model.id"}},
		{factResponseModel, []string{"gen_ai.response.model", "llm.response.model_name",
			"llm.response.model", "ai.response.model", "output.value.$.model",
			"output.value.$.modelVersion", "output.value.$.model_version",
			"gcp.vertex.agent.llm_response.$.model_version",
			"gcp.vertex.agent.llm_response.$.modelVersion"}},
		{factWeakModel, []string{"llm.model_name", "embedding.model_name",
			"langfuse.observation.model.name"}},
		{factResponseID, []string{"gen_ai.response.id", "ai.response.id",
			"output.value.$.id", "output.value.$.responseId", "output.value.$.response_id",
			"ai.response.providerMetadata.$.openai.responseId"}},
		{factCallID, []string{"litellm.call_id", "gen_ai.request.id",
			"metadata.litellm_call_id", "hidden_params.$.litellm_call_id",
			"metadata.$.litellm_call_id"}},
		{factProviderRequestID, []string{"anthropic.request.id",
			"hidden_params.$.additional_headers.llm_provider-request-id",
			"hidden_params.$.additional_headers.llm_provider-x-request-id",
			"hidden_params.$.additional_headers.llm_provider-apim-request-id",
			"hidden_params.$.additional_headers.llm_provider-x-amzn-requestid", "aws.request_id"}},
		{factSession, []string{"gen_ai.conversation.id", "session.id", "langfuse.session.id",
			"traceloop.association.properties.session_id", "ai.telemetry.metadata.sessionId",
			"ai.settings.runtimeContext.sessionId", "ai.settings.context.sessionId",
			"langsmith.trace.session_id", "spring.ai.chat.client.conversation.id",
			"metadata.$.session_id", "metadata.spend_logs_metadata.$.session_id",
			"gcp.vertex.agent.session_id"}},
		{factWorkflow, []string{"gen_ai.agent.call.id", "gen_ai.task.id",
			"metadata.spend_logs_metadata.$.workflow_id", "metadata.$.workflow_id"}},
		{factWorkflowName, []string{"gen_ai.workflow.name", "traceloop.workflow.name",
			"ai.telemetry.functionId"}},
		{factAgentName, []string{"gen_ai.agent.name"}},
		{factResponseTier, []string{"openai.response.service_tier",
			"gen_ai.openai.response.service_tier", "output.value.$.service_tier",
			"ai.response.providerMetadata.$.openai.serviceTier",
			"ai.response.providerMetadata.$.anthropic.usage.service_tier"}},
		{factRequestTier, []string{"openai.request.service_tier",
			"gen_ai.openai.request.service_tier"}},
		{factStreamed, []string{"gen_ai.request.stream", "gen_ai.is_streaming",
			"llm.is_streaming", "litellm.request.streaming"}},
		{factErrorType, []string{"error.type"}},
		{factFinish, []string{"gen_ai.response.finish_reasons"}},
		{factOpenInferenceKind, []string{"openinference.span.kind", "langsmith.span.kind"}},
		{factTraceloopKind, []string{"traceloop.span.kind"}},
		{factLangfuseType, []string{"langfuse.observation.type"}},
		{factLogfireType, []string{"logfire.span_type"}},
		{factVercelOperation, []string{"ai.operationId"}},
		{factService, []string{"service.name"}},
		{factServiceVersion, []string{"service.version"}},
		{factGatewayVersion, []string{"litellm.version", "litellm_version",
			"kong.version", "gateway.version"}},
	}
}

func ownerSpellings() []spelling {
	return []spelling{
		{factTenantTag, []string{"tenant.id", "tenant_id",
			"traceloop.association.properties.tenant_id",
			"traceloop.association.properties.tenant", "langfuse.trace.metadata.tenant_id",
			"langfuse.trace.metadata.tenant", "langfuse.trace.metadata.tenantId",
			"langfuse.observation.metadata.tenant_id", "langfuse.observation.metadata.tenant",
			"ai.telemetry.metadata.tenantId", "ai.telemetry.metadata.tenant_id",
			"ai.telemetry.metadata.tenant", "ai.settings.runtimeContext.tenantId",
			"ai.settings.runtimeContext.tenant_id", "ai.settings.runtimeContext.tenant",
			"ai.settings.context.tenantId", "ai.settings.context.tenant_id",
			"ai.settings.context.tenant",
			"metadata.$.tenant_id", "metadata.$.tenantId", "metadata.$.tenant",
			"metadata.spend_logs_metadata.$.tenant_id", "metadata.spend_logs_metadata.$.tenant",
			"kong.auth.consumer.name", "baggage.tenant.id", "baggage.tenant_id"}},
		{factTags, []string{"tag.tags", "langfuse.trace.tags"}},
		{factOrganization, []string{"litellm.metadata.user_api_key_org_id",
			"metadata.user_api_key_org_id"}},
		{factTeam, []string{"litellm.team.id", "metadata.user_api_key_team_id",
			"litellm.metadata.user_api_key_team_id", "metadata.$.team_id"}},
		{factTeamName, []string{"litellm.team.alias", "metadata.user_api_key_team_alias"}},
		{factProject, []string{"litellm.metadata.user_api_key_project_id",
			"metadata.user_api_key_project_id", "metadata.$.project_id"}},
		{factCustomer, []string{"litellm.end_user.id", "metadata.user_api_key_end_user_id"}},
		{factUser, []string{"litellm.metadata.user_api_key_user_id",
			"metadata.user_api_key_user_id", "user.id", "langfuse.user.id",
			"traceloop.association.properties.user_id", "ai.telemetry.metadata.userId",
			"ai.settings.runtimeContext.userId", "ai.settings.context.userId",
			"metadata.$.user_id"}},
		{factAPIKey, []string{"litellm.api_key.hash", "metadata.user_api_key_hash"}},
		{factAPIKeyName, []string{"litellm.metadata.user_api_key_alias",
			"metadata.user_api_key_alias"}},
	}
}
