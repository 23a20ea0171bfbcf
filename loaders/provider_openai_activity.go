package loaders

import (
	"time"
)

// The "activity" export of OpenAI's dashboard until 2025: one row a UTC day, key, model and kind
// of call, with columns for every kind. The context tokens include the cached and the audio ones.
// Names of projects, keys and people that it carries are not stored.

func openaiActivityCSV() Format {
	return Format{
		Name: "openai.activity.csv", Leg: LegProvider,
		About: "OpenAI activity export of 2024 and 2025: tokens, images, characters by day",
		recognise: func(h *Head) Match {
			return h.needs("timestamp", "model", "num_requests", "n_context_tokens_total",
				"n_generated_tokens_total", "usage_type")
		},
		load: func(j *Job) error { return j.eachRow(openaiActivityRow) },
	}
}

func openaiActivityRow(w *worker, row csvRow) error {
	from, err := parseUnixSeconds("timestamp", row.text("timestamp"))
	if err != nil {
		return err
	}
	bucket := Bucket{Line: row.line, Provider: "openai", FromUS: from.N,
		ToUS: from.N + (24 * time.Hour).Microseconds(), Grain: grainDay,
		AccountID: row.text("organization_id"), ProjectID: row.text("project_id"),
		APIKeyID: keyID(row.text("api_key_id")), ModelRaw: row.text("model")}
	if row.text("request_type") == "batch" {
		bucket.ServiceTier = "batch"
	}
	bucket.GroupedBy = groupedBy(named{"project_id", bucket.ProjectID},
		named{"api_key_id", bucket.APIKeyID}, named{"model", bucket.ModelRaw},
		named{"usage_type", row.text("usage_type")})
	counts := map[string]Count{}
	for _, column := range []string{"num_requests", "n_context_tokens_total",
		"n_generated_tokens_total", "n_cached_context_tokens_total", "n_context_audio_tokens_total",
		"n_generated_audio_tokens_total", "num_images", "num_characters"} {
		if counts[column], err = row.count(column); err != nil {
			return err
		}
	}
	prompt, output := counts["n_context_tokens_total"], counts["n_generated_tokens_total"]
	cached := counts["n_cached_context_tokens_total"]
	audioIn := counts["n_context_audio_tokens_total"]
	audioOut := counts["n_generated_audio_tokens_total"]
	input := less(prompt, Counted(cached.N+audioIn.N))
	text := less(output, audioOut)
	if input.N < 0 || text.N < 0 {
		return badRow("the cached and audio tokens exceed the context %s or generated %s tokens",
			digits(prompt.N), digits(output.N))
	}
	rows := usageRows(bucket, counts["num_requests"],
		amountOf{tokenType: "input", count: input},
		amountOf{tokenType: "cache_read", count: cached},
		amountOf{tokenType: answerType(bucket.ModelRaw), count: text},
		amountOf{"audio_in", audioIn, true}, amountOf{"audio_out", audioOut, true},
		amountOf{unitImage, counts["num_images"], true},
		amountOf{unitCharacter, counts["num_characters"], true})
	if len(rows) == 0 && !counts["num_requests"].Known {
		w.ignored() // as empty buckets of the newer exports
		w.tally.saw(bucket.FromUS)
		return nil
	}
	if len(rows) == 0 {
		return badRow("no count of tokens, images or characters is filled")
	}
	return w.usage(rows)
}
