package loaders

import (
	"strings"
	"time"
)

// FOCUS Invoice Detail, since 1.4: what an invoice is made of, a line a row. Its lines add up to
// what is payable, and so the rows of the bill that name the invoice must too. They are totals to
// compare with, never amounts of their own. Lines of drafts and of void invoices are passed over.

func focusInvoices() Format {
	return Format{
		Name: "focus.invoice_detail", Leg: LegControl,
		About: "FOCUS 1.4 invoice detail: what invoices come to, to compare with the bill's rows",
		recognise: func(h *Head) Match {
			return h.needs("invoiceid", "invoicedetailid", "billedcost", "billingcurrency",
				"invoiceissuername")
		},
		load: func(j *Job) error {
			return j.eachRow(focusInvoiceRow)
		},
	}
}

func focusInvoiceRow(w *worker, row csvRow) error {
	switch strings.ToLower(row.text("invoiceissuestatus")) {
	case "draft", "void", "voided", "cancelled", "canceled":
		w.ignored() // asks for no money
		return nil
	}
	id := row.text("invoiceid")
	if id == "" {
		return badRow("InvoiceId is missing")
	}
	if currency := row.text("billingcurrency"); !isUSD(currency) {
		return foreign("BillingCurrency", currency)
	}
	amount, err := w.need("BilledCost", row.text("billedcost"))
	if err != nil {
		return err
	}
	at, err := parseInstant("BillingPeriodStart", row.text("billingperiodstart"))
	if err != nil {
		return err
	}
	var scope strings.Builder
	writeLabel(&scope, "invoice", id)
	writeLabel(&scope, "detail", row.text("invoicedetailid"))
	writeLabel(&scope, "issuer", focusProvider(row.text("invoiceissuername")))
	if at.Known {
		writeLabel(&scope, "month", time.UnixMicro(at.N).UTC().Format("2006-01"))
	}
	return w.control([]Control{{Line: row.line, Statement: "invoice_total",
		Scope: scope.String(), Amount: amount}}, at)
}
