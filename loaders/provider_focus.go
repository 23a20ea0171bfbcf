package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// FOCUS, the FinOps Foundation's open billing format, 1.0 to 1.3 and the token properties drafted
// for 1.5, as CSV or Parquet. It has no column for models or token types: they stand in
// SkuPriceDetails (ModelId, TokenDirection, TokenCacheAction, and x_ keys for modality, cache
// lifetime, reasoning and tiers), or in SkuMeter, where clouds keep their own usage types and
// meters. Rows of other services are passed over.
//
// The amount is BilledCost, because invoices are its sum. Where that is 0 and EffectiveCost is
// not, or the price is a committed one, the use was paid by a commitment or through credits, and
// the row says so. Where it is 0 because another issues the invoice, such as a marketplace, the row
// does not tell what was billed. Tags are not read: they are free text.

func focusCosts() Format {
	return Format{
		Name: "focus.cost_and_usage", Leg: LegProvider,
		About: "FOCUS 1.0 to 1.3 cost and usage: any provider, by SKU and charge period",
		recognise: func(h *Head) Match {
			columns := []string{"billedcost", "billingcurrency", "chargecategory",
				"chargeperiodstart", "chargeperiodend"}
			if match := h.needs(append(columns, "serviceprovidername")...); match.Fits {
				return match
			}
			return h.needs(append(columns, "providername")...)
		},
		load: func(j *Job) error {
			return j.eachRowOn(j.options.Threads, func(w *worker) rowHandler {
				reader := &focusReader{types: newMemo(parseAWSUsageType),
					meters: newMemo(parseAzureMeter), skus: newMemo(parseGoogleSKU)}
				return func(row csvRow) error { return reader.row(w, row) }
			})
		},
	}
}

// focusReader reads the rows of one dataset.
type focusReader struct {
	types  *memo[awsUsage]
	meters *memo[azureMeter]
	skus   *memo[googleSKU]
	parser fastjson.Parser
}

func (r *focusReader) row(w *worker, row csvRow) error {
	sku := r.sku(row)
	if !sku.isAI {
		w.ignored()
		return nil
	}
	bill, err := focusBill(row, sku)
	if err != nil {
		return err
	}
	usages := []Usage(nil)
	if bill.TokenType != "" {
		if err := focusQuantity(w, row, sku, &bill); err != nil {
			return err
		}
		// Searches that name no model may be of any, and are compared by money alone.
		if bill.TokenType != "web_search" || bill.ModelRaw != "" {
			usages = oneUsage(bill.Bucket, bill.Quantity)
		}
	}
	currency, amount := focusAmount(row)
	if !isUSD(currency) {
		return w.deliverForeign(usages, "BillingCurrency", currency, row.line)
	}
	if bill.Amount, err = w.need("BilledCost", amount); err != nil {
		return err
	}
	isUnbilled := bill.ChargeCategory == categoryUsage && bill.Amount.USD.IsZero()
	if issuer := row.text("invoiceissuername"); isUnbilled && len(usages) > 0 && issuer != "" &&
		focusProvider(issuer) != focusProvider(row.first("serviceprovidername", "providername")) {
		if err := w.usage(usages); err != nil {
			return err
		}
		return w.settle(badRow("BilledCost is 0, because InvoiceIssuerName is not the provider: "+
			"what is billed stands on the issuer's own invoice"), row.line, nil)
	}
	isCommitted := strings.EqualFold(row.text("pricingcategory"), "committed")
	if effective := row.text("effectivecost"); isUnbilled && (isCommitted ||
		isPositive(effective)) || isCommitted && bill.ChargeCategory == categoryUsage &&
		bill.TokenType == "" {
		bill.ChargeCategory = categoryCommitment
		bill.LineItem += ", effective " + effective
	}
	return w.deliver(usages, bill)
}

// focusAmount gives what is billed, in USD where the row says that too: as Azure does, or where
// prices are in USD and nothing parts what is billed from what it costs.
func focusAmount(row csvRow) (currency, amount string) {
	currency, amount = row.text("billingcurrency"), row.text("billedcost")
	inUSD := row.text("x_billedcostinusd")
	if inUSD == "" && isUSD(row.text("pricingcurrency")) && amount == row.text("effectivecost") {
		inUSD = row.text("pricingcurrencyeffectivecost")
	}
	if !isUSD(currency) && inUSD != "" {
		return usd, inUSD
	}
	return currency, amount
}

