package loaders

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// secretMin is the least length of a key whose beginning alone could be that of a name.
const secretMin = 20

// around is what may stand around a key.
const around = " \t\"'"

// isSecret reports text that begins as the keys of providers, gateways and clouds do, or as the
// header that carries one.
func isSecret(text string) bool {
	text = strings.TrimLeft(text, around)
	if text == "" || text[0] > 'x' {
		return false
	}
	switch text[0] | ' ' { // letters as small ones
	case 's':
		return strings.HasPrefix(text, "sk-") || isLongKey(text, "sk_")
	case 'a':
		return isLongKey(text, "AIza") || isLongKey(text, "AKIA") || isLongKey(text, "ASIA")
	case 'b':
		_, isBearer := cutFold(text, "bearer ")
		rest, isBasic := cutFold(text, "basic ")
		return isBearer || isBasic && isLongKey(rest, "")
	case 'd':
		return isLongKey(text, "dapi")
	case 'f':
		return isLongKey(text, "fw_")
	case 'g':
		return isLongKey(text, "gsk_") || isLongKey(text, "ghp_") || isLongKey(text, "github_pat_")
	case 'h':
		return isLongKey(text, "hf_")
	case 'k':
		rest, isKey := cutFold(text, "key=")
		return isKey && (isSecret(rest) || isLongKey(rest, ""))
	case 'p':
		return isLongKey(text, "pplx-")
	case 'r':
		return isLongKey(text, "r8_")
	case 'x':
		return isLongKey(text, "xai-")
	}
	return false
}

// isLongKey reports a word that begins so and is as long as keys are, with a digit as they have.
func isLongKey(text, prefix string) bool {
	return len(text) >= secretMin && strings.HasPrefix(text, prefix) &&
		strings.IndexByte(text, ' ') < 0 && strings.ContainsAny(text, "0123456789")
}

// cutFold cuts a beginning off, in whatever case it is written.
func cutFold(text, prefix string) (rest string, isCut bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// holdsSecret reports that one of the texts in a JSON list begins as a key does.
func holdsSecret(list string) bool {
	for {
		_, text, isThere := strings.Cut(list, `"`)
		if !isThere {
			return false
		}
		text, list, _ = strings.Cut(text, `"`)
		if isSecret(text) {
			return true
		}
	}
}

// keyID makes an API key storable: the hash that gateways use in place of a secret. Other text
// stays as it is.
func keyID(key string) string {
	if !isSecret(key) {
		return key
	}
	key, _ = cutFold(strings.Trim(key, around), "bearer ")
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
