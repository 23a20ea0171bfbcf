package pricing

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
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
	names := newNames()
	parts := make([]part, len(files))
	var reading sync.WaitGroup
	for i, file := range files {
		read := func() { parts[i] = names.readPart(path.Join("list", file.Name())) }
		if isOfNames(file.Name()) {
			read() // one after the other, into the same names
		} else {
			reading.Go(read)
		}
	}
	reading.Wait()
	book := &Book{names: names}
	for _, part := range parts {
		if part.err != nil {
			return nil, part.err
		}
		book.lists = append(book.lists, part.list)
		book.prices = append(book.prices, part.prices...)
	}
	return book, book.build()
}

// part is what one built-in file holds.
type part struct {
	list   List
	prices []*price
	err    error
}

// isOfNames tells the files that hold names from those that hold prices.
func isOfNames(file string) bool { return file == "providers.csv" || file == "aliases.csv" }

// readPart reads one built-in file.
func (n names) readPart(name string) part {
	text, err := builtinLists.ReadFile(name)
	if err != nil {
		return part{err: fmt.Errorf("price list %s: %w", name, err)}
	}
	sum := sha256.Sum256(text)
	part := part{list: List{Name: name, SHA256: hex.EncodeToString(sum[:])}}
	switch path.Base(name) {
	case "providers.csv":
		part.list.Rows, part.err = n.readProviders(name, text)
	case "aliases.csv":
		part.list.Rows, part.err = n.readAliases(name, text, false)
	default:
		part.prices, part.err = readPrices(name, text)
		part.list.Rows = len(part.prices)
	}
	return part
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
	cuts, models := make(map[string][]span), make(map[[2]string]bool)
	for _, row := range news {
		models[row.modelID()] = true
		if row.status != statusWithdrawn {
			cuts[key(row)] = append(cuts[key(row)], span{row.from, row.to})
		}
	}
	isOther := func(row *price) bool { return !models[row.modelID()] }
	noteBefore(slices.DeleteFunc(slices.Clone(old), isOther), news)
	out := make([]*price, 0, len(old)+len(news))
	for _, row := range old {
		if isOther(row) {
			out = append(out, row)
			continue
		}
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
	for rows := range chunks(prices, isSameModel) {
		var tier, region []string
		for _, row := range rows {
			if !slices.Contains(tier, row.serviceTier) {
				tier = append(tier, row.serviceTier)
			}
			if row.region != "" && !slices.Contains(region, row.region) {
				region = append(region, row.region)
			}
		}
		tiers[rows[0].provider+"/"+rows[0].model] = tier
		if region != nil {
			regions[rows[0].provider+"/"+rows[0].model] = region
		}
	}
	return tiers, regions
}

func isSameModel(a, b *price) bool { return a.modelID() == b.modelID() }

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
