package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Answers of Anthropic's Admin API: usage_report/messages and cost_report. Amounts are cents,
// written as decimal text with a fraction. A null workspace is the default one. Both name models
// by their ids, which the console's cost export does not.

func anthropicAPI() Format {
	return Format{
		Name: "anthropic.api.json", Leg: LegProvider,
		About: "Anthropic Admin API: usage report of messages, and cost report",
		recognise: func(h *Head) Match {
			if h.Keys["starting_at"] && h.Keys["results"] {
				return h.needsKeys("starting_at", "ending_at", "results")
			}
			return h.needsKeys("data.starting_at", "data.ending_at", "data.results")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"data", "results"},
				bucket: anthropicAPIBucket, row: anthropicAPIRow})
		},
	}
}

func anthropicAPIBucket(outer []*fastjson.Value) (Bucket, error) {
	bucket := Bucket{Provider: "anthropic"}
	from, err := needInstant("starting_at", textAt(outer[1], "starting_at"))
	if err != nil {
		return bucket, err
	}
	to, err := needInstant("ending_at", textAt(outer[1], "ending_at"))
	if err != nil {
		return bucket, err
	}
	if to.N <= from.N {
		return bucket, badRow("ending_at is not after starting_at")
	}
	return bucket, bucket.setSpan(from, to)
}

func anthropicAPIRow(w *worker, at place, v *fastjson.Value) error {
	bucket := at.Bucket
	bucket.AccountID = textAt(v, "account_id")
	bucket.WorkspaceID = textAt(v, "workspace_id")
	bucket.APIKeyID = keyID(firstText(textAt(v, "api_key_id"), textAt(v, "service_account_id")))
	bucket.ModelRaw = textAt(v, "model")
	bucket.ServiceTier = anthropicTier(textAt(v, "service_tier"), textAt(v, "speed"))
	bucket.ContextTier = contextTier(textAt(v, "context_window"))
	bucket.Region = notSaid(textAt(v, "inference_geo"))
	bucket.GroupedBy = anthropicGrouping(bucket)
	if v.Get("amount") != nil {
		return anthropicAPICost(w, bucket, v)
	}
	return anthropicAPIUsage(w, bucket, v)
}

func anthropicAPIUsage(w *worker, bucket Bucket, v *fastjson.Value) error {
	amounts := []amountOf{{tokenType: "input"}, {tokenType: "cache_read"},
		{tokenType: "cache_write_5m"}, {tokenType: "cache_write_1h"}, {tokenType: "output"},
		{tokenType: "web_search", isRare: true}}
	for i, path := range [][]string{{"uncached_input_tokens"}, {"cache_read_input_tokens"},
		{"cache_creation", "ephemeral_5m_input_tokens"},
		{"cache_creation", "ephemeral_1h_input_tokens"}, {"output_tokens"},
		{"server_tool_use", "web_search_requests"}} {
		var err error
		if amounts[i].count, err = countAt(v, path...); err != nil {
			return err
		}
	}
	rows := usageRows(bucket, Count{}, amounts...)
	if len(rows) == 0 {
		return badRow("a result with neither an amount nor a token count")
	}
	return w.usage(rows)
}

func anthropicAPICost(w *worker, bucket Bucket, v *fastjson.Value) error {
	bill := Bill{Bucket: bucket, LineItem: textAt(v, "description"),
		ChargeCategory: categoryUsage, Currency: usd}
	if currency := textAt(v, "currency"); !isUSD(currency) {
		return foreign("currency", currency)
	}
	var err error
	if bill.Amount, err = w.shifted("amount", textAt(v, "amount"), -2); err != nil {
		return err
	}
	kind, class := textAt(v, "cost_type"), textAt(v, "token_type")
	bill.TokenType = anthropicAPITokenType(kind, class)
	if bill.LineItem == "" {
		bill.LineItem = strings.Trim(kind+", "+class, ", ")
	}
	if bill.LineItem != "" && bill.ModelRaw == "" {
		bill.ChargeCategory = namelessCategory(bill.LineItem, bill.Amount.USD.Sign() < 0)
	}
	return w.bill(&bill)
}

// anthropicAPITokenType maps the API's words, which differ from the console's.
func anthropicAPITokenType(kind, class string) string {
	switch class {
	case "uncached_input_tokens":
		return "input"
	case "cache_read_input_tokens":
		return "cache_read"
	case "cache_creation.ephemeral_5m_input_tokens":
		return "cache_write_5m"
	case "cache_creation.ephemeral_1h_input_tokens":
		return "cache_write_1h"
	case "output_tokens":
		return "output"
	}
	return anthropicTokenType(kind, class)
}
