package reconcile

import (
	"slices"
	"strings"
	"testing"

	"tieout/pricing"
	reports "tieout/sql"
)

// TestAdvice holds advice.csv to one row a gateway and signal that holds for any release, and to
// others whose releases follow on one another, each with a state and a remedy.
func TestAdvice(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	var before advice
	for _, a := range advices() {
		if a.from+a.to == "" {
			seen[a.gateway] = append(seen[a.gateway], a.signal)
		} else if before.gateway+before.signal == a.gateway+a.signal && before.to != a.from {
			t.Errorf("%s %s: from %q does not follow on %q", a.gateway, a.signal, a.from,
				before.to)
		}
		before = a
		if !slices.Contains([]string{"present", "partial", "absent"}, a.byDefault) {
			t.Errorf("%s %s: %q is no state", a.gateway, a.signal, a.byDefault)
		}
		if a.remedy == "" {
			t.Errorf("%s %s: no remedy", a.gateway, a.signal)
		}
	}
	for gateway, signals := range seen {
		if !slices.Equal(signals, Signals()) {
			t.Errorf("%s has the signals %v, want %v", gateway, signals, Signals())
		}
	}
}

// TestRemedy holds what the audit advises for one example to what book.signal finds for many, of
// releases on both sides of each that advice.csv names, and of those that are no numbers.
func TestRemedy(t *testing.T) {
	t.Parallel()
	versions := []string{"", "0", "v1.98", "main-stable", "3.14.0.8-enterprise", "3.9", "999.1"}
	gateways := []string{}
	for _, a := range advices() {
		gateways = append(gateways, a.gateway)
		for _, release := range []string{a.from, a.to} {
			if release != "" {
				versions = append(versions, release, release+".1", "v"+release+"-rc1")
			}
		}
	}
	slices.Sort(versions)
	gateways, versions = slices.Compact(gateways), slices.Compact(versions)
	book, err := pricing.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	c := &stageCase{from: day("2026-10-01"), to: day("2026-11-01")}
	db := c.prepared(t, book).store.db
	mustExec(t, db, `CREATE TABLE book.judged AS
		SELECT g.gateway, v.gateway_version, '' AS tenant_id, '' AS operation,
			'' AS requested_model, '' AS model, '2026-10-05' AS started_day, 'no id' AS request_id,
			'not named' AS tenant, 'no counts' AS token_types, 'no model' AS response_model,
			'not named' AS workflow, 1 AS requests, CAST(0 AS DECIMAL(38,15)) AS spend_usd,
			CAST(0 AS DECIMAL(38,15)) AS charge_usd, CAST(0 AS DECIMAL(38,15)) AS usd
		FROM (SELECT unnest(string_split('`+strings.Join(gateways, "|")+`', '|'))
				AS gateway) AS g
			CROSS JOIN (SELECT unnest(string_split('`+strings.Join(versions, "|")+
		`', '|')) AS gateway_version) AS v`)
	for _, stage := range reports.Stages() {
		if stage.Table == "book.signal" {
			mustExec(t, db, stage.Create())
		}
	}
	var want []string
	for _, gateway := range gateways {
		for _, version := range versions {
			for _, signal := range Signals() {
				want = append(want, strings.Join([]string{gateway, version, signal,
					remedyFor(gateway, version, signal)}, " | "))
			}
		}
	}
	differ(t, "book.signal", lines(t, db,
		"SELECT gateway, COALESCE(gateway_version, ''), signal, remedy FROM book.signal"), want)
}
