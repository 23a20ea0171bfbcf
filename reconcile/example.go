package reconcile

import (
	"encoding/json"
	"slices"
	"strings"
)

// Example is the judgement of one request and its response.
type Example struct {
	Gateway string          `json:"gateway"` // recognised by its headers; "" when by none
	Version string          `json:"gateway_version,omitempty"`
	Signals []ExampleSignal `json:"signals"`
}

// ExampleSignal says whether the example carries a signal, where, and what would help. Values are
// never told, for they may be secrets.
type ExampleSignal struct {
	Signal string `json:"signal"`
	State  string `json:"state"` // present, partial or absent
	How    string `json:"how"`
	Remedy string `json:"remedy,omitempty"`
}

// JudgeExample judges one example by its files; either may be "".
func JudgeExample(requestPath, responsePath string) (*Example, error) {
	request, response := &message{}, &message{}
	var err error
	if requestPath != "" {
		if request, err = readMessage(requestPath, ">"); err != nil {
			return nil, err
		}
	}
	if responsePath != "" {
		if response, err = readMessage(responsePath, "<"); err != nil {
			return nil, err
		}
	}
	e := &Example{Gateway: gatewayOf(request, response)}
	e.Version = versionOf(e.Gateway, response)
	for i, judge := range []func(request, response *message) (state, how string){
		judgeRequestID, judgeTenant, judgeTokenTypes, judgeResponseModel, judgeWorkflow,
	} {
		s := ExampleSignal{Signal: Signals()[i]}
		if s.State, s.How = judge(request, response); s.State != "present" {
			s.Remedy = remedyFor(e.Gateway, e.Version, s.Signal)
		}
		e.Signals = append(e.Signals, s)
	}
	return e, nil
}

// versionOf is the release that the gateway names in its headers.
func versionOf(gateway string, response *message) string {
	switch gateway {
	case "litellm":
		return response.headers["x-litellm-version"]
	case "kong":
		for _, name := range []string{"via", "server"} {
			if _, rest, found := strings.Cut(response.headers[name], "kong/"); found {
				version, _, _ := strings.Cut(rest, " ")
				return version
			}
		}
	}
	return ""
}

// gatewayOf recognises the gateway by the names of its headers.
func gatewayOf(sides ...*message) string {
	for _, sign := range [][2]string{{"x-litellm-", "litellm"}, {"x-portkey-", "portkey"},
		{"x-kong-", "kong"}, {"cf-aig-", "cloudflare"}, {"helicone-", "helicone"},
		{"x-bf-", "bifrost"}, {"x-ai-eg-", "envoy"}, {"x-tfy-", "truefoundry"},
		{"databricks-", "databricks"}, {"apisix-", "apisix"}, {"x-apisix-", "apisix"}} {
		for _, side := range sides {
			for name, value := range side.headers {
				if strings.HasPrefix(name, sign[0]) ||
					name == "via" && strings.Contains(value, sign[1]) {
					return sign[1]
				}
			}
		}
	}
	return ""
}

// has finds the first of these headers.
func (m *message) has(names ...string) string {
	for _, name := range names {
		if m.headers[name] != "" {
			return name
		}
	}
	return ""
}

func judgeRequestID(_, response *message) (string, string) {
	if name := response.has("x-litellm-call-id", "x-kong-request-id", "helicone-id",
		"cf-aig-log-id", "x-bf-request-id", "x-tfy-request-id", "x-generation-id"); name != "" {
		return "present", "the response header " + name
	}
	if name := response.has("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id",
		"x-ms-request-id"); name != "" {
		return "present", "the response header " + name
	}
	if response.at("id") != nil {
		return "partial", "only the response's own id in the body; no id of the request in a header"
	}
	if name := response.has("x-portkey-trace-id"); name != "" {
		return "partial", name + " is shared by all calls of a trace"
	}
	return "absent", "no id in the response's headers or body"
}

