package loaders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// Job is the load of one file.
type Job struct {
	ctx     context.Context
	path    string
	fileID  int64
	options Options
	stream  *stream
	emit    Emit
	loader  *Loader // lends workers; nil in a job that stands alone
	isSmall bool    // the file shares its kinds with others

	mu      sync.Mutex
	tally   Tally
	pages   []Page
	workers []*worker // lent to this job

	requestKinds, spanKinds kindRegistry // numbered by the loader

	spare chan []byte // memory of blocks that were handled
}

// rowError is what is wrong with one record: it becomes a reject, not a failed load.
type rowError struct{ reason string }

func (e rowError) Error() string { return e.reason }

func badRow(format string, args ...any) error {
	return rowError{reason: fmt.Sprintf(format, args...)}
}

// worker reads records on one goroutine into batches of its own. It serves one job at a time.
type worker struct {
	job      *Job
	parser   fastjson.Parser
	tape     tape
	text     []byte // of the record in hand
	nth      int64  // place of the record in hand among those that begin on its line
	requests *batch[Request]
	spans    *batch[Span]
	usages   *batch[Usage]
	bills    *batch[Bill]
	controls *batch[Control]
	answers  *batch[Answer]
	rejects  *batch[Reject]
	tally    Tally
	kept     map[string]any // what formats keep from file to file: parsers, buffers
}

func newWorker(emit Emit) *worker {
	return &worker{kept: map[string]any{},
		requests: newSharingBatch(TableRequest, requestColumns, emit),
		spans:    newSharingBatch(TableSpan, spanColumns, emit),
		usages:   newBatch(TableUsage, usageColumns, emit),
		bills:    newBatch(TableBill, billColumns, emit),
		controls: newBatch(TableControl, controlColumns, emit),
		answers:  newBatch(TableAnswer, answerColumns, emit),
		rejects:  newBatch(TableReject, rejectColumns, emit),
	}
}

// keptBy gives what a format keeps with a worker from file to file. It must hold nothing that is
// true of one file only.
func keptBy[T any](w *worker, name string, fresh func() *T) *T {
	if kept, known := w.kept[name].(*T); known {
		return kept
	}
	kept := fresh()
	w.kept[name] = kept
	return kept
}

// newWorker lends a worker to the job until the file is read.
func (j *Job) newWorker() *worker {
	if j.loader == nil {
		w := newWorker(j.emit)
		w.begin(j)
		return w
	}
	w := j.loader.takeWorker()
	w.begin(j)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.workers = append(j.workers, w)
	return w
}

func (w *worker) begin(j *Job) {
	w.job, w.tally = j, Tally{}
	requestKinds, spanKinds := &j.requestKinds, &j.spanKinds
	if j.isSmall {
		requestKinds, spanKinds = &j.loader.requestKinds, &j.loader.spanKinds
	}
	w.requests.begin(j.fileID, requestKinds)
	w.spans.begin(j.fileID, spanKinds)
	w.usages.fileID = j.fileID
	w.bills.fileID, w.controls.fileID = j.fileID, j.fileID
	w.answers.fileID, w.rejects.fileID = j.fileID, j.fileID
}

// release gives all workers back; rows stay in their batches.
func (j *Job) release() {
	for _, w := range j.workers {
		w.job = nil
	}
	j.loader.putWorkers(j.workers)
	j.workers = nil
}

// finish adds the worker's counts to the job's.
func (w *worker) finish() error {
	w.job.mu.Lock()
	defer w.job.mu.Unlock()
	w.job.tally.add(w.tally)
	w.tally = Tally{}
	if w.job.loader == nil {
		return w.flush()
	}
	return nil
}

// flush hands on the rows in all batches.
func (w *worker) flush() error {
	return errors.Join(w.requests.flush(), w.spans.flush(), w.usages.flush(),
		w.bills.flush(), w.controls.flush(), w.answers.flush(), w.rejects.flush())
}

func (w *worker) request(row *Request) error {
	if !row.StartedUS.Known {
		return badRow("no start time, so it belongs to no day")
	}
	if err := row.possible(); err != nil {
		return err
	}
	w.loaded(row.StartedUS.N)
	return w.another(row)
}

