package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// LiteLLM spend logs: rows of the table LiteLLM_SpendLogs as the API, a database copy or a
// logger writes them. Every column but request_id may be absent: it depends on the release.

func litellmJSON() Format {
	return Format{
		Name: "litellm.spend_logs.json", Leg: LegGateway,
		About: "LiteLLM spend logs as JSON: the array of GET /spend/logs?summarize=false, " +
			"one row a line, or pages of /spend/logs/v2",
		recognise: func(h *Head) Match {
			if h.has("data", "total_pages") || h.has("data.request_id", "data.spend") {
				return h.needsKeys("data", "data.request_id", "data.spend", "data.startTime")
			}
			if h.has("starttime") { // warehouses write names in lower case
				return h.needsKeys("request_id", "spend", "starttime", "model")
			}
			return h.needsKeys("request_id", "spend", "startTime").beside(h, "call_type")
		},
		nests: nestedIn("metadata", "response", "proxy_server_request"),
		load: func(j *Job) error {
			if j.stream.head().has("data.request_id") {
				return j.litellmPages()
			}
			return j.eachTape(func(w *worker) tapeHandler { return newLitellmReader(w).row })
		},
	}
}

func litellmCSV() Format {
	return Format{
		Name: "litellm.spend_logs.csv", Leg: LegGateway,
		About: "LiteLLM_SpendLogs as the CSV of a Postgres COPY with header, or as Parquet",
		recognise: func(h *Head) Match {
			return h.needs("request_id", "spend", "starttime", "model")
		},
		load: func(j *Job) error {
			return j.eachRowOn(j.options.Threads, func(w *worker) rowHandler {
				return newLitellmReader(w).csvRow
			})
		},
	}
}

func litellmSummary() Format {
	return Format{
		Name: "litellm.spend_logs.summarized", Leg: LegGateway,
		About: "LiteLLM's per-day sums of /spend/logs: refused, because sums have no requests",
		recognise: func(h *Head) Match {
			match := h.needsKeys("startTime", "spend", "users", "models")
			match.Fits = match.Fits && !h.Keys["request_id"]
			return match
		},
		load: func(j *Job) error {
			return &FileError{Path: j.path, Resembles: true,
				Problem: "holds LiteLLM's sums a day, not its rows",
				Hint: "export the rows with " +
					"GET /spend/logs?summarize=false&start_date=…&end_date=… or " +
					"COPY (SELECT * FROM \"LiteLLM_SpendLogs\") TO STDOUT WITH CSV HEADER"}
		},
	}
}

// litellmFields is one spend log, however it was written.
type litellmFields struct {
	requestID, apiKey, spend, model, modelGroup, provider, apiBase   string
	user, cacheHit, tags, teamID, organizationID, endUser, sessionID string
	status, callType, started, ended, streamedAt                     string
	callID, providerRequestID, version                               string
	prompt, completion, total                                        string
	isEpoch, isStreamed                                              bool
	meta                                                             litellmMetadata
	payload                                                          value // of a logger
	response, breakdown, failure, usage                              value
}

// litellmMetadata is what a spend log has in its metadata.
type litellmMetadata struct {
	apiKey, keyName, teamID, organizationID, userID, teamName, projectID, endUserID value
	spendLogs, requester, status, usage, additionalUsage, breakdown, failure        value
	callID, responseID, modelGroup, modelMap                                        value
	whole                                                                           value
}

func litellmMetadataOf(v value) litellmMetadata {
	of := v.inOrder() // the order in which LiteLLM writes them
	return litellmMetadata{
		whole:  v,
		apiKey: of.member("user_api_key"), keyName: of.member("user_api_key_alias"),
		teamID: of.member("user_api_key_team_id"), projectID: of.member("user_api_key_project_id"),
		organizationID: of.member("user_api_key_org_id"), userID: of.member("user_api_key_user_id"),
		teamName:  of.member("user_api_key_team_alias"),
		endUserID: of.member("user_api_key_end_user_id"),
		spendLogs: of.member("spend_logs_metadata"), requester: of.member("requester_metadata"),
		status: of.member("status"), usage: of.member("usage_object"),
		additionalUsage: of.member("additional_usage_values"),
		breakdown:       of.member("cost_breakdown"),
		modelMap:        of.member("model_map_information"),
		failure:         of.member("error_information"),
		callID:          of.member("litellm_call_id"), responseID: of.member("response_id"),
		modelGroup: of.member("original_model_group"),
	}
}

// litellmReader turns spend logs into requests; its tapes are of JSON inside strings.
type litellmReader struct {
	w                                                *worker
	answer                                           fastjson.Parser
	metaInside, responseInside, usageInside, message tape
	tags                                             []byte
	ownerKeys                                        []string
	made                                             Request // the row in hand
}

// newLitellmReader gives the reader that the worker keeps from file to file.
func newLitellmReader(w *worker) *litellmReader {
	reader := keptBy(w, "litellm", func() *litellmReader {
		return &litellmReader{ownerKeys: ownerKeys()}
	})
	reader.w = w
	return reader
}

