package loaders

import (
	"slices"
	"strings"
)

// What the attributes of one span say, and the row that follows from it.

// Roles of a span. Only calls count; the usage of a container repeats its children's.
const (
	roleCall      = "llm_call"
	roleContainer = "container"
	roleGateway   = "gateway"
	roleTool      = "tool"
	roleOther     = "other"
)

// Qualities of a span's usage.
const (
	usageOK       = "ok"
	usageMissing  = "missing"
	usagePartial  = "partial"
	usageConflict = "conflict"
)

// keptMax bounds the attributes that are kept as they stand, keptBytesMax each of them.
const (
	keptMax      = 16
	keptBytesMax = 200
)

// facts gathers what a list of attributes says, keeping the most trusted name of each fact.
type facts struct {
	texts    [factCount]string
	ranks    [factCount]uint8
	counts   [lastCount + 1]Count
	kept     [keptMax]string
	signs    signs
	conflict bool  // two names of one count disagree
	problem  error // the first count that cannot be
}

func (f *facts) reset() { *f = facts{} }

func (f *facts) text(of fact) string { return f.texts[of] }

// note takes in one attribute of known meaning.
func (f *facts) note(meaning target, name, text string) {
	if text == "" {
		return
	}
	of := meaning.of
	if of == factKept {
		f.kept[meaning.rank] = text
		return
	}
	isFirst := f.texts[of] == "" || meaning.rank < f.ranks[of]
	if of <= lastCount {
		count, err := parseCount(name, text)
		if err != nil && f.problem == nil {
			f.problem = err
		}
		f.conflict = f.conflict || (f.counts[of].Known && f.counts[of] != count)
		if isFirst {
			f.counts[of] = count
		}
	}
	if isFirst {
		f.texts[of], f.ranks[of] = text, meaning.rank
	}
}

// inherit takes a fact from the resource when the span itself does not state it.
func (f *facts) inherit(of fact, resource *facts) {
	if f.texts[of] == "" {
		f.texts[of] = resource.texts[of]
	}
}

// fill completes the row; counts that cannot be are a row error.
func (f *facts) fill(row *Span, isFailed, isCut bool) error {
	if f.problem != nil {
		return f.problem
	}
	f.identify(row)
	row.Operation = firstText(f.text(factOperation), f.text(factVercelOperation))
	row.Provider = providerName(f.text(factProvider), f.signs)
	row.ServiceTier = firstText(f.text(factResponseTier), f.text(factRequestTier))
	row.IsStreamed = strings.EqualFold(f.text(factStreamed), "true")
	row.WorkflowName, row.AgentName = f.text(factWorkflowName), f.text(factAgentName)
	f.models(row)
	f.status(row, isFailed)
	row.Dialect = f.dialect(row.Scope)
	row.Role = f.role(row)
	f.count(row, isCut)
	// A tracer's cost is a float that it worked out itself: compared, never added, and so
	// neither its rounding nor its absence is worth a reject.
	row.Cost, _, _ = parseMoney("cost", f.text(factCost))
	return nil
}

func (f *facts) identify(row *Span) {
	row.ResponseID, row.CallID = f.text(factResponseID), f.text(factCallID)
	row.ProviderRequestID = f.text(factProviderRequestID)
	row.SessionID, row.WorkflowID = f.text(factSession), f.text(factWorkflow)
	row.OrganizationID, row.TeamID = f.text(factOrganization), f.text(factTeam)
	row.TeamName, row.ProjectID = f.text(factTeamName), f.text(factProject)
	row.CustomerID, row.UserID = f.text(factCustomer), f.text(factUser)
	row.APIKeyID, row.APIKeyName = keyID(f.text(factAPIKey)), f.text(factAPIKeyName)
	row.TenantTag = f.text(factTenantTag)
}

// models keeps the model asked for and the one served apart. A response model equal to the
// requested one is weak evidence: some tracers copy it.
func (f *facts) models(row *Span) {
	row.RequestedModel = f.text(factRequestModel)
	row.ResponseModel, row.ModelEvidence = f.text(factResponseModel), ModelReported
	if row.ResponseModel == "" {
		row.ResponseModel, row.ModelEvidence = f.text(factWeakModel), ModelEqualsRequest
	}
	switch row.ResponseModel {
	case "":
		row.ModelEvidence = ModelMissing
	case row.RequestedModel:
		row.ModelEvidence = ModelEqualsRequest
	}
}

func (f *facts) status(row *Span, isFailed bool) {
	row.Status, row.ErrorType = "success", f.text(factErrorType)
	// A stream that broke before its end says so among its finish reasons only.
	if row.ErrorType == "" && hasListed(f.text(factFinish), "error") {
		row.ErrorType = "finish_reason_error"
	}
	if isFailed || row.ErrorType != "" {
		row.Status = "error"
	}
}

