package loaders

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// pages says how an API's answers are read: JSON documents with lists of buckets that hold lists
// of results. Each result is a record of its own, with its own line, so that a bad one does not
// harm its neighbours, and what encloses it is at hand.
type pages struct {
	lists  []string // keys of the lists, from the outside in
	bare   string   // a key by which a result is known that stands outside of any list
	bucket func(outer []*fastjson.Value) (Bucket, error)
	row    func(w *worker, at place, v *fastjson.Value) error
	// none handles an innermost list without a result; nil counts its bucket as seen.
	none func(w *worker, at place) error

	last Bucket // of the document in hand
	next Page   // that the document before it says there is
}

// place is where a result stands: its bucket, with the result's line, and what encloses it.
type place struct {
	Bucket
	outer []*fastjson.Value
}

// eachPage reads the documents of a file, one after the other.
func (j *Job) eachPage(p pages) error {
	w := j.newWorker()
	err := newSplitter(j.stream, j.options.RecordBytesMax).run(func(b block) error {
		for _, r := range b.records {
			p.last = Bucket{}
			if err := p.enter(w, r, 0, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	j.addPage(p.next)
	return w.finish()
}

// addPage notes a page that is said to be, and did not follow in this file.
func (j *Job) addPage(next Page) {
	if next.NextToUS == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pages = append(j.pages, next)
}

// begin takes a bucket in: the first of a document is where the one before it went on, or not.
func (p *pages) begin(j *Job, bucket Bucket) {
	if p.last.ToUS == 0 {
		if bucket.FromUS < p.next.NextFromUS || bucket.FromUS > p.next.NextToUS {
			j.addPage(p.next)
		}
		p.next = Page{}
	}
	p.last = bucket
}

// end reads whether a document says that another follows it, which may go on with the groups of
// its last bucket. One without a bucket may be what followed.
func (p *pages) end(j *Job, stated *fastjson.Value) {
	isCut := isTrue(stated.Get("has_more")) || textAt(stated, "NextPageToken") != ""
	switch {
	case isCut && p.last.ToUS > 0:
		p.next = Page{Path: j.path, NextFromUS: p.last.FromUS, NextToUS: p.last.ToUS}
	case !isCut && p.last.ToUS == 0:
		p.next = Page{}
	}
}

// enter opens the list of one level of a record. A record of an inner level, such as the buckets
// that someone cut out of their page, is read as such.
func (p *pages) enter(w *worker, r record, depth int, outer []*fastjson.Value) error {
	if r.tooLong {
		return w.reject(r.line, "record longer than the limit", nil)
	}
	from, to := member(r.text, p.lists[depth])
	if from < 0 {
		if depth+1 < len(p.lists) {
			return p.enter(w, r, depth+1, append(outer, nil))
		}
		if p.bare != "" && bytes.Contains(r.text, []byte(`"`+p.bare+`"`)) {
			return p.results(w, r, []record{r}, append(outer, nil))
		}
		return w.reject(r.line, "no list "+p.lists[depth]+" in this record", r.text)
	}
	envelope := bytes.Join([][]byte{r.text[:from], []byte("[]"), r.text[to:]}, nil)
	stated, err := fastjson.ParseBytes(envelope)
	if err != nil {
		return w.reject(r.line, "not valid JSON: "+jsonFault(err), envelope)
	}
	line := r.line + int64(bytes.Count(r.text[:from], []byte{'\n'}))
	records := elements(r.text[from:to], line)
	outer = append(outer, stated)
	if depth+1 < len(p.lists) {
		if len(records) == 0 {
			w.ignored()
		}
		for _, inner := range records {
			if err := p.enter(w, inner, depth+1, outer); err != nil {
				return err
			}
		}
		if depth == 0 {
			p.end(w.job, stated)
		}
		return nil
	}
	return p.results(w, r, records, outer)
}

// results handles an innermost list.
func (p *pages) results(w *worker, r record, records []record, outer []*fastjson.Value) error {
	bucket, err := p.bucket(outer)
	if err != nil {
		return w.settle(err, r.line, r.text)
	}
	bucket.Line = r.line
	if bucket.ToUS > 0 {
		p.begin(w.job, bucket)
	}
	if len(records) == 0 && p.none != nil {
		return w.settle(p.none(w, place{bucket, outer}), r.line, r.text)
	}
	if len(records) == 0 {
		w.ignored()
		if bucket.ToUS > 0 {
			w.tally.saw(bucket.FromUS)
		}
	}
	for _, result := range records {
		err := w.record(result, func(v *fastjson.Value, line int64) error {
			bucket.Line = line
			return p.row(w, place{bucket, outer}, v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// elements cuts the text of a list into its elements, each with its line.
func elements(list []byte, line int64) []record {
	var records []record
	depth, start, begun := 0, -1, line
	end := func(i int) {
		if start >= 0 {
			text := bytes.TrimSpace(list[start:i])
			records = append(records, record{text: text, line: begun})
			start = -1
		}
	}
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch c {
		case '\n':
			line++
			continue
		case ' ', '\t', '\r':
			continue
		case ',':
			if depth == 1 {
				end(i)
				continue
			}
		case '}', ']':
			if depth--; depth == 0 {
				end(i)
				return records
			}
			continue
		}
		if depth == 1 && start < 0 {
			start, begun = i, line
		}
		if c == '{' || c == '[' {
			depth++
		}
		if c == '"' {
			last := stringEnd(list, i)
			if last < 0 {
				break
			}
			line += int64(bytes.Count(list[i:last], []byte{'\n'}))
			i = last
		}
	}
	end(len(list))
	return records
}

// noBucket is for results that state their own time.
func noBucket([]*fastjson.Value) (Bucket, error) { return Bucket{}, nil }

// keyed is a member of an object: its key and the text of its value.
type keyed struct {
	key string
	record
}

// members cuts the text of an object into its members, each with the line that its value is on.
func members(object []byte, line int64) []keyed {
	var all []keyed
	at := 0
	for at < len(object) && object[at] != '{' {
		if object[at] == '\n' {
			line++
		}
		at++
	}
	if at == len(object) {
		return nil
	}
	inner := append([]byte{'['}, object[at+1:]...) // the same commas part an object's members
	for _, r := range elements(inner, line) {
		if len(r.text) == 0 || r.text[0] != '"' {
			continue
		}
		end := stringEnd(r.text, 0)
		if end < 0 {
			continue
		}
		from := end + 1
		for from < len(r.text) && bytes.IndexByte([]byte(": \t\r\n"), r.text[from]) >= 0 {
			if r.text[from] == '\n' {
				r.line++
			}
			from++
		}
		all = append(all, keyed{string(r.text[1:end]),
			record{text: r.text[from:], line: r.line}})
	}
	return all
}
