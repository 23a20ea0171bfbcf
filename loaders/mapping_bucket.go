package loaders

import "time"

// bucketDraft is a row of a provider's usage or bill under construction.
type bucketDraft struct {
	bill     Bill // its Bucket serves usage too
	counts   inclusive
	quantity Count
	requests Count
	from, to Count
}

// bucketTargets are the fields of a mapping whose leg is usage or bill.
func bucketTargets() []mapTarget[bucketDraft] {
	text := func(name string, field func(*Bucket) *string) mapTarget[bucketDraft] {
		return textTarget(name, func(d *bucketDraft) *string { return field(&d.bill.Bucket) })
	}
	return []mapTarget[bucketDraft]{
		text("provider", func(b *Bucket) *string { return &b.Provider }),
		text("account_id", func(b *Bucket) *string { return &b.AccountID }),
		text("project_id", func(b *Bucket) *string { return &b.ProjectID }),
		text("workspace_id", func(b *Bucket) *string { return &b.WorkspaceID }),
		text("api_key_id", func(b *Bucket) *string { return &b.APIKeyID }),
		text("user_id", func(b *Bucket) *string { return &b.UserID }),
		text("request_id", func(b *Bucket) *string { return &b.RequestID }),
		text("model", func(b *Bucket) *string { return &b.ModelRaw }),
		text("service_tier", func(b *Bucket) *string { return &b.ServiceTier }),
		text("context_tier", func(b *Bucket) *string { return &b.ContextTier }),
		text("region", func(b *Bucket) *string { return &b.Region }),
		instantTarget("from", func(d *bucketDraft) *Count { return &d.from }),
		instantTarget("to", func(d *bucketDraft) *Count { return &d.to }),
		wordTarget("grain", func(d *bucketDraft) *string { return &d.bill.Grain },
			"request", "minute", "hour", "day", "month"),
		wordTarget("token_type", func(d *bucketDraft) *string { return &d.bill.TokenType },
			append(tokenTypes(), "")...),
		countTarget("quantity", func(d *bucketDraft) *Count { return &d.quantity }),
		countTarget("requests", func(d *bucketDraft) *Count { return &d.requests }),
	}
}

// tokenTypes are the token types that a mapping may name.
func tokenTypes() []string {
	return []string{"input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write",
		"output", "reasoning", "audio_in", "audio_cached_in", "audio_out", "image_in",
		"image_cached_in", "image_out", "web_search"}
}

func usageTargets() []mapTarget[bucketDraft] {
	return append(bucketTargets(),
		countTargets(func(d *bucketDraft) *inclusive { return &d.counts })...)
}

func billTargets() []mapTarget[bucketDraft] {
	text := func(name string, field func(*Bill) *string) mapTarget[bucketDraft] {
		return textTarget(name, func(d *bucketDraft) *string { return field(&d.bill) })
	}
	return append(bucketTargets(),
		moneyTarget("amount", func(d *bucketDraft) *Money { return &d.bill.Amount }),
		moneyTarget("amount_quantum",
			func(d *bucketDraft) *Money { return &d.bill.AmountQuantum }),
		text("currency", func(b *Bill) *string { return &b.Currency }),
		text("invoice_id", func(b *Bill) *string { return &b.InvoiceID }),
		text("line_item", func(b *Bill) *string { return &b.LineItem }),
		wordTarget("charge_category",
			func(d *bucketDraft) *string { return &d.bill.ChargeCategory },
			categoryUsage, categoryCredit, categoryDiscount, categoryRefund, categoryTax,
			categoryFee, categoryCommitment, categoryAdjustment, categoryRounding),
		mapTarget[bucketDraft]{name: "is_estimated", kind: kindFlag,
			flag: func(d *bucketDraft) *bool { return &d.bill.IsEstimated }})
}

// bucketMapping reads rows of usage or bills by a mapping.
type bucketMapping struct {
	mapping
	isBill bool
	fields plan[bucketDraft]
}

func (m *bucketMapping) deliver(w *worker, p *picks, line int64) error {
	draft := bucketDraft{}
	draft.bill.Line = line
	if err := m.fields.fill(&draft, p, w); err != nil {
		return err
	}
	if err := draft.bound(); err != nil {
		return err
	}
	draft.bill.GroupedBy = draft.dimensions()
	if m.isBill {
		return draft.deliverBill(w)
	}
	m.counts.judge(p, &draft.counts, draft.bill.Provider, draft.bill.ModelRaw)
	return draft.deliverUsage(w)
}

