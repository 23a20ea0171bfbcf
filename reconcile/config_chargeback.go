package reconcile

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"tieout/pricing"
)

// PoolPolicy says what becomes of an amount that no tenant used: of a pool, or of a tenant that
// stands for what others share. Policies hold in their order, so that a pool may be shared out to
// a tenant that a later one shares out.
type PoolPolicy struct {
	Pool     string // one of pools, or
	Tenant   string // the tenant that is shared out
	Method   string // keep, even, proportional or fixed
	By       string // of proportional: charge, tokens or requests
	To       []string
	Percents []string // of fixed: what each of To gets; together 100
}

// pools are the amounts that stand under no tenant: usage that nobody is named for, billed usage
// that no request backs or that has no price, and what is billed beside usage.
func pools() []string {
	return []string{"unattributed", "no_request", "no_price", "credit", "discount", "refund", "tax",
		"fee", "commitment", "adjustment", "rounding"}
}

// chargeback reads the policies.
func (c configReader) chargeback(node ast.Node, config *Config) error {
	return c.fields(node, map[string]func(ast.Node) error{
		"pools": func(n ast.Node) error {
			return c.items(n, func(item ast.Node) error {
				policy := PoolPolicy{Method: "keep", By: "charge"}
				if err := c.policy(item, &policy); err != nil {
					return err
				}
				if slices.ContainsFunc(config.Policies, func(p PoolPolicy) bool {
					return p.Pool == policy.Pool && p.Tenant == policy.Tenant
				}) {
					return c.problem(item, "a pool is shared out once", "%s stands here twice",
						policy.Pool+policy.Tenant)
				}
				for _, p := range config.Policies {
					if p.Method != "keep" && slices.Contains(policy.To, p.Tenant) {
						return c.problem(item, "a tenant receives before it is shared out",
							"%q is shared out above", p.Tenant)
					}
				}
				config.Policies = append(config.Policies, policy)
				return nil
			})
		},
	})
}

func (c configReader) policy(node ast.Node, p *PoolPolicy) error {
	var shares, to ast.Node
	err := c.fields(node, map[string]func(ast.Node) error{
		"pool": c.oneOf(&p.Pool, pools()...), "tenant": c.text(&p.Tenant),
		"method": c.oneOf(&p.Method, "keep", "even", "proportional", "fixed"),
		"by":     c.oneOf(&p.By, "charge", "tokens", "requests"),
		"to": func(n ast.Node) error {
			to = n
			return c.items(n, func(item ast.Node) error {
				var tenant string
				err := c.text(&tenant)(item)
				p.To = append(p.To, tenant)
				return err
			})
		},
		"shares": func(n ast.Node) error { shares = n; return nil },
	})
	switch {
	case err != nil:
		return err
	case (p.Pool == "") == (p.Tenant == ""):
		return c.problem(node, "write pool: unattributed, or tenant: platform",
			"a policy is for one pool or one tenant")
	case (p.Method == "fixed") != (shares != nil):
		return c.problem(node, "write method: fixed with shares: {team-a: 60, team-b: 40}",
			"fixed shares and shares: go together")
	case to != nil && len(p.To) == 0:
		return c.problem(to, "leave out to: for all tenants", "to: names no tenant")
	case len(p.To) != len(slices.Compact(slices.Sorted(slices.Values(p.To)))):
		return c.problem(to, "name each once; fixed shares give one more", "to: names one twice")
	case p.Method == "fixed" && to != nil:
		return c.problem(to, "the shares name the tenants", "fixed shares need no to:")
	case p.Method == "fixed":
		if err := c.shares(shares, p); err != nil {
			return err
		}
	}
	if p.Pool == unattributed { // what names no tenant stands as one
		p.Pool, p.Tenant = "", unattributed
	}
	if p.Tenant != "" && slices.Contains(p.To, p.Tenant) {
		return c.problem(node, "leave it out of the receivers", "%q would be shared to itself",
			p.Tenant)
	}
	return nil
}

// shares reads percentages that must come to 100 exactly.
func (c configReader) shares(node ast.Node, p *PoolPolicy) error {
	var sum pricing.USD
	err := c.each(node, func(tenant string, at, value ast.Node) error {
		text := strings.TrimSuffix(value.GetToken().Value, "%")
		percent, err := pricing.ParseUSD(text)
		if err != nil || percent.Sign() <= 0 {
			return c.problem(value, "write it as 62.5", "%q is not a percentage", text)
		}
		if _, digits, _ := strings.Cut(percent.String(), "."); len(digits) > 12 {
			return c.problem(value, "", "%s has more than 12 decimals", text)
		}
		sum = sum.Add(percent)
		p.To, p.Percents = append(p.To, tenant), append(p.Percents, percent.String())
		return nil
	})
	if err == nil && sum.String() != "100" {
		return c.problem(node, "make them 100 together", "the shares come to %s", sum.String())
	}
	return err
}
