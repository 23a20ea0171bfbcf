package loaders

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/valyala/fastjson"
)

// blockBytes is how much of a file one worker takes at a time.
const blockBytes = 2 << 20

// recordBytes is what a record takes beside its text: a file may be of nothing but empty ones.
const recordBytes = 64

// record is the text of one JSON value and where it starts: its line, and how many records began
// on that line before it, because an API's answer is often a single line.
type record struct {
	text    []byte
	line    int64
	nth     int64
	tooLong bool
	fault   string // CSV: why the text is no record
	cutOff  bool   // of a binary file, which ended or lost its way within the record
}

// block is a stretch of a file that holds whole records.
type block struct {
	text    []byte // newline-separated records, unless records is set
	line    int64
	records []record
	nth     int64 // of the file's blocks
	isLast  bool  // nothing follows, for readers that gather over records
	below   csvBelow
	isLines bool // the memory of text belongs to this block alone
}

// handler takes one parsed record. A rowError makes it a reject; any other error ends the load.
type handler func(value *fastjson.Value, line int64) error

// tapeHandler is a handler of a record that lies on a tape.
type tapeHandler func(v value, line int64) error

// eachRecord reads the JSON records of the file on all threads: NDJSON, one pretty-printed
// document or several in a row, or the elements of one array.
func (j *Job) eachRecord(newHandler func(*worker) handler) error {
	return j.eachText(func(w *worker) func(record) error {
		handle := newHandler(w)
		return func(r record) error { return w.record(r, handle) }
	})
}

// eachTape reads the JSON records as eachRecord does, for handlers that want a tape.
func (j *Job) eachTape(newHandler func(*worker) tapeHandler) error {
	return j.eachText(func(w *worker) func(record) error {
		handle := newHandler(w)
		return func(r record) error { return w.onTape(r, handle) }
	})
}

func (j *Job) eachText(newTaker func(*worker) func(record) error) error {
	if done, err := j.onlyRecord(newTaker); done {
		return err
	}
	return j.eachBlock(j.readBlocks, func(w *worker) func(block) error {
		take := newTaker(w)
		return func(b block) error { return w.eachText(b, take) }
	})
}

// onlyRecord reads a small file that is one object, as many are when a logger writes a file a
// call, without cutting it up first.
func (j *Job) onlyRecord(newTaker func(*worker) func(record) error) (done bool, err error) {
	head := j.stream.head()
	text := bytes.TrimSpace(head.Bytes)
	if !head.Whole || len(text) == 0 || text[0] != '{' || len(text) > j.options.RecordBytesMax {
		return false, nil
	}
	w := j.newWorker()
	if !w.tape.parse(text) {
		return false, nil
	}
	line := 1 + int64(bytes.Count(head.Bytes[:bytes.IndexByte(head.Bytes, '{')], []byte{'\n'}))
	if err := newTaker(w)(record{text: text, line: line}); err != nil {
		return true, err
	}
	return true, w.finish()
}

// eachBlock cuts the file into blocks by read and has them handled on all threads.
func (j *Job) eachBlock(
	read func(send func(block) error) error, newHandler func(*worker) func(block) error,
) error {
	j.spare = make(chan []byte, 2*j.options.Threads+2)
	return j.newCrew(j.options.Threads, func(w *worker) func(block) error {
		handle := newHandler(w)
		return func(b block) error {
			err := handle(b)
			j.recycle(b)
			return err
		}
	}).run(read)
}

// recycle gives the memory of a block that was handled back to the reader of lines: nothing that
// a handler keeps lies in it.
func (j *Job) recycle(b block) {
	if !b.isLines {
		return
	}
	select {
	case j.spare <- b.text:
	default:
	}
}

// blockMemory is memory for the next block, at least so much.
func (j *Job) blockMemory(bytes int) []byte {
	select {
	case text := <-j.spare:
		if cap(text) >= bytes {
			return text[:0]
		}
	default:
	}
	return make([]byte, 0, bytes)
}

func (w *worker) block(b block, handle handler) error {
	return w.eachText(b, func(r record) error { return w.record(r, handle) })
}

// tapeBlock reads the records of a block as tapes.
func (w *worker) tapeBlock(b block, handle tapeHandler) error {
	return w.eachText(b, func(r record) error { return w.onTape(r, handle) })
}

