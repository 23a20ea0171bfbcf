package loaders

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// litellmFocus is LiteLLM's export of its own spend in FOCUS, a row a day, key and model. It looks
// like a provider's bill and is none: a gateway must not be held against itself. Its days are
// totals to compare with, as the tables are that it is made of. It knows no SKUs.
func litellmFocus() Format {
	return Format{
		Name: "litellm.focus", Leg: LegControl,
		About: "LiteLLM's FOCUS export of its own spend: totals of days to compare with, no bill",
		recognise: func(h *Head) Match {
			match := h.needs("billedcost", "billingcurrency", "chargeperiodstart",
				"billingaccounttype", "consumedunit", "resourcetype", "providername")
			hasSKU := slices.ContainsFunc(h.Columns, func(name string) bool {
				return strings.HasPrefix(name, "sku")
			})
			match.Fits = match.Fits && (bytes.Contains(h.Bytes, []byte("custom_llm_provider")) ||
				!hasSKU && slices.Contains(h.Columns, "pricingcurrencyeffectivecost"))
			return match
		},
		load: func(j *Job) error { return j.eachRow(litellmFocusRow) },
	}
}

func litellmFocusRow(w *worker, row csvRow) error {
	at, err := needInstant("ChargePeriodStart", fullTime(row.text("chargeperiodstart")))
	if err != nil {
		return err
	}
	if currency := row.text("billingcurrency"); !isUSD(currency) {
		return foreign("BillingCurrency", currency)
	}
	amount, err := w.need("BilledCost", row.text("billedcost"))
	if err != nil {
		return err
	}
	var scope strings.Builder
	writeLabel(&scope, "date", time.UnixMicro(at.N).UTC().Format(time.DateOnly))
	return w.control([]Control{{Line: row.line, Statement: "litellm.daily_focus.spend",
		Scope: scope.String(), Amount: amount}}, at)
}
