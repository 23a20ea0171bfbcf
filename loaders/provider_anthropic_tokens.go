package loaders

import (
	"strings"
	"time"
)

// The token export of Anthropic's console: disjoint token types, by UTC day or hour. It names
// neither requests nor ids: key and workspace are names. Eras differ by their columns: 11 in
// 2025, 12 with context_window, 14 with inference_geo and speed.

func anthropicTokensCSV() Format {
	return Format{
		Name: "anthropic.tokens.csv", Leg: LegProvider,
		About: "Anthropic console token export: tokens by day or hour",
		recognise: func(h *Head) Match {
			return h.needs("usage_date_utc", "model_version", "usage_input_tokens_no_cache",
				"usage_input_tokens_cache_read", "usage_output_tokens")
		},
		load: func(j *Job) error { return j.eachRow(anthropicTokensRow) },
	}
}

func anthropicTokensRow(w *worker, row csvRow) error {
	bucket, err := anthropicBucket(row)
	if err != nil {
		return err
	}
	if bucket.ModelRaw = notSaid(row.text("model_version")); bucket.ModelRaw == "" {
		return badRow("model_version is missing")
	}
	bucket.GroupedBy = anthropicGrouping(bucket)
	amounts := []amountOf{{tokenType: "input"}, {tokenType: "cache_read"},
		{tokenType: "cache_write_5m"}, {tokenType: "cache_write_1h"}, {tokenType: "output"},
		{tokenType: "web_search", isRare: true}}
	for i, column := range []string{"usage_input_tokens_no_cache",
		"usage_input_tokens_cache_read", "usage_input_tokens_cache_write_5m",
		"usage_input_tokens_cache_write_1h", "usage_output_tokens", "web_search_count"} {
		if amounts[i].count, err = row.count(column); err != nil {
			return err
		}
	}
	rows := usageRows(bucket, Count{}, amounts...)
	if len(rows) == 0 {
		return badRow("no token count is filled")
	}
	return w.usage(rows)
}

// anthropicBucket reads what the token and the cost export say alike.
func anthropicBucket(row csvRow) (Bucket, error) {
	text := row.text("usage_date_utc")
	from, err := parseInstant("usage_date_utc", text)
	if err != nil {
		return Bucket{}, err
	}
	if !from.Known {
		return Bucket{}, badRow("usage_date_utc is missing")
	}
	grain, length := "day", 24*time.Hour
	if len(text) > len(time.DateOnly) {
		grain, length = "hour", time.Hour
	}
	return Bucket{Line: row.line, Provider: "anthropic", FromUS: from.N,
		ToUS: from.N + length.Microseconds(), Grain: grain,
		WorkspaceID: notSaid(row.text("workspace")),
		APIKeyID:    keyID(notSaid(row.text("api_key"))),
		ServiceTier: anthropicTier(row.text("usage_type"), row.text("speed")),
		ContextTier: contextTier(row.text("context_window")),
		Region:      notSaid(row.text("inference_geo"))}, nil
}

func anthropicGrouping(b Bucket) string {
	return groupedBy(named{"workspace_id", b.WorkspaceID}, named{"api_key_id", b.APIKeyID},
		named{"model", b.ModelRaw}, named{"service_tier", b.ServiceTier},
		named{"context_tier", b.ContextTier}, named{"region", b.Region})
}

// notSaid drops the words by which these exports say nothing.
func notSaid(text string) string {
	switch text {
	case "--", "not_available":
		return ""
	}
	return text
}

// anthropicTier gives the tier that decides the price. The cost export writes "message" for
// every call that is not a batch; fast mode stands in a column of its own.
func anthropicTier(usageType, speed string) string {
	tier := notSaid(usageType)
	if tier == "message" {
		tier = ""
	}
	if speed == "fast" && (tier == "" || tier == "standard") {
		return "fast"
	}
	return tier
}

// contextTier gives the API's spelling of a context window: the console writes "≤ 200k".
func contextTier(text string) string {
	compact := strings.ToLower(strings.Join(strings.Fields(notSaid(text)), ""))
	switch compact {
	case "≤200k", "<=200k", "0-200k", "0–200k":
		return "0-200k"
	case ">200k", "200k-1m", "200k–1m":
		return "200k-1m"
	}
	return compact
}
