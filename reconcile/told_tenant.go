package reconcile

import "context"

// noteTenants writes down who names tenants, what they are called, who pays for pools, and what
// helps a gateway to name them.
func (r *run) noteTenants(ctx context.Context) error {
	if err := r.noteAdvice(ctx); err != nil {
		return err
	}
	config := r.settings.Config
	if config == nil {
		return nil
	}
	for i, rule := range config.TenantRules {
		err := r.store.exec(ctx, "INSERT INTO book.tenant_rule VALUES (?, ?, ?, ?, ?, ?)",
			i+1, rule.Field, rule.Key, rule.Gateway, rule.Prefix, rule.Others)
		if err != nil {
			return err
		}
		for _, v := range rule.Map {
			err := r.store.exec(ctx, "INSERT INTO book.tenant_value VALUES (?, ?, ?, ?, ?)",
				i+1, v.Value, v.Tenant, v.From, v.To)
			if err != nil {
				return err
			}
		}
	}
	for _, n := range config.TenantNames {
		err := r.store.exec(ctx, `INSERT INTO book.tenant_name
			VALUES (?, NULLIF(?, ''), NULLIF(?, ''), NULLIF(?, ''), ?, ?)`,
			n.Tenant, n.Name, n.CostCenter, n.GLAccount, n.From, n.To)
		if err != nil {
			return err
		}
	}
	for _, v := range config.Versions {
		err := r.store.exec(ctx, "INSERT INTO book.stated_version VALUES (?, ?, ?, ?)",
			v.Gateway, v.Version, v.From, v.To)
		if err != nil {
			return err
		}
	}
	if err := r.noteInvoices(ctx, config.Invoices); err != nil {
		return err
	}
	return r.notePolicies(ctx, config.Policies)
}

// noteInvoices keeps the totals and subtotals that invoices state, each to be compared by itself.
func (r *run) noteInvoices(ctx context.Context, invoices []Invoice) error {
	for _, i := range invoices {
		for _, stated := range []struct {
			usd        string
			isSubtotal bool
		}{{i.Subtotal, true}, {i.Total, false}} {
			if stated.usd == "" {
				continue
			}
			err := r.store.exec(ctx, `INSERT INTO book.invoice
				SELECT ?, ?, ?, ?, CAST(? AS DECIMAL(38,15)), ?`,
				providerName(r.book, i.Provider), i.ID, i.From, i.To, stated.usd, stated.isSubtotal)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// notePolicies keeps the order of the policies and of those who receive by them.
func (r *run) notePolicies(ctx context.Context, policies []PoolPolicy) error {
	for i, p := range policies {
		kind, id := "tenant", p.Tenant
		if p.Pool != "" {
			kind, id = "pool", poolName(p.Pool)
		}
		err := r.store.exec(ctx, "INSERT INTO book.policy VALUES (?, ?, ?, ?, ?)",
			i+1, kind, id, p.Method, p.By)
		if err != nil {
			return err
		}
		for nth, tenant := range p.To {
			percent := ""
			if p.Percents != nil {
				percent = p.Percents[nth]
			}
			err := r.store.exec(ctx, `INSERT INTO book.policy_receiver
				SELECT ?, ?, CAST(NULLIF(?, '') AS DECIMAL(18,12))`, i+1, tenant, percent)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// unattributed is the tenant of requests that name none.
const unattributed = "unattributed"

// poolName is how reports write a pool, so that none is taken for a tenant.
func poolName(pool string) string {
	switch pool {
	case "no_request":
		return "(no request)"
	case "no_price":
		return "(no price)"
	case "rounding":
		return "(bill rounding)"
	}
	return "(" + pool + ")"
}
