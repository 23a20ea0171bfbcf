package pricing

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Sheet is one wide price row: the prices of all token types for one price key in one span of
// time, one range of prompt sizes and one part of the UTC day. Sheets of a key never overlap,
// and the fallbacks are resolved here, so that rating is multiplying and adding.
//
// A prompt that reaches MinPrompt moves the whole request, output included. A token type that
// the list does not price at that bound keeps the price of the highest bound below it, and its
// line says so.
type Sheet struct {
	ID                                             int64
	PriceKey, Provider, Model, ServiceTier, Region string
	From, To                                       time.Time // half-open, zero = open
	MinPrompt, MaxPrompt                           int64     // inclusive, exclusive; 0 = open
	// TodFrom and TodTo are minutes of the UTC day, half-open; 0,0 is the whole day.
	TodFrom, TodTo int

	lines [typeCount]*Line
	other []Line
}

// Line is the price of one token type on a sheet and where it comes from.
type Line struct {
	TokenType     TokenType
	USDPerMillion USD
	USDPerToken   USD
	Source        string
	Status        string // announced | in_force
	ObservedOn    string
	From, To      time.Time
	File          string
	FileLine      int
	Fallback      string // "" when the list prices this very type
}

// Price returns the sheet's price for a token type, or for another charge by its name; false when
// it is unpriced.
func (s Sheet) Price(t TokenType) (Line, bool) {
	if i := t.index(); i >= 0 {
		if s.lines[i] == nil {
			return Line{}, false
		}
		return *s.lines[i], true
	}
	for _, line := range s.other {
		if line.TokenType == t {
			return line, true
		}
	}
	return Line{}, false
}

// holds reports whether the sheet applies at a moment for a prompt size.
func (s Sheet) holds(at time.Time, prompt int64) bool {
	if !(span{s.From, s.To}).contains(at) || prompt < s.MinPrompt {
		return false
	}
	if s.MaxPrompt > 0 && prompt >= s.MaxPrompt {
		return false
	}
	minute := minuteOf(at)
	return s.TodTo == 0 || s.TodFrom <= minute && minute < s.TodTo
}

// buildSheets lays the rows of one price key out as sheets. standard are the model's standard
// default rows: their per-call prices hold for a tier or region whose rows have none, and where a
// long prompt is dearer there, the lines of one say so when the tier has no such price.
func buildSheets(key string, rows, standard []*price) []Sheet {
	var sheets []Sheet
	rows = slices.DeleteFunc(slices.Clone(rows), isWithdrawn)
	for _, s := range dateSpans(rows) {
		active := activeRows(rows, s)
		if len(active) == 0 {
			continue
		}
		base := activeRows(standard, s)
		bounds := promptBounds(slices.Concat(active, base))
		for i, bound := range bounds {
			end := int64(0)
			if i+1 < len(bounds) {
				end = bounds[i+1]
			}
			for _, tod := range daySpans(active) {
				sheet := newSheet(rows[0], key, s, bound, end, tod)
				sheet.fill(active, base)
				sheet.fillOther(active, base)
				sheets = append(sheets, sheet)
			}
		}
	}
	return sheets
}

// isWithdrawn reports whether a row never came into force. A row of another unit than tokens
// makes a sheet too, without lines: the model is known, its tokens are not priced.
func isWithdrawn(p *price) bool { return p.status == statusWithdrawn }

// newSheet makes an empty sheet.
func newSheet(
	of *price, key string, s span, minPrompt, maxPrompt int64, tod hours,
) Sheet {
	return Sheet{
		PriceKey: key, Provider: of.provider, Model: of.model,
		ServiceTier: of.serviceTier, Region: of.region,
		From: s.from, To: s.to, MinPrompt: minPrompt, MaxPrompt: maxPrompt,
		TodFrom: tod.from, TodTo: tod.to,
	}
}

// dateSpans splits time at every date on which a row begins or ends.
func dateSpans(rows []*price) []span {
	var dates []time.Time
	for _, row := range rows {
		dates = append(dates, row.from, row.to)
	}
	dates = slices.DeleteFunc(dates, time.Time.IsZero)
	slices.SortFunc(dates, time.Time.Compare)
	dates = slices.CompactFunc(dates, time.Time.Equal)
	spans := make([]span, 0, len(dates)+1)
	from := time.Time{}
	for _, date := range dates {
		spans = append(spans, span{from, date})
		from = date
	}
	return append(spans, span{from, time.Time{}})
}

