package loaders

// The columns of the raw tables; sql/00_raw.sql says what they are for.

func identityColumns[R any](id func(*R) *Identity) []column[R] {
	text := func(name string, get func(*Identity) *string) column[R] {
		return column[R]{name: name, text: func(r *R) *string { return get(id(r)) }}
	}
	return []column[R]{
		text("request_id", func(i *Identity) *string { return &i.RequestID }),
		text("call_id", func(i *Identity) *string { return &i.CallID }),
		text("provider_request_id", func(i *Identity) *string { return &i.ProviderRequestID }),
		text("response_id", func(i *Identity) *string { return &i.ResponseID }),
		text("organization_id", func(i *Identity) *string { return &i.OrganizationID }),
		text("team_id", func(i *Identity) *string { return &i.TeamID }),
		text("team_name", func(i *Identity) *string { return &i.TeamName }),
		text("project_id", func(i *Identity) *string { return &i.ProjectID }),
		text("customer_id", func(i *Identity) *string { return &i.CustomerID }),
		text("user_id", func(i *Identity) *string { return &i.UserID }),
		text("api_key_id", func(i *Identity) *string { return &i.APIKeyID }),
		text("api_key_name", func(i *Identity) *string { return &i.APIKeyName }),
		text("tenant_tag", func(i *Identity) *string { return &i.TenantTag }),
		text("trace_id", func(i *Identity) *string { return &i.TraceID }),
		text("span_id", func(i *Identity) *string { return &i.SpanID }),
		text("session_id", func(i *Identity) *string { return &i.SessionID }),
		text("workflow_id", func(i *Identity) *string { return &i.WorkflowID }),
	}
}

func countingColumns[R any](of func(*R) *Counting) []column[R] {
	count := func(name string, get func(*Counting) *Count) column[R] {
		return column[R]{name: name, count: func(r *R) *Count { return get(of(r)) }}
	}
	text := func(name string, get func(*Counting) *string) column[R] {
		return column[R]{name: name, text: func(r *R) *string { return get(of(r)) }}
	}
	return []column[R]{
		count("input", func(c *Counting) *Count { return &c.Input }),
		count("cache_read", func(c *Counting) *Count { return &c.CacheRead }),
		count("cache_write_5m", func(c *Counting) *Count { return &c.CacheWrite5m }),
		count("cache_write_1h", func(c *Counting) *Count { return &c.CacheWrite1h }),
		count("cache_write", func(c *Counting) *Count { return &c.CacheWrite }),
		count("output", func(c *Counting) *Count { return &c.Output }),
		count("reasoning", func(c *Counting) *Count { return &c.Reasoning }),
		count("audio_in", func(c *Counting) *Count { return &c.AudioIn }),
		count("audio_cached_in", func(c *Counting) *Count { return &c.AudioCachedIn }),
		count("audio_out", func(c *Counting) *Count { return &c.AudioOut }),
		count("image_in", func(c *Counting) *Count { return &c.ImageIn }),
		count("image_cached_in", func(c *Counting) *Count { return &c.ImageCachedIn }),
		count("image_out", func(c *Counting) *Count { return &c.ImageOut }),
		count("web_search", func(c *Counting) *Count { return &c.WebSearch }),
		count("prompt_tokens", func(c *Counting) *Count { return &c.PromptTokens }),
		text("usage_convention", func(c *Counting) *string { return &c.Convention }),
		text("usage_convention_how", func(c *Counting) *string { return &c.How }),
		text("usage_problem", func(c *Counting) *string { return &c.Problem }),
	}
}

