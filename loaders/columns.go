package loaders

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Table names a raw table that loaders deliver rows for.
type Table string

// The raw tables. Rows of requests and spans name a row of the table of their kinds, which holds
// the columns that many rows share.
const (
	TableRequest     Table = "request"
	TableRequestKind Table = "request_kind"
	TableSpan        Table = "span"
	TableSpanKind    Table = "span_kind"
	TableUsage       Table = "usage"
	TableBill        Table = "bill"
	TableControl     Table = "control"
	TableAnswer      Table = "answer"
	TableReject      Table = "reject"
)

// MoneyScale is the number of fraction digits of every amount column.
const MoneyScale = 15

// batchRows is how many rows a record batch holds before it is handed on.
const batchRows = 8192

// column says which field of a row fills one column: exactly one of the functions is set, and it
// points at a field of the row itself.
type column[R any] struct {
	name   string
	text   func(*R) *string // "" becomes NULL
	count  func(*R) *Count
	number func(*R) *int64
	money  func(*R) *Money
	flag   func(*R) *bool
	day    func(*R) *Count // an instant in microseconds, shown as its UTC day
	dayOf  func(*R) *int64 // the same, always known
}

func (c column[R]) dataType() arrow.DataType {
	switch {
	case c.text != nil || c.day != nil || c.dayOf != nil:
		return arrow.BinaryTypes.String
	case c.count != nil || c.number != nil:
		return arrow.PrimitiveTypes.Int64
	case c.money != nil:
		return &arrow.Decimal128Type{Precision: 38, Scale: MoneyScale}
	}
	return arrow.FixedWidthTypes.Boolean
}

