package pricing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// addOther prices what is billed by other units than tokens.
func (r *Rating) addOther(b *Book, c Call) {
	for _, name := range slices.Sorted(maps.Keys(c.Other)) {
		n := c.Other[name]
		row, ok := b.otherAt(r.Key.PriceKey, name, c.At, c.prompt())
		if !ok && name == audioSecond {
			row, ok = b.audioSecondAt(r.Key.PriceKey, c.At, c.prompt())
		}
		switch {
		case n == 0:
		case n < 0 || n > countMax:
			r.Status, r.Hint = impossible, fmt.Sprintf("%s is %d: not a count of one call", name, n)
		case ok:
			r.add(*newLine(row, TokenType(name)), n)
		default:
			r.NotRated = append(r.NotRated, name)
		}
	}
	if r.Status == rated && len(r.Lines) == 0 && len(r.NotRated) > 0 {
		r.Status = unpriced
		r.Hint = fmt.Sprintf("%s has no price for %s: list one", r.Key.PriceKey,
			strings.Join(r.NotRated, ", "))
	}
}

// otherAt returns the price of another charge: of the price key, else of the model's standard
// default rows, since calls are not discounted or raised by tier or region.
func (b *Book) otherAt(key, name string, at time.Time, prompt int64) (price, bool) {
	model, _, _ := strings.Cut(key, "|")
	var best price
	found := false
	for _, key := range []string{key, model + "|" + standardTier + "|"} {
		for _, row := range b.others[key] {
			if row.tokenType == name && row.minPrompt <= prompt &&
				row.hours.contains(minuteOf(at)) && (span{row.from, row.to}).contains(at) &&
				(!found || isMoreSpecific(row, best)) {
				best, found = row, true
			}
		}
		if found {
			break
		}
	}
	return best, found
}

// audioSecond is the charge for a second of audio that is heard.
const audioSecond = "other_input_audio_per_second"

// audioSecondAt returns the price of a second of audio where the list has one for the hour whose
// 3,600th part is exact.
func (b *Book) audioSecondAt(key string, at time.Time, prompt int64) (price, bool) {
	const secondsAnHour = 3600
	row, ok := b.otherAt(key, "audio_hour", at, prompt)
	if !ok {
		return price{}, false
	}
	second := row.perMillion.Quo(FromInt128(0, secondsAnHour).Shift(usdScale))
	if second.Times(secondsAnHour).Cmp(row.perMillion) != 0 {
		return price{}, false
	}
	row.perMillion = second
	row.source += ", the 3,600th part of an hour"
	return row, true
}