func (l *litellmReader) row(v value, line int64) error {
	of := v.inOrder() // the order in which LiteLLM writes them
	fields := litellmFields{
		requestID: of.text("request_id"), callType: of.text("call_type"),
		apiKey: of.text("api_key"), spend: of.text("spend"),
		total: of.text("total_tokens"), prompt: of.text("prompt_tokens"),
		completion: of.text("completion_tokens"),
		started:    of.text("startTime"), ended: of.text("endTime"),
		streamedAt: of.text("completionStartTime"),
		model:      of.text("model"), modelGroup: of.text("model_group"),
		provider: of.text("custom_llm_provider"), apiBase: of.text("api_base"),
		user:     of.text("user"),
		meta:     litellmMetadataOf(of.member("metadata").object(&l.metaInside)),
		cacheHit: of.member("cache_hit").word(), tags: l.tagText(of.member("request_tags")),
		teamID: of.text("team_id"), organizationID: of.text("organization_id"),
		endUser:   of.text("end_user"),
		response:  of.member("response").object(&l.responseInside),
		sessionID: of.text("session_id"), status: of.text("status"),
		callID: of.text("litellm_call_id"),
	}
	if fields.started == "" { // warehouses write names in lower case
		fields.started, fields.ended = v.member("starttime").text(), v.member("endtime").text()
	}
	return l.request(fields.withMetadata(), line)
}

func (l *litellmReader) csvRow(row csvRow) error {
	fields := litellmFields{
		requestID: row.written("request_id"), apiKey: row.text("api_key"),
		spend: row.text("spend"), model: row.text("model"),
		modelGroup: row.text("model_group"), provider: row.text("custom_llm_provider"),
		apiBase: row.text("api_base"), user: row.text("user"),
		cacheHit: row.text("cache_hit"), tags: compactList(row.text("request_tags")),
		teamID: row.text("team_id"), organizationID: row.text("organization_id"),
		endUser: row.text("end_user"), sessionID: row.text("session_id"),
		status: row.text("status"), callType: row.text("call_type"),
		started: row.text("starttime"), ended: row.text("endtime"),
		streamedAt: row.text("completionstarttime"),
		prompt:     row.text("prompt_tokens"), completion: row.text("completion_tokens"),
		total:    row.text("total_tokens"),
		meta:     litellmMetadataOf(l.metaInside.object(row.text("metadata"))),
		response: l.responseInside.object(row.text("response")),
	}
	return l.request(fields.withMetadata(), row.line)
}

// withMetadata takes what a row of the table keeps in its metadata.
func (f *litellmFields) withMetadata() *litellmFields {
	f.isStreamed = f.streamedAt != ""
	f.callID = firstText(f.callID, f.meta.callID.text())
	f.breakdown, f.failure = f.meta.breakdown, f.meta.failure
	f.usage = f.response.member("usage") // where the response is stored
	return f
}

// request builds the row; what is wrong with it comes back as a row error.
func (l *litellmReader) request(f *litellmFields, line int64) error {
	if f.requestID == "" {
		return badRow("request_id is missing")
	}
	row := &l.made
	*row = Request{} // alone, so that it is cleared where it lies
	row.Line, row.Gateway, row.Operation, row.Tags = line, "litellm", f.callType, f.tags
	row.SpendUnit, row.IsStreamed = "usd", f.isStreamed
	row.Region = firstText(litellmRegion(f.apiBase), f.breakdown.member("vertex_location").text(),
		f.breakdown.member("data_residency").text())
	row.GatewayVersion = f.version
	times := instants{}
	if f.isEpoch {
		times = instants{kind: instantEpoch, places: 6}
	}
	var err error
	if row.StartedUS, err = times.read("startTime", f.started); err != nil {
		return err
	}
	if row.EndedUS, err = times.read("endTime", f.ended); err != nil {
		return err
	}
	row.Status, row.ErrorCode = litellmStatus(f)
	row.GatewayCache = litellmCache(f)
	l.identify(f, row)
	priced := f.mapKey()
	l.name(f, row, priced)
	if err := l.count(f, row); err != nil {
		return err
	}
	f.pricedAs(row, priced)
	if err := l.price(f, row); err != nil {
		return err
	}
	// A failure with tokens of an answer and their spend is a stream that broke off, maybe while it
	// still reasoned: the provider bills what it had answered (BerriAI/litellm PR 39589).
	answered := row.Output.N + row.Reasoning.N + row.AudioOut.N + row.ImageOut.N
	if row.Status == "error" && answered > 0 && !row.Spend.USD.IsZero() {
		row.Status = "cancelled"
	}
	return l.w.request(row)
}

