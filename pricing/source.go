package pricing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// Source names a user's price file.
type Source struct {
	// Name is the file's name, as reports show it.
	Name string
	// AsOf is the day from which an undated list held. Several snapshots of one list, taken in
	// the order of their days, make a history.
	AsOf time.Time
	// Provider is whose prices the file has, for formats that do not say it (Portkey keeps one
	// file a provider). When it is empty the file's name says it.
	Provider string
}

// Skipped is something a user's price file says that the book does not hold, and why. Nothing
// of a file is left out without one.
type Skipped struct{ List, Entry, Key, Reason string }

// errUndated is returned for an undated list without a day.
var errUndated = errors.New("the list has no dates: say since when it held, as FILE@YYYY-MM-DD")

// ParseSource reads FILE or FILE@DATE.
func ParseSource(argument string) (Source, error) {
	at := strings.LastIndexByte(argument, '@')
	if at < 0 {
		return Source{Name: argument}, nil
	}
	asOf, err := parseTime(argument[at+1:])
	if err != nil {
		return Source{Name: argument}, nil // an @ of the file's own name
	}
	return Source{Name: argument[:at], AsOf: asOf}, nil
}

// With returns a book in which the rows of a user's file come first. The name may end in @DATE,
// see Source. The file is one of these, told apart by what is in it:
//
//   - our own CSV: a row of it holds on its dates against our row for the same provider, model,
//     token type, service tier, region, prompt bound and hours; ours hold on the other dates
//   - a contract CSV: discounts, margins and custom prices, see readContract
//   - a CSV of names, with the columns provider, alias, model, valid_from, valid_to: what a
//     deployment, an inference profile or a house alias stands for
//   - LiteLLM's model_prices_and_context_window.json, with @DATE
//   - genai-prices' data.json
//   - OpenRouter's models, with @DATE
//   - models.dev's api.json, with @DATE
//   - Portkey's pricing file of one provider (cents per token), with @DATE
//
// A JSON list replaces, from its date on, all our rows for each provider, model, service tier
// and region that it has. A later file comes before an earlier one, any file before our lists.
// A model that a file names is priced by it even where we know the name as an alias.
func (b *Book) With(name string, r io.Reader) (*Book, error) {
	source, err := ParseSource(name)
	if err != nil {
		return nil, err
	}
	return b.WithSource(source, r)
}

// WithSource is With for a file whose day and provider are known apart from its name.
func (b *Book) WithSource(source Source, r io.Reader) (*Book, error) {
	text, digest, err := readAll(source.Name, r)
	if err != nil {
		return nil, err
	}
	if isAliasTable(text) {
		return b.withAliases(source.Name, text, digest)
	}
	in := &importer{source: source, book: b}
	if err := in.read(text); err != nil {
		return nil, err
	}
	for i := range in.prices {
		in.prices[i].fromUser = true
		in.prices[i].provider = b.names.provider(in.prices[i].provider)
	}
	list := List{Name: source.Name, SHA256: digest, Rows: len(in.prices), AsOf: source.AsOf}
	return b.with(list, in)
}

// isAliasTable reports whether a CSV's header has the column alias.
func isAliasTable(text []byte) bool {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	for column := range bytes.SplitSeq(header, []byte(",")) {
		if string(bytes.TrimSpace(column)) == "alias" {
			return true
		}
	}
	return false
}

// withAliases returns the book with a user's names.
func (b *Book) withAliases(name string, text []byte, digest string) (*Book, error) {
	known, rows, err := b.names.withAliases(name, text)
	if err != nil {
		return nil, err
	}
	book := *b
	book.names = known
	book.lists = append(slices.Clone(b.lists), List{Name: name, SHA256: digest, Rows: rows})
	return &book, nil
}

// importer reads one user's file into rows.
type importer struct {
	source  Source
	book    *Book
	prices  []*price
	skipped []Skipped
	// replaces is the part of a row's key within which a row of the file cuts older rows.
	replaces func(*price) string
}

// read tells the formats apart by content.
func (in *importer) read(text []byte) error {
	in.replaces = (*price).key
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		in.replaces = (*price).group
		if err := in.readJSON(text); err != nil {
			return err
		}
		return in.checkRead()
	}
	header, _, _ := bytes.Cut(trimmed, []byte("\n"))
	var err error
	if bytes.Contains(header, []byte("_percent")) {
		return in.readContract(text)
	}
	in.prices, err = readPrices(in.source.Name, text)
	return err
}

// readJSON tells the JSON lists apart.
func (in *importer) readJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return fmt.Errorf("price list %s: %w", in.source.Name, err)
	}
	if list, ok := root.([]any); ok {
		return in.readGenai(list)
	}
	fields, _ := root.(map[string]any)
	if providers, ok := fields["providers"].([]any); ok {
		return in.readGenai(providers)
	}
	if in.source.AsOf.IsZero() {
		return fmt.Errorf("price list %s: %w", in.source.Name, errUndated)
	}
	if models, ok := fields["data"].([]any); ok {
		in.readOpenRouter(models)
		return nil
	}
	for _, entry := range fields {
		if model, ok := entry.(map[string]any); ok && model["pricing_config"] != nil {
			in.readPortkey(fields)
			return nil
		}
	}
	if isModelsDev(fields) {
		in.readModelsDev(fields)
	} else {
		in.readLiteLLM(fields)
	}
	return nil
}

// checkRead refuses a JSON list of which nothing could be taken in: our prices would stand in the
// place of the user's without a word.
func (in *importer) checkRead() error {
	if len(in.prices) > 0 {
		return nil
	}
	reason := "it has no entries"
	if len(in.skipped) > 0 {
		first := in.skipped[0]
		reason = strings.TrimSpace(clip(first.Entry)+" "+clip(first.Key)) + ": " + first.Reason
	}
	return fmt.Errorf("price list %s: no price could be read: %s", in.source.Name, reason)
}

// skip records what is left out.
func (in *importer) skip(entry, key, reason string) {
	in.skipped = append(in.skipped, Skipped{in.source.Name, entry, key, reason})
}

// add takes one price in, in USD per unit. Binary residue (4.285999999999999e-06) is rounded
// away at 12 significant digits; a price that is still finer than the book can hold is skipped.
func (in *importer) add(row price, perUnit USD, entry, key string) {
	row.perMillion = perUnit.Shift(6)
	row.status = statusInForce
	row.file = in.source.Name
	row.source = in.source.Name + ": " + entry + " " + key
	if !in.source.AsOf.IsZero() {
		row.observedOn = in.source.AsOf.Format(time.DateOnly)
	}
	if !row.perMillion.fits(perMillionDigits) {
		rounded := row.perMillion.significant(12)
		if !rounded.fits(perMillionDigits) {
			in.skip(entry, key, "finer than a per-token price can be: "+perUnit.String())
			return
		}
		row.source += " (" + perUnit.String() + " without its binary residue)"
		row.perMillion = rounded
	}
	if err := row.validate(); err != nil {
		in.skip(entry, key, err.Error())
		return
	}
	in.prices = append(in.prices, &row)
}

// amountOf reads a JSON price, number or text, exactly.
func amountOf(value any) (USD, error) {
	switch value := value.(type) {
	case json.Number:
		return ParseUSD(value.String())
	case string:
		return ParseUSD(value)
	}
	return USD{}, errNotDecimal
}

// providerOfFile says whose file it is, for formats that do not.
func (in *importer) providerOfFile() string {
	if in.source.Provider != "" {
		return in.source.Provider
	}
	base := path.Base(strings.ReplaceAll(in.source.Name, `\`, "/"))
	name, _, _ := strings.Cut(base, ".")
	return name
}