// another delivers a further row of a record that has been counted.
func (w *worker) another(row *Request) error {
	if row.RequestID == "" {
		row.RequestID = row.digest()
	}
	row.unify()
	row.Identity.hideSecrets()
	row.readImages(firstText(row.ResponseModel, row.RequestedModel))
	row.RequestedModel, row.ResponseModel = keyID(row.RequestedModel), keyID(row.ResponseModel)
	row.PricedModel, row.PricedTier = keyID(row.PricedModel), keyID(row.PricedTier)
	row.Provider, row.GatewayVersion = keyID(row.Provider), releaseName(row.GatewayVersion)
	row.Operation, _, _ = strings.Cut(row.Operation, "?") // a query may hold keys
	row.Operation, row.ParentRequestID = keyID(row.Operation), keyID(row.ParentRequestID)
	if isSecret(row.Tags) || holdsSecret(row.Tags) || strings.Contains(row.Tags, "Bearer ") {
		row.Tags = "" // a key among the tags: none of them is kept
	}
	id, spend := row.Identity, row.Spend.Text
	row.leaveOutRepeats()
	err := w.requests.add(row)
	row.Identity, row.Spend.Text = id, spend // of which the reader may make another row
	return err
}

func (w *worker) span(row *Span) error {
	if !row.StartedUS.Known {
		return badRow("no start time, so it belongs to no day")
	}
	row.unify()
	row.Identity.hideSecrets()
	row.readImages(firstText(row.ResponseModel, row.RequestedModel))
	row.RequestedModel, row.ResponseModel = keyID(row.RequestedModel), keyID(row.ResponseModel)
	row.WorkflowName, row.AgentName = keyID(row.WorkflowName), keyID(row.AgentName)
	w.loaded(row.StartedUS.N)
	return w.spans.add(row)
}

// usage delivers the rows that one source row became; the source row counts once.
func (w *worker) usage(rows []Usage) error {
	for i := range rows {
		if i == 0 {
			w.loadedBucket(&rows[i].Bucket)
		}
		rows[i].Bucket.hideSecrets()
		if err := w.usages.add(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) bill(row *Bill) error {
	w.loadedBucket(&row.Bucket)
	row.Bucket.hideSecrets()
	row.LineItem, row.InvoiceID = keyID(row.LineItem), keyID(row.InvoiceID)
	return w.bills.add(row)
}

// control delivers the totals that one source row states; the source row counts once. A total
// need not know when it was.
func (w *worker) control(rows []Control, at Count) error {
	w.tally.Read++
	w.tally.Loaded++
	if at.Known {
		w.tally.saw(at.N)
	}
	for i := range rows {
		if err := w.controls.add(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// loadedBucket counts a provider's row. Of the time that a correction is of, its file tells nothing
// else.
func (w *worker) loadedBucket(b *Bucket) {
	if b.Correction == "" {
		w.loaded(b.FromUS)
		return
	}
	w.tally.Read++
	w.tally.Loaded++
}

func (w *worker) loaded(us int64) {
	w.tally.Read++
	w.tally.Loaded++
	w.tally.saw(us)
}

// ignored counts a record that carries nothing of ours.
func (w *worker) ignored() { w.tally.Ignored++ }

// reject records what could not be read; the excerpt is masked.
func (w *worker) reject(line int64, reason string, record []byte) error {
	w.tally.Read++
	w.tally.Rejected++
	return w.rejects.add(
		&Reject{Line: line, Reason: reason, Excerpt: excerpt(record)})
}

// settle turns a row error into a reject and passes on any other.
func (w *worker) settle(err error, line int64, record []byte) error {
	if err == nil {
		return nil // before row, which escapes: this runs for every record
	}
	var row rowError
	if errors.As(err, &row) {
		return w.reject(line, row.reason, record)
	}
	return err
}

// money parses an amount from its text and counts a rounding to MoneyScale.
func (w *worker) money(field, text string) (Money, error) {
	money, rounded, err := parseMoney(field, text)
	if rounded {
		w.tally.RoundedAmounts++
	}
	return money, err
}

func parseMoney(field, text string) (Money, bool, error) {
	if text == "" {
		return Money{}, false, nil
	}
	usd, err := pricing.ParseUSD(text)
	if err != nil {
		return Money{}, false, badRow("%s %s: not an amount", field, quoted(text))
	}
	narrow, rounded := usd.Narrow()
	if isBeyond(narrow) {
		return Money{}, false, badRow("%s %s: beyond any amount we store", field, quoted(text))
	}
	return Money{USD: narrow, Text: text, Known: true}, rounded, nil
}

// beyondHigh is 10 to the power of 12 USD, as the high half of an amount as it is stored: the sum
// of ever so many rows below it can be stored too.
const beyondHigh = 54_210_108

// isBeyond reports an amount that is no amount of AI spend.
func isBeyond(usd pricing.USD) bool {
	high, _, err := usd.Int128()
	return err != nil || high > beyondHigh || high < -beyondHigh-1
}
