package loaders

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// byPackageTime reads a time as parseInstant does when it is not of the usual form.
func byPackageTime(text string) (Count, error) {
	normal := strings.Replace(strings.TrimSuffix(text, " UTC"), " ", "T", 1)
	for _, layout := range instantLayouts() {
		if t, err := time.Parse(layout, normal); err == nil {
			return checkInstant("at", text, t)
		}
	}
	return Count{}, badRow("at %s: not a time", quoted(text))
}

func TestUsualInstantsAreReadAsAllOthers(t *testing.T) {
	texts := []string{"2026-10-01T00:01:21.611+00:00", "2026-10-01 00:01:21Z",
		"2026-02-28T23:59:59", "2024-02-29T12:00:00Z", "2026-02-29T12:00:00Z",
		"2026-10-31T10:00:00.1+05:30",
		"2026-10-31T10:00:00.123456789-11:45", "2026-10-01T24:00:00Z", "2026-10-01T00:60:00Z",
		"2026-10-01T00:00:60Z", "2014-12-31T23:59:59Z", "2015-01-01T00:00:00+05:00",
		"2100-12-31T23:59:59-05:00", "2101-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-10-00T00:00:00Z", "2026-10-01T00:00:00.",
		"2026-10-01T0:00:00Z", "2026-10-01T00:00:00.Z", "2026-10-01T00:00:00,5Z",
		"2026-10-01T00:00:00+0000",
		"2026-10-01T00:00:00+24:00", "2026-10-01T00:00:00+00:60", "2026-10-01T00:00:00 UTC",
		"2026-10-01T00:00:00.1234567891Z", "20x6-10-01T00:00:00Z", "2026-10-01t00:00:00Z",
		"2026-10-01", "2026-10-01T00:00", "x026-10-01T00:00:00Z", "202:-10-01T00:00:00Z",
		"2026-1/-01T00:00:00Z"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		texts = append(texts, fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d%s%s",
			2012+random.IntN(91), random.IntN(14), random.IntN(33), random.IntN(25),
			random.IntN(61), random.IntN(61),
			[]string{"", ".5", ".000001", ".999999999"}[random.IntN(4)],
			[]string{"", "Z", "+00:00", "-07:30", "+14:00"}[random.IntN(5)]))
	}
	for _, text := range texts {
		got, err := parseInstant("at", text)
		want, wantErr := byPackageTime(text)
		if got != want || errorText(err) != errorText(wantErr) {
			t.Errorf("%s: %v %v, want %v %v", text, got, err, want, wantErr)
		}
	}
	for year, us := range map[int]int64{yearMin: possibleFromUS, yearMax + 1: possibleToUS} {
		if first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(); first != us {
			t.Errorf("%d begins at %d, not %d", year, first, us)
		}
	}
}

// TestInstantsInOtherForms: what databases, Go and JavaScript print, and numbers since 1970.
func TestInstantsInOtherForms(t *testing.T) {
	const want = 1_793_610_843_000_000
	for _, text := range []string{"2026-11-02 09:14:03+00", "2026-11-02 10:14:03+01",
		"2026-11-02T09:14:03+0000", "2026-11-02 09:14:03 +0000 UTC", "2026-11-02 09:14:03 UTC",
		"2026-11-02 10:14:03 +0100",
		"Mon Nov 02 2026 10:14:03 GMT+0100 (Central European Standard Time)",
		"1793610843", "1793610843.0", "1793610843000", "1793610843000.4",
		"1793610843000000", "1793610843000000123"} {
		if got, err := parseInstant("at", text); err != nil || got.N/1000 != want/1000 {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"179361084", "17936108430", "-1793610843", "1793610843e3",
		"20261102", "99999999999999999999999", "Mon Nov 02 2026", "x"} {
		if got, err := parseInstant("at", text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}
