package loaders

import "sync"

// A span often says less than its ancestors: the session, the workflow and the tenant stand on
// the agent around it, or on the web request around that. A span is exported when it ends, so
// its ancestors come after it, many blocks later and from other workers. Rows are therefore held
// back until a bounded stretch of the file behind them has been read. What a row inherits depends
// on the order of the file alone, not on how many workers read it.

// A stretch is closed when it holds so many rows or links: what is held stays below fifty
// megabytes. An ancestor is found when it stands in the stretch of its descendant or in one
// beside it.
const (
	stretchRowsMax  = 8192
	stretchLinksMax = 65536
	blocksAheadMax  = 16 // of the block that is waited for
)

// lineage joins the spans of one file.
type lineage struct {
	names *attributeNames
	seeds keySeeds

	mu       sync.Mutex
	moved    *sync.Cond
	isFailed bool
	next     int64               // the block whose turn it is
	early    map[int64]*spanPart // handed in before their turn
	filling  *stretch
	ready    []release
	chunks   []*rowChunk // to be used again
}

// stretch is a part of the file, of whole blocks.
type stretch struct {
	parts        []*spanPart
	rows, links  int
	table        []*spanLink // open addressing by key, a power of two long
	before, next *stretch
	unreleased   int
	isGone       bool   // all its rows are delivered
	gifts        []gift // not given yet
	calls        map[uint64]bool
}

// release is a part whose rows can go, with what is around it.
type release struct {
	part *spanPart
	of   *stretch
}

func newLineage() *lineage {
	l := &lineage{names: newAttributeNames(), seeds: newKeySeeds(), early: map[int64]*spanPart{},
		filling: &stretch{}}
	l.moved = sync.NewCond(&l.mu)
	return l
}

// eachTrace reads the blocks of a file of spans on all threads.
func (j *Job) eachTrace(
	read func(send func(block) error) error, newHandler func(*tracer) func(block) error,
) error {
	l := newLineage()
	err := j.eachBlock(read, func(w *worker) func(block) error {
		t := &tracer{w: w, names: l.names, lineage: l, part: &spanPart{}}
		handle := newHandler(t)
		return func(b block) error {
			err := handle(b)
			if err == nil {
				err = l.handIn(t, b.nth)
			}
			if err != nil {
				l.abort()
			}
			return err
		}
	})
	if err != nil {
		return err
	}
	return l.finish(j)
}

// eachTraceRecord reads the JSON records of a file of spans.
func (j *Job) eachTraceRecord(
	read func(send func(block) error) error, newHandler func(*tracer) handler,
) error {
	return j.eachTrace(read, func(t *tracer) func(block) error {
		handle := newHandler(t)
		return func(b block) error { return t.w.block(b, handle) }
	})
}

// rowsPerPart is how many rows of a table are held together.
const rowsPerPart = 2048

// eachTraceRow reads the rows of a table of spans.
func (j *Job) eachTraceRow(newHandler func(*tracer) rowHandler) error {
	l := newLineage()
	var t *tracer
	var handle rowHandler
	err := j.eachRow(func(w *worker, row csvRow) error {
		if t == nil {
			t = &tracer{w: w, names: l.names, lineage: l, part: &spanPart{}}
			handle = newHandler(t)
		}
		if t.part.count >= rowsPerPart {
			if err := l.handIn(t, l.next); err != nil {
				return err
			}
		}
		return handle(row)
	})
	if err != nil {
		return err
	}
	if t != nil {
		l.fill(t.part)
	}
	return l.finish(j)
}

// idleWorker is a worker of the job when all have ended.
func (j *Job) idleWorker() *worker {
	j.mu.Lock()
	if len(j.workers) > 0 {
		defer j.mu.Unlock()
		return j.workers[0]
	}
	j.mu.Unlock()
	return j.newWorker()
}

// handIn takes over the spans of a block, and has the worker release what can go.
func (l *lineage) handIn(t *tracer, nth int64) error {
	l.mu.Lock()
	for nth > l.next+blocksAheadMax && !l.isFailed {
		l.moved.Wait()
	}
	l.early[nth], t.part = t.part, &spanPart{}
	for {
		part, isHere := l.early[l.next]
		if !isHere {
			break
		}
		delete(l.early, l.next)
		l.next++
		l.fill(part)
	}
	l.moved.Broadcast()
	l.mu.Unlock()
	return l.release(t)
}

