package loaders

import (
	"strings"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// Google's billing export from BigQuery, one JSON object a line, standard or detailed. It tells
// of all services: lines of others are passed over. A line's cost is before credits, which it
// lists, each of which becomes a row of its own. Taxes, roundings and adjustments are lines of
// the service whose SKU names no model. Corrections come as further lines, often negative. The
// unit of token counts is written "requests" or "count": one is one token.
//
// Amounts in another currency are turned into USD by the rate that the line states, and keep
// their currency and text.

func googleBilling() Format {
	return Format{
		Name: "google.billing_export.json", Leg: LegProvider,
		About: "Google Cloud billing export of BigQuery: Vertex AI and Gemini API by SKU and hour",
		recognise: func(h *Head) Match {
			return h.needsKeys("billing_account_id", "service.description", "sku.description",
				"usage_start_time", "usage_end_time", "cost", "currency")
		},
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler {
				reader := &googleReader{w: w, skus: newMemo(parseGoogleSKU)}
				return reader.row
			})
		},
	}
}

// googleReader reads the lines of one worker.
type googleReader struct {
	w    *worker
	skus *memo[googleSKU]
}

func (r *googleReader) row(v *fastjson.Value, line int64) error {
	sku := r.skus.of(textAt(v, "sku", "description"))
	category := googleCategory(textAt(v, "cost_type"))
	if category == categoryUsage && sku.isReserved {
		category = categoryCommitment
	}
	if !sku.isAI && !isGoogleBeside(googleService(v), category,
		textAt(v, "sku", "description")) {
		r.w.ignored()
		return nil
	}
	bucket, err := googleBucket(v, line, sku)
	if err != nil {
		return err
	}
	bill := Bill{Bucket: bucket, InvoiceID: textAt(v, "invoice", "month"),
		LineItem:       strings.TrimSpace(textAt(v, "sku", "description")),
		ChargeCategory: category, AmountQuantum: quantum(6)}
	bill.GroupedBy = groupedBy(named{"account_id", bill.AccountID},
		named{"project_id", bill.ProjectID}, named{"model", bill.ModelRaw},
		named{"region", bill.Region}, named{"line_item", bill.LineItem})
	if bill.ChargeCategory != categoryUsage {
		bill.TokenType = ""
	}
	if bill.TokenType != "" {
		bill.Quantity, err = r.w.scaled("usage.amount", textAt(v, "usage", "amount"), 0)
		if err != nil {
			return err
		}
	}
	usages := oneUsage(bill.Bucket, bill.Quantity)
	rate, err := googleRate(v)
	if err != nil {
		return r.w.deliverForeign(usages, "currency", textAt(v, "currency"), line)
	}
	bill.Currency = strings.ToUpper(textAt(v, "currency"))
	bills, err := r.amounts(v, bill, rate)
	if err != nil {
		return err
	}
	return r.w.deliver(usages, bills...)
}

// amounts gives the bill rows of a line: its cost, and each of its credits.
func (r *googleReader) amounts(v *fastjson.Value, bill Bill, rate Money) ([]Bill, error) {
	var err error
	if bill.Amount, err = r.w.converted("cost", textAt(v, "cost"), rate); err != nil {
		return nil, err
	}
	if isLoneCredit(v.Get("credits")) {
		return nil, badRow("a credit beside the cost, and not in a list: a line with two would " +
			"stand twice, with its cost; export credits as the list that they are")
	}
	bills := []Bill{bill}
	for _, credit := range v.GetArray("credits") {
		row := bill
		row.TokenType, row.Quantity = "", Count{}
		row.ChargeCategory = googleCredit(textAt(credit, "type"))
		row.LineItem = firstText(textAt(credit, "full_name"), textAt(credit, "name"),
			textAt(credit, "type")) + ": " + bill.LineItem
		row.Amount, err = r.w.converted("credits.amount", textAt(credit, "amount"), rate)
		if err != nil {
			return nil, err
		}
		bills = append(bills, row)
	}
	return bills, nil
}

// converted is an amount in dollars: as it stands, or divided by the source's rate.
func (w *worker) converted(field, text string, rate Money) (Money, error) {
	money, err := w.need(field, text)
	if err != nil || !rate.Known {
		return money, err
	}
	exact, err := pricing.ParseUSD(text)
	if err != nil {
		return money, badRow("%s %s: not an amount", field, quoted(text))
	}
	money.USD = exact.Quo(rate.USD)
	if isBeyond(money.USD) {
		return money, badRow("%s %s: beyond any amount we store", field, quoted(text))
	}
	if money.USD.Mul(rate.USD).Cmp(exact) != 0 {
		w.tally.RoundedAmounts++
	}
	return money, nil
}

