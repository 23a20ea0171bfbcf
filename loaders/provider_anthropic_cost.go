package loaders

import "strings"

// The cost export of Anthropic's console: one row a UTC day, key and token type, in dollars
// rounded to cents. Rows of 0.00 and rows with the same keys are normal: each is kept.

// anthropicCent is the step that the console rounds every row to.
const anthropicCent = "0.01"

func anthropicCostCSV() Format {
	return Format{
		Name: "anthropic.cost.csv", Leg: LegProvider,
		About: "Anthropic console cost export: dollars by day and token type, in cents",
		recognise: func(h *Head) Match {
			return h.needs("usage_date_utc", "model", "token_type", "cost_usd", "cost_type")
		},
		load: func(j *Job) error {
			cent, _, err := parseMoney("quantum", anthropicCent)
			if err != nil {
				return err
			}
			return j.eachRow(func(w *worker, row csvRow) error {
				return anthropicCostRow(w, row, cent)
			})
		},
	}
}

func anthropicCostRow(w *worker, row csvRow, cent Money) error {
	bucket, err := anthropicBucket(row)
	if err != nil {
		return err
	}
	bucket.ModelRaw = notSaid(row.text("model")) // a display name: "Claude Sonnet 4.5"
	bucket.GroupedBy = anthropicGrouping(bucket)
	kind, class := notSaid(row.text("cost_type")), notSaid(row.text("token_type"))
	bucket.TokenType = anthropicTokenType(kind, class)
	bill := Bill{Bucket: bucket, ChargeCategory: "usage", Currency: "USD"}
	bill.LineItem = strings.TrimSuffix(kind+", "+class, ", ")
	if bill.Amount, err = w.money("cost_usd", row.text("cost_usd")); err != nil {
		return err
	}
	if !bill.Amount.Known {
		return badRow("cost_usd is missing")
	}
	if kind != "" && bill.ModelRaw == "" {
		bill.ChargeCategory = namelessCategory(bill.LineItem, bill.Amount.USD.Sign() < 0)
	}
	if isInCents(bill.Amount.Text) {
		bill.AmountQuantum = cent
	}
	return w.bill(&bill)
}

// anthropicTokenType maps the console's words; what is not known stays in the line item.
func anthropicTokenType(kind, class string) string {
	switch class {
	case "input_no_cache":
		return "input"
	case "input_cache_read", "input_cache_write_5m", "input_cache_write_1h":
		return strings.TrimPrefix(class, "input_")
	case "output":
		return "output"
	}
	if kind == "web_search" {
		return "web_search"
	}
	return ""
}

// isInCents reports an amount written with at most two decimals: a finer one was not rounded to
// cents.
func isInCents(text string) bool {
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction) <= 2 && !strings.ContainsAny(text, "eE")
}