func (l *lineage) abort() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isFailed = true
	l.moved.Broadcast()
}

// fill puts a part behind those before it.
func (l *lineage) fill(part *spanPart) {
	s := l.filling
	s.parts = append(s.parts, part)
	s.rows += part.rows
	s.links += part.count
	if s.rows >= stretchRowsMax || s.links >= stretchLinksMax {
		l.close()
	}
}

// close ends a stretch; the one before it now knows both its neighbours.
func (l *lineage) close() {
	s := l.filling
	s.index()
	l.filling = &stretch{before: s}
	if s.before != nil {
		s.before.next = s
		s.before.settle()
		l.let(s.before)
	}
}

// let gives the parts of a stretch free to be released.
func (l *lineage) let(s *stretch) {
	s.unreleased = len(s.parts)
	for _, part := range s.parts {
		l.ready = append(l.ready, release{part: part, of: s})
	}
}

// finish releases what is left when the file has ended.
func (l *lineage) finish(j *Job) error {
	if len(l.filling.parts) > 0 {
		l.close()
	}
	if last := l.filling.before; last != nil {
		last.settle()
		l.let(last)
	}
	w := j.idleWorker()
	if err := l.release(&tracer{w: w, names: l.names, lineage: l}); err != nil {
		return err
	}
	return w.finish()
}

// release delivers the rows of the parts that are ready.
func (l *lineage) release(t *tracer) error {
	for {
		l.mu.Lock()
		if len(l.ready) == 0 || l.isFailed {
			l.mu.Unlock()
			return nil
		}
		r := l.ready[0]
		l.ready = l.ready[1:]
		l.mu.Unlock()
		for i, link := range r.part.loaded {
			row := &r.part.chunks[i/rowsPerChunk][i%rowsPerChunk]
			if err := t.w.span(r.of.inherit(row, link, &t.copied)); err != nil {
				return err
			}
		}
		l.released(r.of)
	}
}

// released notes that a part is gone, and forgets the stretches that nobody looks at any more.
func (l *lineage) released(s *stretch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.unreleased--; s.unreleased > 0 {
		return
	}
	s.isGone = true
	for _, of := range []*stretch{s.before, s, s.next} {
		l.forget(of)
	}
}

// forget drops a stretch when it and those beside it are gone.
func (l *lineage) forget(s *stretch) {
	if s == nil || !s.isGone || s.next == nil || !s.next.isGone ||
		(s.before != nil && !s.before.isGone) {
		return
	}
	for _, part := range s.parts {
		l.chunks = append(l.chunks, part.chunks...)
	}
	s.parts, s.table, s.next.before = nil, nil, nil
}

func (l *lineage) takeChunk() *rowChunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.chunks); n > 0 {
		chunk := l.chunks[n-1]
		l.chunks = l.chunks[:n-1]
		return chunk
	}
	return new(rowChunk)
}

// index makes the links of a stretch findable. Of two spans with one id the first counts.
func (s *stretch) index() {
	size := 1
	for size < 2*s.links {
		size *= 2
	}
	s.table = make([]*spanLink, size)
	for _, part := range s.parts {
		s.gifts = append(s.gifts, part.gifts...)
		for _, list := range part.links {
			for i := range *list {
				s.insert(&(*list)[i])
			}
		}
	}
}

func (s *stretch) insert(link *spanLink) {
	mask := uint64(len(s.table) - 1)
	for at := link.key.a & mask; ; at = (at + 1) & mask {
		if s.table[at] == nil {
			s.table[at] = link
			return
		}
		if s.table[at].key == link.key {
			return
		}
	}
}

func (s *stretch) lookUp(key spanKey) *spanLink {
	if s == nil || len(s.table) == 0 {
		return nil
	}
	mask := uint64(len(s.table) - 1)
	for at := key.a & mask; s.table[at] != nil; at = (at + 1) & mask {
		if s.table[at].key == key {
			return s.table[at]
		}
	}
	return nil
}

// find looks for a span here and in the stretches beside this one.
func (s *stretch) find(key spanKey) *spanLink {
	if found := s.lookUp(key); found != nil {
		return found
	}
	if found := s.next.lookUp(key); found != nil {
		return found
	}
	return s.before.lookUp(key)
}
