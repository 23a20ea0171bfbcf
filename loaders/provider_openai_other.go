package loaders

import "strings"

// The usage exports of OpenAI's other capabilities: embeddings, moderations, images, speech,
// transcription, vector stores, code interpreter, file search and web search. Each has columns
// of its own beside the bounds of the bucket; the API gives the same fields.

func openaiOtherCSV() Format {
	return Format{
		Name: "openai.other_usage.csv", Leg: LegProvider,
		About: "OpenAI usage export of embeddings, images, audio, searches and other capabilities",
		recognise: func(h *Head) Match {
			for _, measure := range openaiMeasures() {
				match := h.needs(append(openaiBounds(), measure.column)...)
				if match.Fits && !h.needs("input_cached_tokens").Fits &&
					!h.needs("output_tokens").Fits {
					return match
				}
			}
			return Match{}
		},
		load: func(j *Job) error { return j.eachRow(openaiOtherRow) },
	}
}

func openaiOtherRow(w *worker, row csvRow) error {
	bucket, err := openaiBucket(w, row)
	if err != nil || bucket.Line == 0 {
		return err
	}
	return w.openaiOther(bucket, row.text, "")
}

// openaiMeasure is what a capability counts: a column, and what it is a count of.
type openaiMeasure struct{ column, tokenType, object string }

// openaiMeasures are in the order in which a row is asked: what is billed comes before the
// number of calls.
func openaiMeasures() []openaiMeasure {
	return []openaiMeasure{
		{"input_tokens", "input", ""},
		{"images", unitImage, "images"},
		{"characters", unitCharacter, "audio_speeches"},
		{"seconds", unitAudioSecond, "audio_transcriptions"},
		{"usage_bytes", unitStoredByte, "vector_stores"},
		{"num_sessions", unitSession, "code_interpreter_sessions"},
		{"num_requests", "web_search", "web_searches"},
	}
}

// openaiOther reads a row of any capability but completions. The kind is the object's name in
// the API; a CSV has none, and tells file searches from web searches by their own columns.
func (w *worker) openaiOther(bucket Bucket, text func(column string) string, kind string) error {
	bucket.ModelRaw = text("model")
	var err error
	if bucket.ServiceTier, err = openaiTier("", text("batch")); err != nil {
		return err
	}
	bucket.GroupedBy = groupedBy(named{"project_id", bucket.ProjectID},
		named{"user_id", bucket.UserID}, named{"api_key_id", bucket.APIKeyID},
		named{"model", bucket.ModelRaw}, named{"source", text("source")},
		named{"size", text("size")}, named{"context_level", text("context_level")},
		named{"vector_store_id", text("vector_store_id")})
	for _, measure := range openaiMeasures() {
		count, err := w.measured(measure.column, text(measure.column))
		if err != nil {
			return err
		}
		if !count.Known {
			continue
		}
		requests, err := parseCount("num_model_requests", text("num_model_requests"))
		if err != nil {
			return err
		}
		tokenType := measure.tokenType
		if tokenType == "web_search" {
			requests = Count{} // these calls stand in the usage of completions already
			if isFileSearch(text, kind) {
				tokenType = unitFileSearch
			}
		}
		return w.usage(usageRows(bucket, requests,
			amountOf{tokenType: tokenType, count: count}))
	}
	return badRow("no count is filled that a capability has")
}

// measured reads a count, or seconds, which may be a part of one.
func (w *worker) measured(column, text string) (Count, error) {
	count, err := parseCount(column, text)
	if err == nil || column != "seconds" || strings.HasPrefix(text, "-") {
		return count, err
	}
	return w.scaled(column, text, 0)
}

// isFileSearch tells the two kinds of searches apart: web searches are made by a model.
func isFileSearch(text func(column string) string, kind string) bool {
	if kind != "" {
		return strings.HasPrefix(kind, "file_search")
	}
	return text("vector_store_id") != "" ||
		(text("num_model_requests") == "" && text("context_level") == "")
}
