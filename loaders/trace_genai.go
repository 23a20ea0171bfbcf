package loaders

import (
	"slices"
	"strings"

	"tieout/pricing"
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
	keptMax      = 25
	keptBytesMax = 200
)

// facts gathers what a list of attributes says, keeping the most trusted name of each fact.
type facts struct {
	texts    [factCount]string
	ranks    [factCount]uint8
	counts   [lastCount + 1]Count
	kept     [keptMax]string
	signs    signs
	own      ownUsage
	answer   Answer   // what the headers of a response say
	beside   answered // what the provider's answer says that is not tokens
	conflict bool     // two names of one count disagree
	problem  error    // the first count that cannot be
	words    []countWord
}

func (f *facts) reset() {
	if f.signs&markHeader != 0 {
		f.answer = Answer{}
	}
	f.texts, f.counts, f.kept = [factCount]string{}, [lastCount + 1]Count{}, [keptMax]string{}
	f.signs, f.conflict, f.problem, f.words = 0, false, nil, f.words[:0]
	if f.own.where != "" {
		f.own = ownUsage{}
	}
	if f.beside != (answered{}) {
		f.beside = answered{}
	}
}

func (f *facts) text(of fact) string { return f.texts[of] }

// note takes in one attribute of known meaning.
func (f *facts) note(meaning target, name, text string) {
	if text == "" {
		return
	}
	of := meaning.of
	if meaning.kept > 0 {
		f.kept[meaning.kept-1] = text
	}
	switch of {
	case factResponseID, factCallID, factProviderRequestID:
		if isNoID(text) {
			return
		}
	case factKept:
		return
	case factHeader:
		f.answer.take(headerOfAttribute(name), firstListed(text))
		return
	}
	isFirst := f.texts[of] == "" || meaning.rank < f.ranks[of]
	if of <= lastCount {
		count, err := parseCount(name, text)
		if err != nil && !isNumber(text) {
			f.words = append(f.words, countWord{of, meaning.rank, err})
			return // another name of the fact may hold a number
		}
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

// isNoID reports a word that programs write where they have no id: calls that share it are not
// the same.
func isNoID(text string) bool {
	const longest = len("undefined")
	if len(text) > longest {
		return false
	}
	switch strings.ToLower(text) {
	case "none", "null", "nil", "unknown", "undefined", "n/a", "na", "-":
		return true
	}
	return false
}

// countWord is a word where a number belongs, and what is wrong with it.
type countWord struct {
	of   fact
	rank uint8
	err  error
}

func isNumber(text string) bool {
	_, err := pricing.ParseUSD(text)
	return err == nil
}

// unread is what is wrong with the counts: one that cannot be, or a word by the first name of a
// count that no other name tells.
func (f *facts) unread() error {
	first := countWord{err: f.problem}
	for _, w := range f.words {
		if f.problem == nil && !f.counts[w.of].Known && (first.err == nil || w.of < first.of ||
			w.of == first.of && w.rank < first.rank) {
			first = w
		}
	}
	return first.err
}

// inherit takes a fact from the resource when the span itself does not state it.
func (f *facts) inherit(of fact, resource *facts) {
	if f.texts[of] == "" {
		f.texts[of] = resource.texts[of]
	}
}

// fill completes the row; counts that cannot be are a row error.
func (f *facts) fill(row *Span, isFailed, isCut bool) error {
	if err := f.unread(); err != nil {
		return err
	}
	f.identify(row)
	row.Operation = firstText(f.text(factOperation), f.text(factVercelOperation))
	row.Provider = f.provider()
	row.ServiceTier = firstTier(f.text(factResponseTier), f.text(factRequestTier))
	row.IsStreamed = isTrueText(f.text(factStreamed)) ||
		strings.HasSuffix(f.text(factVercelOperation), ".doStream")
	row.WorkflowName, row.AgentName = f.text(factWorkflowName), f.text(factAgentName)
	f.models(row)
	f.status(row, isFailed)
	row.Dialect = f.dialect(row.Scope)
	row.Role = f.role(row)
	f.count(row, isCut)
	// After counting, which goes by the interface.
	row.Provider = f.googleService(f.payee(row.Provider), row.Scope)
	if err := row.possible(); err != nil {
		return err
	}
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
	row.TenantTag = firstText(f.text(factTenantTag), tagOf(f.text(factTags), "tenant"))
}

// isOfList reports what stands around the members of a list.
func isOfList(c rune) bool { return strings.ContainsRune(`[]",`, c) }

// models keeps the model asked for and the one served apart. A response model equal to the
// requested one is weak evidence: some tracers copy it.
func (f *facts) models(row *Span) {
	row.RequestedModel = f.text(factRequestModel)
	row.ResponseModel, row.ModelEvidence = f.text(factResponseModel), ModelReported
	if row.ResponseModel == "" {
		row.ResponseModel, row.ModelEvidence = f.text(factWeakModel), ModelEqualsRequest
	}
	// What Bedrock answers names no model, and it serves what is asked for.
	if row.ResponseModel == "" && row.Provider == "aws.bedrock" {
		row.ResponseModel = row.RequestedModel
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
		return c == ' ' || isOfList(c)
	}), word)
}

