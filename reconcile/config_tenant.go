package reconcile

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// TenantRule names a field that says whose a request is. Rules are asked in their order, and the
// first that says something decides.
type TenantRule struct {
	Field   string // one of tenantFields, or metadata
	Key     string // of metadata: the key
	Gateway string // only rows of this gateway; "" for all
	Prefix  string // only values that begin so; it is no part of the tenant
	Others  string // with a map, what holds for values that are not listed: next or keep
	Map     []TenantValue
}

// TenantValue says which tenant a value stands for, and on which days.
type TenantValue struct{ Value, Tenant, From, To string }

// TenantName is what finance calls a tenant, and on which days; "" is not said.
type TenantName struct{ Tenant, Name, CostCenter, GLAccount, From, To string }

// tenantFields are the columns of gateway rows and spans that may name a tenant; tag is each
// entry of a row's tags, and tenant is what the source itself calls so.
func tenantFields() []string {
	return []string{"tenant", "team_id", "team_name", "project_id", "organization_id",
		"customer_id", "user_id", "api_key_id", "api_key_name", "tag"}
}

// tenants reads whose requests are: rules, and what finance calls their tenants.
func (c configReader) tenants(node ast.Node, config *Config) error {
	return c.fields(node, map[string]func(ast.Node) error{
		"rules": func(n ast.Node) error {
			return c.items(n, func(item ast.Node) error {
				rule := TenantRule{Others: "next"}
				if err := c.tenantRule(item, &rule); err != nil {
					return err
				}
				config.TenantRules = append(config.TenantRules, rule)
				return nil
			})
		},
		"names": func(n ast.Node) error {
			return c.each(n, func(tenant string, at, value ast.Node) error {
				return c.tenantNames(tenant, at, value, config)
			})
		},
	})
}

func (c configReader) tenantRule(node ast.Node, rule *TenantRule) error {
	if _, isScalar := node.(ast.ScalarNode); isScalar {
		return c.tenantField(rule)(node) // the short form is the field alone
	}
	err := c.fields(node, map[string]func(ast.Node) error{
		"field": c.tenantField(rule), "gateway": func(n ast.Node) error {
			err := c.text(&rule.Gateway)(n)
			c.note("gateway", rule.Gateway, n)
			return err
		},
		"prefix": c.text(&rule.Prefix), "others": c.oneOf(&rule.Others, "next", "keep"),
		"map": func(n ast.Node) error { return c.tenantMap(n, rule) },
	})
	if err != nil {
		return err
	}
	if rule.Field == "" {
		return c.problem(node, "write field: team_id", "the rule names no field")
	}
	return nil
}

// tenantField reads a field's name, or metadata.KEY.
func (c configReader) tenantField(rule *TenantRule) func(ast.Node) error {
	return func(node ast.Node) error {
		var name string
		if err := c.text(&name)(node); err != nil {
			return err
		}
		if key, isKey := strings.CutPrefix(name, "metadata."); isKey && key != "" {
			rule.Field, rule.Key = "metadata", key
			return nil
		}
		if !slices.Contains(tenantFields(), name) {
			return c.problem(node, nearest(name, append(tenantFields(), "metadata.KEY")),
				"no field %q names a tenant", name)
		}
		rule.Field = name
		return nil
	}
}

// tenantMap reads value: tenant, or value: a list of tenants with their days.
func (c configReader) tenantMap(node ast.Node, rule *TenantRule) error {
	return c.each(node, func(value string, at, tenants ast.Node) error {
		one := TenantValue{Value: value}
		if _, isScalar := tenants.(ast.ScalarNode); isScalar {
			err := c.text(&one.Tenant)(tenants)
			rule.Map = append(rule.Map, one)
			return err
		}
		var spans []daySpan
		err := c.items(tenants, func(item ast.Node) error {
			dated := one
			err := c.fields(item, map[string]func(ast.Node) error{"tenant": c.text(&dated.Tenant),
				"from": c.day(&dated.From), "to": c.day(&dated.To)})
			if err == nil && dated.Tenant == "" {
				err = c.problem(item, "write tenant: NAME", "no tenant for %q", value)
			}
			rule.Map = append(rule.Map, dated)
			spans = append(spans, daySpan{dated.From, dated.To, item})
			return err
		})
		if err != nil {
			return err
		}
		return c.apart(value, spans)
	})
}

// tenantNames reads what one tenant is called: once, or as a list with days.
func (c configReader) tenantNames(tenant string, at, node ast.Node, config *Config) error {
	var spans []daySpan
	read := func(item ast.Node) error {
		n := TenantName{Tenant: tenant}
		err := c.fields(item, map[string]func(ast.Node) error{"name": c.text(&n.Name),
			"cost_center": c.text(&n.CostCenter), "gl_account": c.text(&n.GLAccount),
			"from": c.day(&n.From), "to": c.day(&n.To)})
		config.TenantNames = append(config.TenantNames, n)
		spans = append(spans, daySpan{n.From, n.To, item})
		return err
	}
	if slices.ContainsFunc(config.TenantNames, func(n TenantName) bool {
		return n.Tenant == tenant
	}) {
		return c.problem(at, "write its names as one list", "tenant %q is named twice", tenant)
	}
	if list, isList := node.(*ast.SequenceNode); isList {
		if err := c.items(list, read); err != nil {
			return err
		}
		return c.apart(tenant, spans)
	}
	if _, isScalar := node.(*ast.StringNode); isScalar {
		n := TenantName{Tenant: tenant}
		err := c.text(&n.Name)(node)
		config.TenantNames = append(config.TenantNames, n)
		return err
	}
	return read(node)
}
