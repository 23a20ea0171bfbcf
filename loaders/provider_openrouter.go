package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// OpenRouter's activity export: one row a generation, with its id, in dollars. It is the one bill
// that is split by call. The reasoning tokens are a part of the completion, the cached ones of
// the prompt; tokens written to a cache are not told apart. The total includes what searches and
// files cost, and the effect of the cache.
//
// With a key of one's own (BYOK) the total is OpenRouter's fee, and what the provider bills is
// only estimated: it is noted on the line, and no part of the amount.

func openrouterActivityCSV() Format {
	return Format{
		Name: "openrouter.activity.csv", Leg: LegProvider,
		About: "OpenRouter activity export: tokens and dollars of each generation",
		recognise: func(h *Head) Match {
			return h.needs("generation_id", "created_at", "cost_total", "tokens_prompt",
				"tokens_completion", "model_permaslug")
		},
		load: func(j *Job) error { return j.eachRow(openrouterRow) },
	}
}

func openrouterRow(w *worker, row csvRow) error {
	at, err := needInstant("created_at", row.text("created_at"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: row.line, Provider: "openrouter", RequestID: row.text("generation_id"),
		APIKeyID: keyID(row.text("api_key_name")), UserID: impersonal(row.text("user")),
		ProjectID: row.text("app_name"), ModelRaw: row.text("model_permaslug")}
	if bucket.RequestID == "" || bucket.ModelRaw == "" {
		return badRow("generation_id or model_permaslug is missing")
	}
	if variant := row.text("variant"); variant != "" && variant != "standard" {
		bucket.ModelRaw += ":" + variant
	}
	if err := bucket.setSpan(at, at); err != nil {
		return err
	}
	bucket.GroupedBy = "request_id,project_id,api_key_id,model"
	lineItem := row.text("provider_name")
	if upstream := row.text("byok_usage_inference"); isPositive(upstream) {
		bucket.ServiceTier = "byok"
		lineItem += ", own key: upstream " + upstream
	}
	usages, err := openrouterUsage(bucket, row)
	if err != nil {
		return err
	}
	bills, err := openrouterBills(w, bucket, row, strings.TrimPrefix(lineItem, ", "))
	if err != nil {
		return err
	}
	return w.deliver(usages, bills...)
}

// openrouterUsage makes the counts of a generation disjoint.
func openrouterUsage(bucket Bucket, row csvRow) ([]Usage, error) {
	counts := [4]Count{}
	for i, column := range []string{"tokens_prompt", "tokens_cached", "tokens_completion",
		"tokens_reasoning"} {
		var err error
		if counts[i], err = row.count(column); err != nil {
			return nil, err
		}
	}
	prompt, cached, completion, reasoning := counts[0], counts[1], counts[2], counts[3]
	input, output := less(prompt, cached), less(completion, reasoning)
	if input.N < 0 || output.N < 0 {
		return nil, badRow("the cached tokens exceed the prompt, or the reasoning the completion")
	}
	inputType := "input"
	if !row.has("tokens_cached") {
		inputType = "" // files of 2025 do not tell the cached tokens apart
	}
	return usageRows(bucket, Counted(1), amountOf{tokenType: inputType, count: input},
		amountOf{"cache_read", cached, true}, amountOf{tokenType: "output", count: output},
		amountOf{"reasoning", reasoning, true}), nil
}

// openrouterBills splits the total of a generation into what it paid for.
func openrouterBills(w *worker, bucket Bucket, row csvRow, lineItem string) ([]Bill, error) {
	total, err := w.need("cost_total", row.text("cost_total"))
	if err != nil {
		return nil, err
	}
	rest := Bill{Bucket: bucket, LineItem: lineItem, ChargeCategory: categoryUsage, Currency: usd,
		Amount: total}
	if bucket.ServiceTier == "byok" {
		rest.ChargeCategory = categoryFee
	}
	bills := []Bill{rest}
	for _, part := range []struct{ column, tokenType, lineItem string }{
		{"cost_web_search", "web_search", "web search"}, {"cost_file_processing", "", "files"}} {
		amount, err := w.money(part.column, row.text(part.column))
		if err != nil {
			return nil, err
		}
		if amount.USD.Sign() <= 0 || amount.USD.Cmp(bills[0].Amount.USD) > 0 {
			continue // nothing, or no part of the total
		}
		bill := rest
		bill.LineItem, bill.TokenType, bill.Amount = part.lineItem, part.tokenType, amount
		bill.ChargeCategory = categoryUsage
		if part.tokenType == "" {
			bill.ModelRaw = "" // what reads files is no model
		}
		bills = append(bills, bill)
		left := bills[0].Amount.USD.Sub(amount.USD)
		bills[0].Amount = Money{USD: left, Text: left.String(), Known: true}
	}
	return bills, nil
}

// isPositive reports an amount above zero.
func isPositive(text string) bool {
	money, _, err := parseMoney("amount", text)
	return err == nil && money.USD.Sign() > 0
}

// openrouterActivityAPI reads the answer of OpenRouter's activity endpoint: a row a UTC day, model
// and endpoint. It does not tell the cached tokens apart, so the prompt has no token type.
func openrouterActivityAPI() Format {
	return Format{
		Name: "openrouter.activity.json", Leg: LegProvider,
		About: "OpenRouter activity API: requests, tokens and dollars by day, model and endpoint",
		recognise: func(h *Head) Match {
			if h.Keys["model_permaslug"] {
				return h.needsKeys("date", "model_permaslug", "usage", "prompt_tokens",
					"completion_tokens")
			}
			return h.needsKeys("data.date", "data.model_permaslug", "data.usage",
				"data.prompt_tokens", "data.completion_tokens")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"data"}, bare: "model_permaslug",
				bucket: noBucket, row: openrouterDay})
		},
	}
}

