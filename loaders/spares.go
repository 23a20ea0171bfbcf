package loaders

import (
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// spares lends memory for the values of a table's columns and takes it back when everybody who
// reads a record is done with it: the columns of one batch are two megabytes, and asking the
// system for them again and again costs more than filling them. Texts are not lent, since a
// reader may keep them.
type spares struct {
	mu   sync.Mutex
	free map[int][][]byte // by size
	held int
}

var _ memory.Allocator = (*spares)(nil)

// sparesBytesMax bounds what lies idle.
const sparesBytesMax = 32 << 20

// Allocate gives memory that may hold what was written into it before.
func (s *spares) Allocate(size int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.free[size]
	if len(list) == 0 {
		return make([]byte, size)
	}
	s.free[size] = list[:len(list)-1]
	s.held -= size
	return list[len(list)-1]
}

// Free takes memory back.
func (s *spares) Free(lent []byte) {
	lent = lent[:cap(lent)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held+len(lent) > sparesBytesMax {
		return
	}
	if s.free == nil {
		s.free = map[int][][]byte{}
	}
	s.free[len(lent)] = append(s.free[len(lent)], lent)
	s.held += len(lent)
}

// Reallocate is what Arrow's interface asks for and columns have no use for.
func (s *spares) Reallocate(size int, lent []byte) []byte {
	larger := s.Allocate(size)
	copy(larger, lent)
	s.Free(lent)
	return larger
}

// lent is so many values of one type in memory that is given back.
type lent[T any] struct {
	from   *spares
	memory []byte
	values []T
}

func (l *lent[T]) reset(from *spares, count int) {
	var one T
	l.from, l.memory = from, from.Allocate(count*int(unsafe.Sizeof(one)))
	l.values = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(l.memory))), count)
}

// buffer hands on the first values.
func (l *lent[T]) buffer(count int) *memory.Buffer {
	var one T
	return memory.NewBufferWithAllocator(l.memory[:count*int(unsafe.Sizeof(one))], l.from)
}
