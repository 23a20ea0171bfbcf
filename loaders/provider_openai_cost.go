package loaders

import (
	"strings"

	"tieout/pricing"
)

// The cost export of OpenAI's dashboard: UTC days, dollars with up to 36 fraction digits. The
// user's name and mail address that it carries are not stored.

func openaiCostCSV() Format {
	return Format{
		Name: "openai.cost.csv", Leg: LegProvider,
		About: "OpenAI cost export: dollars by day, line item and project",
		recognise: func(h *Head) Match {
			return h.needs("start_time", "end_time", "amount_value", "amount_currency",
				"line_item")
		},
		load: func(j *Job) error { return j.eachRow(openaiCostRow) },
	}
}

func openaiCostRow(w *worker, row csvRow) error {
	bucket, err := openaiBucket(w, row)
	if err != nil || bucket.Line == 0 {
		return err
	}
	bucket.AccountID = row.text("organization_id")
	return w.openaiCost(bucket, openaiAmount{
		lineItem: row.text("line_item"), value: row.text("amount_value"),
		currency: row.text("amount_currency"), quantity: row.text("quantity"),
		unit: row.text("quantity_unit")})
}

// openaiAmount is what a row of costs states, as text.
type openaiAmount struct{ lineItem, value, currency, quantity, unit string }

func (w *worker) openaiCost(bucket Bucket, of openaiAmount) error {
	bill := Bill{Bucket: bucket, LineItem: of.lineItem, ChargeCategory: categoryUsage,
		Currency: strings.ToUpper(of.currency)}
	item := parseLineItem(bill.LineItem)
	bill.ModelRaw, bill.TokenType, bill.ServiceTier = item.model, item.tokenType, item.tier
	bill.ContextTier = longContext(item.context, item.model)
	bill.GroupedBy = groupedBy(named{"project_id", bill.ProjectID},
		named{"user_id", bill.UserID}, named{"api_key_id", bill.APIKeyID},
		named{"line_item", bill.LineItem})
	if bill.Currency != usd {
		return badRow("amount_currency %s: only USD is read, there are no exchange rates",
			quoted(of.currency))
	}
	var err error
	if bill.Amount, err = w.money("amount_value", of.value); err != nil {
		return err
	}
	if !bill.Amount.Known {
		return badRow("amount_value is blank in a row that is not")
	}
	if bill.LineItem != "" && bill.ModelRaw == "" {
		bill.ChargeCategory = namelessCategory(bill.LineItem, bill.Amount.USD.Sign() < 0)
	}
	if bill.Quantity, err = openaiQuantity(of.quantity, of.unit); err != nil {
		return err
	}
	if unit, ok := openaiUnits()[of.unit]; ok && bill.TokenType == "" {
		bill.countUnits(unit, of.quantity)
	}
	return w.bill(&bill)
}

// countUnits takes in what a line counts in other units than tokens; its item is then the model,
// where it is one word. A part of a unit is not counted: the amount tells of it.
func (b *Bill) countUnits(unit openaiUnit, quantity string) {
	if b.ModelRaw == "" && !strings.Contains(b.LineItem, " ") {
		b.ModelRaw = b.LineItem
	}
	b.TokenType = unit.tokenType
	exact, err := pricing.ParseUSD(quantity)
	if err != nil {
		return
	}
	if count, err := parseCount("quantity", exact.Times(unit.times).String()); err == nil {
		b.Quantity = count
	}
}

// openaiQuantity gives the tokens of a line, less than none in one that takes another back; other
// units are no token counts and stay out.
func openaiQuantity(text, unit string) (quantity Count, err error) {
	plain, isNegative := strings.CutPrefix(text, "-")
	switch unit {
	case "tokens":
		quantity, err = parseCount("quantity", plain)
	case "1000_tokens":
		quantity, err = parseCount("quantity", thousandfold(plain))
	}
	if isNegative {
		quantity.N = -quantity.N
	}
	return quantity, err
}

// openaiUnit is what a unit of a line counts, in the units of the price list.
type openaiUnit struct {
	tokenType string
	times     int64
}

// openaiUnits are the units of lines that are not of tokens; storage by the hour is no count.
func openaiUnits() map[string]openaiUnit {
	return map[string]openaiUnit{
		"images": {unitImage, 1}, "characters": {unitCharacter, 1},
		"duration_seconds": {unitAudioSecond, 1}, "duration_minutes": {unitAudioSecond, 60},
		"duration_hours": {unitAudioSecond, 3600},
	}
}

// thousandfold moves the decimal point of a plain number three places.
func thousandfold(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" && fraction == "" {
		return ""
	}
	fraction += strings.Repeat("0", max(3-len(fraction), 0))
	return whole + fraction[:3] + "." + fraction[3:]
}

func openaiTokenType(direction, modality string, isCached, isWrite bool) string {
	switch {
	case isWrite && isCached && modality == "" && direction != "output":
		return "cache_write"
	case isWrite || (direction == "output" && isCached):
		return ""
	case direction == "output" && modality == "":
		return "output"
	case direction == "output":
		return modality + "_out"
	case direction == "" && !isCached:
		return ""
	case modality == "" && isCached:
		return "cache_read"
	case modality == "":
		return "input"
	case isCached:
		return modality + "_cached_in"
	}
	return modality + "_in"
}