// provider is the one that the tracer states or, where it states none, Bedrock by the form of its
// ids.
func (f *facts) provider() string {
	name := providerName(f.text(factProvider), f.signs)
	if name == "" && pricing.LooksLikeBedrock(strings.ToLower(firstText(
		f.text(factResponseModel), f.text(factWeakModel), f.text(factRequestModel)))) {
		return "aws.bedrock"
	}
	return name
}

// providerName gives the present OpenTelemetry name of a provider.
func providerName(name string, seen signs) string {
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, "google.vertex"), strings.HasPrefix(name, "google-vertex"):
		return "gcp.vertex_ai"
	case strings.HasPrefix(name, "google.generative-ai"):
		return "gcp.gemini"
	case strings.HasPrefix(name, "azure.ai."), strings.HasPrefix(name, "az.ai."):
	case namesFramework(name):
		return ""
	case strings.HasPrefix(name, "azure."), strings.HasPrefix(name, "azure-openai."),
		seen&signVercel != 0 &&
			!strings.HasPrefix(name, "gcp.") && !strings.HasPrefix(name, "aws."):
		name, _, _ = strings.Cut(name, ".") // the Vercel AI SDK writes "openai.responses"
	}
	switch name {
	case "az.ai.openai", "azure", "azure-openai", "azure_openai":
		return "azure.ai.openai"
	case "az.ai.inference":
		return "azure.ai.inference"
	case "vertex_ai", "vertexai", "vertex":
		return "gcp.vertex_ai"
	case "gemini", "google-gla":
		return "gcp.gemini"
	case "xai":
		return "x_ai"
	case "aws", "bedrock", "aws_bedrock", "amazon-bedrock": // OpenLLMetry writes AWS
		return "aws.bedrock"
	}
	return name
}

// namesFramework reports whether a tracer writes, for the provider, the framework or the gateway
// that it is in, which serves and bills no model: the host, the model or its maker tells who does.
func namesFramework(name string) bool {
	const between = " -_."
	if strings.ContainsAny(name, between) {
		name = strings.Map(func(c rune) rune {
			if strings.ContainsRune(between, c) {
				return -1
			}
			return c
		}, name)
	}
	switch name {
	case "langchain", "langgraph", "crewai", "springai", "strands", "strandsagents", "autogen",
		"haystack", "llamaindex", "semantickernel", "openaiagents", "microsoftagentframework",
		"microsoftextensionsai", "other", "litellm",
		"gcpvertexagent", // Google's ADK, whichever of Google's two APIs it calls
		"gateway":        // Vercel's
		return true
	}
	return false
}
