package pricing

import (
	"cmp"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// builtinLists are our own price files: one a provider, the names, and the aliases.
//
//go:embed list/*.csv
var builtinLists embed.FS

// Book is a set of price lists, ready to answer. It never changes; With makes a new one.
type Book struct {
	lists   []List
	skipped []Skipped
	prices  []*price // shared with books made of this one: a row is never changed
	names   names
	sheets  func() sheetList    // made when they are first asked for
	tiers   map[string][]string // provider/model -> tiers listed
	regions map[string][]string // provider/model -> regions listed, "" left out
	// ownRegions are the regions, provider/model|region, that not only users' files list.
	ownRegions map[string]bool
}

// sheetList is every sheet of a book, and where those of a price key are among them.
type sheetList struct {
	all   []Sheet
	byKey map[string]sheetRange
}

// sheetRange is the place of one price key's sheets.
type sheetRange struct{ from, to int }

// Builtin returns the book of our own lists.
func Builtin() (*Book, error) {
	files, err := builtinLists.ReadDir("list")
	if err != nil {
		return nil, fmt.Errorf("price lists: %w", err)
	}
	book := &Book{names: newNames()}
	for _, file := range files {
		name := path.Join("list", file.Name())
		text, err := builtinLists.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("price list %s: %w", name, err)
		}
		if err := book.read(name, text); err != nil {
			return nil, err
		}
	}
	return book, book.build()
}

