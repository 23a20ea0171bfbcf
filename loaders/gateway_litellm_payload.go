package loaders

import "encoding/base64"

// LiteLLM's StandardLoggingPayload: what the loggers for S3, GCS and Azure write, an object a file
// and a file a call, and what newer releases publish to Pub/Sub. It tells what a row of the table
// tells, under other names, with times in seconds since 1970, and in its headers the provider's
// request id. Prompts and responses in it are passed over, but for the response's id, model and
// usage.

func litellmPayload() Format {
	return Format{
		Name: "litellm.standard_logging.json", Leg: LegGateway,
		About: "LiteLLM StandardLoggingPayload: files of the s3, gcs_bucket and azure_storage " +
			"loggers, one object a file or a line",
		recognise: func(h *Head) Match {
			return h.needsKeys("id", "response_cost", "startTime", "call_type")
		},
		nests: nestedIn("metadata", "response", "hidden_params", "model_map_information",
			"error_information", "cost_breakdown"),
		load: func(j *Job) error {
			return j.eachTape(func(w *worker) tapeHandler { return newLitellmReader(w).payload })
		},
	}
}

// litellmPubSub reads messages as a subscription leaves them, in BigQuery, in a bucket or pulled
// by hand: the envelope is the subscription's, the payload inside is LiteLLM's of either kind.
func litellmPubSub() Format {
	return Format{
		Name: "litellm.pubsub.json", Leg: LegGateway,
		About: "LiteLLM spend events as Pub/Sub messages, the payload as base64 or JSON text",
		recognise: func(h *Head) Match {
			if h.has("message.data") {
				if h.has("message.message_id") {
					return h.needsKeys("message.data", "message.message_id")
				}
				return h.needsKeys("message.data", "message.messageId")
			}
			for _, id := range []string{"messageId", "message_id", "subscription_name"} {
				if h.has(id) {
					return h.needsKeys("data", id)
				}
			}
			return h.needsKeys("data", "messageId")
		},
		load: func(j *Job) error {
			return j.eachTape(func(w *worker) tapeHandler { return newLitellmReader(w).envelope })
		},
	}
}

func (l *litellmReader) payload(v value, line int64) error {
	meta := v.member("metadata").object(&l.metaInside)
	response := v.member("response").object(&l.responseInside)
	hidden := v.member("hidden_params")
	headers := "additional_headers"
	fields := litellmFields{
		payload: v, requestID: v.member("id").text(), callID: v.member("litellm_call_id").text(),
		apiKey: meta.member("user_api_key_hash").text(), spend: v.member("response_cost").text(),
		model: v.member("model").text(), modelGroup: v.member("model_group").text(),
		provider: v.member("custom_llm_provider").text(), apiBase: v.member("api_base").text(),
		cacheHit: v.member("cache_hit").word(), tags: l.tagText(v.member("request_tags")),
		endUser: v.member("end_user").text(), sessionID: v.member("trace_id").text(),
		status: v.member("status").text(), callType: v.member("call_type").text(),
		started: v.member("startTime").text(), ended: v.member("endTime").text(), isEpoch: true,
		isStreamed: isTrueText(v.member("stream").word()),
		prompt:     v.member("prompt_tokens").text(),
		completion: v.member("completion_tokens").text(),
		total:      v.member("total_tokens").text(),
		meta:       litellmMetadataOf(meta), response: response,
		breakdown: v.member("cost_breakdown"), failure: v.member("error_information"),
		providerRequestID: firstText(hidden.find(headers, "llm_provider-x-request-id").text(),
			hidden.find(headers, "llm_provider-request-id").text(),
			hidden.find(headers, "llm_provider-x-amzn-requestid").text()),
	}
	fields.version = firstText(meta.member("litellm_version").text(),
		v.member("litellm_version").text(), hidden.find(headers, "x-litellm-version").text())
	fields.usage = response.member("usage")
	if fields.usage.kind() != jsonObject {
		fields.usage = hidden.member("usage_object")
	}
	return l.request(&fields, line)
}

// envelope opens the envelope and tells the two kinds of payload apart.
func (l *litellmReader) envelope(v value, line int64) error {
	data := v.member("data")
	if message := v.member("message"); message.isThere() {
		data = message.member("data")
	}
	if data.kind() == jsonObject {
		return l.either(data, line)
	}
	text := data.text()
	if len(text) > 0 && text[0] != '{' {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return badRow("the message's data is neither JSON nor base64")
		}
		text = view(decoded)
	}
	if !l.message.parse(bytesOf(text)) || l.message.top().kind() != jsonObject {
		return badRow("the message's data is not a JSON object")
	}
	return l.either(l.message.top(), line)
}

func (l *litellmReader) either(v value, line int64) error {
	switch {
	case v.has("request_id"):
		return l.row(v, line)
	case v.has("response_cost"):
		return l.payload(v, line)
	}
	return badRow("the message is no spend event of LiteLLM's")
}
