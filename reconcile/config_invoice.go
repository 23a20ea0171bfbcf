package reconcile

import (
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"tieout/pricing"
)

// Invoice is what an invoice says that it comes to: of all that a provider bills in a month, or
// of the rows that name it. Total is with taxes, Subtotal without; "" is not said.
type Invoice struct{ Provider, ID, From, To, Total, Subtotal string }

func (c configReader) invoices(node ast.Node, config *Config) error {
	return c.items(node, func(item ast.Node) error {
		var invoice Invoice
		err := c.fields(item, map[string]func(ast.Node) error{
			"provider": c.text(&invoice.Provider), "invoice": c.text(&invoice.ID),
			"month": c.month(&invoice), "total": c.amount(&invoice.Total),
			"subtotal": c.amount(&invoice.Subtotal)})
		switch {
		case err != nil:
			return err
		case invoice.ID == "" && (invoice.Provider == "" || invoice.From == ""):
			return c.problem(item, "write provider: openai, month: 2026-10, or invoice: its number",
				"of which rows is this the invoice?")
		case invoice.Total == "" && invoice.Subtotal == "":
			return c.problem(item, "write total: 123.45", "the invoice has no total")
		}
		c.note("provider", invoice.Provider, item)
		config.Invoices = append(config.Invoices, invoice)
		return nil
	})
}

func (c configReader) month(invoice *Invoice) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		from, err := time.Parse("2006-01", text)
		if err != nil {
			return c.problem(node, "write it as 2026-10", "%s is not a month", strconv.Quote(text))
		}
		invoice.From = from.Format(time.DateOnly)
		invoice.To = from.AddDate(0, 1, 0).Format(time.DateOnly)
		return nil
	}
}

// amount reads an amount of dollars as it is written; an invoice may be a credit.
func (c configReader) amount(into *string) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		usd, err := pricing.ParseUSD(text)
		if _, _, tooLarge := usd.Int128(); err != nil || tooLarge != nil {
			return c.problem(node, "write it as 123.45", "%s is not an amount of USD",
				strconv.Quote(text))
		}
		*into = usd.String()
		return nil
	}
}