func requestColumns() []column[Request] {
	columns := identityColumns(func(r *Request) *Identity { return &r.Identity })
	columns = append(columns, countingColumns(func(r *Request) *Counting { return &r.Counting })...)
	return append(columns, []column[Request]{
		{name: "line", number: func(r *Request) *int64 { return &r.Line }},
		{name: "gateway", text: func(r *Request) *string { return &r.Gateway }},
		{name: "gateway_version", text: func(r *Request) *string { return &r.GatewayVersion }},
		{name: "withheld", text: func(r *Request) *string { return &r.Withheld }},
		{name: "parent_request_id", text: func(r *Request) *string { return &r.ParentRequestID }},
		{name: "attempt", count: func(r *Request) *Count { return &r.Attempt }},
		{name: "tags", text: func(r *Request) *string { return &r.Tags }},
		{name: "provider", text: func(r *Request) *string { return &r.Provider }},
		{name: "region", text: func(r *Request) *string { return &r.Region }},
		{name: "operation", text: func(r *Request) *string { return &r.Operation }},
		{name: "requested_model", text: func(r *Request) *string { return &r.RequestedModel }},
		{name: "response_model", text: func(r *Request) *string { return &r.ResponseModel }},
		{name: "response_model_evidence",
			text: func(r *Request) *string { return &r.ModelEvidence }},
		{name: "service_tier", text: func(r *Request) *string { return &r.ServiceTier }},
		{name: "priced_model", text: func(r *Request) *string { return &r.PricedModel }},
		{name: "priced_tier", text: func(r *Request) *string { return &r.PricedTier }},
		{name: "is_streamed", flag: func(r *Request) *bool { return &r.IsStreamed }},
		{name: "status", text: func(r *Request) *string { return &r.Status }},
		{name: "error_code", text: func(r *Request) *string { return &r.ErrorCode }},
		{name: "gateway_cache", text: func(r *Request) *string { return &r.GatewayCache }},
		{name: "usage_origin", text: func(r *Request) *string { return &r.UsageOrigin }},
		{name: "other_charges", text: func(r *Request) *string { return &r.Other }},
		{name: "spend_usd", money: func(r *Request) *Money { return &r.Spend }},
		{name: "spend_original_usd", money: func(r *Request) *Money { return &r.SpendOrig }},
		{name: "stated_usd", money: func(r *Request) *Money { return &r.Stated }},
		{name: "spend_text", text: func(r *Request) *string { return &r.Spend.Text }},
		{name: "spend_unit", text: func(r *Request) *string { return &r.SpendUnit }},
		{name: "spend_origin", text: func(r *Request) *string { return &r.SpendOrigin }},
		{name: "spend_status", text: func(r *Request) *string { return &r.SpendStatus }},
		{name: "tool_cost", text: func(r *Request) *string { return &r.ToolCost }},
		{name: "started_us", count: func(r *Request) *Count { return &r.StartedUS }},
		{name: "ended_us", count: func(r *Request) *Count { return &r.EndedUS }},
		{name: "started_day", day: func(r *Request) *Count { return &r.StartedUS }},
		{name: "ended_day", day: func(r *Request) *Count { return &r.EndedUS }},
		{name: "is_call_request", flag: func(r *Request) *bool { return &r.repeats.callID }},
		{name: "is_response_request",
			flag: func(r *Request) *bool { return &r.repeats.responseID }},
		{name: "is_workflow_session",
			flag: func(r *Request) *bool { return &r.repeats.workflowID }},
		{name: "is_spend_shortest", flag: func(r *Request) *bool { return &r.repeats.spend }},
	}...)
}

func spanColumns() []column[Span] {
	columns := identityColumns(func(s *Span) *Identity { return &s.Identity })
	columns = append(columns, countingColumns(func(s *Span) *Counting { return &s.Counting })...)
	return append(columns, []column[Span]{
		{name: "line", number: func(s *Span) *int64 { return &s.Line }},
		{name: "item", number: func(s *Span) *int64 { return &s.Item }},
		{name: "parent_span_id", text: func(s *Span) *string { return &s.ParentSpanID }},
		{name: "span_name", text: func(s *Span) *string { return &s.Name }},
		{name: "service_name", text: func(s *Span) *string { return &s.Service }},
		{name: "scope_name", text: func(s *Span) *string { return &s.Scope }},
		{name: "gateway_version", text: func(s *Span) *string { return &s.GatewayVersion }},
		{name: "dialect", text: func(s *Span) *string { return &s.Dialect }},
		{name: "role", text: func(s *Span) *string { return &s.Role }},
		{name: "operation", text: func(s *Span) *string { return &s.Operation }},
		{name: "provider", text: func(s *Span) *string { return &s.Provider }},
		{name: "requested_model", text: func(s *Span) *string { return &s.RequestedModel }},
		{name: "response_model", text: func(s *Span) *string { return &s.ResponseModel }},
		{name: "response_model_evidence", text: func(s *Span) *string { return &s.ModelEvidence }},
		{name: "service_tier", text: func(s *Span) *string { return &s.ServiceTier }},
		{name: "is_streamed", flag: func(s *Span) *bool { return &s.IsStreamed }},
		{name: "status", text: func(s *Span) *string { return &s.Status }},
		{name: "error_type", text: func(s *Span) *string { return &s.ErrorType }},
		{name: "workflow_name", text: func(s *Span) *string { return &s.WorkflowName }},
		{name: "agent_name", text: func(s *Span) *string { return &s.AgentName }},
		{name: "usage_quality", text: func(s *Span) *string { return &s.UsageQuality }},
		{name: "total_tokens", count: func(s *Span) *Count { return &s.TotalTokens }},
		{name: "cost_usd", money: func(s *Span) *Money { return &s.Cost }},
		{name: "cost_text", text: func(s *Span) *string { return &s.Cost.Text }},
		{name: "other_charges", text: func(s *Span) *string { return &s.Other }},
		{name: "attributes", count: func(s *Span) *Count { return &s.Attributes }},
		{name: "attrs", text: func(s *Span) *string { return &s.Attrs }},
		{name: "started_us", count: func(s *Span) *Count { return &s.StartedUS }},
		{name: "ended_us", count: func(s *Span) *Count { return &s.EndedUS }},
		{name: "version_us", count: func(s *Span) *Count { return &s.VersionUS }},
		{name: "started_day", day: func(s *Span) *Count { return &s.StartedUS }},
	}...)
}

