package loaders

import (
	"bytes"
	"slices"
	"strings"
)

// The header of a CSV file: what may stand before it, and where it comes again because files were
// put one behind the other.

// statedSeparator reads the line sep=; that spreadsheets write before the header, and gives how
// long it is, 0 when there is none.
func statedSeparator(text []byte) (separator byte, length int) {
	const begin = "sep="
	length = bytes.IndexByte(text, '\n') + 1
	line := bytes.TrimRight(text[:length], "\r\n")
	if len(line) != len(begin)+1 || !strings.EqualFold(string(line[:len(begin)]), begin) ||
		bytes.IndexByte([]byte(",;\t|"), line[len(begin)]) < 0 {
		return 0, 0
	}
	return line[len(begin)], length
}

// unshouted gives names in lower case where all of them are in upper case, as some databases write
// them: members of JSON are found by their names as they are.
func unshouted(names []string) []string {
	all := strings.Join(names, "")
	if all != strings.ToUpper(all) || all == strings.ToLower(all) {
		return names
	}
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	return lower
}

// unmarked gives names without the @ that Datadog puts before those of a log's own. Its columns of
// the same name, such as Status, get it instead. What Logstash marks so is not of the log.
func unmarked(names []string) []string {
	own := map[string]bool{}
	for _, name := range names {
		if bare, isMarked := strings.CutPrefix(columnName(name), "@"); isMarked {
			own[bare] = true
		}
	}
	if len(own) < 2 || len(own) == 2 && own["timestamp"] && own["version"] {
		return names
	}
	plain := slices.Clone(names)
	for i, name := range names {
		if bare, isMarked := strings.CutPrefix(name, "@"); isMarked {
			plain[i] = bare
		} else if own[columnName(name)] {
			plain[i] = "@" + name
		}
	}
	return plain
}

// csvBelow is how rows are read below a header that came again.
type csvBelow struct {
	order   []int  // where the columns stand; nil: as in the first header
	refusal string // why the rows cannot be read
}

// csvHeader knows a header when it comes again.
type csvHeader struct {
	columns []string        // as columnName makes them
	spelled map[string]bool // names as a header may have them
	named   int             // columns that have a name
	cells   csvCells
}

func newCSVHeader(columns, names []string) *csvHeader {
	h := &csvHeader{columns: columns, spelled: map[string]bool{}}
	for i, column := range columns {
		if column != "" {
			h.named++
			h.spelled[column], h.spelled[names[i]] = true, true
			h.spelled[strings.ToUpper(column)] = true
		}
	}
	return h
}

// mayBe reports a record whose first or second field is the name of a column.
func (h *csvHeader) mayBe(record []byte, comma byte) bool {
	for range 2 {
		end := bytes.IndexByte(record, comma)
		if end < 0 {
			return false
		}
		field := record[:end]
		if len(field) > 1 && field[0] == '"' {
			field = field[1 : len(field)-1]
		}
		if h.spelled[string(field)] {
			return true
		}
		record = record[end+1:]
	}
	return false
}

// again reports a record that has most of the names. The same names in another order tell how the
// rows below are read; below other names none is.
func (h *csvHeader) again(record []byte, comma byte) (below csvBelow, isHeader bool) {
	if !h.mayBe(record, comma) {
		return csvBelow{}, false
	}
	fields := h.cells.cut(bytes.TrimRight(record, "\r\n"), comma)
	places := map[string][]int{}
	for i, field := range fields {
		name := columnName(field)
		places[name] = append(places[name], i)
	}
	known, isSame := 0, true
	for i, name := range h.columns {
		at := places[name]
		if len(at) == 0 {
			continue
		}
		below.order, places[name] = append(below.order, at[0]), at[1:]
		isSame = isSame && at[0] == i
		if name != "" {
			known++
		}
	}
	switch isWhole := len(below.order) == len(h.columns) && len(fields) == len(h.columns); {
	case known*2 <= h.named:
		return csvBelow{}, false
	case !isWhole:
		below = csvBelow{refusal: "another header than the file's first, or a row below it"}
	case isSame:
		below = csvBelow{}
	}
	return below, true
}

// arranged puts the fields of a record into the order of the file's first header.
func (c *csvCells) arranged(fields []string, order []int) []string {
	if len(fields) != len(order) {
		return fields
	}
	c.ordered = c.ordered[:0]
	for _, at := range order {
		c.ordered = append(c.ordered, fields[at])
	}
	return c.ordered
}
