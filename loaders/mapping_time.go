package loaders

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones of mapping files, where the machine has none

	"tieout/pricing"
)

// instants is how the times of a field are written.
type instants struct {
	places int            // of an epoch: digits between its unit and a microsecond
	layout string         // in Go's notation; "" for ISO 8601 and for an epoch
	zone   *time.Location // of times that name none; nil is UTC
	kind   instantKind
}

type instantKind int

const (
	instantISO instantKind = iota
	instantEpoch
	instantLayout
)

// epochs are the words of "time:" for numbers since 1970.
func epochs() map[string]int {
	return map[string]int{"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0, "epoch_ns": -3}
}

// read gives microseconds since 1970, UTC.
func (i instants) read(field, text string) (Count, error) {
	switch {
	case i.kind == instantEpoch:
		us, ok := scaledWhole(text, i.places)
		if !ok && strings.Contains(text, "-") {
			return parseInstant(field, text) // of releases that write it out
		}
		if !ok {
			return Count{}, badRow("%s %s: not a number since 1970", field, quoted(text))
		}
		return checkInstant(field, text, time.UnixMicro(us).UTC())
	case i.kind == instantLayout:
		at, err := time.ParseInLocation(i.layout, text, i.location())
		if err != nil {
			return Count{}, badRow("%s %s: not a time of the mapping's layout", field,
				quoted(text))
		}
		return checkInstant(field, text, earliest(at))
	case isUUID7(text):
		us, err := strconv.ParseInt(text[:8]+text[9:13], 16, 64)
		if err != nil {
			return Count{}, badRow("%s %s: not a UUID", field, quoted(text))
		}
		return checkInstant(field, text, time.UnixMilli(us).UTC())
	case i.zone == nil || hasZone(text):
		return parseInstant(field, text)
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		at, err := time.ParseInLocation(layout, strings.Replace(text, " ", "T", 1), i.zone)
		if err == nil {
			return checkInstant(field, text, earliest(at))
		}
	}
	return Count{}, badRow("%s %s: not a time", field, quoted(text))
}

// isUUID7 reports a UUID of version 7, which begins with milliseconds since 1970.
func isUUID7(text string) bool {
	return len(text) == 36 && text[8] == '-' && text[13] == '-' && text[14] == '7'
}

func (i instants) location() *time.Location {
	if i.zone == nil {
		return time.UTC
	}
	return i.zone
}

// earliest takes the first of two moments that a clock shows alike when it is set back.
func earliest(at time.Time) time.Time {
	before := at.Add(-time.Hour)
	if before.Format(time.DateTime) == at.Format(time.DateTime) {
		return before
	}
	return at
}

// hasZone reports that a time ends in Z, UTC or an offset.
func hasZone(text string) bool {
	if strings.HasSuffix(text, "Z") || strings.HasSuffix(text, "UTC") {
		return true
	}
	clock := strings.LastIndexAny(text, "T ")
	return clock > 0 && strings.ContainsAny(text[clock:], "+-")
}

// placesOf is the number of digits between a unit and a microsecond.
func placesOf(unit time.Duration) int {
	switch unit {
	case time.Second:
		return 6
	case time.Millisecond:
		return 3
	case time.Nanosecond:
		return -3
	}
	return 0
}

// scaledWhole reads a number and moves its decimal point, dropping what is left behind it.
func scaledWhole(text string, places int) (int64, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && places <= 0 && fraction == "" {
		for ; places < 0; places++ {
			n /= 10
		}
		return n, true
	}
	number, err := pricing.ParseUSD(text)
	if err != nil {
		return 0, false
	}
	whole, _, _ = strings.Cut(number.Shift(int32(places)).String(), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil
}

// goLayout turns a layout of percent letters, as of strftime, into Go's. Fractions of a second
// are read wherever they follow the seconds.
func goLayout(layout string) (string, string) {
	var out strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			out.WriteByte(layout[i])
			continue
		}
		if i++; i == len(layout) {
			return "", "ends in a bare %"
		}
		part, known := map[byte]string{
			'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03",
			'M': "04", 'S': "05", 'p': "PM", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
			'j': "002", 'z': "-0700", 'Z': "MST", 'f': "999999", 'T': "15:04:05",
			'F': "2006-01-02", '%': "%",
		}[layout[i]]
		if !known {
			return "", "%" + layout[i:i+1] + " is no part of a time"
		}
		out.WriteString(part)
	}
	if !hasDay(layout) {
		return "", layout + " names no day: it lacks %Y, %m or %d"
	}
	return strings.ReplaceAll(out.String(), "05.999999", "05"), ""
}

// hasDay reports that a layout has year, month and day.
func hasDay(layout string) bool {
	has := func(letters string) bool {
		return strings.ContainsFunc(letters, func(letter rune) bool {
			return strings.Contains(layout, "%"+string(letter))
		})
	}
	return has("YyF") && (has("mbBF") && has("deF") || has("j"))
}