// googleRate gives the line's rate from dollars to its currency; none is needed for dollars.
func googleRate(v *fastjson.Value) (Money, error) {
	if isUSD(textAt(v, "currency")) {
		return Money{}, nil
	}
	rate, _, err := parseMoney("currency_conversion_rate", textAt(v, "currency_conversion_rate"))
	one := quantum(0)
	if err != nil || !rate.Known || rate.USD.Sign() <= 0 || rate.USD.Cmp(one.USD) == 0 {
		return Money{}, badRow("no rate")
	}
	return rate, nil
}

func googleBucket(v *fastjson.Value, line int64, sku googleSKU) (Bucket, error) {
	from, err := needInstant("usage_start_time", textAt(v, "usage_start_time"))
	if err != nil {
		return Bucket{}, err
	}
	to, err := needInstant("usage_end_time", textAt(v, "usage_end_time"))
	if err != nil {
		return Bucket{}, err
	}
	bucket := Bucket{Line: line, Provider: "vertex", AccountID: textAt(v, "billing_account_id"),
		ProjectID: textAt(v, "project", "id"), ModelRaw: sku.model, TokenType: sku.tokenType,
		ServiceTier: sku.tier, ContextTier: longContext(sku.context, sku.model),
		Region: firstText(textAt(v, "location", "region"), textAt(v, "location", "location"))}
	if sku.isAI && sku.model == "" && sku.tokenType == "" && !sku.isReserved {
		bucket.ModelRaw = textAt(v, "sku", "description") // Veo, Imagen: not billed by tokens
	}
	if sku.zone == "global" {
		bucket.Region = sku.zone
	}
	if service := textAt(v, "service", "description"); isGeminiAPI(service) {
		bucket.Provider, bucket.Region = "google", ""
	}
	return bucket, bucket.setSpan(from, to)
}

// isLoneCredit reports an amount, or a single credit, where the export has a list of credits.
func isLoneCredit(credits *fastjson.Value) bool {
	if credits == nil || credits.Type() == fastjson.TypeArray {
		return false
	}
	text := textOf(credits)
	if credits.Type() == fastjson.TypeObject {
		text = textAt(credits, "amount")
	}
	usd, err := pricing.ParseUSD(text)
	return text != "" && (err != nil || !usd.IsZero())
}

// googlePaths are the paths of the export's columns where a query wrote underscores for the dots,
// nil for any other table. A table with columns of single credits has none: a line with two would
// stand there twice, with its cost.
func googlePaths(names []string) [][]string {
	paths := make([][]string, len(names))
	isOf := map[string]bool{}
	for i, name := range names {
		name = columnName(name)
		isOf[name], paths[i] = true, []string{name}
		record, field, isNested := strings.Cut(name, "_")
		switch {
		case strings.HasPrefix(name, "credits_"):
			return nil
		case !isNested, name == "usage_start_time", name == "usage_end_time":
		case hasText([]string{"service", "sku", "project", "location", "usage", "invoice"}, record):
			paths[i] = []string{record, field}
		}
	}
	if !isOf["service_description"] || !isOf["sku_description"] || !isOf["usage_start_time"] ||
		!isOf["cost"] {
		return nil
	}
	return paths
}

// isGeminiAPI tells the API of AI Studio from Vertex AI: they are two services with the same
// models.
func isGeminiAPI(service string) bool {
	return strings.Contains(service, "Gemini API") ||
		strings.Contains(service, "Generative Language")
}

// isGoogleBeside reports a line of the AI services that is billed beside usage and whose SKU names
// none of it. An adjustment of something else that Vertex AI sells names that.
func isGoogleBeside(service, category, text string) bool {
	if !isGeminiAPI(service) && service != "Vertex AI" {
		return false
	}
	switch category {
	case categoryTax, categoryRounding:
		return true
	case categoryAdjustment:
		return strings.Contains(strings.ToLower(text), "adjust")
	}
	return false
}

// googleService names the service of a line, also where its description is in another language.
func googleService(v *fastjson.Value) string {
	if textAt(v, "service", "id") == "C7E2-9256-1C43" {
		return "Vertex AI"
	}
	return textAt(v, "service", "description")
}

func googleCategory(costType string) string {
	switch costType {
	case "tax":
		return categoryTax
	case "adjustment":
		return categoryAdjustment
	case "rounding_error":
		return categoryRounding
	}
	return categoryUsage
}

// googleCredit tells what was given from what was agreed.
func googleCredit(kind string) string {
	if strings.Contains(kind, "DISCOUNT") || kind == "SUBSCRIPTION_BENEFIT" {
		return categoryDiscount
	}
	return categoryCredit
}