// schemaOf is the schema of a table's records; number names the column of kinds, if there is one.
func schemaOf[R any](columns []column[R], number string) *arrow.Schema {
	fields := make([]arrow.Field, 0, len(columns)+2)
	fields = append(fields, arrow.Field{Name: "file_id", Type: arrow.PrimitiveTypes.Int64})
	if number != "" {
		fields = append(fields, arrow.Field{Name: number, Type: arrow.PrimitiveTypes.Int64})
	}
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.dataType(), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// Schemas returns the Arrow schema of each raw table.
func Schemas() map[Table]*arrow.Schema {
	requests, requestKinds := splitShared(requestColumns())
	spans, spanKinds := splitShared(spanColumns())
	return map[Table]*arrow.Schema{
		TableRequest:     schemaOf(requests, kindColumn),
		TableRequestKind: schemaOf(requestKinds, kindColumn),
		TableSpan:        schemaOf(spans, kindColumn),
		TableSpanKind:    schemaOf(spanKinds, kindColumn),
		TableUsage:       schemaOf(usageColumns(), ""),
		TableBill:        schemaOf(billColumns(), ""),
		TableControl:     schemaOf(controlColumns(), ""),
		TableAnswer:      schemaOf(answerColumns(), ""),
		TableReject:      schemaOf(rejectColumns(), ""),
	}
}

// batch gathers rows of one table into Arrow records and hands each full one on. Most workers
// fill one table only, so what it needs is made with the first row.
type batch[R any] struct {
	table   Table
	fileID  int64 // of the file in hand; a batch may hold rows of several
	layout  func() []column[R]
	schema  *arrow.Schema
	fileIDs numberBuffer
	kinds   *kinds[R] // nil where rows share nothing
	kind    int64     // of the row in hand
	kindIDs *numberBuffer
	fills   []fill
	rows    int
	spares  spares
	emit    Emit
}

// fill is one column's field in the row and the buffer that it goes to.
type fill struct {
	offset uintptr
	to     buffer
}

func newBatch[R any](table Table, layout func() []column[R], emit Emit) *batch[R] {
	return &batch[R]{table: table, layout: layout, emit: emit}
}

// newSharingBatch makes a batch whose rows name their kinds.
func newSharingBatch[R any](table Table, layout func() []column[R], emit Emit) *batch[R] {
	own, shared := splitShared(layout())
	b := newBatch(table, func() []column[R] { return own }, emit)
	b.kinds, b.kindIDs = newKinds(table, shared, emit), &numberBuffer{}
	return b
}

// begin turns to another file.
func (b *batch[R]) begin(fileID int64, registry *kindRegistry) {
	b.fileID = fileID
	if b.kinds != nil {
		b.kinds.begin(fileID, registry)
	}
}

// start makes the buffers, on the first row: most workers fill one table of several.
func (b *batch[R]) start() {
	if b.schema == nil {
		columns, number := b.layout(), ""
		if b.kindIDs != nil {
			number = kindColumn
		}
		b.schema = schemaOf(columns, number)
		b.fills = make([]fill, len(columns))
		for i, c := range columns {
			b.fills[i] = fill{offset: offsetOf(c), to: bufferFor(c)}
		}
	}
	b.fileIDs.reset(&b.spares)
	if b.kindIDs != nil {
		b.kindIDs.reset(&b.spares)
	}
	for i := range b.fills {
		b.fills[i].to.reset(&b.spares)
	}
}

// offsetOf is where a column's field stands within the row.
func offsetOf[R any](c column[R]) uintptr {
	row := new(R)
	var field unsafe.Pointer
	switch {
	case c.text != nil:
		field = unsafe.Pointer(c.text(row))
	case c.count != nil:
		field = unsafe.Pointer(c.count(row))
	case c.number != nil:
		field = unsafe.Pointer(c.number(row))
	case c.money != nil:
		field = unsafe.Pointer(c.money(row))
	case c.flag != nil:
		field = unsafe.Pointer(c.flag(row))
	case c.day != nil:
		field = unsafe.Pointer(c.day(row))
	default:
		field = unsafe.Pointer(c.dayOf(row))
	}
	offset := uintptr(field) - uintptr(unsafe.Pointer(row))
	if offset >= unsafe.Sizeof(*row) {
		panic("loaders: column " + c.name + " is not a field of its row")
	}
	return offset
}

func bufferFor[R any](c column[R]) buffer {
	switch {
	case c.text != nil:
		return &textBuffer{}
	case c.day != nil:
		return &dayBuffer{}
	case c.dayOf != nil:
		return &dayBuffer{always: true}
	case c.count != nil:
		return &countBuffer{}
	case c.number != nil:
		return &numberBuffer{}
	case c.money != nil:
		return &moneyBuffer{}
	}
	return &flagBuffer{}
}

// add appends one row; it fails only when the receiver of a full batch does.
func (b *batch[R]) add(row *R) error {
	if b.kinds != nil {
		var err error
		if b.kind, err = b.kinds.of(row); err != nil {
			return err
		}
	}
	if b.rows == 0 {
		b.start()
	}
	if b.kindIDs != nil {
		b.kindIDs.values[b.rows] = b.kind
	}
	b.fileIDs.values[b.rows] = b.fileID
	base := unsafe.Pointer(row)
	for i := range b.fills {
		b.fills[i].to.append(unsafe.Add(base, b.fills[i].offset), b.rows)
	}
	if b.rows++; b.rows >= batchRows {
		return b.flush()
	}
	return nil
}

// flush hands on the rows in the batch and in that of their kinds.
func (b *batch[R]) flush() error {
	if b.kinds != nil {
		if err := b.kinds.batch.flush(); err != nil {
			return err
		}
	}
	if b.rows == 0 {
		return nil
	}
	arrays := make([]arrow.Array, 0, len(b.fills)+2)
	arrays = append(arrays, b.fileIDs.array(b.rows))
	if b.kindIDs != nil {
		arrays = append(arrays, b.kindIDs.array(b.rows))
	}
	for i := range b.fills {
		arrays = append(arrays, b.fills[i].to.array(b.rows))
	}
	record := array.NewRecord(b.schema, arrays, int64(b.rows))
	for _, a := range arrays {
		a.Release()
	}
	b.rows = 0
	return b.emit(b.table, record)
}
