package loaders

import (
	"encoding/base64"

	"github.com/valyala/fastjson"
)

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
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler { return newLitellmReader(w).payload })
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
			return j.eachRecord(func(w *worker) handler { return newLitellmReader(w).message })
		},
	}
}

func (l *litellmReader) payload(v *fastjson.Value, line int64) error {
	meta := objectOf(v.Get("metadata"), &l.metaParser)
	response := objectOf(v.Get("response"), &l.responseParser)
	hidden := v.Get("hidden_params")
	headers := "additional_headers"
	fields := litellmFields{
		requestID: textAt(v, "id"), callID: textAt(v, "litellm_call_id"),
		apiKey: textAt(meta, "user_api_key_hash"), spend: textAt(v, "response_cost"),
		model: textAt(v, "model"), modelGroup: textAt(v, "model_group"),
		provider: textAt(v, "custom_llm_provider"), apiBase: textAt(v, "api_base"),
		cacheHit: pythonText(v.Get("cache_hit")), tags: l.tagText(v.Get("request_tags")),
		endUser: textAt(v, "end_user"), sessionID: textAt(v, "trace_id"),
		status: textAt(v, "status"), callType: textAt(v, "call_type"),
		started: textAt(v, "startTime"), ended: textAt(v, "endTime"), isEpoch: true,
		isStreamed: isTrue(v.Get("stream")),
		prompt:     textAt(v, "prompt_tokens"), completion: textAt(v, "completion_tokens"),
		total:    textAt(v, "total_tokens"),
		metadata: meta, response: response,
		breakdown: v.Get("cost_breakdown"), failure: v.Get("error_information"),
		providerRequestID: firstText(textAt(hidden, headers, "llm_provider-x-request-id"),
			textAt(hidden, headers, "llm_provider-request-id"),
			textAt(hidden, headers, "llm_provider-x-amzn-requestid")),
	}
	if response != nil {
		fields.usage = response.Get("usage")
	}
	if fields.usage == nil && hidden != nil {
		fields.usage = hidden.Get("usage_object")
	}
	return l.request(&fields, line)
}

// message opens the envelope and tells the two kinds of payload apart.
func (l *litellmReader) message(v *fastjson.Value, line int64) error {
	data := v.Get("data")
	if message := v.Get("message"); message != nil {
		data = message.Get("data")
	}
	text := textOf(data)
	if text == "" && data != nil && data.Type() == fastjson.TypeObject {
		return l.either(data, line)
	}
	if len(text) > 0 && text[0] != '{' {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return badRow("the message's data is neither JSON nor base64")
		}
		text = view(decoded)
	}
	inside, err := l.messageParser.Parse(text)
	if err != nil || inside.Type() != fastjson.TypeObject {
		return badRow("the message's data is not a JSON object")
	}
	return l.either(inside, line)
}

func (l *litellmReader) either(v *fastjson.Value, line int64) error {
	switch {
	case v.Get("request_id") != nil:
		return l.row(v, line)
	case v.Get("response_cost") != nil:
		return l.payload(v, line)
	}
	return badRow("the message is no spend event of LiteLLM's")
}