// tenantKeys are the names that say who pays.
func tenantKeys() []string {
	return []string{"tenant", "tenant_id", "tenantid", "team", "team_id", "customer", "customer_id",
		"organization", "organization_id", "project", "project_id", "cost_center", "department"}
}

func judgeTenant(request, response *message) (string, string) {
	for _, name := range []string{"x-tenant", "x-tenant-id", "x-team", "x-team-id", "x-customer-id",
		"x-litellm-team-id", "x-department",
		"helicone-property-tenant", "helicone-property-team", "helicone-property-tenant-id",
		"x-bf-vk", "openai-project", "openai-organization"} {
		if request.has(name) != "" {
			return "present", "the request header " + name
		}
	}
	for _, name := range []string{"x-portkey-metadata", "cf-aig-metadata", "x-tfy-metadata",
		"x-litellm-spend-logs-metadata", "databricks-ai-gateway-request-tags"} {
		if key := tenantKeyIn(jsonObject([]byte(request.headers[name]))); key != "" {
			return "present", key + " in the request header " + name
		}
	}
	for _, path := range [][]string{{"metadata"}, {"extra_body", "metadata"},
		{"requestMetadata"}} {
		object, _ := request.at(path...).(map[string]any)
		if key := tenantKeyIn(object); key != "" {
			return "present", strings.Join(path, ".") + "." + key + " in the request's body"
		}
		if tag := tenantTagIn(object["tags"]); tag != "" {
			return "present", strings.Join(path, ".") + ".tags in the request's body" + byRule(tag)
		}
	}
	if tags := request.headers["x-litellm-tags"]; tags != "" {
		if tag := tenantTagIn(tags); tag != "" {
			return "present", "the request header x-litellm-tags" + byRule(tag)
		}
		return "partial", "x-litellm-tags names tags, and none of them a tenant"
	}
	switch {
	case request.at("user") != nil, request.at("safety_identifier") != nil,
		request.at("metadata", "user_id") != nil, request.has("helicone-user-id",
			"x-litellm-customer-id", "x-litellm-end-user-id") != "":
		return "partial", "only an end user is named, which is not who pays"
	case request.has("authorization", "x-api-key", "api-key", "x-litellm-api-key",
		"x-portkey-api-key") != "":
		return "partial", "only a key, which names a tenant where each has keys of its own"
	}
	return "absent", "nothing in the request names who pays"
}

func tenantKeyIn(object map[string]any) string {
	for _, key := range tenantKeys() {
		for name, value := range object {
			if strings.EqualFold(name, key) && value != nil && value != "" {
				return name
			}
		}
	}
	return ""
}

// tenantTagIn finds how the tag begins that says who pays: "tenant:" or, by rule, another. Tags are
// a list, or text of such with commas.
func tenantTagIn(value any) string {
	list, _ := value.([]any)
	if text, isText := value.(string); isText && json.Unmarshal([]byte(text), &list) != nil {
		for tag := range strings.SplitSeq(text, ",") {
			list = append(list, strings.TrimSpace(tag))
		}
	}
	for _, key := range tenantKeys() {
		for _, tag := range list {
			text, _ := tag.(string)
			rest, isKey := strings.CutPrefix(text, key)
			if isKey && len(rest) > 1 && (rest[0] == ':' || rest[0] == '=') {
				return key + rest[:1]
			}
		}
	}
	return ""
}

// byRule says what tags need that are read as a tenant only when asked for.
func byRule(tag string) string {
	if strings.TrimRight(tag, ":=") == "tenant" {
		return ""
	}
	return `, with a tenant rule for tags that begin with "` + tag + `"`
}

