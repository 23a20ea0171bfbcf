package loaders

import (
	"strings"
	"time"
)

// Times as text. Nearly all are written in one form, and a load reads millions of them: that form
// is read by hand, and all else, mistakes included, by package time.

// parseInstant reads YYYY-MM-DD[T| ]HH:MM[:SS[.f]][Z|±HH[[:]MM]], as JSON, databases and Go print
// it, a date as JavaScript prints it, or a number since 1970; a time without zone is UTC, which is
// what the databases and consoles of the known formats mean by it.
func parseInstant(field, text string) (Count, error) {
	if text == "" {
		return Count{}, nil
	}
	if us, ok := usualInstant(text); ok {
		return Counted(us), nil
	}
	if us, ok := epochInstant(text); ok {
		return Counted(us), nil
	}
	normal := strings.TrimSuffix(text, " UTC")
	if isDigit(normal[0]) {
		normal = strings.Replace(strings.Replace(normal, " ", "T", 1), " ", "", 1)
	} else {
		normal, _, _ = strings.Cut(normal, " (")
	}
	for _, layout := range instantLayouts() {
		if t, err := time.Parse(layout, normal); err == nil {
			return checkInstant(field, text, t)
		}
	}
	return Count{}, badRow("%s %s: not a time", field, quoted(text))
}

func instantLayouts() []string {
	return []string{
		"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999Z07",
		"2006-01-02T15:04", "2006-01-02", "Mon Jan 02 2006 15:04:05 GMT-0700",
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// epochInstant reads a number since 1970. Of the years that a call can have, seconds, milli-,
// micro- and nanoseconds give numbers that no other of the four gives, so the size tells the unit.
func epochInstant(text string) (us int64, ok bool) {
	whole, _, _ := strings.Cut(text, ".")
	if len(whole) < 10 || strings.Trim(whole, "0123456789") != "" {
		return 0, false
	}
	for _, places := range epochs() {
		us, ok := scaledWhole(text, places)
		if ok && us >= possibleFromUS && us < possibleToUS {
			return us, true
		}
	}
	return 0, false
}

// checkInstant refuses times that no LLM call can have.
func checkInstant(field, text string, t time.Time) (Count, error) {
	if t.Year() < yearMin || t.Year() > yearMax {
		return Count{}, badRow("%s %s: not a plausible time", field, quoted(text))
	}
	return Counted(t.UnixMicro()), nil
}

// Years that an LLM call can have.
const yearMin, yearMax = 2015, 2100

// usualInstant reads YYYY-MM-DD(T| )HH:MM:SS[.f][Z|±HH:MM], of a possible time; the last days
// of a month are left to package time.
func usualInstant(text string) (us int64, ok bool) {
	const length = len("2006-01-02T15:04:05")
	if len(text) < length || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
		text[16] != ':' || (text[10] != 'T' && text[10] != ' ') {
		return 0, false
	}
	century, year := twoDigits(text), twoDigits(text[2:])
	month, day := twoDigits(text[5:]), twoDigits(text[8:])
	hour, minute, second := twoDigits(text[11:]), twoDigits(text[14:]), twoDigits(text[17:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 28 ||
		uint(hour) > 23 || uint(minute) > 59 || uint(second) > 59 {
		return 0, false
	}
	if year += 100 * century; year < yearMin || year > yearMax {
		return 0, false
	}
	micros, rest, ok := fraction(text[length:])
	if !ok {
		return 0, false
	}
	east, ok := zoneMinutes(rest)
	if !ok {
		return 0, false
	}
	minutes := int64((daysSince1970(year, month, day)*24+hour)*60 + minute - east)
	return (minutes*60+int64(second))*1_000_000 + micros, true
}

// twoDigits reads two digits; below 0 is none.
func twoDigits(text string) int {
	tens, ones := text[0]-'0', text[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

// fraction reads up to nine digits behind a point, if there is one, as microseconds.
func fraction(text string) (micros int64, rest string, ok bool) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, true
	}
	n, scale := 1, int64(100_000)
	for ; n < len(text) && text[n]-'0' <= 9; n++ {
		micros += int64(text[n]-'0') * scale
		scale /= 10
	}
	return micros, text[n:], n > 1 && n <= 10
}

// zoneMinutes is how far east of UTC a zone is that is written as nothing, Z or ±HH:MM.
func zoneMinutes(text string) (east int, ok bool) {
	if text == "" || text == "Z" {
		return 0, true
	}
	if len(text) != len("+00:00") || text[3] != ':' || (text[0] != '+' && text[0] != '-') {
		return 0, false
	}
	hours, minutes := twoDigits(text[1:]), twoDigits(text[4:])
	if uint(hours) > 23 || uint(minutes) > 59 {
		return 0, false
	}
	if east = hours*60 + minutes; text[0] == '-' {
		east = -east
	}
	return east, true
}

// daysSince1970 counts the days to a date of the Gregorian calendar, by years that begin in March.
func daysSince1970(year, month, day int) int {
	if month < 3 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
}

// The same years as microseconds since 1970, UTC.
const possibleFromUS, possibleToUS = 1_420_070_400_000_000, 4_133_980_800_000_000
