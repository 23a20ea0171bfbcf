package reconcile

import (
	"errors"
	"testing"
)

// TestConfigProblems holds what is said of a wrong setting: where it stands and what to do.
func TestConfigProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, problem, hint string }{
		{"tenant:\n  rules: []\n", `c.yaml:1:1: there is no setting "tenant"`,
			"did you mean tenants?"},
		{"tenants:\n  rules:\n    - teamid\n", `c.yaml:3:7: no field "teamid" names a tenant`,
			"did you mean team_id?"},
		{"tenants:\n  rules:\n    - {prefix: x}\n", `c.yaml:3:7: the rule names no field`,
			"write field: team_id"},
		{"tenants:\n  rules:\n    - {field: tag, other: keep}\n",
			`c.yaml:3:20: there is no setting "other"`, "did you mean others?"},
		{"tenants:\n  rules:\n    - {field: tag, others: keeps}\n",
			`c.yaml:3:28: "keeps" is not known here`, "did you mean keep?"},
		{"tenants:\n  rules:\n    - field: tag\n      map:\n        a:\n" +
			"          - {tenant: x, to: 2026-10-05}\n          - {tenant: y, from: 2026-10-04}\n",
			`c.yaml:7:13: "a": two entries hold on the same day`,
			"end one with to: before the next begins"},
		{"tenants:\n  names:\n    a:\n      - {cost_center: 1, from: 2026-10-05, to: 2026-10-05}\n",
			`c.yaml:4:9: "a": from 2026-10-05 to 2026-10-05 is no span of days`,
			"to is the day after the last"},
		{"tenants:\n  names:\n    a: {name: A, from: 5.10.}\n",
			`c.yaml:3:24: "5.10." is not a day`, "write it as 2026-10-15"},
		{"chargeback:\n  pools:\n    - {pool: credits, method: even}\n",
			`c.yaml:3:14: "credits" is not known here`, "did you mean credit?"},
		{"chargeback:\n  pools:\n    - {method: even}\n",
			`c.yaml:3:7: a policy is for one pool or one tenant`,
			"write pool: unattributed, or tenant: platform"},
		{"chargeback:\n  pools:\n    - {pool: tax, method: fixed, shares: {a: 60, b: 39.9}}\n",
			`c.yaml:3:42: the shares come to 99.9`, "make them 100 together"},
		{"chargeback:\n  pools:\n    - {pool: tax, method: fixed}\n",
			`c.yaml:3:7: fixed shares and shares: go together`,
			"write method: fixed with shares: {team-a: 60, team-b: 40}"},
		{"chargeback:\n  pools:\n    - {tenant: a, method: even, to: [b, a]}\n",
			`c.yaml:3:7: "a" would be shared to itself`, "leave it out of the receivers"},
		{"chargeback:\n  pools:\n    - {pool: tax, method: even, to: []}\n",
			`c.yaml:3:37: to: names no tenant`, "leave out to: for all tenants"},
		{"chargeback:\n  pools:\n    - {pool: tax, method: even}\n    - {pool: tax}\n",
			`c.yaml:4:7: tax stands here twice`, "a pool is shared out once"},
		{"chargeback:\n  pools:\n    - {pool: tax, method: even, to: [a, b, a]}\n",
			`c.yaml:3:37: to: names one twice`, "name each once; fixed shares give one more"},
		{"chargeback:\n  pools:\n    - {tenant: a, method: even}\n" +
			"    - {pool: tax, method: even, to: a}\n",
			`c.yaml:4:7: "a" is shared out above`, "a tenant receives before it is shared out"},
		{"chargeback:\n  pools:\n    - {pool: unattributed, method: even, to: unattributed}\n",
			`c.yaml:3:7: "unattributed" would be shared to itself`,
			"leave it out of the receivers"},
		{"chargeback:\n  pools:\n    - {pool: unattributed, method: even}\n" +
			"    - {tenant: unattributed, method: even}\n",
			`c.yaml:4:7: unattributed stands here twice`, "a pool is shared out once"},
	} {
		_, err := ParseConfig("c.yaml", []byte(c.text))
		var setting *SettingError
		if !errors.As(err, &setting) {
			t.Errorf("%q: %v, want a problem", c.text, err)
			continue
		}
		if setting.Problem != c.problem || setting.Hint != c.hint {
			t.Errorf("%q:\n got %s; %s\nwant %s; %s", c.text, setting.Problem, setting.Hint,
				c.problem, c.hint)
		}
	}
}