// read takes one built-in file in.
func (b *Book) read(name string, text []byte) error {
	_, digest, err := readAll(name, strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	rows := 0
	switch path.Base(name) {
	case "providers.csv":
		rows, err = b.names.readProviders(name, text)
	case "aliases.csv":
		rows, err = b.names.readAliases(name, text, false)
	default:
		var prices []*price
		prices, err = readPrices(name, text)
		rows = len(prices)
		b.prices = append(b.prices, prices...)
	}
	if err != nil {
		return err
	}
	b.lists = append(b.lists, List{Name: name, SHA256: digest, Rows: rows})
	return nil
}

// with puts the rows of a user's file before those of the book.
func (b *Book) with(list List, in *importer) (*Book, error) {
	book := &Book{
		lists:   append(slices.Clone(b.lists), list),
		skipped: append(slices.Clone(b.skipped), in.skipped...),
		names:   b.names,
		prices:  override(b.prices, in.prices, in.replaces),
	}
	if err := book.build(); err != nil {
		return nil, fmt.Errorf("price list %s: %w", list.Name, err)
	}
	return book, nil
}

// override cuts the spans of the new rows out of the old rows with the same key.
func override(old, news []*price, key func(*price) string) []*price {
	cuts := make(map[string][]span)
	for _, row := range news {
		if row.status != statusWithdrawn {
			cuts[key(row)] = append(cuts[key(row)], span{row.from, row.to})
		}
	}
	noteBefore(old, news)
	out := make([]*price, 0, len(old)+len(news))
	for _, row := range old {
		left := []span{{row.from, row.to}}
		if row.status != statusWithdrawn {
			for _, cut := range cuts[key(row)] {
				var rest []span
				for _, s := range left {
					rest = append(rest, s.minus(cut)...)
				}
				left = rest
			}
		}
		for _, s := range left {
			one := *row
			one.from, one.to = s.from, s.to
			out = append(out, &one)
		}
	}
	return append(out, news...)
}

// noteBefore writes into the source of a new row which row it comes before.
func noteBefore(old, news []*price) {
	byKey := make(map[string][]*price)
	for _, row := range news {
		byKey[row.key()] = nil
	}
	for _, row := range old {
		if _, isNew := byKey[row.key()]; isNew && row.status != statusWithdrawn {
			byKey[row.key()] = append(byKey[row.key()], row)
		}
	}
	for i, row := range news {
		for _, beaten := range byKey[row.key()] {
			if (span{row.from, row.to}).overlaps(span{beaten.from, beaten.to}) {
				note := "before " + beaten.where() + " at " + beaten.perMillion.String()
				news[i].source = strings.TrimPrefix(row.source+"; "+note, "; ")
				break
			}
		}
	}
}

// Lists returns the files of the book in the order they were read.
func (b *Book) Lists() []List { return slices.Clone(b.lists) }

// Skipped returns what the users' files say that the book does not hold.
func (b *Book) Skipped() []Skipped { return slices.Clone(b.skipped) }

// Sheets returns every wide price row, by price key, time, prompt size and time of day.
func (b *Book) Sheets() []Sheet { return slices.Clone(b.sheets().all) }

// build derives the indexes; it refuses overlapping rows.
func (b *Book) build() error {
	slices.SortStableFunc(b.prices, comparePrices)
	if err := firstOverlap(b.prices); err != nil {
		return err
	}
	b.names = b.names.withModels(b.prices)
	b.tiers, b.regions = listedConditions(b.prices)
	b.ownRegions = make(map[string]bool)
	for _, row := range b.prices {
		if !row.fromUser && row.region != "" {
			b.ownRegions[row.provider+"/"+row.model+"|"+row.region] = true
		}
	}
	b.sheets = sync.OnceValue(b.listSheets)
	return nil
}

// listSheets makes the sheets of a book whose prices stand in order.
func (b *Book) listSheets() sheetList {
	list := sheetList{make([]Sheet, 0, len(b.prices)/2), make(map[string]sheetRange)}
	isSameGroup := func(a, b *price) bool { return compareGroups(a, b) == 0 }
	for rows := range chunks(b.prices, isSameGroup) {
		key := rows[0].group()
		from := len(list.all)
		list.all = append(list.all, buildSheets(key, rows, b.standardRows(rows[0]))...)
		for i := from; i < len(list.all); i++ {
			list.all[i].ID = int64(i + 1)
		}
		list.byKey[key] = sheetRange{from, len(list.all)}
	}
	return list
}

// comparePrices orders rows by key, then time; the file and line make the order total.
func comparePrices(a, b *price) int {
	if order := compareGroups(a, b); order != 0 {
		return order
	}
	return cmp.Or(
		strings.Compare(a.tokenType, b.tokenType),
		cmp.Compare(a.minPrompt, b.minPrompt),
		cmp.Compare(a.hours.from, b.hours.from),
		cmp.Compare(a.hours.to, b.hours.to),
		a.from.Compare(b.from),
		strings.Compare(a.file, b.file),
		cmp.Compare(a.line, b.line),
	)
}

// compareGroups orders rows by what their calls have in common.
func compareGroups(a, b *price) int {
	return cmp.Or(
		strings.Compare(a.provider, b.provider),
		strings.Compare(a.model, b.model),
		strings.Compare(a.serviceTier, b.serviceTier),
		strings.Compare(a.region, b.region),
	)
}

// firstOverlap refuses two rows that would both be the price of one call.
func firstOverlap(sorted []*price) error {
	isSameType := func(a, b *price) bool {
		return compareGroups(a, b) == 0 && a.tokenType == b.tokenType && a.minPrompt == b.minPrompt
	}
	for rows := range chunks(sorted, isSameType) {
		for i, a := range rows {
			for _, b := range rows[i+1:] {
				if a.status == statusWithdrawn || b.status == statusWithdrawn {
					continue
				}
				if a.hours.overlaps(b.hours) && (span{a.from, a.to}).overlaps(span{b.from, b.to}) {
					return fmt.Errorf("%s and %s: two prices for %s %s at once",
						a.where(), b.where(), a.group(), a.tokenType)
				}
			}
		}
	}
	return nil
}

// standardRows returns the standard default rows of a model: its per-call charges, which are not
// discounted or raised by tier or region unless the list says so, and its prompt bounds.
func (b *Book) standardRows(of *price) []*price {
	base := &price{provider: of.provider, model: of.model, serviceTier: standardTier}
	start, _ := slices.BinarySearchFunc(b.prices, base, compareGroups)
	end := start
	for end < len(b.prices) && compareGroups(b.prices[end], base) == 0 {
		end++
	}
	return b.prices[start:end]
}

// listedConditions collects the service tiers and regions that each model has rows for.
func listedConditions(prices []*price) (tiers, regions map[string][]string) {
	tiers, regions = make(map[string][]string), make(map[string][]string)
	for _, row := range prices {
		model := row.provider + "/" + row.model
		if !slices.Contains(tiers[model], row.serviceTier) {
			tiers[model] = append(tiers[model], row.serviceTier)
		}
		if row.region != "" && !slices.Contains(regions[model], row.region) {
			regions[model] = append(regions[model], row.region)
		}
	}
	return tiers, regions
}

// chunks yields the runs of rows that belong together.
func chunks(rows []*price, together func(a, b *price) bool) func(func([]*price) bool) {
	return func(yield func([]*price) bool) {
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && together(rows[0], rows[n]) {
				n++
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// sheetAt returns the sheet of a price key that holds at a moment for a prompt size.
func (b *Book) sheetAt(key string, at time.Time, prompt int64) (Sheet, bool) {
	for _, sheet := range b.sheetsOf(key) {
		if sheet.holds(at, prompt) {
			return sheet, true
		}
	}
	return Sheet{}, false
}
