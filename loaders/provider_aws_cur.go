package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// The Cost and Usage Report of AWS, CUR 2.0 and legacy, as CSV or Parquet. It tells of all
// services: lines that are not of Bedrock are passed over. Each line states an amount, and lines
// of use a quantity. There are no requests in it; tags of inference profiles are the key to teams.
//
// Models of other makers are sold through the Marketplace, where a unit is a million tokens;
// Bedrock's own lines count thousands.

func awsCUR() Format {
	return Format{
		Name: "aws.cur", Leg: LegProvider,
		About: "AWS Cost and Usage Report, 2.0 or legacy: Bedrock by usage type and day or hour",
		recognise: func(h *Head) Match {
			match := h.needs("line_item_usage_type", "line_item_line_item_type",
				"line_item_usage_start_date", "line_item_product_code",
				"line_item_usage_amount", "line_item_unblended_cost")
			legacy := h.needs("lineitem/usagetype", "lineitem/lineitemtype",
				"lineitem/usagestartdate", "lineitem/productcode", "lineitem/usageamount",
				"lineitem/unblendedcost")
			if legacy.Score > match.Score {
				return legacy
			}
			return match
		},
		load: func(j *Job) error {
			return j.eachRowOn(j.options.Threads, func(w *worker) rowHandler {
				reader := &curReader{types: newMemo(parseAWSUsageType), names: newMemo(awsModel)}
				return func(row csvRow) error { return reader.row(w, row) }
			})
		},
	}
}

// curReader reads the lines of one report.
type curReader struct {
	types  *memo[awsUsage]
	names  *memo[string]
	parser fastjson.Parser
}

func (r *curReader) row(w *worker, row csvRow) error {
	line := curLine{csvRow: row, usageType: row.first("line_item_usage_type", "lineitem/usagetype"),
		product: r.productName(row)}
	line.usage = r.types.of(line.usageType)
	if !line.isAI() {
		w.ignored()
		return nil
	}
	bill, err := line.bill(w, r.names)
	if err != nil {
		return err
	}
	usages := []Usage(nil)
	if bill.ChargeCategory == categoryUsage {
		usages = oneUsage(bill.Bucket, bill.Quantity)
	}
	currency := row.first("line_item_currency_code", "lineitem/currencycode")
	if !isUSD(currency) {
		return w.deliverForeign(usages, "line_item_currency_code", currency, row.line)
	}
	cost := row.first("line_item_unblended_cost", "lineitem/unblendedcost")
	if bill.Amount, err = w.need("line_item_unblended_cost", cost); err != nil {
		return err
	}
	if bill.ChargeCategory == categoryUsage {
		bill.Priced = pricedBy(row.first("line_item_unblended_rate", "lineitem/unblendedrate"),
			row.first("line_item_usage_amount", "lineitem/usageamount"))
	}
	return w.deliver(usages, bill)
}

// productName gives the name of a Marketplace product; CUR 2.0 may hold it in a map.
func (r *curReader) productName(row csvRow) string {
	if name := row.first("product_product_name", "product/productname"); name != "" {
		return name
	}
	return textAt(parseObject(row.text("product"), &r.parser), "product_name")
}

// curLine is one line of a report.
type curLine struct {
	csvRow
	usageType, product string
	usage              awsUsage
}

// isAI reports a line of Bedrock, also one sold through the Marketplace.
func (l curLine) isAI() bool {
	code := l.first("line_item_product_code", "lineitem/productcode")
	return strings.HasPrefix(code, "AmazonBedrock") || strings.Contains(l.product, "Bedrock") ||
		l.isClaudePlatform() ||
		l.usage.isMarket && l.usage.isTokens
}

// isClaudePlatform reports Anthropic's own API billed by AWS, in units of a cent for all models.
func (l curLine) isClaudePlatform() bool { return strings.Contains(l.product, "Claude Platform") }