// identify fills the ids and owners: the row's own columns first, then the metadata, which holds
// their value at the time of the request.
func (l *litellmReader) identify(f *litellmFields, row *Request) {
	meta := &f.meta
	row.RequestID = f.requestID
	row.CallID = firstText(f.callID, plainID(f.requestID))
	row.ProviderRequestID = f.providerRequestID
	if row.GatewayCache != "hit" {
		row.ResponseID = firstText(meta.responseID.text(),
			f.response.member("id").text(), plainID(f.requestID))
	}
	row.OrganizationID = firstText(f.organizationID, meta.organizationID.text())
	row.TeamID = firstText(f.teamID, meta.teamID.text())
	row.TeamName = meta.teamName.text()
	row.ProjectID = meta.projectID.text()
	row.CustomerID = firstText(f.endUser, meta.endUserID.text())
	row.UserID = firstText(f.user, meta.userID.text())
	row.APIKeyID = keyID(firstText(f.apiKey, meta.apiKey.text()))
	row.APIKeyName = meta.keyName.text()
	row.SessionID = f.sessionID
	l.owner(f, row)
	row.WorkflowID = firstText(meta.spendLogs.member("workflow_id").text(),
		meta.requester.member("workflow_id").text())
}

// plainID drops the marks that LiteLLM appends to an id, and the word that some releases wrote for
// none.
func plainID(id string) string {
	if isNullWord(id) {
		return ""
	}
	id, _, _ = strings.Cut(id, "_cache_hit")
	return strings.TrimSuffix(id, "_batch_cost")
}

// name fills provider and models: the model column is what the gateway sent, so only a stored
// response names what answered.
func (l *litellmReader) name(f *litellmFields, row *Request, priced string) {
	row.Provider = f.provider
	if prefix, _, found := strings.Cut(f.model, "/"); found && row.Provider == "" {
		row.Provider = prefix
	}
	row.RequestedModel = firstText(f.meta.modelGroup.text(), f.modelGroup,
		f.model)
	row.ResponseModel = strings.TrimPrefix(firstText(f.mapModel(priced), f.model), row.Provider+"/")
	row.ModelEvidence = ModelEqualsRequest
	if reported := f.response.member("model").text(); reported != "" {
		row.ResponseModel, row.ModelEvidence = reported, ModelReported
	} else if f.response.member("text").text() == "redacted-by-litellm" {
		row.Withheld = BodyRedacted
	}
	if row.ResponseModel == "" {
		row.ModelEvidence = ModelMissing
	}
	row.keepGeography(f.model)
	if region, _ := bedrockProfile(f.model); row.Region == "" {
		row.Region = region
	}
	row.Provider = f.payee(row.Provider)
}

// price fills the spend and what the amount means.
func (l *litellmReader) price(f *litellmFields, row *Request) error {
	var err error
	if row.Spend, err = l.w.money("spend", f.spend); err != nil {
		return err
	}
	original := f.breakdown.member("original_cost").text()
	if row.SpendOrig, err = l.w.money("original_cost", original); err != nil {
		return err
	}
	row.SpendStatus = spendStatus(row)
	row.ToolCost = toolCost(f.breakdown.member("tool_usage_cost").text())
	if row.Spend.Known && !row.Spend.USD.IsZero() {
		row.keepStated(f.usage)
		if row.SpendOrigin == "" && f.isByStatedRates(row) {
			row.SpendOrigin = "rates"
		}
	}
	return nil
}

// spendStatus says why an amount of zero is zero.
func spendStatus(row *Request) string {
	counted := row.PromptTokens.N + row.Output.N + row.Reasoning.N
	switch {
	case !row.Spend.Known:
		return "not_emitted"
	case !row.Spend.USD.IsZero():
		return "priced"
	case row.GatewayCache == "hit":
		return "zero_cache_hit"
	case row.Status != "success":
		return "zero_error"
	case counted > 0:
		return "zero_unpriced"
	}
	return "priced"
}

func litellmStatus(f *litellmFields) (status, code string) {
	said := firstText(f.status, f.meta.status.text())
	code = f.failure.member("error_code").text()
	if said == "failure" || said == "error" {
		return "error", code
	}
	return "success", "" // rows of old releases, which have no status, are successes
}

func litellmCache(f *litellmFields) string {
	isHit, isKnown := truthOf(f.cacheHit)
	switch {
	case f.callType == "aget_responses" || f.callType == "get_responses":
		return "hit" // a stored answer is read again, with its counts
	case isHit || strings.Contains(f.requestID, "_cache_hit"):
		return "hit"
	case isKnown:
		return "none"
	}
	return "unknown"
}

// litellmRegion reads the region that a host name states.
func litellmRegion(apiBase string) string {
	_, host, _ := strings.Cut(apiBase, "://")
	host, _, _ = strings.Cut(host, "/")
	label, rest, _ := strings.Cut(host, ".")
	switch {
	case rest == "api.openai.com":
		return label
	case label == "bedrock-runtime" || label == "bedrock-mantle":
		region, _, _ := strings.Cut(rest, ".")
		return region
	case strings.HasSuffix(label, "-aiplatform"):
		return strings.TrimSuffix(label, "-aiplatform")
	case host == "aiplatform.googleapis.com":
		return "global"
	}
	return ""
}
