package loaders

import (
	"strings"
	"time"
)

// Azure Cost Management's cost details, as enterprise agreements (EA) and customer agreements
// (MCA) spell them: headers differ in case and words. One row a UTC day, meter and resource; the
// resource is the account of the service, not the deployment, and there are no requests. The
// export tells of all services: rows that are not of AI models are passed over. Units of measure
// are mixed, 1K and 1M, so each row is multiplied by its own.
//
// Claude is billed as one meter of Claude Consumption Units for all models and token types, and
// provisioned throughput by the hour: their rows have a money amount and no model.

func azureCostDetails() Format {
	return Format{
		Name: "azure.cost_details", Leg: LegProvider,
		About: "Azure cost details, EA and MCA: AI models by day, meter and resource",
		recognise: func(h *Head) Match {
			match := h.needs("date", "metername", "metersubcategory", "quantity", "unitofmeasure",
				"costinbillingcurrency")
			if older := h.needs("date", "metername", "metersubcategory", "quantity",
				"unitofmeasure", "cost"); older.Fits {
				return older
			}
			return match
		},
		load: func(j *Job) error {
			return j.eachRowOn(j.options.Threads, func(w *worker) rowHandler {
				reader := &azureReader{meters: newMemo(parseAzureMeter)}
				return func(row csvRow) error { return reader.row(w, row) }
			})
		},
	}
}

// azureReader reads the rows of one export.
type azureReader struct{ meters *memo[azureMeter] }

func (r *azureReader) row(w *worker, row csvRow) error {
	if !isAzureAI(row) {
		w.ignored()
		return nil
	}
	meter := r.meters.of(azureName(row.text("metername"), azureFamily(row)))
	from, err := parseAzureDay(row.text("date"))
	if err != nil {
		return err
	}
	bill := Bill{Bucket: azureBucket(row, meter), Currency: usd,
		InvoiceID: row.first("invoiceid", "invoicenumber"), LineItem: row.text("metername"),
		ChargeCategory: azureCategory(row, meter)}
	bill.setDay(from)
	bill.IsEstimated = row.has("invoiceid") && bill.InvoiceID == ""
	if kind := row.text("chargetype"); !strings.EqualFold(kind, "usage") {
		bill.TokenType = "" // tokens under a savings plan are use; refunds are none
		bill.LineItem = strings.TrimSuffix(kind+": "+bill.LineItem, ": ")
	}
	bill.GroupedBy = groupedBy(named{"account_id", bill.AccountID},
		named{"project_id", bill.ProjectID}, named{"model", bill.ModelRaw},
		named{"region", bill.Region}, named{"line_item", bill.LineItem})
	usages, err := azureUse(w, row, &bill)
	if err != nil {
		return err
	}
	field, currency, amount := azureAmount(row)
	if !isUSD(currency) {
		return w.deliverForeign(usages, "billingCurrency", currency, row.line)
	}
	if bill.Amount, err = w.need(field, amount); err != nil {
		return err
	}
	if isUSD(row.first("billingcurrencycode", "billingcurrency", "currency")) {
		bill.Priced = pricedBy(row.text("effectiveprice"), row.text("quantity"))
	}
	return w.deliver(usages, bill)
}

// azureUse gives the quantity of a row that counts tokens, and the use that it states.
func azureUse(w *worker, row csvRow, bill *Bill) (usages []Usage, err error) {
	if bill.TokenType == "" {
		return nil, nil
	}
	unit, ok := azureUnit(row.text("unitofmeasure"))
	if !ok {
		bill.TokenType = "" // hours, images or pages: no tokens
		return nil, nil
	}
	bill.Quantity, err = w.scaled("quantity", row.text("quantity"), unit)
	return oneUsage(bill.Bucket, bill.Quantity), err
}

// azureFamily is the part of a row that says whose models a meter is of.
func azureFamily(row csvRow) string {
	return row.text("metersubcategory") + " " + row.first("publishername", "productname")
}

