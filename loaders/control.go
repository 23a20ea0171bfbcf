package loaders

import (
	"slices"
	"strconv"
	"strings"
)

// Control totals: what a gateway says of whole days or since its start. They prove that rows are
// complete, and are no rows: a request counted here and logged elsewhere would count twice.

// totals describes a table of totals, as CSV, Parquet or JSON.
type totals struct {
	format  Format
	lists   []string // keys of a document whose list holds the rows
	name    func(p *picks, slots map[string]int) string
	day     string   // the field that says when, "" for none
	scope   []string // fields that say of what
	counts  []string // fields that are totals of tokens or calls
	amounts []string // fields that are totals of USD
}

// asFormat completes the format with how its rows are read.
func (t totals) asFormat() Format {
	tree := newPathTree(".")
	slots := map[string]int{}
	for _, fields := range [][]string{t.scope, t.counts, t.amounts} {
		for _, field := range fields {
			slots[field] = tree.slot(field)
		}
	}
	m := mapping{format: t.format.Name, tree: tree, lists: t.lists,
		keys: append([]string{t.day}, t.amounts[0]), deliver: func(
			w *worker, p *picks, line int64,
		) error {
			return t.deliver(w, p, slots, line)
		}}
	t.format.Leg, t.format.load = LegControl, m.load
	return t.format
}

func (t totals) deliver(w *worker, p *picks, slots map[string]int, line int64) error {
	at, err := parseInstant(t.day, p.text(slots[t.day]))
	if err != nil {
		return err
	}
	if !at.Known {
		return badRow("%s is missing, so the total belongs to no day", t.day)
	}
	var scope strings.Builder
	for _, field := range t.scope {
		text := p.text(slots[field])
		if field == "api_key" {
			text = keyID(text)
		}
		writeLabel(&scope, field, text)
	}
	name := t.name(p, slots)
	rows := make([]Control, 0, len(t.counts)+len(t.amounts))
	for _, field := range t.counts {
		count, err := parseCount(field, p.text(slots[field]))
		if err != nil {
			return err
		}
		if count.Known {
			rows = append(rows, Control{Line: line, Statement: name + "." + field,
				Scope: scope.String(), Quantity: count})
		}
	}
	for _, field := range t.amounts {
		amount, err := w.money(field, p.text(slots[field]))
		if err != nil {
			return err
		}
		if amount.Known {
			rows = append(rows, Control{Line: line, Statement: name + "." + field,
				Scope: scope.String(), Amount: amount})
		}
	}
	if len(rows) == 0 {
		return badRow("states none of the totals %s",
			strings.Join(append(slices.Clone(t.counts), t.amounts...), ", "))
	}
	return w.control(rows, at)
}

// writeLabel adds name="value" to a scope, as Prometheus writes labels; what is empty is left out.
func writeLabel(to *strings.Builder, name, value string) {
	if value == "" {
		return
	}
	if to.Len() > 0 {
		to.WriteByte(',')
	}
	to.WriteString(name + "=" + strconv.Quote(value))
}

// litellmDaily is LiteLLM's tables LiteLLM_Daily<Entity>Spend: totals of a UTC day by key, model
// and provider. The one by tag counts a request once a tag.
func litellmDaily() Format {
	entities := []string{"user_id", "team_id", "organization_id", "end_user_id", "agent_id", "tag"}
	return totals{
		format: Format{Name: "litellm.daily_spend",
			About: "LiteLLM's daily spend tables (by user, team, tag and so on): totals " +
				"to compare with, no requests",
			recognise: func(h *Head) Match {
				keys := []string{"date", "api_key", "custom_llm_provider", "spend", "api_requests"}
				if len(h.Columns) > 0 {
					return h.needs(keys...)
				}
				return h.needsKeys(keys...)
			}},
		name: func(p *picks, slots map[string]int) string {
			for _, entity := range entities {
				if p.text(slots[entity]) != "" {
					return "litellm.daily_" + strings.TrimSuffix(entity, "_id")
				}
			}
			return "litellm.daily"
		},
		day: "date",
		scope: append([]string{"date"}, append(entities, "api_key", "model", "model_group",
			"custom_llm_provider", "mcp_namespaced_tool_name", "endpoint")...),
		counts: []string{"prompt_tokens", "completion_tokens", "cache_read_input_tokens",
			"cache_creation_input_tokens", "api_requests", "successful_requests",
			"failed_requests"},
		amounts: []string{"spend"},
	}.asFormat()
}

// vercelReport is Vercel AI Gateway's report of days: what it charges and what the same traffic
// costs at list prices. Grouped by tag, a request counts once a tag.
func vercelReport() Format {
	return totals{
		format: Format{Name: "vercel.ai_gateway_report",
			About: "Vercel AI Gateway's report of days: totals to compare with, no requests",
			recognise: func(h *Head) Match {
				keys := []string{"day", "total_cost", "market_cost", "request_count"}
				switch {
				case len(h.Columns) > 0:
					return h.needs(keys...)
				case h.has("results"):
					return h.needsKeys("results.day", "results.total_cost", "results.market_cost")
				}
				return h.needsKeys(keys...)
			}},
		lists: []string{"results"},
		name:  func(*picks, map[string]int) string { return "vercel.report" },
		day:   "day",
		scope: []string{"day", "user", "tag", "model", "provider", "credential_type"},
		counts: []string{"input_tokens", "output_tokens", "cached_input_tokens",
			"cache_creation_input_tokens", "reasoning_tokens", "request_count"},
		amounts: []string{"total_cost", "market_cost"},
	}.asFormat()
}
