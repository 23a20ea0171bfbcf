package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Fireworks' billing metrics: one row a usage event, without an id and without dollars. The
// prompt tokens hold the cached ones, which it does not tell apart, so they have no token type.
// The mail address that it carries is not stored.

func fireworksMetricsCSV() Format {
	return Format{
		Name: "fireworks.billing_metrics.csv", Leg: LegProvider,
		About: "Fireworks billing metrics: tokens and accelerator seconds of each usage event",
		recognise: func(h *Head) Match {
			return h.needs("start_time", "end_time", "usage_type", "base_model_name",
				"prompt_tokens", "completion_tokens")
		},
		load: func(j *Job) error { return j.eachRow(fireworksRow) },
	}
}

func fireworksRow(w *worker, row csvRow) error {
	from, err := needInstant("start_time", row.text("start_time"))
	if err != nil {
		return err
	}
	to, err := needInstant("end_time", row.text("end_time"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: row.line, Provider: "fireworks", ModelRaw: row.text("base_model_name"),
		GroupedBy: "model,usage_type"}
	if err := bucket.setSpan(from, to); err != nil {
		return err
	}
	bucket.Grain = grainRequest
	prompt, err := row.count("prompt_tokens")
	if err != nil {
		return err
	}
	completion, err := row.count("completion_tokens")
	if err != nil {
		return err
	}
	seconds, err := w.scaled("accelerator_seconds", row.text("accelerator_seconds"), 0)
	if err != nil {
		return err
	}
	rows := usageRows(bucket, Count{}, amountOf{tokenType: "", count: prompt},
		amountOf{tokenType: "output", count: completion}, amountOf{unitAccelerator, seconds, true})
	if len(rows) == 0 {
		return badRow("neither tokens nor accelerator seconds are filled")
	}
	return w.usage(rows)
}

// fireworksSummary reads the answer of Fireworks' billing summary: money in whole units and
// billionths. It does not say the days that were asked for; without them a line belongs to no
// period, and is refused.
func fireworksSummary() Format {
	return Format{
		Name: "fireworks.billing_summary.json", Leg: LegProvider,
		About: "Fireworks billing summary: dollars by model, of a span of time that must be added",
		recognise: func(h *Head) Match {
			return h.needsKeys("lineItems.totalCost", "lineItems.groupingKey",
				"lineItems.groupingValue")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"lineItems"}, bucket: fireworksSpan,
				row: fireworksLine})
		},
	}
}

func fireworksSpan(outer []*fastjson.Value) (Bucket, error) {
	bucket := Bucket{Provider: "fireworks"}
	from, err := parseInstant("startTime", textAt(outer[0], "startTime"))
	if err != nil {
		return bucket, err
	}
	to, err := parseInstant("endTime", textAt(outer[0], "endTime"))
	if err != nil || !from.Known || !to.Known {
		return bucket, err
	}
	return bucket, bucket.setSpan(from, to)
}

func fireworksLine(w *worker, at place, v *fastjson.Value) error {
	if at.ToUS == 0 {
		return badRow("the summary does not say of which days it is: add startTime and endTime " +
			"beside lineItems as they were asked for, or export usage costs by day")
	}
	bill := Bill{Bucket: at.Bucket, ChargeCategory: categoryUsage, Currency: usd}
	cost := v.Get("totalCost")
	if currency := textAt(cost, "currencyCode"); !isUSD(currency) {
		return foreign("currencyCode", currency)
	}
	key, value := textAt(v, "groupingKey"), textAt(v, "groupingValue")
	if strings.Contains(key, "model") {
		bill.ModelRaw = value
	}
	if strings.Contains(key, "key") {
		bill.APIKeyID = keyID(impersonal(value))
	}
	bill.LineItem = strings.Trim(textAt(v, "category")+", "+textAt(v, "series"), ", ")
	bill.GroupedBy = key
	var err error
	if bill.Amount, err = w.unitsAndNanos(cost); err != nil {
		return err
	}
	return w.bill(&bill)
}

// unitsAndNanos reads an amount of whole dollars and billionths, which have the same sign.
func (w *worker) unitsAndNanos(cost *fastjson.Value) (Money, error) {
	units := firstText(textAt(cost, "units"), "0")
	nanos := firstText(textAt(cost, "nanos"), "0")
	if cost == nil || cost.Get("units") == nil && cost.Get("nanos") == nil {
		return Money{}, badRow("totalCost has neither units nor nanos")
	}
	whole, err := w.shifted("totalCost.units", units, 0)
	if err != nil {
		return Money{}, err
	}
	part, err := w.shifted("totalCost.nanos", nanos, -9)
	if err != nil {
		return Money{}, err
	}
	sum := whole.USD.Add(part.USD)
	return Money{USD: sum, Text: sum.String(), Known: true}, nil
}