// focusBill reads a row but for its quantity and amount.
func focusBill(row csvRow, sku focusSKU) (Bill, error) {
	from, err := needInstant("ChargePeriodStart", fullTime(row.text("chargeperiodstart")))
	if err != nil {
		return Bill{}, err
	}
	to, err := needInstant("ChargePeriodEnd", fullTime(row.text("chargeperiodend")))
	if err != nil {
		return Bill{}, err
	}
	bill := Bill{Bucket: Bucket{Line: row.line, Provider: sku.provider, ModelRaw: sku.model,
		TokenType: sku.tokenType, ServiceTier: sku.tier, ContextTier: sku.context,
		Region: sku.region, APIKeyID: keyID(impersonal(row.text("credentialid")))},
		InvoiceID: row.first("invoiceid", "x_invoiceid"), Currency: usd,
		ChargeCategory: focusCategory(row)}
	bill.AccountID, bill.ProjectID = focusAccount(row, sku.provider)
	bill.IsEstimated = bill.InvoiceID == "" && (row.has("invoiceid") || row.has("x_invoiceid"))
	if err := bill.setSpan(from, to); err != nil {
		return Bill{}, err
	}
	bill.LineItem = firstText(row.first("x_usagetype", "skumeter", "x_skumetername"),
		row.text("chargedescription"), row.text("skuid"))
	if class := strings.ToLower(row.text("chargeclass")); class != "" {
		bill.LineItem = class + ": " + bill.LineItem
		// It is added to the row that it corrects, which stays as it is in an earlier bill.
		bill.Correction = class + " " + row.text("billingperiodstart")
	}
	if bill.ChargeCategory != categoryUsage {
		bill.TokenType = ""
		bill.LineItem = row.text("chargecategory") + ": " + bill.LineItem
	}
	bill.GroupedBy = groupedBy(named{"account_id", bill.AccountID},
		named{"project_id", bill.ProjectID}, named{"model", bill.ModelRaw},
		named{"region", bill.Region}, named{"line_item", bill.LineItem})
	return bill, nil
}

// focusAccount gives the account and the project as the provider's own exports have them.
func focusAccount(row csvRow, provider string) (account, project string) {
	billing, sub := row.text("billingaccountid"), row.text("subaccountid")
	resource := row.text("resourceid")
	switch provider {
	case "bedrock":
		return firstText(sub, billing), inferenceProfile(resource)
	case "azure", "azure_ai":
		return lastSegment(firstText(sub, billing)), lastSegment(resource)
	}
	return billing, sub
}

// focusCategory maps the category of a charge.
func focusCategory(row csvRow) string {
	text := strings.ToLower(row.first("x_reasoncode", "chargedescription"))
	switch strings.ToLower(row.text("chargecategory")) {
	case "usage":
		return categoryUsage
	case "tax":
		return categoryTax
	case "credit":
		switch {
		case strings.Contains(text, "refund"):
			return categoryRefund
		case strings.Contains(text, "discount"):
			return categoryDiscount
		}
		return categoryCredit
	case "purchase":
		if strings.Contains(text, "platform fee") || strings.Contains(text, "service fee") {
			return categoryFee
		}
		return categoryCommitment
	case "adjustment":
		switch {
		case strings.Contains(text, "rounding"):
			return categoryRounding
		case strings.Contains(text, "refund"):
			return categoryRefund
		}
	}
	return categoryAdjustment
}

// focusQuantity reads what was consumed, or where that is not said, what was priced.
func focusQuantity(w *worker, row csvRow, sku focusSKU, bill *Bill) (err error) {
	for _, c := range [][2]string{{"consumedquantity", "consumedunit"},
		{"pricingquantity", "pricingunit"}} {
		text := row.text(c[0])
		if text == "" {
			continue
		}
		unit, known := focusUnit(row.text(c[1]), sku)
		if !known {
			continue
		}
		bill.Quantity, err = w.scaled(c[0], text, unit)
		return err
	}
	return nil
}

// focusUnit reads a unit such as "Tokens", "1000 Tokens", "1M tokens", "Million Tokens", "1K" or
// "Requests" as a power of ten. AWS writes "Units" for millions, and clouds leave out what is
// counted.
func focusUnit(text string, sku focusSKU) (int32, bool) {
	unit := strings.ToLower(strings.TrimSpace(text))
	if sku.provider == "bedrock" {
		return tokenUnit(unit, sku.isMarket), unit != ""
	}
	number, noun, _ := strings.Cut(unit, " ")
	switch number {
	case "thousand":
		number = "1k"
	case "million":
		number = "1m"
	}
	if strings.Trim(number, "0123456789,km") != "" {
		number, noun = "1", unit
	}
	switch noun {
	case "", "token", "tokens", "request", "requests", "count", "counts", "units", "searches",
		"calls", "queries":
		return azureUnit(number)
	}
	return 0, false
}

// fullTime adds the seconds that some exports leave out: 2026-10-01T00:00Z.
func fullTime(text string) string {
	if len(text) == len("2026-10-01T00:00Z") && text[len(text)-1] == 'Z' {
		return text[:len(text)-1] + ":00Z"
	}
	return text
}
