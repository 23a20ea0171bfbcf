// Package pricing answers what a call to a language model should cost: it holds a dated price
// list, finds the price that was in force for a model, service tier, region, prompt size and
// moment, and multiplies it by disjoint token counts, exactly.
//
// It promises: no binary floating point anywhere; a price that is not known is "unpriced" with
// a hint, never zero and never a neighbour's price in silence; the same list and question give
// the same answer; every answer says which file and line it came from.
//
// It does not read gateway or provider files (loaders do), and it knows no database: Sheets and
// Keys are the same rules laid out as tables, so that SQL can do the multiplication in bulk.
package pricing

import "slices"

// TokenType is one kind of billed quantity. The types are disjoint: a token is counted once.
type TokenType string

// The closed list of token types. WebSearch counts calls, all others count tokens.
const (
	Input         TokenType = "input"
	CacheRead     TokenType = "cache_read"
	CacheWrite5m  TokenType = "cache_write_5m"
	CacheWrite1h  TokenType = "cache_write_1h"
	CacheWrite    TokenType = "cache_write"
	Output        TokenType = "output"
	Reasoning     TokenType = "reasoning"
	AudioIn       TokenType = "audio_in"
	AudioCachedIn TokenType = "audio_cached_in"
	AudioOut      TokenType = "audio_out"
	ImageIn       TokenType = "image_in"
	ImageCachedIn TokenType = "image_cached_in"
	ImageOut      TokenType = "image_out"
	WebSearch     TokenType = "web_search"
)

// typeCount is the length of the closed list.
const typeCount = 14

// tokenTypes returns the closed list as an array: its index is a type's place in a Sheet.
func tokenTypes() [typeCount]TokenType {
	return [typeCount]TokenType{
		Input, CacheRead, CacheWrite5m, CacheWrite1h, CacheWrite, Output, Reasoning,
		AudioIn, AudioCachedIn, AudioOut, ImageIn, ImageCachedIn, ImageOut, WebSearch,
	}
}

// TokenTypes returns the closed list in its fixed order.
func TokenTypes() []TokenType {
	all := tokenTypes()
	return all[:]
}

// index returns the type's place in the closed list, or -1.
func (t TokenType) index() int {
	all := tokenTypes()
	return slices.Index(all[:], t)
}

// isPrompt reports whether the type is part of the prompt, whose size chooses the price tier.
func (t TokenType) isPrompt() bool {
	switch t {
	case Input, CacheRead, CacheWrite5m, CacheWrite1h, CacheWrite,
		AudioIn, AudioCachedIn, ImageIn, ImageCachedIn:
		return true
	}
	return false
}
