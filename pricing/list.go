package pricing

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// List is one price file of a book, for the manifest.
type List struct {
	Name   string
	SHA256 string
	Rows   int
	AsOf   time.Time // since when an undated list held; zero for dated lists
}

// listBytesMax bounds a price file: the largest public price map is 1.4 MB.
const listBytesMax = 64 << 20

// perMillionDigits is the finest price per million that per-token prices of 15 digits can hold.
const perMillionDigits = 9

// perMillionIntegerDigits keeps a price per token within DECIMAL(19,15).
const perMillionIntegerDigits = 9

// readAll reads a price file within its bound and returns its digest.
func readAll(name string, r io.Reader) (text []byte, digest string, err error) {
	text, err = io.ReadAll(io.LimitReader(r, listBytesMax+1))
	if err != nil {
		return nil, "", fmt.Errorf("price list %s: %w", name, err)
	}
	if len(text) > listBytesMax {
		return nil, "", fmt.Errorf("price list %s: more than %d bytes", name, listBytesMax)
	}
	sum := sha256.Sum256(text)
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), hex.EncodeToString(sum[:]), nil
}

// table is a CSV file with a header, read row by row by column name.
type table struct {
	name    string
	reader  *csv.Reader
	columns map[string]int
	record  []string
	line    int
}

// newTable reads the header and holds it to the known columns.
func newTable(name string, text []byte, required, optional []string) (*table, error) {
	t := &table{name: name, reader: csv.NewReader(bytes.NewReader(text))}
	t.reader.Comment = '#'
	t.reader.ReuseRecord = true
	header, err := t.reader.Read()
	if err != nil {
		return nil, fmt.Errorf("price list %s: header: %w", name, err)
	}
	t.columns = make(map[string]int, len(header))
	for i, column := range header {
		t.columns[strings.TrimSpace(column)] = i
	}
	for _, column := range required {
		if _, ok := t.columns[column]; !ok {
			return nil, fmt.Errorf("price list %s: header: no column %q", name, column)
		}
	}
	known := strings.Join(append(append([]string{}, required...), optional...), ",")
	for column := range t.columns {
		if !strings.Contains(","+known+",", ","+column+",") {
			return nil, fmt.Errorf("price list %s: header: unknown column %q (known: %s)",
				name, clip(column), known)
		}
	}
	return t, nil
}

// next moves to the next row; io.EOF ends the table.
func (t *table) next() error {
	record, err := t.reader.Read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("price list %s: %w", t.name, err)
	}
	t.record = record
	t.line, _ = t.reader.FieldPos(0)
	return nil
}

// get returns a column of the row, "" when the file does not have it.
func (t *table) get(column string) string {
	i, ok := t.columns[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(t.record[i])
}

// errorf makes an error at the row.
func (t *table) errorf(err error) error {
	return fmt.Errorf("price list %s: line %d: %w", t.name, t.line, err)
}

// readPrices reads our own format. A region may list several, "us|eu": one price each.
func readPrices(name string, text []byte) ([]*price, error) {
	t, err := newTable(name, text,
		[]string{"provider", "model", "token_type", "usd_per_million"},
		[]string{"service_tier", "region", "min_input_tokens", "hours_utc", "effective_from",
			"effective_to", "status", "source", "observed_on"})
	if err != nil {
		return nil, err
	}
	rows := make([]*price, 0, bytes.Count(text, []byte("\n")))
	for {
		if err := t.next(); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		row, err := readPrice(t)
		if err != nil {
			return nil, t.errorf(err)
		}
		for region := range strings.SplitSeq(t.get("region"), "|") {
			one := row
			one.region = plainRegion(region)
			rows = append(rows, &one)
		}
	}
}

// readPrice reads one row but its region.
func readPrice(t *table) (price, error) {
	row := price{
		provider:   strings.ToLower(t.get("provider")),
		model:      strings.ToLower(t.get("model")),
		tokenType:  t.get("token_type"),
		status:     t.get("status"),
		source:     t.get("source"),
		observedOn: t.get("observed_on"),
		file:       t.name,
		line:       t.line,
	}
	row.serviceTier = plainTier(row.provider, t.get("service_tier"))
	if row.status == "" {
		row.status = statusInForce
	}
	var err error
	if row.minPrompt, err = parseCount(t.get("min_input_tokens")); err != nil {
		return price{}, err
	}
	if row.hours, err = parseHours(t.get("hours_utc")); err != nil {
		return price{}, err
	}
	if row.from, err = parseTime(t.get("effective_from")); err != nil {
		return price{}, err
	}
	if row.to, err = parseTime(t.get("effective_to")); err != nil {
		return price{}, err
	}
	if row.perMillion, err = ParseUSD(t.get("usd_per_million")); err != nil {
		return price{}, err
	}
	return row, row.validate()
}

// validate holds a row to what the rater relies on.
func (p *price) validate() error {
	switch {
	case p.provider == "" || p.model == "" || p.tokenType == "":
		return errors.New("provider, model and token_type must be given")
	case p.status != statusAnnounced && p.status != statusInForce && p.status != statusWithdrawn:
		return fmt.Errorf("status %q: not announced, in_force or withdrawn", clip(p.status))
	case !p.from.IsZero() && !p.to.IsZero() && !p.from.Before(p.to):
		return errors.New("effective_from is not before effective_to")
	case !p.hours.isAllDay() && p.from.IsZero():
		return errors.New("hours_utc without effective_from: a time-of-day price must be dated")
	case TokenType(p.tokenType).index() < 0 && !IsOtherCharge(p.tokenType):
		return fmt.Errorf("token_type %q: unknown", clip(p.tokenType))
	}
	return validPerMillion(p.perMillion)
}

// validPerMillion holds a price to what DECIMAL(19,15) per token can carry exactly.
func validPerMillion(u USD) error {
	most := FromInt128(0, 1).Shift(usdScale + perMillionIntegerDigits)
	switch {
	case u.Sign() < 0:
		return fmt.Errorf("usd_per_million %s: negative", u)
	case u.Cmp(most) >= 0:
		return fmt.Errorf("usd_per_million %s: %w", u, errOutOfRange)
	case !u.fits(perMillionDigits):
		return fmt.Errorf("usd_per_million %s: more than %d fraction digits: "+
			"not exact per token", u, perMillionDigits)
	}
	return nil
}

// IsOtherCharge reports whether a name has the form of a charge that is counted in other units
// than tokens: calls, hours, and all that begins with other_.
func IsOtherCharge(tokenType string) bool {
	return strings.HasSuffix(tokenType, "_call") || strings.HasSuffix(tokenType, "_hour") ||
		strings.HasPrefix(tokenType, "other_")
}

// parseCount reads a token bound; empty text is 0.
func parseCount(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("min_input_tokens %q: not a count", clip(text))
	}
	return n, nil
}

// parseTime reads a UTC date or an RFC 3339 time; empty text is open.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: not YYYY-MM-DD or RFC 3339", clip(text))
	}
	return at.UTC(), nil
}
