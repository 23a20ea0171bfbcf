package loaders

import "unicode/utf8"

// pythonJSON rewrites the text that Python prints of a dict (LiteLLM and others put it into
// attributes) as JSON. Text that is no dict of plain values comes out as no valid JSON, which
// the parser then refuses.
func pythonJSON(text string, out []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'' || c == '"':
			out, i = appendPythonText(out, text, i)
		case c == '(':
			out, i = append(out, '['), i+1
		case c == ')':
			out, i = append(out, ']'), i+1
		case c >= 'A' && c <= 'Z':
			word := wordAt(text[i:])
			out, i = append(out, pythonWord(word)...), i+len(word)
		default:
			out, i = append(out, c), i+1
		}
	}
	return out
}

func wordAt(text string) string {
	end := 0
	for end < len(text) && (text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
		end++
	}
	return text[:end]
}

func pythonWord(word string) string {
	switch word {
	case "None":
		return "null"
	case "True":
		return "true"
	case "False":
		return "false"
	}
	return word // a class name: no JSON
}

// appendPythonText rewrites the string literal that opens at i and gives what follows it.
func appendPythonText(out []byte, text string, i int) ([]byte, int) {
	quote := text[i]
	out = append(out, '"')
	for i++; i < len(text); i++ {
		c := text[i]
		switch {
		case c == quote:
			return append(out, '"'), i + 1
		case c == '"':
			out = append(out, '\\', '"')
		case c < ' ':
			out = append(out, ' ')
		case c == '\\' && i+1 < len(text):
			i++
			out, i = appendPythonEscape(out, text, i)
		default:
			out = append(out, c)
		}
	}
	return out, i
}

// appendPythonEscape rewrites the escape whose letter stands at i; i stays on its last byte.
func appendPythonEscape(out []byte, text string, i int) ([]byte, int) {
	switch c := text[i]; c {
	case '\'':
		return append(out, '\''), i
	case '"', '\\', 'n', 'r', 't', 'b', 'f':
		return append(out, '\\', c), i
	case 'u':
		return append(out, '\\', 'u'), i
	case 'x':
		if i+2 < len(text) && isHex(text[i+1:i+3]) {
			return append(append(out, `\u00`...), text[i+1:i+3]...), i + 2
		}
	}
	return utf8.AppendRune(out, utf8.RuneError), i
}
