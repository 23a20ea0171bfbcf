package loaders

import (
	"strconv"
	"strings"

	"tieout/pricing"
)

// countMax bounds a count: beyond it a number is a mistake, and amounts could overflow.
const countMax = 1_000_000_000_000_000

// parseCount reads a non-negative whole number, also where it is written "12.0" or "1.2E7".
func parseCount(field, text string) (Count, error) {
	if text == "" || text == "null" {
		return Count{}, nil
	}
	if n, ok := shortNumber(text); ok {
		return Counted(n), nil
	}
	if text = strings.TrimSpace(text); text == "" {
		return Count{}, nil
	}
	if strings.ContainsAny(text, "eE") {
		if exact, err := pricing.ParseUSD(text); err == nil {
			text = exact.String()
		}
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") != "" {
		return Count{}, badRow("%s %s: not a whole number", field, quoted(text))
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return Count{}, badRow("%s %s: not a whole number", field, quoted(text))
	}
	if n < 0 || n > countMax {
		return Count{}, badRow("%s %s: not a possible count", field, quoted(text))
	}
	return Counted(n), nil
}

// parseUnits reads a count, or a length of sound, which is billed by whole seconds.
func parseUnits(isSound bool, field, text string) (Count, error) {
	count, err := parseCount(field, text)
	if err == nil || !isSound {
		return count, err
	}
	if seconds, isRounded, other := pricing.WholeSeconds(text); other == nil && isRounded {
		return Counted(seconds), nil
	}
	return count, err
}

// truthOf reads a boolean as JSON, Python, databases and spreadsheets write it.
func truthOf(text string) (isTrue, isKnown bool) {
	switch text {
	case "true", "True", "TRUE", "t", "T", "yes", "Yes", "YES", "y", "Y", "1", "1.0":
		return true, true
	case "false", "False", "FALSE", "f", "F", "no", "No", "NO", "n", "N", "0", "0.0":
		return false, true
	}
	return false, false
}

func isTrueText(text string) bool {
	isTrue, _ := truthOf(text)
	return isTrue
}

// parseFlag reads a boolean; nothing and words for it are false.
func parseFlag(field, text string) (bool, error) {
	isTrue, isKnown := truthOf(text)
	if !isKnown && text != "" && text != "none" && !isNullWord(text) {
		return false, badRow("%s: neither true nor false", field)
	}
	return isTrue, nil
}

// shortNumber reads text that is a few digits and nothing else, as nearly every count is.
func shortNumber(text string) (n int64, ok bool) {
	const digitsMax = 15 // so that it is below countMax
	if len(text) == 0 || len(text) > digitsMax {
		return 0, false
	}
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int64(digit)
	}
	return n, true
}

// quoted shows the value that a message is about as far as it looks like a number, a time or a
// short word. Shifted columns put prompts and keys where numbers belong: those are masked.
func quoted(text string) string {
	const shortWord, longest = 8, 40
	if len(text) <= shortWord {
		return strconv.QuoteToASCII(text)
	}
	fields := strings.Fields(text[:min(len(text), longest)])
	for i, field := range fields {
		if strings.Trim(field, "0123456789+-.,:/eETZ%$") != "" {
			fields[i] = "..."
		}
	}
	if len(text) > longest {
		fields = append(fields, "...")
	}
	return strconv.QuoteToASCII(strings.Join(fields, " "))
}

// excerpt shows the shape of a record and none of its contents: every string value and number
// is masked, keys stay.
func excerpt(record []byte) string {
	const longest = 160
	var out strings.Builder
	for i := 0; i < len(record) && out.Len() < longest; i++ {
		c := record[i]
		switch {
		case c == '"':
			end := stringEnd(record, i)
			if end < 0 {
				return out.String() + `"…`
			}
			if isKey(record, end) && end-i < 40 {
				out.Write(record[i : end+1])
			} else {
				out.WriteString(`"…"`)
			}
			i = end
		case strings.IndexByte("{}[]:,", c) >= 0:
			out.WriteByte(c)
		case out.Len() == 0 || !strings.HasSuffix(out.String(), "…"):
			out.WriteString("…")
		}
	}
	return out.String()
}

// isKey reports that the string which ends at end is followed by a colon.
func isKey(record []byte, end int) bool {
	for i := end + 1; i < len(record); i++ {
		if record[i] == ' ' {
			continue
		}
		return record[i] == ':'
	}
	return false
}