// bound settles the bounds of the bucket: an end that is not stated follows from the grain.
func (d *bucketDraft) bound() error {
	bucket := &d.bill.Bucket
	if !d.from.Known {
		return badRow("from is missing, so the row belongs to no day")
	}
	if bucket.Provider == "" {
		return badRow("provider is missing")
	}
	bucket.FromUS, bucket.APIKeyID = d.from.N, keyID(bucket.APIKeyID)
	switch {
	case d.to.Known:
		bucket.ToUS = d.to.N
	default:
		bucket.ToUS = endOf(d.from.N, bucket.Grain)
	}
	if bucket.ToUS < bucket.FromUS || (bucket.ToUS == bucket.FromUS && bucket.Grain != "request") {
		return badRow("the bucket ends before it begins")
	}
	if bucket.Grain == "" {
		bucket.Grain = grainOf(bucket.ToUS - bucket.FromUS)
	}
	return nil
}

// endOf is the end of a bucket of so much time; without a grain a day is meant.
func endOf(fromUS int64, grain string) int64 {
	from := time.UnixMicro(fromUS).UTC()
	switch grain {
	case "request":
		return fromUS
	case "minute":
		return from.Add(time.Minute).UnixMicro()
	case "hour":
		return from.Add(time.Hour).UnixMicro()
	case "month":
		return from.AddDate(0, 1, 0).UnixMicro()
	}
	return from.AddDate(0, 0, 1).UnixMicro()
}

func (d *bucketDraft) dimensions() string {
	b := &d.bill.Bucket
	return groupedBy(named{"account_id", b.AccountID}, named{"project_id", b.ProjectID},
		named{"workspace_id", b.WorkspaceID}, named{"user_id", b.UserID},
		named{"api_key_id", b.APIKeyID}, named{"model", b.ModelRaw},
		named{"service_tier", b.ServiceTier}, named{"context_tier", b.ContextTier},
		named{"region", b.Region})
}

// deliverUsage gives one row a token type, from columns of their own or from one that names it.
func (d *bucketDraft) deliverUsage(w *worker) error {
	bucket := d.bill.Bucket
	if d.quantity.Known {
		return w.usage([]Usage{{Bucket: bucket, Quantity: d.quantity.N, Requests: d.requests}})
	}
	bucket.TokenType = ""
	tokens := d.counts.disjoint()
	if tokens.Problem != "" {
		return badRow("%s", tokens.Problem)
	}
	rows := usageRows(bucket, d.requests,
		amountOf{tokenType: "input", count: tokens.Input},
		amountOf{tokenType: "cache_read", count: tokens.CacheRead},
		amountOf{tokenType: "cache_write_5m", count: tokens.CacheWrite5m},
		amountOf{tokenType: "cache_write_1h", count: tokens.CacheWrite1h},
		amountOf{tokenType: "cache_write", count: tokens.CacheWrite},
		amountOf{tokenType: "output", count: tokens.Output},
		amountOf{"reasoning", tokens.Reasoning, true},
		amountOf{"audio_in", tokens.AudioIn, true},
		amountOf{"audio_cached_in", tokens.AudioCachedIn, true},
		amountOf{"audio_out", tokens.AudioOut, true},
		amountOf{"image_in", tokens.ImageIn, true},
		amountOf{"image_cached_in", tokens.ImageCachedIn, true},
		amountOf{"image_out", tokens.ImageOut, true},
		amountOf{"web_search", tokens.WebSearch, true})
	if len(rows) == 0 {
		return badRow("no count is known")
	}
	return w.usage(rows)
}

func (d *bucketDraft) deliverBill(w *worker) error {
	bill := &d.bill
	if !bill.Amount.Known {
		return badRow("amount is missing")
	}
	if bill.Currency == "" {
		bill.Currency = usd
	}
	if !isUSD(bill.Currency) {
		return foreign("currency", bill.Currency)
	}
	bill.Currency = usd
	if bill.ChargeCategory == "" {
		bill.ChargeCategory = categoryUsage
	}
	bill.Quantity = d.quantity
	return w.bill(bill)
}
