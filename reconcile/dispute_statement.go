package reconcile

import (
	"fmt"
	"path/filepath"
	"strings"
)

// statement says in a page what a tenant pays and how to check it.
func (d *dispute) statement() ([]byte, error) {
	run, err := hashFile(filepath.Join(d.out, manifestName))
	if err != nil {
		return nil, err
	}
	lists, err := d.priceLists()
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("# What %s pays\n", markdown(d.tenant))
	say("%s to %s (UTC, end excluded); amounts in USD, exact.\n", d.period.From, d.period.To)
	say("| | USD |\n|---|---:|")
	say("| billed: its part of what providers billed | %s |", plain(d.billed))
	say("| not billed yet: its charge, where no bill covers the day | %s |", plain(d.unbilled))
	say("| allocated: what policies moved to it or away | %s |", plain(d.allocated))
	say("| **amount** | **%s** |", plain(d.amount))
	say("| **payable**, in cents by largest remainder over all tenants | **%s** |\n", d.payable)
	say("Its %s requests come to a charge of %s: tokens times the price in force. A bill is "+
		"shared among the tenants whose requests it bills in proportion to that charge, by day, "+
		"model and token type, or as coarsely as the bill tells.\n", d.requests, plain(d.charge))
	say("| file | holds |\n|---|---|")
	say("| lines.csv | the lines; their amounts add up to the payable figure |")
	say("| requests.csv | its requests with tokens, charge, cause of a difference, file and line |")
	say("| prices.csv | the prices, each with its source; joins by sheet_id |")
	say("| rules.csv | by which rule requests are its own, and how pools were shared out |")
	say("| findings.csv | breaks and notes on its requests, and on bills it has a part of |")
	say("| bill.csv | the rows of the bill of its providers and models, with file and line |")
	say("| files.csv | the input files with their hashes and control totals |")
	say("| SHA256SUMS | hashes of these files: `sha256sum -c SHA256SUMS` |\n")
	say("In the tables a text that begins like a formula has an apostrophe in front.\n")
	say("Run: tieout %s, manifest %s.", markdown(d.manifest.Version), run.SHA256)
	if d.manifest.Settings.Config != "" {
		say("Configuration: %s.", d.manifest.Settings.Config)
	}
	for _, list := range d.manifest.Prices {
		if lists[list.Name] {
			say("Price list %s: %s.", markdown(list.Name), list.SHA256)
		}
	}
	return []byte(text.String()), nil
}

// priceLists names the lists that its prices stand in.
func (d *dispute) priceLists() (map[string]bool, error) {
	lists := map[string]bool{}
	err := eachRow(d.ctx, d.db, `SELECT DISTINCT list_file FROM prices WHERE sheet_id IN (
		SELECT sheet_id FROM requests WHERE tenant_id = $1)`, []any{d.tenant},
		func(_ []string, values []any) error {
			if values != nil {
				lists[cell(values[0])] = true
			}
			return nil
		})
	return lists, err
}

// markdown writes a text from the data so that it is shown as it is: it starts no heading, link,
// table cell or tag.
func markdown(text string) string {
	var out strings.Builder
	for i, r := range Printable(text) {
		switch {
		case i == 0 && strings.ContainsRune("+-=", r):
			out.WriteString("\\" + string(r))
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]#|~", r):
			out.WriteString("\\" + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
