package loaders

import "strings"

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
	prefix := map[string]string{"xai": "grok", "deepseek": "deepseek", "moonshotai": "kimi",
		"anthropic": "claude"}[maker]
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
	last := words[len(words)-1]
	if len(last) == 4 && isDigits(last) && len(words) > 1 {
		family := strings.Join(words[:len(words)-1], "-")
		if year := azureYear(family); year != "" {
			return family + "-" + year + "-" + last[:2] + "-" + last[2:]
		}
	}
	return strings.Join(words, "-")
}

// azureYear is the year of a family's snapshots, of which a meter has the month and day. Older
// families are called by the month and day everywhere.
func azureYear(family string) string {
	for _, of := range [][2]string{{"gpt-4o", "2024"}, {"gpt-4-turbo", "2024"},
		{"gpt-4.1", "2025"}, {"gpt-4.5", "2025"}, {"o1", "2024"}, {"o3", "2025"}, {"o4", "2025"},
		{"gpt-5.1", "2025"}, {"gpt-5.2", "2025"}, {"gpt-5.", "2026"}, {"gpt-5", "2025"},
		{"gpt-6", "2026"}} {
		if strings.HasPrefix(family, of[0]) {
			return of[1]
		}
	}
	return ""
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
