package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// The invocation log of AWS Bedrock, as the provider's record of use: one record a call, with the
// id that AWS gave it, and no money. Its counts are disjoint. How long a cache write lives is
// told by the stored body only. A call that failed before it was counted is no use. Prompts and
// answers in the bodies are not read.
//
// The model is what was asked for, because its prefix (global., us.) decides the price; an
// application's inference profile names no model, so the answer's is taken, and the profile is
// the project, as in the bill.

func bedrockInvocations() Format {
	return Format{
		Name: "bedrock.invocation_log.json", Leg: LegProvider,
		About: "AWS Bedrock model invocation log: tokens of each call, with its id",
		recognise: func(h *Head) Match {
			return h.needsKeys("schemaType", "requestId", "modelId", "timestamp", "input")
		},
		nests: nestedIn("input", "output"),
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler {
				var folded unfolder
				return func(v *fastjson.Value, line int64) error {
					if textAt(v, "input") != "" || textAt(v, "output") != "" {
						var err error
						if v, err = folded.unfold(v); err != nil {
							return err
						}
					}
					return bedrockInvocation(w, v, line)
				}
			})
		},
	}
}

func bedrockInvocation(w *worker, v *fastjson.Value, line int64) error {
	if textAt(v, "schemaType") != "ModelInvocationLog" {
		return w.passOver(v, "bedrock.invocation_log.json",
			[]string{"schemaType", "requestId", "modelId"})
	}
	at, err := needInstant("timestamp", textAt(v, "timestamp"))
	if err != nil {
		return err
	}
	// A call over several regions is charged at the price of the one that was called.
	// https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
	bucket := Bucket{Line: line, Provider: "bedrock", AccountID: textAt(v, "accountId"),
		RequestID: textAt(v, "requestId"), ModelRaw: textAt(v, "modelId"),
		Region:    firstText(textAt(v, "region"), textAt(v, "inferenceRegion")),
		GroupedBy: "account_id,project_id,request_id,model,region"}
	if bucket.RequestID == "" || bucket.ModelRaw == "" {
		return badRow("requestId or modelId is missing")
	}
	message := bedrockMessage(v)
	if bucket.ProjectID = inferenceProfile(bucket.ModelRaw); bucket.ProjectID != "" {
		bucket.ModelRaw = firstText(textAt(message, "model"), bucket.ModelRaw)
	}
	if strings.Contains(bucket.ModelRaw, "global.") {
		bucket.Region = "global"
	}
	if err := bucket.setSpan(at, at); err != nil {
		return err
	}
	amounts := []amountOf{{tokenType: "input"}, {tokenType: "cache_read", isRare: true},
		{tokenType: "cache_write", isRare: true}, {tokenType: "output"}}
	for i, path := range [][]string{{"input", "inputTokenCount"},
		{"input", "cacheReadInputTokenCount"}, {"input", "cacheWriteInputTokenCount"},
		{"output", "outputTokenCount"}} {
		if amounts[i].count, err = countAt(v, path...); err != nil {
			return err
		}
	}
	if amounts, err = bedrockWrites(amounts, message); err != nil {
		return err
	}
	rows := usageRows(bucket, Counted(1), amounts...)
	if len(rows) == 0 && textAt(v, "errorCode") != "" {
		w.ignored()
		return nil
	}
	if len(rows) == 0 {
		return badRow("neither input nor output tokens are counted")
	}
	return w.usage(rows)
}

// bedrockMessage finds the answer's message in a stored body: the body itself, or what the first
// event of a stream begins.
func bedrockMessage(v *fastjson.Value) *fastjson.Value {
	body := v.Get("output", "outputBodyJson")
	if body != nil && body.Type() == fastjson.TypeArray {
		return body.Get("0", "message")
	}
	return body
}

// bedrockWrites gives cache writes their lifetimes, where the answer's usage tells them and they
// add up to what was counted.
func bedrockWrites(amounts []amountOf, message *fastjson.Value) ([]amountOf, error) {
	if message == nil {
		return amounts, nil
	}
	short, err := countAt(message, "usage", "cache_creation", "ephemeral_5m_input_tokens")
	if err != nil {
		return amounts, err
	}
	long, err := countAt(message, "usage", "cache_creation", "ephemeral_1h_input_tokens")
	if err != nil {
		return amounts, err
	}
	if written := amounts[2].count; written.N == 0 || short.N+long.N != written.N {
		return amounts, nil
	}
	amounts[2].count = Count{}
	return append(amounts, amountOf{"cache_write_5m", short, true},
		amountOf{"cache_write_1h", long, true}), nil
}