// isAzureAI reports a row of the AI services that sell tokens, capacity for them or Claude units.
func isAzureAI(row csvRow) bool {
	family := strings.ToLower(row.text("metersubcategory") + "|" + row.text("metercategory") + "|" +
		row.text("productname") + "|" + row.text("publishername"))
	for _, word := range []string{"openai", "foundry models", "anthropic", "claude", "grok",
		"deepseek", "mistral", "llama", "azure cohere", "azure kimi", "azure phi",
		"azure fireworks", "mai models"} {
		if strings.Contains(family, word) {
			return true
		}
	}
	if !strings.EqualFold(row.text("consumedservice"), "Microsoft.CognitiveServices") {
		return false
	}
	return strings.Contains(strings.ToLower(row.text("metername")), "token")
}

func azureBucket(row csvRow, meter azureMeter) Bucket {
	provider := "azure"
	if meter.maker != "openai" && meter.maker != "" && meter.maker != "microsoft" {
		provider = "azure_ai" // models of other makers are called through another API
	}
	resource := row.first("resourceid", "instanceid", "instancename")
	bucket := Bucket{Line: row.line, Provider: provider, AccountID: row.first("subscriptionid",
		"subscriptionguid"), ProjectID: lastSegment(resource), ModelRaw: meter.model,
		TokenType: meter.tokenType, ServiceTier: meter.tier,
		ContextTier: longContext(meter.context, meter.model)}
	location := strings.ToLower(strings.ReplaceAll(
		row.first("resourcelocation", "location", "meterregion"), " ", ""))
	switch meter.zone {
	case "global":
		bucket.Region = "global"
	case "datazone":
		bucket.Region = dataZone(location)
	default:
		bucket.Region = location
	}
	return bucket
}

// dataZone gives the zone that a location is in.
func dataZone(location string) string {
	for _, place := range []string{"europe", "france", "germany", "italy", "norway", "poland",
		"spain", "sweden", "switzerland", "uk"} {
		if strings.Contains(location, place) {
			return "eu"
		}
	}
	return "us"
}

// lastSegment is the name of a resource: the last part of its path.
func lastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// azureCategory maps the type of a charge. Claude's units are use, though not of one model.
func azureCategory(row csvRow, meter azureMeter) string {
	switch strings.ToLower(row.text("chargetype")) {
	case "refund":
		return categoryRefund
	case "tax":
		return categoryTax
	case "purchase", "unusedreservation", "unusedsavingsplan":
		return categoryCommitment
	case "roundingadjustment":
		return categoryRounding
	case "adjustment":
		return categoryAdjustment
	case "credit":
		return categoryCredit
	}
	isReserved := strings.EqualFold(row.text("pricingmodel"), "reservation") ||
		strings.EqualFold(row.text("pricingmodel"), "savingsplan")
	if isReserved || (meter.isUnits && meter.maker != "anthropic") {
		return categoryCommitment
	}
	return categoryUsage
}

// azureAmount finds the amount in USD: what the agreement bills in, or a column of its own that
// customer agreements have.
func azureAmount(row csvRow) (field, currency, amount string) {
	billing := row.first("billingcurrencycode", "billingcurrency", "currency")
	if !isUSD(billing) && row.text("costinusd") != "" {
		return "costInUsd", usd, row.text("costinusd")
	}
	amount = row.first("costinbillingcurrency", "cost", "pretaxcost")
	return "costInBillingCurrency", billing, amount
}

// azureUnit reads a unit of measure as a power of ten; the second result is false for what
// counts no tokens.
func azureUnit(text string) (int32, bool) {
	unit := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "tokens"), "token")
	switch unit {
	case "1k", "1000", "1,000":
		return 3, true
	case "1m", "1000000", "1,000,000":
		return 6, true
	case "10k", "10000":
		return 4, true
	case "1", "":
		return 0, true
	}
	return 0, false
}

// parseAzureDay reads a day as the portal writes it, month first, or as an ISO date or time.
func parseAzureDay(text string) (Count, error) {
	if !strings.Contains(text, "/") {
		us, err := needInstant("date", text)
		if err != nil {
			return us, err
		}
		day := time.UnixMicro(us.N).UTC().Truncate(24 * time.Hour)
		return Counted(day.UnixMicro()), nil
	}
	day, _, _ := strings.Cut(text, " ")
	at, err := time.Parse("1/2/2006", day)
	if err != nil {
		return Count{}, badRow("date %s: not a day, month first", quoted(text))
	}
	return checkInstant("date", text, at)
}