func openrouterDay(w *worker, at place, v *fastjson.Value) error {
	return openrouterTotals(w, at.Line, func(field string) string { return textAt(v, field) })
}

// openrouterDayCSV reads the same rows as the console's activity page exports them.
func openrouterDayCSV() Format {
	return Format{
		Name: "openrouter.activity_days.csv", Leg: LegProvider,
		About: "OpenRouter activity export by day and model: requests, tokens and dollars",
		recognise: func(h *Head) Match {
			return h.needs("date", "slug", "usage", "requests", "prompt tokens",
				"completion tokens")
		},
		load: func(j *Job) error {
			return j.eachRow(func(w *worker, row csvRow) error {
				return openrouterTotals(w, row.line, func(field string) string {
					if field == "model_permaslug" {
						return row.text("slug")
					}
					return row.text(strings.TrimSuffix(strings.ReplaceAll(field, "_", " "),
						" inference"))
				})
			})
		},
	}
}

// openrouterTotals reads a day of a model by the names that the API has for it.
func openrouterTotals(w *worker, line int64, text func(field string) string) error {
	from, err := needInstant("date", text("date"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: line, Provider: "openrouter", WorkspaceID: text("workspace_id"),
		ModelRaw: text("model_permaslug")}
	bucket.setDay(from)
	bucket.GroupedBy = "model,endpoint"
	counts := [4]Count{}
	for i, field := range []string{"prompt_tokens", "completion_tokens", "reasoning_tokens",
		"requests"} {
		if counts[i], err = parseCount(field, text(field)); err != nil {
			return err
		}
	}
	output := less(counts[1], counts[2])
	if output.N < 0 {
		return badRow("the reasoning tokens exceed the completion")
	}
	usages := usageRows(bucket, counts[3], amountOf{tokenType: "", count: counts[0]},
		amountOf{tokenType: "output", count: output}, amountOf{"reasoning", counts[2], true})
	bill := Bill{Bucket: bucket, LineItem: text("provider_name"),
		ChargeCategory: categoryUsage, Currency: usd}
	if upstream := text("byok_usage_inference"); isPositive(upstream) {
		bill.LineItem = strings.TrimPrefix(bill.LineItem+", own key: upstream "+upstream, ", ")
	}
	if bill.Amount, err = w.need("usage", text("usage")); err != nil {
		return err
	}
	return w.deliver(usages, bill)
}