func (w *worker) eachText(b block, take func(record) error) error {
	for _, r := range b.records {
		if err := take(r); err != nil {
			return err
		}
	}
	line := b.line
	for rest := b.text; len(rest) > 0; line++ {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		long := len(text) > w.job.options.RecordBytesMax
		if err := take(record{text: text, line: line, tooLong: long}); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) record(r record, handle handler) error {
	w.nth, w.text = r.nth, r.text
	if r.tooLong {
		return w.reject(r.line, "record longer than the limit", nil)
	}
	value, err := w.parser.ParseBytes(r.text)
	if err != nil && isCopied(r.text) {
		value, err = w.parser.ParseBytes(uncopied(r.text))
	}
	if err != nil {
		return w.reject(r.line, w.notJSON(r.text, jsonFault(err)), r.text)
	}
	if value.Type() != fastjson.TypeObject {
		return w.reject(r.line, "not a JSON object", r.text)
	}
	return w.settle(handle(value, r.line), r.line, r.text)
}

// onTape reads a record as a tape; what is wrong with one that is not JSON, fastjson says.
func (w *worker) onTape(r record, handle tapeHandler) error {
	w.nth, w.text = r.nth, r.text
	if r.tooLong {
		return w.reject(r.line, "record longer than the limit", nil)
	}
	if !w.tape.parse(r.text) && !(isCopied(r.text) && w.tape.parse(uncopied(r.text))) {
		return w.reject(r.line, w.notJSON(r.text, w.fault(r.text)), r.text)
	}
	top := w.tape.top()
	if top.kind() != jsonObject {
		return w.reject(r.line, "not a JSON object", r.text)
	}
	return w.settle(handle(top, r.line), r.line, r.text)
}

// fault says why a text is not JSON.
func (w *worker) fault(text []byte) string {
	_, err := w.parser.ParseBytes(text)
	if err == nil {
		panic("loaders: fastjson takes a record that the tape does not")
	}
	return jsonFault(err)
}

// notJSON is the reason of a reject.
func (w *worker) notJSON(text []byte, fault string) string {
	if w.job.stream.carried != nil && string(text) == broken {
		return "what the record carries is cut off or no JSON"
	}
	if w.job.stream.carried != nil && string(text) == atOdds {
		return "a name and what is nested in it by dots say different things"
	}
	if string(text) == unclosed {
		return "the array ends without a bracket: the file may be cut off or still being written"
	}
	return "not valid JSON: " + fault
}

// jsonFault keeps the innermost of the parser's reasons and drops the text that it quotes.
func jsonFault(err error) string {
	text, _, _ := strings.Cut(err.Error(), "; unparsed tail")
	text = strings.NewReplacer(`'"'`, "quote", `'""`, "quote").Replace(text)
	text, _, _ = strings.Cut(text, `"`)
	text = strings.TrimRight(text, " :")
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return text
}

func (j *Job) readBlocks(send func(block) error) error {
	head := j.stream.head()
	switch {
	case !isLines(head):
		return newSplitter(j.stream, j.options.RecordBytesMax).run(send)
	case head.Whole:
		return send(block{text: head.Bytes, line: 1})
	}
	return j.readLines(j.stream, j.options.RecordBytesMax, send)
}

// isLines reports that the first line of the file is a whole JSON object, or was cut off before the
// next: within JSON no object can begin behind it.
func isLines(head *Head) bool {
	if head.isCarried {
		return false
	}
	text := bytes.TrimLeft(head.Bytes, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	line, rest, cut := bytes.Cut(text, []byte{'\n'})
	if !cut {
		return !head.Whole || fastjson.ValidateBytes(bytes.TrimSpace(line)) == nil
	}
	line = bytes.TrimSpace(line)
	if bytes.HasPrefix(rest, []byte{'{'}) && !bytes.ContainsAny(line[len(line)-1:], "[{,:") {
		return true
	}
	return len(line) > 1 && line[len(line)-1] == '}' && fastjson.ValidateBytes(line) == nil
}

// readLines cuts the stream into blocks of whole lines.
func (j *Job) readLines(from io.Reader, lineMax int, send func(block) error) error {
	line := int64(1)
	var rest []byte
	for {
		text := append(j.blockMemory(max(blockBytes, len(rest)*2)), rest...)
		n, err := io.ReadFull(from, text[len(rest):cap(text)])
		text = text[:len(rest)+n]
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		last := bytes.LastIndexByte(text, '\n') + 1
		if end {
			last = len(text)
		}
		if last == 0 && len(text) > lineMax {
			if rest, err = skipLine(from); err != nil {
				return err
			}
			long := block{records: []record{{line: line, tooLong: true}}}
			if err := send(long); err != nil {
				return err
			}
			line++
			continue
		}
		if last > 0 {
			lines := int64(bytes.Count(text[:last], []byte{'\n'}))
			if err := send(block{text: text[:last], line: line, isLines: true}); err != nil {
				return err
			}
			line += lines
		}
		if rest = text[last:]; end {
			return nil
		}
	}
}

// skipLine passes over the rest of a line that is too long and returns what follows it.
func skipLine(from io.Reader) ([]byte, error) {
	text := make([]byte, blockBytes)
	for {
		n, err := from.Read(text)
		if i := bytes.IndexByte(text[:n], '\n'); i >= 0 {
			return text[i+1 : n], nil
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
