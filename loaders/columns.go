package loaders

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Table names a raw table that loaders deliver rows for.
type Table string

// The raw tables.
const (
	TableRequest Table = "request"
	TableSpan    Table = "span"
	TableUsage   Table = "usage"
	TableBill    Table = "bill"
	TableReject  Table = "reject"
)

// MoneyScale is the number of fraction digits of every amount column.
const MoneyScale = 15

// batchRows is how many rows a record batch holds before it is handed on.
const batchRows = 8192

// column says how one column is filled from a row: exactly one of the functions is set.
type column[R any] struct {
	name  string
	text  func(*R) string // "" becomes NULL
	count func(*R) Count
	money func(*R) Money
	flag  func(*R) bool
}

func (c column[R]) dataType() arrow.DataType {
	switch {
	case c.text != nil:
		return arrow.BinaryTypes.String
	case c.count != nil:
		return arrow.PrimitiveTypes.Int64
	case c.money != nil:
		return &arrow.Decimal128Type{Precision: 38, Scale: MoneyScale}
	}
	return arrow.FixedWidthTypes.Boolean
}

func schemaOf[R any](columns []column[R]) *arrow.Schema {
	fields := make([]arrow.Field, 0, len(columns)+1)
	fields = append(fields, arrow.Field{Name: "file_id", Type: arrow.PrimitiveTypes.Int64})
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.dataType(), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// Schemas returns the Arrow schema of each raw table.
func Schemas() map[Table]*arrow.Schema {
	return map[Table]*arrow.Schema{
		TableRequest: schemaOf(requestColumns()),
		TableSpan:    schemaOf(spanColumns()),
		TableUsage:   schemaOf(usageColumns()),
		TableBill:    schemaOf(billColumns()),
		TableReject:  schemaOf(rejectColumns()),
	}
}

// batch gathers rows of one table into Arrow records and hands each full one on.
type batch[R any] struct {
	table   Table
	fileID  int64
	columns []column[R]
	builder *array.RecordBuilder
	rows    int
	emit    Emit
}

func newBatch[R any](table Table, columns []column[R], fileID int64, emit Emit) *batch[R] {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schemaOf(columns))
	return &batch[R]{table: table, fileID: fileID, columns: columns, builder: b, emit: emit}
}

// add appends one row; it fails only when the receiver of a full batch does.
func (b *batch[R]) add(row *R) error {
	b.builder.Field(0).(*array.Int64Builder).Append(b.fileID)
	for i := range b.columns {
		b.columns[i].append(b.builder.Field(i+1), row)
	}
	if b.rows++; b.rows >= batchRows {
		return b.flush()
	}
	return nil
}

func (b *batch[R]) flush() error {
	if b.rows == 0 {
		return nil
	}
	b.rows = 0
	return b.emit(b.table, b.builder.NewRecord())
}

func (c *column[R]) append(to array.Builder, row *R) {
	switch {
	case c.text != nil:
		appendText(to.(*array.StringBuilder), c.text(row))
	case c.count != nil:
		appendCount(to.(*array.Int64Builder), c.count(row))
	case c.money != nil:
		appendMoney(to.(*array.Decimal128Builder), c.money(row))
	default:
		to.(*array.BooleanBuilder).Append(c.flag(row))
	}
}

func appendText(to *array.StringBuilder, text string) {
	if text == "" {
		to.AppendNull()
		return
	}
	if !utf8.ValidString(text) { // Arrow and the database require it
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	to.Append(text)
}

func appendCount(to *array.Int64Builder, count Count) {
	if !count.Known {
		to.AppendNull()
		return
	}
	to.Append(count.N)
}

// appendMoney stores an amount at MoneyScale; parseMoney has refused what does not fit.
func appendMoney(to *array.Decimal128Builder, money Money) {
	if !money.Known {
		to.AppendNull()
		return
	}
	hi, lo, err := money.USD.Int128()
	if err != nil {
		panic("loaders: an amount beyond DECIMAL(38,15) passed parseMoney: " + money.Text)
	}
	to.Append(decimal128.New(hi, lo))
}
