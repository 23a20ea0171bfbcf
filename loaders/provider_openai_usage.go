package loaders

// The completions usage export of OpenAI's dashboard: one row a bucket and chosen grouping, 24
// columns in 2025, 26 in 2026, bound by name. Reasoning tokens are inside the output.

func openaiUsageCSV() Format {
	return Format{
		Name: "openai.completions_usage.csv", Leg: LegProvider,
		About: "OpenAI completions usage export: tokens by minute, hour or day",
		recognise: func(h *Head) Match {
			return h.needs("start_time", "end_time", "num_model_requests", "model",
				"input_tokens", "output_tokens", "input_cached_tokens")
		},
		load: func(j *Job) error { return j.eachRow(openaiUsageRow) },
	}
}

func openaiUsageRow(w *worker, row csvRow) error {
	bucket, err := openaiBucket(w, row)
	if err != nil || bucket.Line == 0 {
		return err
	}
	return w.openaiCompletions(bucket, row.text)
}

// openaiCompletions reads a row of completions from its columns or JSON fields.
func (w *worker) openaiCompletions(bucket Bucket, text func(column string) string) error {
	bucket.ModelRaw = text("model")
	var err error
	if bucket.ServiceTier, err = openaiTier(text("service_tier"), text("batch")); err != nil {
		return err
	}
	bucket.GroupedBy = groupedBy(named{"project_id", bucket.ProjectID},
		named{"user_id", bucket.UserID}, named{"api_key_id", bucket.APIKeyID},
		named{"model", bucket.ModelRaw}, named{"batch", text("batch")},
		named{"service_tier", text("service_tier")})
	tokens, err := readOpenAITokens(text)
	if err != nil {
		return err
	}
	requests, err := parseCount("num_model_requests", text("num_model_requests"))
	if err != nil {
		return err
	}
	if err := tokens.check(); err != nil {
		return err
	}
	return w.usage(usageRows(bucket, requests, tokens.disjoint(bucket.ModelRaw)...))
}

// openaiTier gives the tier that decides the price: batches have a column of their own.
func openaiTier(tier, batch string) (string, error) {
	isBatch, err := parseFlag("batch", batch)
	if isBatch {
		tier = "batch"
	}
	return tier, err
}

// openaiTokens are the counts of one row: totals, and the same split by modality.
type openaiTokens struct {
	input, output, cached, written, uncached Count
	textIn, audioIn, imageIn                 Count // of uncached
	textCached, audioCached, imageCached     Count // of cached
	textOut, audioOut, imageOut              Count // of output
}

func readOpenAITokens(text func(column string) string) (openaiTokens, error) {
	var t openaiTokens
	for _, c := range []struct {
		column string
		into   *Count
	}{
		{"input_tokens", &t.input}, {"output_tokens", &t.output},
		{"input_cached_tokens", &t.cached}, {"input_cache_write_tokens", &t.written},
		{"input_uncached_tokens", &t.uncached}, {"input_text_tokens", &t.textIn},
		{"input_audio_tokens", &t.audioIn}, {"input_image_tokens", &t.imageIn},
		{"input_cached_text_tokens", &t.textCached},
		{"input_cached_audio_tokens", &t.audioCached},
		{"input_cached_image_tokens", &t.imageCached},
		{"output_text_tokens", &t.textOut}, {"output_audio_tokens", &t.audioOut},
		{"output_image_tokens", &t.imageOut},
	} {
		var err error
		if *c.into, err = parseCount(c.column, text(c.column)); err != nil {
			return t, err
		}
	}
	if !t.input.Known || !t.output.Known {
		return t, badRow("input_tokens or output_tokens is blank in a row that is not")
	}
	if !t.uncached.Known {
		t.uncached = Counted(t.input.N - t.cached.N - t.written.N)
	}
	return t, nil
}

// check holds the file to its own arithmetic: the input is its uncached, cached and written
// parts.
func (t openaiTokens) check() error {
	if t.uncached.N < 0 || t.uncached.N+t.cached.N+t.written.N != t.input.N {
		return badRow("input_tokens %s is not uncached %s + cached %s + cache write %s",
			digits(t.input.N), digits(t.uncached.N), digits(t.cached.N), digits(t.written.N))
	}
	return nil
}

// disjoint splits each total by modality where the parts add up to it, and else keeps it whole
// as text, or as what the model makes.
func (t openaiTokens) disjoint(model string) []amountOf {
	textIn, audioIn, imageIn := modalities(t.uncached, t.textIn, t.audioIn, t.imageIn)
	textCached, audioCached, imageCached := modalities(t.cached, t.textCached, t.audioCached,
		t.imageCached)
	textOut, audioOut, imageOut := modalities(t.output, t.textOut, t.audioOut, t.imageOut)
	told := t.textOut.N + t.audioOut.N + t.imageOut.N // the API states audio of 0 for any model
	if told == 0 && answerType(model) == "image_out" {
		textOut, imageOut = Count{}, t.output
	}
	return []amountOf{
		{tokenType: "input", count: textIn}, {tokenType: "cache_read", count: textCached},
		{tokenType: "cache_write", count: t.written}, {tokenType: "output", count: textOut},
		{"audio_in", audioIn, true}, {"audio_cached_in", audioCached, true},
		{"audio_out", audioOut, true}, {"image_in", imageIn, true},
		{"image_cached_in", imageCached, true}, {"image_out", imageOut, true},
	}
}

func modalities(total, text, audio, image Count) (Count, Count, Count) {
	if text.Known && text.N+audio.N+image.N == total.N {
		return text, audio, image
	}
	return total, Count{}, Count{}
}
