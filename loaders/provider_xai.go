package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// xAI's management API: dollars by day, in series by what was grouped by ("Chat grok-4.1"). An
// answer that reached its limit is cut off, and refused as a whole. The prepaid balance is what
// is left to spend, in cents with its sign turned around: no bill, but a control total.

func xaiUsage() Format {
	return Format{
		Name: "xai.usage.json", Leg: LegProvider,
		About: "xAI management API, billing usage: dollars by day and group",
		recognise: func(h *Head) Match {
			return h.needsKeys("timeSeries", "timeSeries.dataPoints",
				"timeSeries.dataPoints.timestamp", "timeSeries.dataPoints.values")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"timeSeries", "dataPoints"},
				bucket: xaiSeries, row: xaiPoint})
		},
	}
}

// xaiSeries reads what a series is of.
func xaiSeries(outer []*fastjson.Value) (Bucket, error) {
	bucket := Bucket{Provider: "xai"}
	if isTrue(outer[0].Get("limitReached")) {
		return bucket, badRow("limitReached: the answer is cut off; ask for fewer days or groups")
	}
	for _, word := range strings.Fields(xaiLabel(outer[1])) {
		if strings.HasPrefix(strings.ToLower(word), "grok") {
			bucket.ModelRaw = strings.Clone(word)
		}
	}
	bucket.GroupedBy = groupedBy(named{"model", bucket.ModelRaw})
	return bucket, nil
}

// xaiLabel joins the labels of a series.
func xaiLabel(series *fastjson.Value) string {
	labels := series.GetArray("groupLabels")
	if len(labels) == 0 {
		labels = series.GetArray("group")
	}
	texts := make([]string, 0, len(labels))
	for _, label := range labels {
		texts = append(texts, impersonal(textOf(label)))
	}
	return strings.Join(texts, ", ")
}

func xaiPoint(w *worker, at place, v *fastjson.Value) error {
	from, err := needInstant("timestamp", textAt(v, "timestamp"))
	if err != nil {
		return err
	}
	bill := Bill{Bucket: at.Bucket, LineItem: xaiLabel(at.outer[1]),
		ChargeCategory: categoryUsage, Currency: usd}
	bill.setDay(from)
	values := v.GetArray("values")
	if len(values) != 1 {
		return badRow("values has %s: ask for the sum of usd alone", plural(len(values), "number"))
	}
	if bill.Amount, err = w.need("values", textOf(values[0])); err != nil {
		return err
	}
	return w.bill(&bill)
}

func xaiBalance() Format {
	return Format{
		Name: "xai.prepaid_balance.json", Leg: LegControl,
		About: "xAI management API, prepaid balance: what is left to spend, no bill",
		recognise: func(h *Head) Match {
			match := h.needsKeys("total", "total.val")
			match.Fits = match.Fits && !h.IsArray && len(h.Bytes) < 1<<16
			return match
		},
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler {
				return func(v *fastjson.Value, line int64) error {
					left, err := w.shifted("total.val", textAt(v, "total", "val"), -2)
					if err != nil {
						return err
					}
					left.USD = left.USD.Neg()
					return w.control([]Control{{Line: line, Statement: "xai.prepaid_balance",
						Amount: left}}, Count{})
				}
			})
		},
	}
}