// bill reads a line but for its amount.
func (l curLine) bill(w *worker, names *memo[string]) (Bill, error) {
	from, err := needInstant("line_item_usage_start_date",
		l.first("line_item_usage_start_date", "lineitem/usagestartdate"))
	if err != nil {
		return Bill{}, err
	}
	to, err := needInstant("line_item_usage_end_date",
		l.first("line_item_usage_end_date", "lineitem/usageenddate"))
	if err != nil {
		return Bill{}, err
	}
	bill := Bill{Bucket: Bucket{Line: l.line, Provider: "bedrock",
		AccountID: l.first("line_item_usage_account_id", "lineitem/usageaccountid"),
		ModelRaw:  l.model(names), ServiceTier: l.usage.tier, TokenType: l.usage.tokenType,
		ContextTier: longContext(l.usage.context, l.model(names)), Region: l.region()},
		InvoiceID: l.first("bill_invoice_id", "bill/invoiceid"), Currency: usd,
		AmountQuantum: quantum(10)}
	if l.isClaudePlatform() {
		bill.Provider, bill.Region = "anthropic", ""
	}
	bill.ProjectID = inferenceProfile(l.first("line_item_resource_id", "lineitem/resourceid"))
	bill.IsEstimated = bill.InvoiceID == ""
	if err := bill.setSpan(from, to); err != nil {
		return Bill{}, err
	}
	kind := l.first("line_item_line_item_type", "lineitem/lineitemtype")
	bill.ChargeCategory = awsCategory(kind)
	if bill.ChargeCategory == categoryUsage && l.usage.isReserved {
		bill.ChargeCategory = categoryCommitment
	}
	bill.LineItem = firstText(l.usageType,
		l.first("line_item_line_item_description", "lineitem/lineitemdescription"))
	if bill.ChargeCategory != categoryUsage {
		bill.TokenType = ""
	}
	if awsCategory(kind) != categoryUsage {
		bill.LineItem = strings.TrimSuffix(kind+": "+bill.LineItem, ": ")
	}
	bill.GroupedBy = groupedBy(named{"account_id", bill.AccountID},
		named{"project_id", bill.ProjectID}, named{"model", bill.ModelRaw},
		named{"region", bill.Region}, named{"line_item", bill.LineItem})
	if bill.TokenType != "" {
		amount := l.first("line_item_usage_amount", "lineitem/usageamount")
		bill.Quantity, err = w.scaled("line_item_usage_amount", amount, l.unit())
	}
	return bill, err
}

// model gives the Bedrock id: from the usage type, the Marketplace product or the resource.
func (l curLine) model(names *memo[string]) string {
	if l.usage.model != "" || l.isClaudePlatform() {
		return l.usage.model
	}
	resource := l.first("line_item_resource_id", "lineitem/resourceid")
	if _, model, ok := strings.Cut(resource, ":foundation-model/"); ok {
		return model
	}
	if strings.Contains(l.product, "Bedrock Edition") {
		return names.of(l.product)
	}
	return ""
}

func (l curLine) region() string {
	if l.usage.isGlobal {
		return "global"
	}
	return firstText(l.first("product_region_code", "product/regioncode", "product_region",
		"product/region"), l.usage.region)
}

// unit is the power of ten of a line's unit. The Marketplace writes "Units" and says what they
// are in the third part of its description.
func (l curLine) unit() int32 {
	unit := l.first("pricing_unit", "pricing/unit")
	description := l.first("line_item_line_item_description", "lineitem/lineitemdescription")
	isMarket := l.usage.isMarket
	if strings.EqualFold(unit, "units") || (unit == "" && isMarket) {
		unit = description
	}
	return tokenUnit(unit, isMarket)
}

// tokenUnit reads "1K tokens", "1M tokens", "Million Input Tokens" or "Tokens" as a power of ten.
// What says nothing is the unit that AWS sells by: a million in the Marketplace, else a thousand.
func tokenUnit(text string, isMarket bool) int32 {
	lower := strings.ToLower(text)
	switch {
	case strings.Contains(lower, "1m") || strings.Contains(lower, "million") ||
		strings.Contains(lower, "1,000,000") || strings.Contains(lower, "1000000"):
		return 6
	case strings.Contains(lower, "1k") || strings.Contains(lower, "thousand") ||
		strings.Contains(lower, "1,000") || strings.Contains(lower, "1000"):
		return 3
	case !isMarket && strings.Contains(lower, "token"):
		return 0
	case isMarket:
		return 6
	}
	return 3
}

// awsCategory maps the type of a line.
func awsCategory(kind string) string {
	switch kind {
	case "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage":
		return categoryUsage
	case "Tax":
		return categoryTax
	case "Credit":
		return categoryCredit
	case "Refund":
		return categoryRefund
	case "Fee":
		return categoryFee
	case "SavingsPlanNegation", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee", "RIFee":
		return categoryCommitment
	}
	if strings.HasSuffix(kind, "Discount") {
		return categoryDiscount
	}
	return categoryAdjustment
}

// longContext names the tier of long prompts: over 200k tokens for Claude and Gemini, over 272k
// for OpenAI's models.
func longContext(context, model string) string {
	switch {
	case context != "long":
		return ""
	case strings.Contains(model, "gpt-"):
		return "272k-1m"
	}
	return "200k-1m"
}

// inferenceProfile gives the id of an application's inference profile, by which teams are told
// apart, from its ARN.
func inferenceProfile(arn string) string {
	_, id, _ := strings.Cut(arn, ":application-inference-profile/")
	return id
}
