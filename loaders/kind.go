package loaders

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Most of what a request or span says is the same for thousands of others: models, teams, keys,
// conventions, the day. Such columns are delivered once for each combination that a file holds,
// its kind, and a row names its kind by a number. Storing the combination with every row would
// cost more than all else that loading does.

// kindsMax is how many kinds of a file are remembered. A file with more, one that has a tag of
// its own on each row, may deliver a kind again under another number: that costs room, and
// memory stays bounded.
const kindsMax = 1 << 15

// kindColumn is the column by which a row names its kind.
const kindColumn = "kind_id"

// kindTable names the table of a table's kinds.
func kindTable(of Table) Table { return of + "_kind" }

// SharedKinds stands as the file of the kinds that small files share: of thousands of files that
// hold a call each, hardly one says what no other has said.
const SharedKinds = int64(0)

// kindRegistry numbers the kinds of one file and table, or of all small files, for all workers
// that read them. The numbers are the loader's, so that no two registries share one.
type kindRegistry struct {
	mu       sync.Mutex
	known    map[string]int64
	last     *atomic.Int64
	isShared bool // by all small files
}

// of gives the number of a kind and reports whether it is new.
func (r *kindRegistry) of(key []byte) (number int64, isNew bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number, known := r.known[string(key)]; known {
		return number, false
	}
	if r.known == nil || len(r.known) >= kindsMax {
		r.known = map[string]int64{}
	}
	number = r.last.Add(1)
	r.known[string(key)] = number
	return number, true
}

// kinds finds the kind of each row of a batch, and gathers those that are new.
type kinds[R any] struct {
	texts    []uintptr // where in the row they are: most shared columns are texts
	fields   []kindField
	registry *kindRegistry
	seen     map[string]int64 // by this worker, of the registry in hand
	key      []byte
	batch    *batch[R] // of the kinds' own table
}

// kindField is a shared column's field in the row.
type kindField struct {
	offset uintptr
	write  func(key []byte, field unsafe.Pointer) []byte
}

func newKinds[R any](table Table, shared []column[R], emit Emit) *kinds[R] {
	k := &kinds[R]{seen: map[string]int64{},
		batch: newBatch(kindTable(table), func() []column[R] { return shared }, emit)}
	k.batch.kindIDs = &numberBuffer{}
	for _, c := range shared {
		if c.text != nil {
			k.texts = append(k.texts, offsetOf(c))
			continue
		}
		k.fields = append(k.fields, kindField{offsetOf(c), keyWriterOf(c)})
	}
	return k
}

// begin forgets the kinds of the file before, unless the files share them.
func (k *kinds[R]) begin(fileID int64, registry *kindRegistry) {
	if registry.isShared {
		fileID = SharedKinds
	}
	if k.registry != registry || !registry.isShared {
		clear(k.seen)
	}
	k.registry, k.batch.fileID = registry, fileID
}

// of gives the number of a row's kind.
func (k *kinds[R]) of(row *R) (int64, error) {
	key, base := k.key[:0], unsafe.Pointer(row)
	for _, offset := range k.texts {
		text := *(*string)(unsafe.Add(base, offset))
		if len(text) < 0x80 {
			key = append(key, byte(len(text)))
		} else {
			key = binary.AppendUvarint(key, uint64(len(text)))
		}
		key = append(key, text...)
	}
	for _, f := range k.fields {
		key = f.write(key, unsafe.Add(base, f.offset))
	}
	k.key = key
	if number, known := k.seen[string(key)]; known {
		return number, nil
	}
	number, isNew := k.registry.of(key)
	if len(k.seen) >= kindsMax {
		clear(k.seen)
	}
	k.seen[string(key)] = number
	if !isNew {
		return number, nil
	}
	k.batch.kind = number
	return number, k.batch.add(row)
}

// keyWriterOf writes a field so that no two contents are written alike.
func keyWriterOf[R any](c column[R]) func([]byte, unsafe.Pointer) []byte {
	switch {
	case c.flag != nil:
		return func(key []byte, field unsafe.Pointer) []byte {
			if *(*bool)(field) {
				return append(key, 1)
			}
			return append(key, 0)
		}
	case c.count != nil:
		return func(key []byte, field unsafe.Pointer) []byte {
			return appendCount(key, *(*Count)(field), 1)
		}
	case c.day != nil:
		return func(key []byte, field unsafe.Pointer) []byte {
			return appendCount(key, *(*Count)(field), dayMicros)
		}
	}
	panic("loaders: column " + c.name + " is not of a type that rows share")
}

func appendCount(key []byte, count Count, unit int64) []byte {
	if !count.Known {
		return append(key, 0)
	}
	return binary.AppendVarint(append(key, 1), count.N/unit)
}

// isShared reports a column of the kind: words and flags, but for the ids and texts that differ
// from row to row.
func (c column[R]) isShared() bool {
	switch c.name {
	case "request_id", "call_id", "provider_request_id", "response_id", "parent_request_id",
		"trace_id", "span_id", "parent_span_id", "session_id", "workflow_id", "customer_id",
		"spend_text", "cost_text", "other_charges":
		return false
	case "attributes":
		return true
	}
	return c.text != nil || c.flag != nil || c.day != nil
}

// splitShared parts a table's columns into those of its rows and those of their kinds.
func splitShared[R any](columns []column[R]) (own, shared []column[R]) {
	for _, c := range columns {
		if c.isShared() {
			shared = append(shared, c)
		} else {
			own = append(own, c)
		}
	}
	return own, shared
}
