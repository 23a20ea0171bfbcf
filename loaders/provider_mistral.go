package loaders

import (
	"bytes"
	"strings"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// Mistral's console answers for one month: for each product and model, lists of days with what
// went in, came out and was read from a cache, and a list of prices beside. It states no amounts:
// they are what was used times the price, and marked as estimated. What was used in all
// (value) is more than what was paid for (value_paid) as long as a free allowance lasts: the
// difference is a credit.
//
// Where the account is billed in another currency, the use is loaded and each price refused.

func mistralUsage() Format {
	return Format{
		Name: "mistral.usage.json", Leg: LegProvider,
		About: "Mistral console usage of a month: tokens by day and model, and prices",
		recognise: func(h *Head) Match {
			return h.needsKeys("completion", "completion.models", "prices", "currency")
		},
		load: func(j *Job) error {
			w := j.newWorker()
			err := newSplitter(j.stream, j.options.RecordBytesMax).run(func(b block) error {
				for _, r := range b.records {
					if err := mistralMonth(w, r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return w.finish()
		},
	}
}

// mistralPrices are the prices of a month by product, metric and group; nil when they are in
// another currency.
type mistralPrices map[string]pricing.USD

func mistralMonth(w *worker, r record) error {
	if r.tooLong {
		return w.reject(r.line, "record longer than the limit", nil)
	}
	month, err := fastjson.ParseBytes(r.text)
	if err != nil {
		return w.reject(r.line, "not valid JSON: "+jsonFault(err), r.text)
	}
	if month.Type() != fastjson.TypeObject {
		return w.reject(r.line, "not a JSON object", r.text)
	}
	list := func(key string) []record {
		from, to := member(r.text, key)
		if from < 0 {
			return nil
		}
		return elements(r.text[from:to], r.line+int64(bytes.Count(r.text[:from], []byte{'\n'})))
	}
	prices, err := mistralPriceList(w, list("prices"), textAt(month, "currency"))
	if err != nil {
		return err
	}
	for _, product := range members(r.text, r.line) {
		if err := mistralGroups(w, product.key, product.record, prices); err != nil {
			return err
		}
	}
	return nil
}

// mistralPriceList reads the prices, or refuses each of them.
func mistralPriceList(w *worker, list []record, currency string) (mistralPrices, error) {
	prices := mistralPrices{}
	for _, r := range list {
		v, err := fastjson.ParseBytes(r.text)
		if err == nil && !isUSD(currency) {
			if err := w.settle(foreign("currency", currency), r.line, r.text); err != nil {
				return nil, err
			}
			continue
		}
		price, parseErr := pricing.ParseUSD(textAt(v, "price"))
		if err != nil || parseErr != nil {
			if err := w.reject(r.line, "a price that is no amount", r.text); err != nil {
				return nil, err
			}
			continue
		}
		prices[mistralKey(v)] = price
	}
	if !isUSD(currency) {
		return nil, nil
	}
	return prices, nil
}

func mistralKey(v *fastjson.Value) string {
	return textAt(v, "event_type") + "|" + textAt(v, "billing_metric") + "|" +
		textAt(v, "billing_group")
}

// mistralGroups finds the lists of days at any depth below a product: some products have groups
// of models, others none.
func mistralGroups(w *worker, product string, r record, prices mistralPrices) error {
	if len(r.text) == 0 || r.text[0] != '{' {
		return nil
	}
	for _, part := range members(r.text, r.line) {
		isDays := len(part.text) > 0 && part.text[0] == '[' &&
			bytes.Contains(part.text, []byte(`"timestamp"`))
		if !isDays {
			if err := mistralGroups(w, product, part.record, prices); err != nil {
				return err
			}
			continue
		}
		for _, day := range elements(part.text, part.line) {
			err := w.record(day, func(v *fastjson.Value, line int64) error {
				return mistralDay(w, product, part.key, v, line, prices)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func mistralDay(
	w *worker, product, group string, v *fastjson.Value, line int64, prices mistralPrices,
) error {
	from, err := needInstant("timestamp", textAt(v, "timestamp"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: line, Provider: "mistral", ModelRaw: textAt(v, "billing_metric"),
		GroupedBy: "model,billing_group", TokenType: mistralTokenType(product, group)}
	bucket.setDay(from)
	used, err := w.scaled("value", textAt(v, "value"), 0)
	if err != nil {
		return err
	}
	if !used.Known {
		return badRow("value is missing")
	}
	usages := oneUsage(bucket, used)
	if prices == nil {
		return w.deliver(usages)
	}
	paid, err := w.scaled("value_paid", textAt(v, "value_paid"), 0)
	if err != nil {
		return err
	}
	price, listed := prices[mistralKey(v)]
	if !listed && paid.N > 0 {
		return badRow("no price is listed for this event_type, billing_metric and billing_group")
	}
	if !listed || !paid.Known {
		used = paid
	}
	bill := Bill{Bucket: bucket, ChargeCategory: categoryUsage, Currency: usd,
		LineItem: strings.Trim(textAt(v, "billing_display_name")+", "+group, ", "),
		Amount:   w.timesPrice(price, used.N), Quantity: used, IsEstimated: true}
	if used.N <= paid.N {
		return w.deliver(usages, bill)
	}
	free := bill
	free.TokenType, free.Quantity, free.ChargeCategory = "", Count{}, categoryCredit
	free.Amount = w.timesPrice(price, paid.N-used.N)
	return w.deliver(usages, bill, free)
}

// timesPrice is the amount that a number of units comes to.
func (w *worker) timesPrice(price pricing.USD, units int64) Money {
	amount, rounded := price.Times(units).Narrow()
	if rounded {
		w.tally.RoundedAmounts++
	}
	return Money{USD: amount, Text: amount.String(), Known: true}
}

// mistralTokenType maps a group of completions; other products count pages and seconds.
func mistralTokenType(product, group string) string {
	if product != "completion" {
		return "other_" + product + "_" + group
	}
	switch group {
	case "cached":
		return "cache_read"
	case "input", "output":
		return group
	}
	return ""
}
