package loaders

import (
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// Groq's console: one row a model and UTC day, with tokens and dollars. The context tokens hold
// the cached ones, which are what the uncached leave of them. Speech is billed by the second.

func groqActivity() Format {
	return Format{
		Name: "groq.activity.json", Leg: LegProvider,
		About: "Groq console activity: requests, tokens and dollars by day and model",
		recognise: func(h *Head) Match {
			return h.needsKeys("data.model", "data.timestamp", "data.n_context_tokens_total",
				"data.n_generated_tokens_total", "data.cost")
		},
		load: func(j *Job) error {
			return j.eachPage(pages{lists: []string{"data"}, bucket: noBucket, row: groqRow})
		},
	}
}

func groqRow(w *worker, at place, v *fastjson.Value) error {
	from, err := groqDay(textAt(v, "timestamp"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: at.Line, Provider: "groq", ModelRaw: textAt(v, "model"),
		AccountID: textAt(v, "organization_id"), ProjectID: textAt(v, "project_id"),
		APIKeyID:    keyID(textAt(v, "api_key_id")),
		UserID:      impersonal(textAt(v, "user_id")),
		ServiceTier: textAt(v, "service_tier")}
	bucket.setDay(from)
	bucket.GroupedBy = groupedBy(named{"project_id", bucket.ProjectID},
		named{"user_id", bucket.UserID}, named{"api_key_id", bucket.APIKeyID},
		named{"model", bucket.ModelRaw}, named{"service_tier", bucket.ServiceTier})
	counts := [5]Count{}
	for i, field := range []string{"n_context_tokens_total", "n_non_cached_context_tokens_total",
		"n_generated_tokens_total", "num_requests", "num_seconds_billed"} {
		if counts[i], err = countAt(v, field); err != nil {
			return err
		}
	}
	input, cached := counts[1], Count{}
	if input.Known {
		cached = less(counts[0], input)
	} else {
		input = counts[0]
	}
	if cached.N < 0 {
		return badRow("the uncached context tokens exceed the context tokens")
	}
	usages := usageRows(bucket, counts[3], amountOf{tokenType: "input", count: input},
		amountOf{"cache_read", cached, true}, amountOf{tokenType: "output", count: counts[2]},
		amountOf{unitAudioSecond, counts[4], true})
	bill := Bill{Bucket: bucket, ChargeCategory: categoryUsage, Currency: usd}
	if bill.Amount, err = w.need("cost", textAt(v, "cost")); err != nil {
		return err
	}
	return w.deliver(usages, bill)
}

// groqDay reads the day of a row, as Unix seconds or as a date.
func groqDay(text string) (Count, error) {
	at, err := parseUnixSeconds("timestamp", text)
	if strings.Contains(text, "-") {
		at, err = parseInstant("timestamp", text)
	}
	if err != nil {
		return Count{}, err
	}
	return Counted(time.UnixMicro(at.N).UTC().Truncate(24 * time.Hour).UnixMicro()), nil
}
