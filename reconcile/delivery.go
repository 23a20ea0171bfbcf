package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A night's inputs are compared with what the store holds, by content: what it holds is not read
// again, whatever it is called now.

// intent is what a run is going to do with its inputs.
type intent struct {
	given []*given
	load  []*given        // those whose content the store does not hold
	looks map[string]look // of runs before, by path
}

// given is one input file of this run.
type given struct {
	inputFile
	size   int64
	sha256 string          // "" until it is known
	grown  map[string]bool // contents that stood at a path and with which it begins
	begins []int64         // see beginnings; known of a file that was loaded
	before []*content      // with which it may begin; of a file that was loaded
	info   os.FileInfo
	state  string // how it looks, "" when that does not tell it from what it may come to be
}

// hashFirstBytes is from what size on files of one size are hashed before any of them is read. The
// many small files that loggers write a call each are often of one size and hardly ever the same;
// of those that are, all but the first are taken out again after loading.
const hashFirstBytes = 1 << 20

// compare finds out which inputs are new. A file is hashed before it is read only when it may be
// known, when its path or its size is, and does not look as it did.
func (r *run) compare(ctx context.Context, h *holdings) (*intent, error) {
	plan := &intent{given: make([]*given, len(r.files))}
	for i, file := range r.files {
		plan.given[i] = &given{inputFile: file}
	}
	err := inParallel(ctx, r.settings.Threads, plan.given, (*given).look)
	if err != nil {
		return nil, err
	}
	if plan.looks, err = r.readLooks(ctx); err != nil {
		return nil, err
	}
	sizes, at := map[int64]int{}, h.at()
	for _, g := range plan.given {
		if g.size >= hashFirstBytes {
			sizes[g.size]++
		}
	}
	for size := range h.sizes() {
		sizes[size] += 2
	}
	var doubtful []*given
	for _, g := range plan.given {
		mayBeKnown := sizes[g.size] > 1 || len(at[g.path]) > 0
		if mayBeKnown && !g.recognise(plan.looks[g.path], h) {
			doubtful = append(doubtful, g)
		}
	}
	err = inParallel(ctx, r.settings.Threads, doubtful, func(g *given) error {
		return g.hash(ctx, bySize(at[g.path]))
	})
	if err != nil {
		return nil, err
	}
	plan.choose(h, r.loadedWith())
	return plan, nil
}

// look notes how the file is when the run begins.
func (g *given) look() (err error) {
	now := time.Now()
	if g.info, err = os.Stat(g.path); err != nil {
		return vanished(g.path, err)
	}
	g.size = g.info.Size()
	g.state = stateOf(g.info, now)
	return nil
}

// choose lists what to load: each content once, of several paths under the first. One that a newer
// version has taken rows of is no longer what its bytes say, and is loaded anew.
func (p *intent) choose(h *holdings, loadedWith string) {
	chosen := map[string]bool{}
	for _, g := range p.given {
		held := h.contents[g.sha256]
		isHeld := g.sha256 != "" && held != nil && held.replaced == 0 &&
			held.loadedWith == loadedWith
		if isHeld || (g.sha256 != "" && chosen[g.sha256]) {
			continue
		}
		chosen[g.sha256] = true
		p.load = append(p.load, g)
	}
}

// hash reads the file and tells with which of the contents before it begins, which are in the order
// of their sizes. One whose own content is not known is read up to the size that it had.
func (g *given) hash(ctx context.Context, before []*content) error {
	file, err := os.Open(g.path)
	if err != nil {
		return vanished(g.path, err)
	}
	defer file.Close()
	sum, buffer := sha256.New(), make([]byte, min(g.size+1, 32<<10))
	var read int64
	var begun string // the hash of what is read
	upTo := func(bytes int64) error {
		if begun != "" && bytes == read {
			return nil
		}
		n, err := io.CopyBuffer(sum, &stoppable{ctx, io.LimitReader(file, bytes-read)}, buffer)
		if read += n; err == nil && read < bytes {
			return changed(g.path)
		}
		if err != nil && ctx.Err() == nil {
			return vanished(g.path, err)
		}
		begun = hex.EncodeToString(sum.Sum(nil))
		return err
	}
	if g.grown == nil {
		g.grown = map[string]bool{}
	}
	for _, c := range before {
		if c.bytes >= g.size {
			break
		}
		if err := upTo(c.bytes); err != nil {
			return err
		}
		if c.bytes > 0 && begun == c.sha256 {
			g.grown[c.sha256] = true
		}
	}
	if g.sha256 != "" {
		return nil
	}
	if err := upTo(g.size); err != nil {
		return err
	}
	g.sha256 = begun
	return nil
}

// isReadAtOnce reports a file so small that one read took all of it: what was read is what it was
// at one moment, and its hash is that of what was read.
func (l *loadedFile) isReadAtOnce() bool {
	const onceMax = 64 << 10
	return l.size < onceMax && l.result.Bytes == l.size
}

// isChanged reports that the file is not what it was when the run began; one that has only grown
// is read up to what it was.
func (g *given) isChanged() bool {
	now, err := os.Stat(g.path)
	if err != nil {
		return false // gone after it was read
	}
	return now.Size() < g.size || (now.Size() == g.size && !now.ModTime().Equal(g.info.ModTime()))
}

func vanished(path string, err error) error {
	return &InputError{Problem: path + ": cannot be read: " + pathErrText(err),
		Hint: "check the path; a file must stay until the run has ended"}
}

func changed(path string) error {
	return &InputError{Problem: path + ": changed while it was read",
		Hint: "run it again when the file is complete; write exports under another name and " +
			"rename them"}
}

// loadedWith names what decides which rows become of a file: the program and the mappings.
func (r *run) loadedWith() string {
	with := []string{r.settings.Version}
	for _, path := range r.settings.Mappings {
		file, err := hashFile(path)
		if err != nil {
			file.SHA256 = path // one of our own, by its name
		}
		with = append(with, file.SHA256)
	}
	return strings.Join(with, " ")
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx  context.Context
	from io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(p)
}

// inParallel does something with all items, several at once, and gives the first error.
func inParallel[T any](ctx context.Context, threads int, items []T, do func(T) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(max(threads, 1), len(items)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := next.Add(1) - 1; i < int64(len(items)) && ctx.Err() == nil; {
				if err := do(items[i]); err != nil {
					fail(err)
				}
				i = next.Add(1) - 1
			}
		}()
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

func (g *given) String() string { return fmt.Sprintf("%s (%d bytes)", g.path, g.size) }