func bucketColumns[R any](of func(*R) *Bucket) []column[R] {
	text := func(name string, get func(*Bucket) *string) column[R] {
		return column[R]{name: name, text: func(r *R) *string { return get(of(r)) }}
	}
	number := func(name string, get func(*Bucket) *int64) column[R] {
		return column[R]{name: name, number: func(r *R) *int64 { return get(of(r)) }}
	}
	return []column[R]{
		number("line", func(b *Bucket) *int64 { return &b.Line }),
		text("provider", func(b *Bucket) *string { return &b.Provider }),
		text("account_id", func(b *Bucket) *string { return &b.AccountID }),
		text("project_id", func(b *Bucket) *string { return &b.ProjectID }),
		text("workspace_id", func(b *Bucket) *string { return &b.WorkspaceID }),
		text("api_key_id", func(b *Bucket) *string { return &b.APIKeyID }),
		text("user_id", func(b *Bucket) *string { return &b.UserID }),
		text("request_id", func(b *Bucket) *string { return &b.RequestID }),
		text("model_raw", func(b *Bucket) *string { return &b.ModelRaw }),
		text("service_tier", func(b *Bucket) *string { return &b.ServiceTier }),
		text("context_tier", func(b *Bucket) *string { return &b.ContextTier }),
		text("region", func(b *Bucket) *string { return &b.Region }),
		number("bucket_from_us", func(b *Bucket) *int64 { return &b.FromUS }),
		number("bucket_to_us", func(b *Bucket) *int64 { return &b.ToUS }),
		{name: "bucket_day", dayOf: func(r *R) *int64 { return &of(r).FromUS }},
		text("grain", func(b *Bucket) *string { return &b.Grain }),
		text("grouped_by", func(b *Bucket) *string { return &b.GroupedBy }),
		text("correction", func(b *Bucket) *string { return &b.Correction }),
		text("token_type", func(b *Bucket) *string { return &b.TokenType }),
	}
}

func usageColumns() []column[Usage] {
	columns := bucketColumns(func(u *Usage) *Bucket { return &u.Bucket })
	return append(columns,
		column[Usage]{name: "quantity", number: func(u *Usage) *int64 { return &u.Quantity }},
		column[Usage]{name: "requests", count: func(u *Usage) *Count { return &u.Requests }})
}

func billColumns() []column[Bill] {
	columns := bucketColumns(func(b *Bill) *Bucket { return &b.Bucket })
	return append(columns, []column[Bill]{
		{name: "invoice_id", text: func(b *Bill) *string { return &b.InvoiceID }},
		{name: "line_item", text: func(b *Bill) *string { return &b.LineItem }},
		{name: "charge_category", text: func(b *Bill) *string { return &b.ChargeCategory }},
		{name: "amount_usd", money: func(b *Bill) *Money { return &b.Amount }},
		{name: "amount_text", text: func(b *Bill) *string { return &b.Amount.Text }},
		{name: "priced_usd", money: func(b *Bill) *Money { return &b.Priced }},
		{name: "currency", text: func(b *Bill) *string { return &b.Currency }},
		{name: "amount_quantum", money: func(b *Bill) *Money { return &b.AmountQuantum }},
		{name: "quantity", count: func(b *Bill) *Count { return &b.Quantity }},
		{name: "is_estimated", flag: func(b *Bill) *bool { return &b.IsEstimated }},
	}...)
}

func controlColumns() []column[Control] {
	return []column[Control]{
		{name: "line", number: func(c *Control) *int64 { return &c.Line }},
		{name: "statement", text: func(c *Control) *string { return &c.Statement }},
		{name: "scope", text: func(c *Control) *string { return &c.Scope }},
		{name: "quantity", count: func(c *Control) *Count { return &c.Quantity }},
		{name: "amount_usd", money: func(c *Control) *Money { return &c.Amount }},
		{name: "amount_text", text: func(c *Control) *string { return &c.Amount.Text }},
	}
}

func answerColumns() []column[Answer] {
	return []column[Answer]{
		{name: "line", number: func(a *Answer) *int64 { return &a.Line }},
		{name: "gateway", text: func(a *Answer) *string { return &a.Gateway }},
		{name: "gateway_version", text: func(a *Answer) *string { return &a.GatewayVersion }},
		{name: "call_id", text: func(a *Answer) *string { return &a.CallID }},
		{name: "provider_request_id",
			text: func(a *Answer) *string { return &a.ProviderRequestID }},
		{name: "response_id", text: func(a *Answer) *string { return &a.ResponseID }},
		{name: "trace_id", text: func(a *Answer) *string { return &a.TraceID }},
		{name: "model_id", text: func(a *Answer) *string { return &a.ModelID }},
		{name: "spend_usd", money: func(a *Answer) *Money { return &a.Spend }},
		{name: "spend_text", text: func(a *Answer) *string { return &a.Spend.Text }},
		{name: "at_us", count: func(a *Answer) *Count { return &a.AtUS }},
	}
}

func rejectColumns() []column[Reject] {
	return []column[Reject]{
		{name: "line", number: func(r *Reject) *int64 { return &r.Line }},
		{name: "reason", text: func(r *Reject) *string { return &r.Reason }},
		{name: "excerpt", text: func(r *Reject) *string { return &r.Excerpt }},
	}
}
