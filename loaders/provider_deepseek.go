package loaders

import (
	"strings"
	"time"
)

// DeepSeek's exports: amount-*.csv counts tokens and calls, one row a key, model and type, and
// cost-*.csv bills, one row a model and wallet. Rows are hours with an offset (+08:00) since
// 2026, and UTC days before. What was paid from a granted wallet is use, and a credit of the same
// amount. Keys are masked in the file: their names tell them apart.

func deepseekAmountCSV() Format {
	return Format{
		Name: "deepseek.amount.csv", Leg: LegProvider,
		About: "DeepSeek usage export (amount): tokens and calls by hour or day, model and key",
		recognise: func(h *Head) Match {
			return deepseekNeeds(h, "model", "api_key_name", "type", "amount")
		},
		load: func(j *Job) error { return j.eachRow(deepseekAmount) },
	}
}

func deepseekCostCSV() Format {
	return Format{
		Name: "deepseek.cost.csv", Leg: LegProvider,
		About: "DeepSeek usage export (cost): amounts by hour or day, model and wallet",
		recognise: func(h *Head) Match {
			return deepseekNeeds(h, "model", "wallet_type", "cost", "currency")
		},
		load: func(j *Job) error { return j.eachRow(deepseekCost) },
	}
}

// deepseekNeeds asks for the columns of a time in either form.
func deepseekNeeds(h *Head, columns ...string) Match {
	if match := h.needs(append(columns, "utc_date")...); match.Fits {
		return match
	}
	return h.needs(append(columns, "start_time_iso", "end_time_iso")...)
}

func deepseekBucket(row csvRow) (Bucket, error) {
	bucket := Bucket{Line: row.line, Provider: "deepseek",
		AccountID: impersonal(row.text("user_id")), APIKeyID: row.text("api_key_name"),
		ModelRaw: row.text("model")}
	bucket.GroupedBy = groupedBy(named{"account_id", bucket.AccountID},
		named{"api_key_id", bucket.APIKeyID}, named{"model", bucket.ModelRaw})
	if row.has("utc_date") {
		text := row.text("utc_date")
		if len(text) == 8 && isDigits(text) {
			text = text[:4] + "-" + text[4:6] + "-" + text[6:]
		}
		from, err := needInstant("utc_date", text)
		bucket.setDay(from)
		return bucket, err
	}
	from, err := deepseekInstant("start_time_iso", row.text("start_time_iso"))
	if err != nil {
		return bucket, err
	}
	to, err := deepseekInstant("end_time_iso", row.text("end_time_iso"))
	if err != nil {
		return bucket, err
	}
	return bucket, bucket.setSpan(from, to)
}

// deepseekInstant reads a time that must say its offset: these are not in UTC.
func deepseekInstant(field, text string) (Count, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return Count{}, badRow("%s %s: not a time with its offset", field, quoted(text))
	}
	return checkInstant(field, text, at)
}

func deepseekAmount(w *worker, row csvRow) error {
	bucket, err := deepseekBucket(row)
	if err != nil {
		return err
	}
	amount, err := row.count("amount")
	if err != nil {
		return err
	}
	if !amount.Known {
		return badRow("amount is missing")
	}
	switch kind := row.text("type"); kind {
	case "request_count":
		return w.usage([]Usage{{Bucket: bucket, Requests: amount}})
	case "input_cache_hit_tokens":
		bucket.TokenType = "cache_read"
	case "input_cache_miss_tokens", "input_tokens":
		bucket.TokenType = "input"
	case "output_tokens":
		bucket.TokenType = "output"
	default:
		return badRow("type %s is none that DeepSeek counts by", quoted(kind))
	}
	return w.usage(oneUsage(bucket, amount))
}

func deepseekCost(w *worker, row csvRow) error {
	bucket, err := deepseekBucket(row)
	if err != nil {
		return err
	}
	currency := row.text("currency")
	if !isUSD(currency) {
		return foreign("currency", currency)
	}
	bill := Bill{Bucket: bucket, LineItem: row.text("wallet_type"),
		ChargeCategory: categoryUsage, Currency: usd, AmountQuantum: quantum(8)}
	if bill.Amount, err = w.need("cost", row.text("cost")); err != nil {
		return err
	}
	if !strings.Contains(bill.LineItem, "grant") {
		return w.deliver(nil, bill)
	}
	credit := bill
	credit.ChargeCategory = categoryCredit
	credit.Amount.USD, credit.Amount.Text = bill.Amount.USD.Neg(), "-"+bill.Amount.Text
	return w.deliver(nil, bill, credit)
}
