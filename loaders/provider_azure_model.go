package loaders

import (
	"slices"
	"strings"
)

// azureModel makes a model id of the words of a meter that name the model.
func azureModel(words []string, maker string, isFineTuned bool) string {
	if len(words) == 0 {
		return ""
	}
	if words = azureUnabridged(words); len(words) == 0 {
		return ""
	}
	if maker == "openai" {
		model := azureOpenAI(words)
		if isFineTuned {
			return "ft:" + model
		}
		return model
	}
	prefix := map[string]string{"mai": "mai", "xai": "grok", "deepseek": "deepseek",
		"moonshotai": "kimi", "anthropic": "claude"}[maker]
	name := strings.Join(words, "-")
	if prefix != "" && !strings.HasPrefix(name, prefix) {
		name = prefix + "-" + name
	}
	return name
}

// azureUnabridged writes out the abbreviations within names.
func azureUnabridged(words []string) []string {
	full := make([]string, 0, len(words))
	for _, word := range words {
		switch word {
		case "mn":
			word = "mini"
		case "nn":
			word = "nano"
		case "prvw":
			word = "preview"
		case "img":
			word = "image"
		case "embedding", "embeddings":
			if len(full) == 0 {
				full = append(full, "text")
			}
			word = "embedding"
		case "az", "mdl", "model":
			continue
		}
		full = append(full, word)
	}
	return full
}

// azureOpenAI reads "gpt 4o 1120" as gpt-4o-2024-11-20, "5 mini" as gpt-5-mini, "o3 0416" as
// o3-2025-04-16, "6-astra" as gpt-6-astra and "oss 20b" as gpt-oss-20b.
func azureOpenAI(words []string) string {
	first := words[0]
	switch {
	case first == "gpt" && len(words) > 1 && words[1] == "41":
		words[1] = "4.1"
	case first == "gpt" || strings.HasPrefix(first, "gpt"):
	case first == "oss" || isDigits(strings.TrimSuffix(first, "b")) && !isDigits(first):
		if first != "oss" {
			words = append([]string{"oss"}, words...)
		}
		words = append([]string{"gpt"}, words...)
	case first[0] >= '3' && first[0] <= '9':
		words = append([]string{"gpt"}, words...)
	}
	if strings.Join(words, "-") == "computer-use" {
		return "computer-use-preview"
	}
	last := words[len(words)-1]
	if len(last) == 4 && isDigits(last) && len(words) > 1 {
		family := strings.Join(words[:len(words)-1], "-")
		if year := azureYear(family, last[:2]); year != "" {
			return family + "-" + year + "-" + last[:2] + "-" + last[2:]
		}
	}
	return strings.Join(words, "-")
}

// azureYear is the year of a family's snapshots, of which a meter has the month and day. Older
// families are called by the month and day everywhere. A family that began late in a year has
// snapshots of the next.
func azureYear(family, month string) string {
	isSpeech := strings.Contains(family, "-audio") || strings.Contains(family, "-realtime")
	for _, of := range []struct{ prefix, from, year, next string }{
		{"gpt-4o", "10", "2024", "2025"}, {"gpt-4-turbo", "", "2024", ""},
		{"gpt-4.1", "", "2025", ""}, {"gpt-4.5", "", "2025", ""}, {"o1", "", "2024", ""},
		{"o3", "", "2025", ""}, {"o4", "", "2025", ""}, {"gpt-realtime", "08", "2025", "2026"},
		{"gpt-5.1", "11", "2025", "2026"}, {"gpt-5.2", "12", "2025", "2026"},
		{"gpt-5.", "", "2026", ""}, {"gpt-5", "", "2025", ""}, {"gpt-6", "", "2026", ""},
	} {
		if !strings.HasPrefix(family, of.prefix) {
			continue
		}
		if month < of.from && (of.prefix != "gpt-4o" || isSpeech) {
			return of.next
		}
		return of.year
	}
	return ""
}

// azureSpeech writes out the names of speech models, of which a meter says rt or aud alone.
func azureSpeech(names, words []string) []string {
	if i := slices.Index(names, "rt"); i >= 0 {
		names[i] = "realtime"
	}
	is4o := slices.Contains(names, "4o")
	isAudio := slices.Contains(words, "aud") || slices.Contains(words, "audio")
	for _, word := range []string{"preview", "prvw", "transcribe", "tts", "audio"} {
		is4o = is4o && !slices.Contains(names, word)
	}
	if i := slices.Index(names, "realtime"); is4o && i >= 0 {
		return slices.Insert(names, i+1, "preview")
	}
	if !is4o || !isAudio {
		return names
	}
	end := len(names)
	if isDigits(names[end-1]) {
		end--
	}
	return slices.Insert(names, end, "audio", "preview")
}

// azureContext leaves out how much context a model of old has where its id does not say it.
func azureContext(names []string) []string {
	return slices.DeleteFunc(names, func(word string) bool {
		switch word {
		case "16k":
			return slices.Contains(names, "0125") || slices.Contains(names, "1106")
		case "4k", "8k", "128k":
			return true
		}
		return false
	})
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
