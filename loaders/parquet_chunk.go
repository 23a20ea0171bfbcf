package loaders

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// batchReader is what the library's readers of all physical types have in common.
type batchReader[T any] interface {
	HasNext() bool
	Err() error
	Descriptor() *schema.Column
	ReadBatch(size int64, values []T, defs, reps []int16) (int64, int, error)
}

// open makes the reader of a column in a row group.
func (p *parquetFile) open(
	group *file.RowGroupReader, column parquetColumn,
) (parquetChunk, error) {
	values, err := openLeaf(group, column.leaf)
	if err != nil {
		return nil, err
	}
	if column.keys < 0 {
		return values, nil
	}
	keys, err := openLeaf(group, column.keys)
	if err != nil {
		return nil, err
	}
	return &mapChunk{keys: keys, values: values}, nil
}

// leafChunk is a chunk of which lists and maps can ask for the values one by one.
type leafChunk interface {
	parquetChunk
	items(row int) int
	item(row, i int) (text string, isQuoted bool)
}

func openLeaf(group *file.RowGroupReader, leaf int) (leafChunk, error) {
	column, err := group.Column(leaf)
	if err != nil {
		return nil, err
	}
	switch r := column.(type) {
	case *file.ByteArrayColumnChunkReader:
		return newLeaf(r, bytesText[parquet.ByteArray](r.Descriptor()), true), nil
	case *file.FixedLenByteArrayColumnChunkReader:
		return newLeaf(r, bytesText[parquet.FixedLenByteArray](r.Descriptor()), true), nil
	case *file.Int32ColumnChunkReader:
		return newLeaf(r, wholeText[int32](r.Descriptor()), false), nil
	case *file.Int64ColumnChunkReader:
		return newLeaf(r, wholeText[int64](r.Descriptor()), false), nil
	case *file.Int96ColumnChunkReader:
		return newLeaf(r, func(v parquet.Int96) string {
			return v.ToTime().UTC().Format(time.RFC3339Nano)
		}, true), nil
	case *file.BooleanColumnChunkReader:
		return newLeaf(r, strconv.FormatBool, false), nil
	case *file.Float32ColumnChunkReader:
		return newLeaf(r, shortest, false), nil
	case *file.Float64ColumnChunkReader:
		return newLeaf(r, shortest, false), nil
	}
	return nil, errors.New("a column of an unknown type")
}

// shortest writes a binary fraction as the shortest decimal that reads back the same.
func shortest[T any](v T) string { return fmt.Sprint(v) }

// leaf reads the values of one leaf; a row of a repeated leaf holds several.
type leaf[T any] struct {
	reader   batchReader[T]
	write    func(T) string
	isQuoted bool
	maxDef   int16
	repeats  bool
	next     int64 // row of the group after those in hand
	values   []T
	defs     []int16
	reps     []int16
	slots    []int32 // by level: place in values, -1 for NULL
	starts   []int32 // by row: its first level; one more at the end
	used     int     // levels of the rows in hand
}

func newLeaf[T any](reader batchReader[T], write func(T) string, isQuoted bool) *leaf[T] {
	column := reader.Descriptor()
	return &leaf[T]{reader: reader, write: write, isQuoted: isQuoted,
		maxDef: column.MaxDefinitionLevel(), repeats: column.MaxRepetitionLevel() > 0}
}

func (l *leaf[T]) at() int64 { return l.next }

func (l *leaf[T]) fill(rows int) error {
	l.drop()
	for !l.holds(rows) {
		if err := l.read(rows); err != nil {
			return err
		}
	}
	l.next += int64(rows)
	return nil
}

// drop forgets the rows that were in hand; of a repeated leaf some levels may stand ready.
func (l *leaf[T]) drop() {
	values := 0
	for _, slot := range l.slots[:l.used] {
		if slot >= 0 {
			values++
		}
	}
	kept := make([]int32, 0, len(l.slots)-l.used)
	for _, slot := range l.slots[l.used:] {
		kept = append(kept, max(slot-int32(values), -1))
	}
	l.slots = kept
	l.values = append([]T(nil), l.values[values:]...)
	l.reps = append(l.reps[:0], l.reps[l.used:]...)
	l.used = 0
}

// holds marks the rows in hand and reports whether they are all there: a repeated row has ended
// only where another begins, or the column ends.
func (l *leaf[T]) holds(rows int) bool {
	l.starts = l.starts[:0]
	for i := range l.slots {
		if !l.repeats || l.reps[i] == 0 {
			l.starts = append(l.starts, int32(i))
		}
	}
	switch {
	case len(l.starts) > rows:
		l.starts = l.starts[:rows+1]
	case len(l.starts) == rows && (!l.repeats || !l.reader.HasNext()):
		l.starts = append(l.starts, int32(len(l.slots)))
	default:
		return false
	}
	l.used = int(l.starts[rows])
	return true
}