func judgeTokenTypes(_, response *message) (string, string) {
	usage := map[string]any{}
	for _, key := range []string{"usage", "usageMetadata", "usage_metadata"} {
		if object, isObject := response.at(key).(map[string]any); isObject {
			usage = object
		}
	}
	text, err := json.Marshal(usage)
	if err != nil || len(usage) == 0 {
		if response.events > 0 {
			return "absent", "a stream without usage: ask for it with stream_options.include_usage"
		}
		return "absent", "no usage in the response's body"
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return strings.Contains(string(text), `"`+name+`":`)
		})
	}
	switch {
	case !has("output_tokens", "completion_tokens", "outputTokens", "candidatesTokenCount"):
		return "partial", "usage without the answer's tokens"
	case has("cache_creation_input_tokens", "cacheWriteInputTokens") &&
		!has("ephemeral_5m_input_tokens", "cacheDetails") &&
		count(usage["cache_creation_input_tokens"], usage["cacheWriteInputTokens"]) > 0:
		return "partial", "cache writes without their lifetime"
	case !has("cached_tokens", "cache_read_input_tokens", "cacheReadInputTokens",
		"cachedContentTokenCount", "prompt_cache_hit_tokens"):
		return "partial", "only input and output; cached tokens do not stand apart"
	case has("completion_tokens") && !has("reasoning_tokens"):
		return "partial", "reasoning tokens do not stand apart"
	}
	return "present", "usage in the response's body, cached and reasoning tokens apart"
}

func count(values ...any) int64 {
	for _, value := range values {
		if number, isNumber := value.(json.Number); isNumber {
			n, _ := number.Int64()
			return n
		}
	}
	return 0
}

func judgeResponseModel(request, response *message) (string, string) {
	model := firstModel(response.at("model"), response.at("modelVersion"))
	asked := firstModel(request.at("model"))
	switch {
	case model == "" && response.has("x-litellm-model-id") != "":
		return "partial", "x-litellm-model-id is the id of a deployment, which is no model"
	case model == "":
		return "absent", "the response names no model"
	case isOpaque(model):
		return "partial", "the model is the id of a deployment, which is no model"
	case model == asked && gatewayOf(request, response) != "":
		return "partial", "the same as asked for: a gateway may have written it"
	}
	return "present", "model in the response's body"
}

func firstModel(values ...any) string {
	for _, value := range values {
		if text, isText := value.(string); isText && text != "" {
			return text
		}
	}
	return ""
}

// isOpaque reports a name that is a hash.
func isOpaque(model string) bool {
	return len(model) >= 32 && strings.Trim(strings.ToLower(model), "0123456789abcdef-") == ""
}

func judgeWorkflow(request, response *message) (string, string) {
	if name := request.has("x-workflow-id", "x-session-id", "session-id", "helicone-session-id",
		"x-litellm-session-id", "x-litellm-trace-id", "x-portkey-trace-id", "cf-aig-otel-trace-id",
		"traceparent", "x-claude-code-session-id", "x-run-id", "x-agent-run-id"); name != "" {
		return "present", "the request header " + name
	}
	for _, name := range []string{"x-portkey-metadata", "cf-aig-metadata", "x-tfy-metadata"} {
		object := jsonObject([]byte(request.headers[name]))
		for _, key := range []string{"workflow_id", "session_id", "run_id"} {
			if object[key] != nil {
				return "present", key + " in the request header " + name
			}
		}
	}
	for _, path := range [][]string{{"metadata", "workflow_id"}, {"metadata", "session_id"},
		{"metadata", "trace_id"}, {"metadata", "run_id"}, {"litellm_session_id"},
		{"litellm_trace_id"}, {"session_id"}, {"conversation"}, {"requestMetadata", "workflow_id"},
		{"previous_response_id"}} {
		if request.at(path...) != nil {
			return "present", strings.Join(path, ".") + " in the request's body"
		}
	}
	name := response.has("x-portkey-trace-id", "traceparent", "x-litellm-session-id")
	if name != "" {
		return "partial", name + " in the response alone: each call gets one of its own"
	}
	return "absent", "nothing in the request names the run that it belongs to"
}
