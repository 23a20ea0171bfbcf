package loaders

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// OTLP as protobuf. Its field numbers are stable, so the messages are read where they lie; what
// is not needed is stepped over without being looked at.

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// listDepthMax bounds lists within lists in an attribute.
const listDepthMax = 8

var errWire = errors.New("not a protobuf message of OTLP")

// wireField is one field of a protobuf message.
type wireField struct {
	number uint64
	wire   uint64
	value  uint64
	bytes  []byte
}

// cutField takes the first field off a message.
func cutField(message []byte) (wireField, []byte, error) {
	tag, n := binary.Uvarint(message)
	f := wireField{number: tag >> 3, wire: tag & 7}
	if n <= 0 || f.number == 0 {
		return f, nil, errWire
	}
	rest := message[n:]
	switch {
	case f.wire == wireFixed64 && len(rest) >= 8:
		f.value = binary.LittleEndian.Uint64(rest)
		return f, rest[8:], nil
	case f.wire == wireFixed32 && len(rest) >= 4:
		return f, rest[4:], nil
	case f.wire != wireVarint && f.wire != wireBytes:
		return f, nil, errWire
	}
	if f.value, n = binary.Uvarint(rest); n <= 0 {
		return f, nil, errWire
	}
	if rest = rest[n:]; f.wire == wireVarint {
		return f, rest, nil
	}
	if f.value > uint64(len(rest)) {
		return f, nil, errWire
	}
	f.bytes = rest[:f.value]
	return f, rest[f.value:], nil
}

// eachField visits the fields of a message.
func eachField(message []byte, visit func(wireField) error) error {
	for len(message) > 0 {
		f, rest, err := cutField(message)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		message = rest
	}
	return nil
}

// protoReader reads the messages of one worker.
type protoReader struct {
	spanReader
	scope string
	visit func(wireField) error // spanField, made once
}

func newProtoReader(t *tracer) *protoReader {
	r := &protoReader{spanReader: spanReader{tracer: t}}
	r.visit = r.spanField
	return r
}

// request reads an export request.
func (r *protoReader) request(message []byte, line int64) error {
	r.place(line)
	return refused(eachField(message, func(f wireField) error {
		if f.number != 1 || f.wire != wireBytes {
			return nil
		}
		return r.group(f.bytes)
	}))
}

// groupRecord reads the spans of one resource that is a record of its own.
func (r *protoReader) groupRecord(message []byte, line int64) error {
	r.place(line)
	return refused(r.group(message))
}

// refused makes bytes that are no message a reject.
func refused(err error) error {
	if errors.Is(err, errWire) {
		return badRow("%s", errWire)
	}
	return err
}

// group reads the spans of one resource. Fields may come in any order, so the resource first.
func (r *protoReader) group(message []byte) error {
	r.resource.reset()
	r.scratch = r.scratch[:0]
	err := eachField(message, func(f wireField) error {
		if f.number != 1 || f.wire != wireBytes {
			return nil
		}
		return eachField(f.bytes, func(f wireField) error {
			if f.number != 1 || f.wire != wireBytes {
				return nil
			}
			return r.attribute(f.bytes, "", &r.resource)
		})
	})
	if err != nil {
		return err
	}
	base := len(r.scratch) // the resource's texts outlive its spans
	return eachField(message, func(f wireField) error {
		if (f.number != 2 && f.number != 1000) || f.wire != wireBytes {
			return nil
		}
		return r.scoped(f.bytes, base)
	})
}