// read takes more levels and their values.
func (l *leaf[T]) read(rows int) error {
	size := max(rows-len(l.starts), 64)
	if !l.repeats {
		size = rows - len(l.slots)
	}
	values, defs := make([]T, size), make([]int16, size)
	reps := make([]int16, size)
	levels, count, err := l.reader.ReadBatch(int64(size), values, defs, reps)
	if err == nil {
		err = l.reader.Err()
	}
	if err != nil {
		return err
	}
	if levels == 0 {
		return errors.New("a column ends before its row group does")
	}
	place := int32(len(l.values))
	for i := range int(levels) {
		if l.maxDef > 0 && defs[i] < l.maxDef {
			l.slots = append(l.slots, -1)
			continue
		}
		l.slots = append(l.slots, place)
		place++
	}
	l.values = append(l.values, values[:count]...)
	l.reps = append(l.reps, reps[:levels]...)
	if int(place) != len(l.values) {
		return errors.New("a column's levels do not fit its values")
	}
	return nil
}

// text of a repeated leaf is a JSON list.
func (l *leaf[T]) text(row int) string {
	if !l.repeats {
		text, _ := l.item(row, 0)
		return text
	}
	list := make([]byte, 0, 64)
	for i := range l.items(row) {
		if text, isQuoted := l.item(row, i); text != "" || isQuoted {
			list = appendJSON(append(list, ','), text, isQuoted)
		}
	}
	if len(list) == 0 {
		return ""
	}
	list[0] = '['
	return view(append(list, ']'))
}

func (l *leaf[T]) items(row int) int { return int(l.starts[row+1] - l.starts[row]) }

func (l *leaf[T]) item(row, i int) (string, bool) {
	slot := l.slots[int(l.starts[row])+i]
	if slot < 0 {
		return "", false
	}
	return l.write(l.values[slot]), l.isQuoted
}

// appendJSON writes a value as JSON: numbers bare, all else as a string.
func appendJSON(to []byte, text string, isQuoted bool) []byte {
	if !isQuoted {
		return append(to, text...)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return append(to, `""`...)
	}
	return append(to, quoted...)
}

// mapChunk writes a map of plain values as a JSON object.
type mapChunk struct{ keys, values leafChunk }

func (m *mapChunk) at() int64 { return m.values.at() }

func (m *mapChunk) fill(rows int) error {
	return errors.Join(m.keys.fill(rows), m.values.fill(rows))
}

func (m *mapChunk) text(row int) string {
	object := []byte{}
	for i := range min(m.keys.items(row), m.values.items(row)) {
		key, isKey := m.keys.item(row, i)
		value, isQuoted := m.values.item(row, i)
		if !isKey || (value == "" && !isQuoted) {
			continue
		}
		object = appendJSON(append(object, ','), key, true)
		object = appendJSON(append(object, ':'), value, isQuoted)
	}
	if len(object) == 0 {
		return ""
	}
	object[0] = '{'
	return view(append(object, '}'))
}

// bytesText writes text, decimals and UUIDs.
func bytesText[T ~[]byte](column *schema.Column) func(T) string {
	switch logical := column.LogicalType().(type) {
	case *schema.DecimalLogicalType:
		scale := int(logical.Scale())
		return func(v T) string { return pointed(signedBig(v).String(), scale) }
	case schema.UUIDLogicalType:
		return func(v T) string {
			if len(v) != 16 {
				return ""
			}
			return fmt.Sprintf("%x-%x-%x-%x-%x", []byte(v[:4]), []byte(v[4:6]), []byte(v[6:8]),
				[]byte(v[8:10]), []byte(v[10:]))
		}
	}
	return func(v T) string { return view(v) }
}

// signedBig reads a two's-complement number, most significant byte first.
func signedBig(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// pointed puts the decimal point so many digits from the right.
func pointed(digits string, scale int) string {
	if scale <= 0 {
		return digits
	}
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// wholeText writes whole numbers, and the decimals and times that are stored as such.
func wholeText[T int32 | int64](column *schema.Column) func(T) string {
	whole := func(v T) string { return strconv.FormatInt(int64(v), 10) }
	switch logical := column.LogicalType().(type) {
	case *schema.DecimalLogicalType:
		scale := int(logical.Scale())
		return func(v T) string { return pointed(whole(v), scale) }
	case schema.DateLogicalType:
		return func(v T) string {
			return time.Unix(int64(v)*86400, 0).UTC().Format(time.DateOnly)
		}
	case *schema.TimestampLogicalType:
		return timestampText[T](logical.TimeUnit())
	case *schema.IntLogicalType:
		if !logical.IsSigned() {
			bits := logical.BitWidth()
			return func(v T) string {
				return strconv.FormatUint(uint64(v)<<(64-bits)>>(64-bits), 10)
			}
		}
	}
	return whole
}

func timestampText[T int32 | int64](unit schema.TimeUnitType) func(T) string {
	return func(v T) string {
		at := time.UnixMicro(int64(v))
		switch unit {
		case schema.TimeUnitMillis:
			at = time.UnixMilli(int64(v))
		case schema.TimeUnitNanos:
			at = time.Unix(0, int64(v))
		}
		return at.UTC().Format(time.RFC3339Nano)
	}
}
