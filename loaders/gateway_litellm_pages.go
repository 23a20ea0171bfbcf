package loaders

import (
	"bytes"
	"strconv"

	"github.com/valyala/fastjson"
)

// Page is what one page of a paged export says of the whole, or of the next page: between which
// times that begins, 0 where there is none.
type Page struct {
	Path                                     string
	Number, TotalPages, Total, Size, Counted int64
	NextFromUS, NextToUS                     int64
}

// litellmPages reads pages of /spend/logs/v2 and checks each against its own counts; whether all
// pages are there is checked over all files.
func (j *Job) litellmPages() error {
	w := j.newWorker()
	reader := newLitellmReader(w)
	err := newSplitter(j.stream, j.options.RecordBytesMax).run(func(b block) error {
		for _, page := range b.records {
			if err := j.litellmPage(w, reader, page); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.finish()
}

func (j *Job) litellmPage(w *worker, reader *litellmReader, page record) error {
	from, to := member(page.text, "data")
	if from < 0 {
		return w.reject(page.line, "page without data", page.text)
	}
	envelope := bytes.Join([][]byte{page.text[:from], []byte("[]"), page.text[to:]}, nil)
	stated, err := fastjson.ParseBytes(envelope)
	if err != nil {
		return w.reject(page.line, "page is not valid JSON: "+jsonFault(err), envelope)
	}
	rows := newSplitter(bytes.NewReader(page.text[from:to]), j.options.RecordBytesMax)
	rows.line = page.line + int64(bytes.Count(page.text[:from], []byte{'\n'}))
	seen := int64(0)
	err = rows.run(func(b block) error {
		seen += int64(len(b.records))
		return w.tapeBlock(b, reader.row)
	})
	if err != nil {
		return err
	}
	return j.checkPage(stated, seen)
}

// checkPage compares the rows of a page with what the page says of itself.
func (j *Job) checkPage(stated *fastjson.Value, seen int64) error {
	page := Page{Path: j.path, Counted: seen}
	for name, to := range map[string]*int64{"page": &page.Number, "page_size": &page.Size,
		"total_pages": &page.TotalPages, "total": &page.Total} {
		count, err := countAt(stated, name) // some tools write numbers as text
		if err != nil {
			return &FileError{Path: j.path, Problem: "the page's own " + err.Error(),
				Hint: "export the page again"}
		}
		*to = count.N
	}
	if isTrue(stated.Get("total_is_capped")) {
		return &FileError{Path: j.path,
			Problem: "the total of this export is capped, rows are missing",
			Hint:    "export smaller windows of time, or COPY the table from the database"}
	}
	want := page.Total
	if page.TotalPages > 1 && page.Size > 0 {
		want = min(page.Size, page.Total-(page.Number-1)*page.Size)
	}
	if stated.Get("total") != nil && want != seen {
		return &FileError{Path: j.path, Problem: "page " + strconv.FormatInt(page.Number, 10) +
			" should hold " + strconv.FormatInt(want, 10) + " rows and holds " +
			strconv.FormatInt(seen, 10), Hint: "export the page again"}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pages = append(j.pages, page)
	return nil
}

// member finds the value of a key of the top-level object in text, or -1.
func member(text []byte, key string) (from, to int) {
	depth, from := 0, -1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				return -1, -1
			}
			if depth == 1 && from < 0 && string(text[i+1:end]) == key && isKey(text, end) {
				from = end + 1 + bytes.IndexByte(text[end+1:], ':') + 1
			}
			i = end
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 1 && from >= 0 {
				return from, i + 1
			}
		}
	}
	return -1, -1
}