// scoped reads the spans of one scope; metrics and log records have the same outer shape.
func (r *protoReader) scoped(message []byte, base int) error {
	r.scope = ""
	err := eachField(message, func(f wireField) error {
		if f.number != 1 || f.wire != wireBytes {
			return nil
		}
		return eachField(f.bytes, func(f wireField) error {
			if f.number == 1 && f.wire == wireBytes {
				r.scope = view(f.bytes)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	isFirst, areForeign := true, false
	return eachField(message, func(f wireField) error {
		if f.number != 2 || f.wire != wireBytes {
			return nil
		}
		if isFirst {
			isFirst, areForeign = false, isForeign(f.bytes)
		}
		if areForeign {
			r.w.ignored()
			return nil
		}
		r.scratch = r.scratch[:base]
		return r.one(f.bytes)
	})
}

func (r *protoReader) one(message []byte) error {
	r.begin(r.scope)
	if err := eachField(message, r.visit); err != nil {
		return r.w.settle(refused(err), r.line, nil)
	}
	return r.end()
}

// isForeign reports that a message is a metric or a log record, by the wire types of the fields
// that tell: only a span has times in 7 and 8.
func isForeign(message []byte) bool {
	var isLog, isMetric, isSpan bool
	for len(message) > 0 {
		f, rest, err := cutField(message)
		if err != nil {
			return false
		}
		switch f.number {
		case 1:
			isLog = isLog || f.wire == wireFixed64
			isSpan = isSpan || (f.wire == wireBytes && len(f.bytes) == 16)
		case 7, 8:
			isSpan = isSpan || f.wire == wireFixed64
			isMetric = isMetric || f.wire == wireBytes
		case 5, 9, 10, 11:
			isLog = isLog || (f.number == 11 && f.wire == wireFixed64)
			isMetric = isMetric || f.wire == wireBytes
		}
		message = rest
	}
	return isLog || (isMetric && !isSpan)
}

func (r *protoReader) spanField(f wireField) error {
	switch f.number {
	case 1:
		r.row.TraceID = r.hexText(f.bytes)
	case 2:
		r.row.SpanID = r.hexText(f.bytes)
	case 4:
		r.row.ParentSpanID = r.hexText(f.bytes)
	case 5:
		r.row.Name = view(f.bytes)
	case 7:
		r.row.StartedUS = r.instant("start_time_unix_nano", f)
	case 8:
		r.row.EndedUS = r.instant("end_time_unix_nano", f)
	case 9:
		r.attributes++
		return r.attribute(f.bytes, "", &r.span)
	case 10:
		r.isCut = f.value > 0
	case 11:
		return eachField(f.bytes, func(f wireField) error {
			if f.number != 3 || f.wire != wireBytes {
				return nil
			}
			return r.attribute(f.bytes, "", r.event())
		})
	case 15:
		return eachField(f.bytes, func(f wireField) error {
			r.isFailed = r.isFailed || (f.number == 3 && f.wire == wireVarint && f.value == 2)
			return nil
		})
	}
	return nil
}

func (r *protoReader) hexText(id []byte) string {
	from := len(r.scratch)
	r.scratch = hex.AppendEncode(r.scratch, id)
	return view(r.scratch[from:])
}

func (r *protoReader) instant(field string, f wireField) Count {
	if f.value == 0 {
		return Count{}
	}
	if f.wire != wireFixed64 || f.value > math.MaxInt64 {
		r.fault = badRow("%s: not nanoseconds", field)
		return Count{}
	}
	us, err := checkInstant(field, "", time.Unix(0, int64(f.value)).UTC())
	if err != nil {
		r.fault = err
	}
	return us
}

// attribute takes in one attribute, of a map under the prefix, if there is one.
func (r *protoReader) attribute(message []byte, prefix string, into *facts) error {
	var name string
	var value []byte
	for len(message) > 0 {
		f, rest, err := cutField(message)
		if err != nil {
			return err
		}
		switch {
		case f.wire != wireBytes:
		case f.number == 1:
			if name = view(f.bytes); prefix != "" {
				name = prefix + name
			}
		case f.number == 2:
			value = f.bytes
		}
		message = rest
	}
	meaning := r.recent.meaning(r.names, name)
	into.signs |= meaning.signs
	if !meaning.isKnown {
		if strings.HasPrefix(name, usagePrefix) {
			return r.nested(name, value, into)
		}
		return nil
	}
	text, err := r.valueText(value, 0)
	into.note(meaning, name, text)
	if err == nil && meaning.of == factMetadata {
		return r.nested(name, value, into)
	}
	return err
}

// nested takes in what a map holds, each as an attribute of the joined names.
func (r *protoReader) nested(name string, value []byte, into *facts) error {
	return eachField(value, func(f wireField) error {
		if f.number != 6 || f.wire != wireBytes || len(name) > nameBytesMax {
			return nil
		}
		return eachField(f.bytes, func(f wireField) error {
			if f.number != 1 || f.wire != wireBytes {
				return nil
			}
			return r.attribute(f.bytes, name+".", into)
		})
	})
}

// valueText gives an AnyValue as text; a list is joined with commas.
func (r *protoReader) valueText(message []byte, depth int) (string, error) {
	text := ""
	for len(message) > 0 {
		f, rest, err := cutField(message)
		if err != nil {
			return "", err
		}
		from := len(r.scratch)
		switch {
		case f.number == 1 && f.wire == wireBytes:
			text = view(f.bytes)
		case f.number == 2 && f.wire == wireVarint:
			text = strconv.FormatBool(f.value != 0)
		case f.number == 3 && f.wire == wireVarint:
			r.scratch = strconv.AppendInt(r.scratch, int64(f.value), 10)
			text = view(r.scratch[from:])
		case f.number == 4 && f.wire == wireFixed64:
			r.scratch = strconv.AppendFloat(r.scratch, math.Float64frombits(f.value), 'f', -1, 64)
			text = view(r.scratch[from:])
		case f.number == 5 && f.wire == wireBytes && depth < listDepthMax:
			if text, err = r.listText(f.bytes, depth+1); err != nil {
				return "", err
			}
		}
		message = rest
	}
	return text, nil
}

func (r *protoReader) listText(message []byte, depth int) (string, error) {
	var texts []string
	err := eachField(message, func(f wireField) error {
		if f.number != 1 || f.wire != wireBytes {
			return nil
		}
		text, err := r.valueText(f.bytes, depth)
		texts = append(texts, text)
		return err
	})
	return strings.Join(texts, ","), err
}
