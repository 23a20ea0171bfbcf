package pricing

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// price is one row of a list: what one token type costs under one set of conditions in one
// span of time.
type price struct {
	provider, model, tokenType string
	serviceTier, region        string // "standard" and "" are the defaults
	minPrompt                  int64  // inclusive lower bound of the whole prompt
	hours                      hours
	from, to                   time.Time // half-open, zero = open
	perMillion                 USD
	status                     string // announced | in_force | withdrawn
	source, observedOn         string
	file                       string
	line                       int
	fromUser                   bool
}

// The statuses of a price row. A withdrawn price was announced and never came into force; it is
// kept for the record and rates nothing: see Book.Withdrawn.
const (
	statusAnnounced = "announced"
	statusInForce   = "in_force"
	statusWithdrawn = "withdrawn"
)

// key is everything about a row but its dates and its figure: two rows with one key must not
// overlap in time.
func (p *price) key() string {
	return strings.Join([]string{
		p.group(), p.tokenType, strconv.FormatInt(p.minPrompt, 10), p.hours.String(),
	}, "|")
}

// modelID names the model.
func (p *price) modelID() [2]string { return [2]string{p.provider, p.model} }

// group is the price key: the conditions that a call has as a whole.
func (p *price) group() string {
	return priceKey(p.provider, p.model, p.serviceTier, p.region)
}

// priceKey names one group of conditions: provider/model|tier|region.
func priceKey(provider, model, tier, region string) string {
	return provider + "/" + model + "|" + tier + "|" + region
}

// where says which file and line a row came from.
func (p *price) where() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// span is a half-open span of time; a zero end is open.
type span struct{ from, to time.Time }

// overlaps reports whether two spans share an instant.
func (s span) overlaps(o span) bool {
	return startsBefore(s.from, o.to) && startsBefore(o.from, s.to)
}

// startsBefore reports whether a span that starts at from has begun when another ends at to.
func startsBefore(from, to time.Time) bool {
	return from.IsZero() || to.IsZero() || from.Before(to)
}

// contains reports whether the instant lies in the span. The zero instant is before all others.
func (s span) contains(at time.Time) bool {
	return (s.from.IsZero() || !at.Before(s.from)) && (s.to.IsZero() || at.Before(s.to))
}

// minus returns what is left of s when o is cut out.
func (s span) minus(o span) []span {
	if !s.overlaps(o) {
		return []span{s}
	}
	var left []span
	if !o.from.IsZero() && (s.from.IsZero() || s.from.Before(o.from)) {
		left = append(left, span{s.from, o.from})
	}
	if !o.to.IsZero() && (s.to.IsZero() || o.to.Before(s.to)) {
		left = append(left, span{o.to, s.to})
	}
	return left
}

// hours is a daily window in minutes of the UTC day, [from, to); to <= from wraps midnight, and
// the zero value is the whole day.
type hours struct{ from, to int }

// dayMinutes is the length of a day.
const dayMinutes = 24 * 60

// errHours is returned for a time-of-day window that is not HH:MM-HH:MM.
var errHours = errors.New("not a UTC window HH:MM-HH:MM")

// parseHours reads "16:30-00:30"; empty text is the whole day.
func parseHours(text string) (hours, error) {
	if text == "" {
		return hours{}, nil
	}
	start, end, _ := strings.Cut(text, "-")
	from, err := time.Parse("15:04", start)
	if err != nil {
		return hours{}, fmt.Errorf("hours_utc %q: %w", clip(text), errHours)
	}
	to, err := time.Parse("15:04", end)
	if err != nil || from.Equal(to) {
		return hours{}, fmt.Errorf("hours_utc %q: %w", clip(text), errHours)
	}
	return hours{minuteOf(from), minuteOf(to)}, nil
}

// minuteOf returns the minute of the UTC day.
func minuteOf(at time.Time) int {
	at = at.UTC()
	return at.Hour()*60 + at.Minute()
}

// isAllDay reports whether the window is no condition.
func (h hours) isAllDay() bool { return h == hours{} }

// contains reports whether the minute lies in the window.
func (h hours) contains(minute int) bool {
	switch {
	case h.isAllDay():
		return true
	case h.from < h.to:
		return h.from <= minute && minute < h.to
	}
	return minute >= h.from || minute < h.to
}

// overlaps reports whether two windows share a minute. The whole day shares none with a part of
// it: a part is an exception to the whole.
func (h hours) overlaps(o hours) bool {
	if h.isAllDay() || o.isAllDay() {
		return h == o
	}
	return h.contains(o.from) || o.contains(h.from)
}

// String writes the window as it is read, "" for the whole day.
func (h hours) String() string {
	if h.isAllDay() {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.from/60, h.from%60, h.to/60, h.to%60)
}
