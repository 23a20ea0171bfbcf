package loaders

import (
	"context"
	"errors"
	"fmt"
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

	mu    sync.Mutex
	tally Tally
	pages []Page
}

// rowError is what is wrong with one record: it becomes a reject, not a failed load.
type rowError struct{ reason string }

func (e rowError) Error() string { return e.reason }

func badRow(format string, args ...any) error {
	return rowError{reason: fmt.Sprintf(format, args...)}
}

// worker reads records on one goroutine into batches of its own.
type worker struct {
	job      *Job
	parser   fastjson.Parser
	nth      int64 // place of the record in hand among those that begin on its line
	requests *batch[Request]
	spans    *batch[Span]
	usages   *batch[Usage]
	bills    *batch[Bill]
	rejects  *batch[Reject]
	tally    Tally
}

func (j *Job) newWorker() *worker {
	return &worker{job: j,
		requests: newBatch(TableRequest, requestColumns(), j.fileID, j.emit),
		spans:    newBatch(TableSpan, spanColumns(), j.fileID, j.emit),
		usages:   newBatch(TableUsage, usageColumns(), j.fileID, j.emit),
		bills:    newBatch(TableBill, billColumns(), j.fileID, j.emit),
		rejects:  newBatch(TableReject, rejectColumns(), j.fileID, j.emit),
	}
}

// finish hands on what is left and adds the counts to the job's.
func (w *worker) finish() error {
	flushed := errors.Join(w.requests.flush(), w.spans.flush(), w.usages.flush(),
		w.bills.flush(), w.rejects.flush())
	w.job.mu.Lock()
	defer w.job.mu.Unlock()
	w.job.tally.add(w.tally)
	return flushed
}

func (w *worker) request(row *Request) error {
	if !row.StartedUS.Known {
		return badRow("no start time, so it belongs to no day")
	}
	w.loaded(row.StartedUS.N)
	return w.requests.add(row)
}

func (w *worker) span(row *Span) error {
	if !row.StartedUS.Known {
		return badRow("no start time, so it belongs to no day")
	}
	w.loaded(row.StartedUS.N)
	return w.spans.add(row)
}

// usage delivers the rows that one source row became; the source row counts once.
func (w *worker) usage(rows []Usage) error {
	for i := range rows {
		if i == 0 {
			w.loaded(rows[i].FromUS)
		}
		if err := w.usages.add(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) bill(row *Bill) error {
	w.loaded(row.FromUS)
	return w.bills.add(row)
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
	return w.rejects.add(&Reject{Line: line, Reason: reason, Excerpt: excerpt(record)})
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
	if _, _, err := narrow.Int128(); err != nil {
		return Money{}, false, badRow("%s %s: beyond any amount we store", field, quoted(text))
	}
	return Money{USD: narrow, Text: text, Known: true}, rounded, nil
}