// activeRows returns the rows in force at the start of a span.
func activeRows(rows []*price, s span) []*price {
	var active []*price
	for _, row := range rows {
		if !isWithdrawn(row) && (span{row.from, row.to}).contains(s.from) {
			active = append(active, row)
		}
	}
	return active
}

// promptBounds returns the prompt sizes at which a price changes; the first is 0.
func promptBounds(rows []*price) []int64 {
	bounds := []int64{0}
	for _, row := range rows {
		bounds = append(bounds, row.minPrompt)
	}
	slices.Sort(bounds)
	return slices.Compact(bounds)
}

// daySpans splits the UTC day at every minute at which a price changes; the whole day is 0,0.
func daySpans(rows []*price) []hours {
	minutes := []int{0, dayMinutes}
	for _, row := range rows {
		if !row.hours.isAllDay() {
			minutes = append(minutes, row.hours.from, row.hours.to)
		}
	}
	slices.Sort(minutes)
	minutes = slices.Compact(minutes)
	if len(minutes) == 2 {
		return []hours{{}}
	}
	spans := make([]hours, 0, len(minutes)-1)
	for i := range len(minutes) - 1 {
		spans = append(spans, hours{minutes[i], minutes[i+1]})
	}
	return spans
}

// fill sets the sheet's lines from the rows in force, then the fallbacks.
func (s *Sheet) fill(active, standard []*price) {
	for _, t := range tokenTypes() {
		if row, ok := s.pick(active, t); ok {
			s.lines[t.index()] = newLine(row, t)
		}
	}
	s.noteBounds(active)
	if row, ok := s.pick(standard, WebSearch); ok {
		why := "calls cost the same in every tier and region"
		s.fallBack(WebSearch, *newLine(row, WebSearch), why)
	}
	s.fallBackTo(Reasoning, Output, "reasoning at the output price")
	s.fallBackTo(ImageIn, Input, "image tokens of the prompt at the input price")
	s.fallBackTo(ImageCachedIn, CacheRead, "cached image tokens at the cached price")
	s.fallBackTo(CacheWrite5m, CacheWrite, "cache_write_5m at the one write price")
	s.fallBackTo(CacheWrite, CacheWrite5m, "cache_write without a TTL at the 5m price")
}

// pick returns the row of a type that holds on the sheet: of the highest prompt bound, and a
// daily window before the whole day.
func (s *Sheet) pick(active []*price, t TokenType) (best *price, found bool) {
	for _, row := range active {
		if row.tokenType != string(t) || row.minPrompt > s.MinPrompt ||
			!row.hours.contains(s.TodFrom) {
			continue
		}
		if !found || isMoreSpecific(row, best) {
			best, found = row, true
		}
	}
	return best, found
}

// isMoreSpecific reports whether a comes before b for one type on one sheet.
func isMoreSpecific(a, b *price) bool {
	if a.minPrompt != b.minPrompt {
		return cmp.Compare(a.minPrompt, b.minPrompt) > 0
	}
	return !a.hours.isAllDay() && b.hours.isAllDay()
}

// noteBounds marks the token types that keep a lower bound's price on a long-context sheet.
func (s *Sheet) noteBounds(active []*price) {
	for _, t := range tokenTypes() {
		line := s.lines[t.index()]
		if line == nil || t == WebSearch || s.MinPrompt == 0 {
			continue
		}
		if row, _ := s.pick(active, t); row.minPrompt < s.MinPrompt {
			line.Fallback = fmt.Sprintf("%s at the price from %d prompt tokens: "+
				"none is listed from %d", t, row.minPrompt, s.MinPrompt)
		}
	}
}

// fallBackTo prices a type that has no price of its own like another.
func (s *Sheet) fallBackTo(t, like TokenType, why string) {
	line, ok := s.Price(like)
	if !ok {
		return
	}
	if line.Fallback != "" {
		why += "; " + line.Fallback
	}
	s.fallBack(t, line, why)
}

// fallBack prices a type that has no price of its own.
func (s *Sheet) fallBack(t TokenType, line Line, why string) {
	if s.lines[t.index()] != nil {
		return
	}
	line.TokenType, line.Fallback = t, why
	s.lines[t.index()] = &line
}

// newLine makes a sheet's line from a row.
func newLine(row *price, t TokenType) *Line {
	return &Line{
		TokenType: t, USDPerMillion: row.perMillion, USDPerToken: row.perMillion.Shift(-6),
		Source: row.source, Status: row.status, ObservedOn: row.observedOn,
		From: row.from, To: row.to, File: row.file, FileLine: row.line,
	}
}
