package pricing

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// addOther prices what is billed by other units than tokens.
func (r *Rating) addOther(sheet Sheet, other map[string]int64) {
	for _, name := range slices.Sorted(maps.Keys(other)) {
		n := other[name]
		line, ok := sheet.Price(TokenType(name))
		switch {
		case n == 0:
		case n < 0 || n > countMax:
			r.Status, r.Hint = impossible, fmt.Sprintf("%s is %d: not a count of one call", name, n)
		case ok:
			r.add(line, n)
		default:
			r.NotRated = append(r.NotRated, name)
		}
	}
	isImage := func(l RatedLine) bool { return isImageUnit(string(l.TokenType)) }
	if slices.ContainsFunc(r.Lines, isImage) {
		r.NotRated = slices.DeleteFunc(r.NotRated, isImageUnit) // the same images once more
	}
	isOpen := slices.ContainsFunc(r.NotRated, sheet.isFee)
	if r.Status == rated && (isOpen || len(r.Lines) == 0 && len(r.NotRated) > 0) {
		r.Status = unpriced
		r.Hint = fmt.Sprintf("%s has no price for %s: list one", r.Key.PriceKey,
			strings.Join(r.NotRated, ", "))
	}
}

// isFee reports what is billed beside the tokens: a call of a tool, and sound of a model that is
// paid by the hour.
func (s Sheet) isFee(charge string) bool {
	_, isByHour := s.Price(audioHour)
	return strings.HasSuffix(charge, "_call") || charge == audioSecond && isByHour
}

// isImageUnit reports one of the units in which lists price the images of a call that has no
// tokens: by the piece or the pixel, as input or output.
func isImageUnit(charge string) bool {
	switch charge {
	case "other_input_image", "other_output_image", "other_input_pixel", "other_output_pixel":
		return true
	}
	return false
}

// Other returns the sheet's prices of what is billed by other units than tokens, by name.
func (s Sheet) Other() []Line { return slices.Clone(s.other) }

// fillOther sets the sheet's other charges: of its own rows, else of the model's standard default
// rows, since calls are not discounted or raised by tier or region.
func (s *Sheet) fillOther(active, standard []*price) {
	for _, rows := range [][]*price{active, standard} {
		for _, row := range rows {
			t := TokenType(row.tokenType)
			if _, ok := s.Price(t); ok || t.index() >= 0 {
				continue
			}
			if best, ok := s.pick(rows, t); ok {
				s.other = append(s.other, *newLine(best, t))
			}
		}
	}
	s.addAudioSecond()
	slices.SortFunc(s.other, func(a, b Line) int {
		return strings.Compare(string(a.TokenType), string(b.TokenType))
	})
}

// The charges for audio that is heard.
const (
	audioSecond = "other_input_audio_per_second"
	audioHour   = "audio_hour"
)

// addAudioSecond prices a second of audio by the hour, where its 3,600th part is exact.
func (s *Sheet) addAudioSecond() {
	const secondsAnHour = 3600
	line, ok := s.Price(audioHour)
	if _, own := s.Price(audioSecond); own || !ok {
		return
	}
	second := line.USDPerMillion.Quo(FromInt128(0, secondsAnHour).Shift(usdScale))
	if second.Times(secondsAnHour).Cmp(line.USDPerMillion) != 0 || !second.fits(perMillionDigits) {
		return
	}
	line.TokenType, line.USDPerMillion, line.USDPerToken = audioSecond, second, second.Shift(-6)
	line.Fallback = "the 3,600th part of an hour"
	s.other = append(s.other, line)
}

// ReadOther reads counts of other charges from the text that loaders write: NAME=COUNT, separated
// by blanks. What is not of that form is left out.
func ReadOther(text string) map[string]int64 {
	other := make(map[string]int64)
	for word := range strings.FieldsSeq(text) {
		name, count, _ := strings.Cut(word, "=")
		if n, err := strconv.ParseInt(count, 10, 64); err == nil && IsOtherCharge(name) {
			other[name] += n
		}
	}
	return other
}
