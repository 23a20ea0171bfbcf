package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// What AWS Cost Explorer answers to get-cost-and-usage: days (or hours, or months) with groups by
// usage type, service, account or others. Amounts and quantities are text. "Amazon Bedrock" and
// "Amazon Bedrock Service" are two services, and each Marketplace model is a service of its own.
// Groups of other services are passed over; the answer does not say what it was filtered by.

func awsExplorer() Format {
	return Format{
		Name: "aws.cost_explorer.json", Leg: LegProvider,
		About: "AWS Cost Explorer, get-cost-and-usage: Bedrock by usage type or service and day",
		recognise: func(h *Head) Match {
			return h.needsKeys("ResultsByTime", "ResultsByTime.TimePeriod",
				"ResultsByTime.TimePeriod.Start")
		},
		load: func(j *Job) error {
			reader := &explorerReader{types: newMemo(parseAWSUsageType)}
			return j.eachPage(pages{lists: []string{"ResultsByTime", "Groups"},
				bucket: explorerBucket, row: reader.row, none: reader.total})
		},
	}
}

type explorerReader struct{ types *memo[awsUsage] }

func explorerBucket(outer []*fastjson.Value) (Bucket, error) {
	bucket := Bucket{Provider: "bedrock"}
	period := outer[1].Get("TimePeriod")
	from, err := needInstant("TimePeriod.Start", textAt(period, "Start"))
	if err != nil {
		return bucket, err
	}
	to, err := needInstant("TimePeriod.End", textAt(period, "End"))
	if err != nil {
		return bucket, err
	}
	return bucket, bucket.setSpan(from, to)
}

// explorerGroup is what the keys of a group say.
type explorerGroup struct{ service, usageType, account, region, recordType string }

// row reads one group. Which key is what, the request's GroupDefinitions say; without them it
// is told by form.
func (r *explorerReader) row(w *worker, at place, v *fastjson.Value) error {
	var group explorerGroup
	definitions := []*fastjson.Value(nil)
	if at.outer[0] != nil {
		definitions = at.outer[0].GetArray("GroupDefinitions")
	}
	for i, key := range v.GetArray("Keys") {
		name := ""
		if i < len(definitions) {
			name = textAt(definitions[i], "Key")
		}
		group.take(name, textOf(key))
	}
	usage := r.types.of(group.usageType)
	if !group.isAI(usage) {
		w.ignored()
		return nil
	}
	bucket := at.Bucket
	bucket.AccountID = group.account
	bucket.ModelRaw, bucket.TokenType = usage.model, usage.tokenType
	if bucket.ModelRaw == "" && strings.Contains(group.service, "Bedrock Edition") {
		bucket.ModelRaw = awsModel(group.service)
	}
	bucket.ServiceTier = usage.tier
	bucket.ContextTier = longContext(usage.context, bucket.ModelRaw)
	if bucket.Region = firstText(group.region, usage.region); usage.isGlobal {
		bucket.Region = "global"
	}
	bill := Bill{Bucket: bucket, ChargeCategory: categoryUsage, Currency: usd,
		LineItem: firstText(group.usageType, group.service), AmountQuantum: quantum(10)}
	if usage.isReserved {
		bill.ChargeCategory = categoryCommitment
	}
	if group.recordType != "" && awsRecordType(group.recordType) != categoryUsage {
		bill.ChargeCategory, bill.TokenType = awsRecordType(group.recordType), ""
		bill.LineItem = group.recordType + ": " + bill.LineItem
	}
	bill.GroupedBy = groupedBy(named{"account_id", bill.AccountID}, named{"model", bill.ModelRaw},
		named{"region", bill.Region}, named{"line_item", bill.LineItem})
	return explorerDeliver(w, bill, v.Get("Metrics"), isTrue(at.outer[1].Get("Estimated")),
		usage.isMarket)
}

// total reads a time span that is not grouped.
func (r *explorerReader) total(w *worker, at place) error {
	metrics := at.outer[1].Get("Total")
	if metrics == nil || explorerCost(metrics) == nil {
		w.ignored()
		w.tally.saw(at.FromUS)
		return nil
	}
	bill := Bill{Bucket: at.Bucket, ChargeCategory: categoryUsage, Currency: usd,
		AmountQuantum: quantum(10)}
	return explorerDeliver(w, bill, metrics, isTrue(at.outer[1].Get("Estimated")), false)
}

func explorerDeliver(
	w *worker, bill Bill, metrics *fastjson.Value, isEstimated, isMarket bool,
) (err error) {
	bill.IsEstimated = isEstimated
	quantity := metrics.Get("UsageQuantity")
	if unit := textAt(quantity, "Unit"); bill.TokenType != "" &&
		(unit != "N/A" || isMarket) {
		bill.Quantity, err = w.scaled("UsageQuantity", textAt(quantity, "Amount"),
			tokenUnit(unit, isMarket))
		if err != nil {
			return err
		}
	}
	cost := explorerCost(metrics)
	if cost == nil {
		return badRow("Metrics has no cost: ask for UnblendedCost")
	}
	usages := []Usage(nil)
	if bill.ChargeCategory == categoryUsage {
		usages = oneUsage(bill.Bucket, bill.Quantity)
	}
	if currency := textAt(cost, "Unit"); !isUSD(currency) {
		return w.deliverForeign(usages, "Unit", currency, bill.Line)
	}
	if bill.Amount, err = w.need("Amount", textAt(cost, "Amount")); err != nil {
		return err
	}
	return w.deliver(usages, bill)
}

// explorerCost gives the metric of costs that the request asked for.
func explorerCost(metrics *fastjson.Value) *fastjson.Value {
	for _, name := range []string{"UnblendedCost", "NetUnblendedCost", "AmortizedCost",
		"NetAmortizedCost", "BlendedCost"} {
		if cost := metrics.Get(name); cost != nil {
			return cost
		}
	}
	return nil
}

// take files a key by the dimension it is of.
func (g *explorerGroup) take(name, key string) {
	switch name {
	case "SERVICE":
		g.service = key
	case "USAGE_TYPE":
		g.usageType = key
	case "LINKED_ACCOUNT":
		g.account = key
	case "REGION":
		g.region = key
	case "RECORD_TYPE":
		g.recordType = key
	case "":
		g.guess(key)
	}
}

// guess files a key of a request that is not known.
func (g *explorerGroup) guess(key string) {
	switch {
	case len(key) == 12 && strings.Trim(key, "0123456789") == "":
		g.account = key
	case strings.Contains(key, " ") || strings.HasPrefix(key, "Amazon"):
		g.service = key
	case strings.Count(key, "-") == 2 && strings.ToLower(key) == key && len(key) <= 15:
		g.region = key
	default:
		g.usageType = key
	}
}

// isAI reports a group of Bedrock. A usage type alone is known by its counting tokens, or by the
// words of Bedrock's other types.
func (g explorerGroup) isAI(usage awsUsage) bool {
	if g.service != "" {
		return strings.Contains(g.service, "Bedrock")
	}
	if usage.isTokens || usage.isReserved {
		return true
	}
	for _, word := range []string{"Guardrail", "Bedrock", "KnowledgeBase", "ModelUnits",
		"AgentCore", "input-image", "output-image", "search-units"} {
		if strings.Contains(g.usageType, word) {
			return true
		}
	}
	return false
}

// awsRecordType maps the record types of Cost Explorer, which are words.
func awsRecordType(kind string) string {
	switch kind {
	case "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage":
		return categoryUsage
	case "Recurring", "Upfront", "Support":
		return categoryCommitment
	case "Other out-of-cycle charges":
		return categoryFee
	}
	return awsCategory(kind)
}
