package loaders

import (
	"encoding/binary"
	"strings"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// buffer is one column under construction. append reads a field of the row at its address; array
// gives up the buffers, so reset takes others.
type buffer interface {
	append(field unsafe.Pointer, row int)
	array(rows int) arrow.Array
	reset(from *spares)
}

// validity is the bitmap of known values.
type validity struct {
	bits  []byte
	nulls int
}

func (v *validity) reset() { v.bits, v.nulls = make([]byte, batchRows/8), 0 }

func (v *validity) set(row int) { v.bits[row>>3] |= 1 << (row & 7) }

// buffer is the bitmap as Arrow wants it: none when all values are known.
func (v *validity) buffer() *memory.Buffer {
	if v.nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(v.bits)
}

// made wraps finished buffers as an array.
func made(of arrow.DataType, rows, nulls int, buffers ...*memory.Buffer) arrow.Array {
	data := array.NewData(of, rows, buffers, nil, nulls, 0)
	defer data.Release()
	for _, buffer := range buffers {
		if buffer != nil {
			buffer.Release() // it is the data's now
		}
	}
	return array.MakeFromData(data)
}

type textBuffer struct {
	validity
	offsets lent[int32]
	bytes   []byte
	longest int // bytes of the batch before, to begin with the right size
}

func (b *textBuffer) reset(from *spares) {
	b.validity.reset()
	b.offsets.reset(from, batchRows+1)
	b.offsets.values[0] = 0
	b.longest = max(b.longest, len(b.bytes))
	b.bytes = make([]byte, 0, b.longest)
}

func (b *textBuffer) append(field unsafe.Pointer, row int) {
	b.put(*(*string)(field), row)
}

func (b *textBuffer) put(text string, row int) {
	if text == "" {
		b.nulls++
	} else {
		if !isPlain(text) { // Arrow requires UTF-8, and the database's driver ends a text at a NUL
			text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
		}
		b.bytes = append(b.bytes, text...)
		b.set(row)
	}
	b.offsets.values[row+1] = int32(len(b.bytes))
}

// isPlain reports text of ASCII without NUL, which needs no repair.
func isPlain(text string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	at, seen := 0, uint64(0)
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(bytesOf(text[at : at+8]))
		seen |= word | (word - ones) // a top bit is a byte beyond ASCII, or NUL
	}
	for ; at < len(text); at++ {
		seen |= uint64(text[at]) | uint64(text[at]-1)
	}
	return seen&tops == 0
}

func (b *textBuffer) array(rows int) arrow.Array {
	return made(arrow.BinaryTypes.String, rows, b.nulls, b.validity.buffer(),
		b.offsets.buffer(rows+1),
		memory.NewBufferBytes(b.bytes))
}

// dayBuffer shows instants as UTC days; rows come roughly in order, so the last day is kept.
type dayBuffer struct {
	textBuffer
	always bool
	day    int64
	text   string
}

const dayMicros = 24 * 60 * 60 * 1_000_000

func (b *dayBuffer) append(field unsafe.Pointer, row int) {
	instant := Counted(*(*int64)(field))
	if !b.always {
		instant = *(*Count)(field)
	}
	if !instant.Known {
		b.put("", row)
		return
	}
	day := instant.N / dayMicros
	if b.text == "" || day != b.day {
		b.day, b.text = day, time.UnixMicro(instant.N).UTC().Format(time.DateOnly)
	}
	b.put(b.text, row)
}

type countBuffer struct {
	validity
	lent[int64]
}

func (b *countBuffer) reset(from *spares) {
	b.validity.reset()
	b.lent.reset(from, batchRows)
}

func (b *countBuffer) append(field unsafe.Pointer, row int) {
	count := (*Count)(field)
	if !count.Known {
		b.nulls++
		return
	}
	b.values[row] = count.N
	b.set(row)
}

func (b *countBuffer) array(rows int) arrow.Array {
	return made(arrow.PrimitiveTypes.Int64, rows, b.nulls, b.validity.buffer(),
		b.lent.buffer(rows))
}

type numberBuffer struct{ lent[int64] }

func (b *numberBuffer) reset(from *spares) { b.lent.reset(from, batchRows) }

func (b *numberBuffer) append(field unsafe.Pointer, row int) { b.values[row] = *(*int64)(field) }

func (b *numberBuffer) array(rows int) arrow.Array {
	return made(arrow.PrimitiveTypes.Int64, rows, 0, nil,
		b.lent.buffer(rows))
}

type moneyBuffer struct {
	validity
	lent[decimal128.Num]
}

func (b *moneyBuffer) reset(from *spares) {
	b.validity.reset()
	b.lent.reset(from, batchRows)
}

// append stores an amount at MoneyScale; parseMoney has refused what does not fit.
func (b *moneyBuffer) append(field unsafe.Pointer, row int) {
	money := (*Money)(field)
	if !money.Known {
		b.nulls++
		return
	}
	hi, lo, err := money.USD.Int128()
	if err != nil {
		panic("loaders: an amount beyond DECIMAL(38,15) passed parseMoney: " + money.Text)
	}
	b.values[row] = decimal128.New(hi, lo)
	b.set(row)
}

func (b *moneyBuffer) array(rows int) arrow.Array {
	return made(&arrow.Decimal128Type{Precision: 38, Scale: MoneyScale}, rows, b.nulls,
		b.validity.buffer(), b.lent.buffer(rows))
}

type flagBuffer struct{ bits []byte }

func (b *flagBuffer) reset(*spares) { b.bits = make([]byte, batchRows/8) }

func (b *flagBuffer) append(field unsafe.Pointer, row int) {
	if *(*bool)(field) {
		b.bits[row>>3] |= 1 << (row & 7)
	}
}

func (b *flagBuffer) array(rows int) arrow.Array {
	return made(arrow.FixedWidthTypes.Boolean, rows, 0, nil, memory.NewBufferBytes(b.bits))
}