// hasListed looks for a word in a list written as a,b or as JSON text.
func hasListed(list, word string) bool {
	if !strings.Contains(list, word) {
		return false
	}
	return slices.Contains(strings.FieldsFunc(list, func(c rune) bool {
		return strings.ContainsRune(`[]", `, c)
	}), word)
}

// providerName gives the present OpenTelemetry name of a provider.
func providerName(name string, seen signs) string {
	name = strings.ToLower(name)
	switch name {
	case "az.ai.openai", "azure", "azure-openai", "azure_openai":
		return "azure.ai.openai"
	case "az.ai.inference":
		return "azure.ai.inference"
	case "vertex_ai", "vertexai", "vertex":
		return "gcp.vertex_ai"
	case "gemini":
		return "gcp.gemini"
	case "xai":
		return "x_ai"
	case "bedrock", "aws_bedrock", "amazon-bedrock":
		return "aws.bedrock"
	}
	if seen&signVercel != 0 && !strings.HasPrefix(name, "gcp.") &&
		!strings.HasPrefix(name, "aws.") && !strings.HasPrefix(name, "azure.") {
		name, _, _ = strings.Cut(name, ".") // the Vercel AI SDK writes "openai.responses"
	}
	return name
}

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
	return f.text(factOperation) == "execute_tool" || f.text(factOpenInferenceKind) == "TOOL" ||
		f.text(factTraceloopKind) == "tool" || f.text(factLangfuseType) == "tool" ||
		f.text(factVercelOperation) == "ai.toolCall"
}

func (f *facts) isContainer(name string) bool {
	switch f.text(factOperation) {
	case "invoke_agent", "invoke_workflow", "create_agent", "plan", "framework", "retrieval",
		"fetch_response":
		return true
	}
	switch f.text(factOpenInferenceKind) {
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
	switch firstText(f.text(factVercelOperation), name) {
	case "ai.generateText", "ai.streamText", "ai.generateObject", "ai.streamObject", "ai.embed",
		"ai.embedMany":
		return true
	}
	hasUsage := f.counts[factInput].Known || f.counts[factOutput].Known
	return f.signs&signRollup != 0 || (f.signs&signPartial != 0 && !hasUsage) ||
		f.text(factProvider) == "spring_ai"
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
	hasUsage := f.counts[factInput].Known || f.counts[factOutput].Known
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

// count makes the tokens disjoint and says how good they are.
func (f *facts) count(row *Span, isCut bool) {
	c := &f.counts
	usage := inclusive{
		prompt: c[factInput], completion: c[factOutput], total: c[factTotal],
		cacheRead: c[factCacheRead], cacheWrite: c[factCacheWrite],
		cacheWrite5m: c[factCacheWrite5m], cacheWrite1h: c[factCacheWrite1h],
		reasoning: c[factReasoning], audioIn: c[factAudioIn], audioOut: c[factAudioOut],
		imageIn: c[factImageIn], imageOut: c[factImageOut],
		audioCachedIn: c[factAudioCachedIn], imageCachedIn: c[factImageCachedIn],
		webSearch: c[factWebSearch],
	}
	usage.convention, usage.how = conventionOf(row)
	row.Counting = usage.disjoint()
	row.TotalTokens = c[factTotal]
	isEmbedding := strings.Contains(row.Operation, "embed") ||
		f.text(factOpenInferenceKind) == "EMBEDDING" ||
		strings.HasPrefix(f.text(factVercelOperation), "ai.embed")
	switch hasInput, hasOutput := usage.prompt.Known, usage.completion.Known; {
	case f.conflict || row.Problem != "":
		row.UsageQuality = usageConflict
	case !hasInput && !hasOutput:
		row.UsageQuality = usageMissing
	case isCut || !hasInput || (!hasOutput && !isEmbedding):
		row.UsageQuality = usagePartial
	default:
		row.UsageQuality = usageOK
	}
}

// conventionOf says whether the input count holds the cached tokens, by who wrote the span. The
// conventions say it does; the instrumentations below have been seen to write Anthropic's own
// count, which does not.
func conventionOf(row *Span) (convention, how string) {
	isAnthropic := row.Provider == "anthropic" || row.Provider == "aws.bedrock"
	if isAnthropic {
		for _, scope := range []string{"bedrock", "otelgenai", "envoy",
			"@arizeai/openinference-instrumentation-anthropic", "logfire"} {
			if strings.Contains(row.Scope, scope) {
				return ConventionUnknown, "its instrumentation may write the provider's own count"
			}
		}
	}
	switch row.Dialect {
	case "openinference":
		return IncludesCache, "OpenInference rule"
	case "vercel":
		return IncludesCache, "Vercel AI SDK rule"
	case "litellm_v1", "litellm_v2":
		return IncludesCache, "LiteLLM writes the OpenAI form"
	case "openllmetry":
		return IncludesCache, "OpenLLMetry rule"
	case "langfuse":
		return ConventionUnknown, "Langfuse keeps usage outside the conventions"
	}
	return IncludesCache, "OpenTelemetry GenAI rule"
}
