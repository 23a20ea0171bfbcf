package loaders

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
)

// Loader reads files, one or several at a time. What is costly to make goes from file to file:
// buffers, parsers, and batches that a file left half full, so that thousands of small files
// load nearly as fast as one large one.
type Loader struct {
	options Options
	formats []Format
	emit    Emit
	extra   chan struct{} // a place for each worker beyond the first of a file

	lastKind                atomic.Int64 // number of the last kind of row
	requestKinds, spanKinds kindRegistry // of the small files

	bytes, rows atomic.Int64 // read so far

	mu      sync.Mutex
	workers []*worker // idle, with rows not handed on yet
	streams []*stream // idle
}

// NewLoader makes a loader that hands rows to emit. It fails when a mapping file is wrong.
func NewLoader(options Options, emit Emit) (*Loader, error) {
	options = options.withDefaults()
	formats := make([]Format, 0, len(options.Mappings))
	for _, path := range options.Mappings {
		format, err := openMapping(path)
		if err != nil {
			return nil, err
		}
		formats = append(formats, format)
	}
	l := &Loader{options: options, formats: append(formats, Formats()...), emit: emit,
		extra: make(chan struct{}, options.Threads-1)}
	l.lastKind.Store(options.LastKind)
	for _, shared := range []*kindRegistry{&l.requestKinds, &l.spanKinds} {
		shared.last, shared.isShared = &l.lastKind, true
	}
	return l, nil
}

// Formats lists the formats that the loader knows, in the order in which they are tried.
func (l *Loader) Formats() []Format { return l.formats }

// Recognise names the format of a file by its content.
func (l *Loader) Recognise(path string) (Format, Match, error) {
	stream := l.takeStream()
	stream.bytesMax = math.MaxInt64
	if err := stream.open(context.Background(), path, l.options); err != nil {
		return Format{}, Match{}, err
	}
	defer l.putStream(stream)
	return l.recognise(path, stream)
}

// recognise names the format of a stream, or else of what its records carry inside, which the
// stream then gives.
func (l *Loader) recognise(path string, s *stream) (Format, Match, error) {
	format, match, unknown := recogniseHead(path, s.head(), l.formats)
	if unknown == nil && !match.carries {
		if flat := format.flatWrapping(s); flat != nil {
			s.unwrap(flat, l.options.RecordBytesMax)
			match.Why = flat.String() + match.Why
		}
		return format, match, nil
	}
	wrapping := findWrapping(s, l.formats)
	if wrapping == nil {
		return format, match, unknown
	}
	s.unwrap(wrapping, l.options.RecordBytesMax)
	format, inner, err := recogniseHead(path, s.head(), l.formats)
	if err != nil && unknown != nil {
		return format, match, unknown
	} else if err != nil {
		return format, match, err
	}
	inner.Why = wrapping.String() + inner.Why
	return format, inner, nil
}

// Load reads one file into rows of the given file id. Rows may stay with the loader until other
// files have filled their batch, or until Close.
func (l *Loader) Load(ctx context.Context, path string, fileID int64) (Result, error) {
	return l.LoadFirst(ctx, path, math.MaxInt64, fileID, nil)
}

// Marks is given how a file begins, as it lies on disk, with 4 KiB at most, and chooses the sizes,
// the smallest first and each once, at which the hash is noted of what is read by then.
type Marks func(first []byte) []int64

// LoadFirst reads the first bytes of a file, as many as it had when somebody looked: what a log
// has grown by since then is of the next time. It asks marks, unless there are none.
func (l *Loader) LoadFirst(
	ctx context.Context, path string, bytes, fileID int64, marks Marks,
) (Result, error) {
	stream := l.takeStream()
	stream.bytesMax, stream.onDisk.all, stream.onDisk.choose = bytes, &l.bytes, marks
	if err := stream.open(ctx, path, l.options); err != nil {
		return Result{}, err
	}
	defer l.putStream(stream)
	format, match, err := l.recognise(path, stream)
	if err != nil {
		return Result{}, err
	}
	job := &Job{ctx: ctx, path: path, fileID: fileID, options: l.options, stream: stream,
		emit: l.emit, loader: l, isSmall: stream.head().Whole}
	job.requestKinds.last, job.spanKinds.last = &l.lastKind, &l.lastKind
	defer job.release()
	if err := format.load(job); err != nil {
		return Result{}, err
	}
	if err := stream.drain(); err != nil {
		return Result{}, err
	}
	job.tally.Ignored += stream.passedOver()
	l.rows.Add(job.tally.Loaded)
	return Result{Format: format.Name, Leg: format.Leg, Why: match.Why,
		SHA256: stream.sha256(), Bytes: stream.bytes(),
		Hashes: stream.onDisk.hashes, Pages: job.pages, Tally: job.tally}, nil
}

// SoFar is how many bytes the loader has read, and how many rows it has of files read to their end.
func (l *Loader) SoFar() (bytes, rows int64) { return l.bytes.Load(), l.rows.Load() }

// Close hands on the rows that are left. Loads must have ended.
func (l *Loader) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed error
	for _, w := range l.workers {
		failed = errors.Join(failed, w.flush())
	}
	l.workers, l.streams = nil, nil
	return failed
}

func (l *Loader) takeStream() *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.streams); n > 0 {
		stream := l.streams[n-1]
		l.streams = l.streams[:n-1]
		return stream
	}
	return newStream()
}

func (l *Loader) putStream(s *stream) {
	s.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.streams = append(l.streams, s)
}

// takeWorker prefers the worker that was idle last: its batches are the fullest.
func (l *Loader) takeWorker() *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.workers); n > 0 {
		w := l.workers[n-1]
		l.workers = l.workers[:n-1]
		return w
	}
	return newWorker(l.emit)
}

func (l *Loader) putWorkers(workers []*worker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.workers = append(l.workers, workers...)
}
