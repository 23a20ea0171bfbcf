package reconcile

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"tieout/pricing"
)

// TestConservation makes up months, bills, credits and policies: whatever they are, what all
// tenants and pools pay is the bill to the last digit, and the charge of a provider that has not
// billed; cents and the rounding row are it too, and what is shared out has ratios of 1 together.
// The stages' own checks hold every step besides.
func TestConservation(t *testing.T) {
	t.Parallel()
	book, err := pricing.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(8) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			dice := &monthDice{rand.New(rand.NewPCG(seed, 6))}
			c, billed := dice.month()
			r := c.prepared(t, book)
			if err := r.runNeeded(t.Context(), []string{"book.tenant"}); err != nil {
				t.Fatalf("%v\n%s", err, c.config)
			}
			for what, query := range conserved() {
				for _, line := range lines(t, r.store.db, query) {
					t.Errorf("%s: %s\n%s", what, line, c.config)
				}
			}
			got := strings.Join(lines(t, r.store.db, `SELECT SUM(amount_usd) FROM book.chargeback
				WHERE provider = 'openai'`), "")
			if plain(got) != billed.String() {
				t.Errorf("openai billed %s, tenants pay %s\n%s", billed, got, c.config)
			}
		})
	}
}

// conserved lists queries that must return nothing.
func conserved() map[string]string {
	return map[string]string{
		"not billed yet": `SELECT a.usd, b.usd FROM
			(SELECT SUM(amount_usd) AS usd FROM book.chargeback WHERE provider = 'anthropic') AS a,
			(SELECT SUM(charge_usd) AS usd FROM book.rated WHERE provider = 'anthropic') AS b
			WHERE a.usd IS DISTINCT FROM b.usd`,
		"cents": `SELECT SUM(payable_usd) + SUM(rounding_usd), SUM(amount_usd) FROM book.tenant
			HAVING SUM(payable_usd) + SUM(rounding_usd) <> SUM(amount_usd)
				OR ABS(SUM(rounding_usd)) > 0.005`,
		"far from its cents": `SELECT tenant_id, amount_usd, payable_usd FROM book.tenant
			WHERE kind <> 'rounding' AND ABS(amount_usd - payable_usd) >= 0.01`,
		"ratios": `SELECT line, SUM(ratio) FROM book.allocation GROUP BY line
			HAVING SUM(ratio) <> 1 OR MIN(ratio) < 0`,
		"left in what was shared out": `SELECT c.tenant_id, SUM(c.amount_usd)
			FROM book.chargeback AS c INNER JOIN book.policy AS p ON p.kind = 'tenant'
				AND c.kind = p.kind AND c.tenant_id = p.tenant_id AND p.method IN ('even', 'fixed')
			GROUP BY c.tenant_id HAVING SUM(c.amount_usd) <> 0`,
	}
}

// monthDice throws what a month holds.
type monthDice struct{ *rand.Rand }

func (d *monthDice) one(of ...string) string { return of[d.IntN(len(of))] }

func (d *monthDice) amount(whole int64) string {
	return fmt.Sprintf("%d.%0*d", d.Int64N(whole), 1+d.IntN(15), d.Int64N(10))
}

// month makes requests of two providers, of which one bills, and adds up the bill.
func (d *monthDice) month() (*stageCase, pricing.USD) {
	c := &stageCase{from: day("2026-10-01"), to: day("2026-11-01"), asOf: day("2026-12-01"),
		toleranceUSD: "0", tolerancePct: "0", files: map[string]bool{}, config: d.policies(),
		prices: "provider,model,token_type,effective_from,effective_to,usd_per_million,source\n" +
			"openai,alpha,input,,,1.37,test\nopenai,alpha,output,,,4.000001,test\n" +
			"openai,beta,input,,,0.03,test\nanthropic,gamma,input,,,3333.3,test\n"}
	requests := section{table: "raw.request", columns: []string{"provider", "team_id",
		"response_model", "input", "output", "started", "status"}}
	days := []string{"2026-10-01", "2026-10-02", "2026-10-03"}
	for range 60 {
		provider, model := "openai", d.one("alpha", "alpha", "beta", "unknown")
		if d.IntN(4) == 0 {
			provider, model = "anthropic", "gamma"
		}
		requests.rows = append(requests.rows, []string{provider,
			d.one("red", "blue", "green", "platform", ""), model, strconv.Itoa(d.IntN(90000)),
			strconv.Itoa(d.IntN(900) * (1 - len(provider)/9)), d.one(days...) + " 10:00:00",
			d.one("success", "success", "success", "error")})
	}
	usage := section{table: "raw.usage", columns: []string{"day", "model_raw", "token_type",
		"quantity"}}
	if d.IntN(2) == 0 {
		for _, day := range days {
			usage.rows = append(usage.rows, []string{day, d.one("alpha", "beta"), "input",
				strconv.Itoa(d.IntN(900000))})
		}
	}
	bills, sum := d.bills(days)
	c.given = []section{requests, usage, bills}
	return c, sum
}

func (d *monthDice) bills(days []string) (section, pricing.USD) {
	bills := section{table: "raw.bill", columns: []string{"day", "model_raw", "token_type",
		"charge_category", "amount_usd", "line_item"}}
	var sum pricing.USD
	add := func(day, model, tokenType, category, amount string) {
		usd, err := pricing.ParseUSD(amount)
		if err != nil {
			panic(err)
		}
		sum = sum.Add(usd)
		bills.rows = append(bills.rows, []string{day, model, tokenType, category, amount,
			strconv.Itoa(len(bills.rows))})
	}
	for _, day := range days {
		add(day, d.one("alpha", "beta", "unknown", "never-seen", ""), "", "usage", d.amount(3))
		add(day, "alpha", "input", "usage", d.amount(2))
		add(day, "beta", "input", "usage", d.amount(2))
	}
	for range 8 {
		add(d.one(days...), "", "", d.one("credit", "discount", "refund", "adjustment"),
			"-"+d.amount(200))
		add(d.one(days...), "", "", d.one("tax", "fee", "commitment", "rounding"), d.amount(200))
	}
	return bills, sum
}

// policies shares out some pools, in any order.
func (d *monthDice) policies() string {
	var text strings.Builder
	text.WriteString("chargeback:\n  pools:\n    - {pool: no_price, method: keep}\n")
	names := append(pools()[3:], "no_request", "unattributed")
	d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		fmt.Fprintf(&text, "    - {pool: %s, %s}\n", name, d.one("method: keep", "method: even",
			"method: proportional", "method: proportional, by: tokens",
			"method: proportional, by: requests", "method: even, to: [platform, red]",
			"method: fixed, shares: {red: 33.333333333333, blue: 66.666666666667}",
			"method: fixed, shares: {finance: 100%}"))
	}
	fmt.Fprintf(&text, "    - {tenant: platform, %s}\n", d.one("method: even",
		"method: proportional", "method: fixed, shares: {red: 1, green: 99}"))
	return text.String()
}
