package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Answers of OpenAI's organization API: /usage/* of every capability, and /costs. A page holds
// buckets, a bucket results; what a result is, its object says. Amounts come as numbers and as
// text.

func openaiAPI() Format {
	return Format{
		Name: "openai.api.json", Leg: LegProvider,
		About: "OpenAI organization API: usage of all capabilities, and costs",
		recognise: func(h *Head) Match {
			if h.Keys["start_time"] && h.Keys["results"] {
				return h.needsKeys("start_time", "end_time", "results")
			}
			return h.needsKeys("data.start_time", "data.end_time", "data.results")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"data", "results"}, bucket: openaiAPIBucket,
				row: openaiAPIRow})
		},
	}
}

func openaiAPIBucket(outer []*fastjson.Value) (Bucket, error) {
	of := outer[1]
	return openaiSpan(textAt(of, "start_time"), textAt(of, "end_time"))
}

func openaiAPIRow(w *worker, at place, v *fastjson.Value) error {
	bucket := at.Bucket
	text := func(column string) string { return openaiText(v, column) }
	bucket.ProjectID, bucket.UserID = text("project_id"), text("user_id")
	bucket.APIKeyID = keyID(text("api_key_id"))
	object := strings.TrimSuffix(openaiObject(v), ".result")
	switch kind := strings.TrimPrefix(object, "organization.usage."); kind {
	case "completions":
		return w.openaiCompletions(bucket, text)
	case "organization.costs":
		bucket.AccountID = text("organization_id")
		return w.openaiCost(bucket, openaiAmount{
			lineItem: text("line_item"), value: textAt(v, "amount", "value"),
			currency: textAt(v, "amount", "currency"), quantity: text("quantity"),
			unit: text("quantity_unit")})
	case object:
		return badRow("object is none that OpenAI's usage and costs API has")
	default:
		return w.openaiOther(bucket, text, kind)
	}
}

// openaiObject names what a result is; one without a name is known by its fields.
func openaiObject(v *fastjson.Value) string {
	switch {
	case v.Get("object") != nil:
		return textAt(v, "object")
	case v.Get("amount") != nil:
		return "organization.costs"
	case v.Get("output_tokens") != nil:
		return "organization.usage.completions"
	}
	return ""
}

// openaiText gives a field as the CSV export has it: true and false are words.
func openaiText(v *fastjson.Value, field string) string {
	value := v.Get(field)
	if value != nil && value.Type() == fastjson.TypeTrue {
		return "true"
	}
	return textOf(value)
}
