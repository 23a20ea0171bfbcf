package loaders

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// What a gateway logs often comes inside of what carried it: the record of a log shipper (Fluent
// Bit, Vector, Filebeat), the answer of a log store (Loki, Elasticsearch, CloudWatch, Splunk), a
// line of a container's log behind its time, a message of a queue, a column of an export. Where no
// format knows a file, its first records are searched for an object inside that one knows, however
// the keys on the way are called, and the file is then read as what stands there.

// way is how to get from a record to what is read of it. Text on the way is JSON.
type way []wayStep

// wayStep is a member of an object, each of its members, or each element of a list.
type wayStep struct {
	key       string
	isEach    bool
	isEachRow bool // of an object whose members are rows by their number or id
	isText    bool // what stands there is JSON written as text
	isList    bool // a list of keys and typed values, as OTLP writes an object
}

// String writes the way for people: hits.hits[]._source.
func (w way) String() string {
	var out strings.Builder
	for _, step := range w {
		switch {
		case step.isEach:
			out.WriteString("[]")
		case step.isList:
		case out.Len() > 0:
			out.WriteString("." + step.key)
		default:
			out.WriteString(step.key)
		}
	}
	return out.String()
}

// Limits of the search. A file that nobody knows is passed over, and should cost little.
const (
	wrapRecordsMax  = 200
	wrapElementsMax = 20
	wrapTriesMax    = 100
	wrapDepthMax    = 8
	wrapKeysMin     = 3 // what has fewer members is no record of ours
)

// wrapSearch looks for what a format knows.
type wrapSearch struct {
	formats []Format
	tries   int
	way     way
	found   way
	format  string
	nests   nesting  // of that format
	beside  []string // of that format
	isFlat  bool     // its records are
}

// look searches a value and all that is inside; it reports whether to stop.
func (s *wrapSearch) look(v *fastjson.Value) bool {
	if len(s.way) > wrapDepthMax {
		return false
	}
	switch v.Type() {
	case fastjson.TypeObject:
		return s.lookInside(v.GetObject())
	case fastjson.TypeArray:
		if object := attributeObject(v.GetArray()); object != nil {
			return s.step(wayStep{isList: true}, object)
		}
		for _, element := range v.GetArray()[:min(len(v.GetArray()), wrapElementsMax)] {
			if s.step(wayStep{isEach: true}, element) {
				return true
			}
		}
	case fastjson.TypeString:
		if inner := parsedText(v.GetStringBytes()); inner != nil {
			return s.look(inner)
		}
	}
	return false
}

func (s *wrapSearch) lookInside(object *fastjson.Object) (done bool) {
	if object.Len() >= wrapKeysMin && s.isKnown(object) {
		return true
	}
	object.Visit(func(key []byte, member *fastjson.Value) {
		if done || string(key) == "before" && object.Get("after") != nil {
			return // of a change that a database tells, what came of it counts
		}
		done = s.step(wayStep{key: string(key)}, member)
		if at := len(s.way); done && len(s.found) == at+1 && areRows(object) {
			s.found[at] = wayStep{key: "*", isEachRow: true}
		}
	})
	return done
}

// areRows reports an object whose members are rows, each by its number, as pandas writes a table,
// or by an id that the row holds too.
func areRows(object *fastjson.Object) bool {
	are := true
	object.Visit(func(key []byte, row *fastjson.Value) {
		isOne := len(strings.Trim(string(key), "0123456789")) == 0
		if members := row.GetObject(); are && !isOne && members != nil {
			members.Visit(func(_ []byte, member *fastjson.Value) {
				isOne = isOne || bytes.Equal(member.GetStringBytes(), key)
			})
		}
		are = are && isOne && row.Type() == fastjson.TypeObject
	})
	return are
}

func (s *wrapSearch) step(step wayStep, v *fastjson.Value) bool {
	step.isText = v.Type() == fastjson.TypeString
	s.way = append(s.way, step)
	done := s.look(v)
	s.way = s.way[:len(s.way)-1]
	return done
}

// isKnown asks the formats, as far as they are read as whole records.
func (s *wrapSearch) isKnown(object *fastjson.Object) bool {
	if s.tries++; s.tries > wrapTriesMax {
		return true // with nothing found
	}
	head := objectHead(object.MarshalTo(nil))
	for _, format := range s.formats {
		if !format.onlyBare && format.recognise(head).Fits {
			return s.finds(format, format.isFlat(head) || !head.keys.hasObjects)
		}
	}
	nested := (&flatRecords{}).appendNested(nil, object)
	if head = objectHead(nested); !head.keys.hasObjects {
		return false
	}
	for _, format := range s.formats {
		if format.nests != nil && !format.onlyBare && format.recognise(head).Fits {
			return s.finds(format, true)
		}
	}
	return false
}

func (s *wrapSearch) finds(format Format, isFlat bool) bool {
	s.found, s.format, s.beside = slices.Clone(s.way), format.Name, format.beside
	s.nests, s.isFlat = format.nests, isFlat && format.nests != nil
	return true
}

func objectHead(text []byte) *Head {
	head := &Head{Bytes: text, Whole: true}
	head.Keys, head.keys = keyPaths(text)
	return head
}

// parsedText parses text that holds an object or a list.
func parsedText(text []byte) *fastjson.Value {
	text = bytes.TrimSpace(text)
	if len(text) < 2 || (text[0] != '{' && text[0] != '[') {
		return nil
	}
	v, err := fastjson.ParseBytes(text)
	if err != nil {
		return nil
	}
	return v
}

// wrapping is how a file carries the records of another format.
type wrapping struct {
	way
	column   int  // of a CSV file, or -1
	isTable  bool // the rows of a CSV or Parquet file are read as objects
	isLines  bool // lines of text, JSON or names with values among them
	isObject bool // the document itself is what carries: it need not be held as a whole
	isFlat   bool // what is read has keys to be nested
	nests    nesting
	said     []string // by a trace, beside its spans, as Format says
}

// String names what is unwrapped, as the beginning of a sentence.
func (w *wrapping) String() string {
	inside := "inside "
	switch {
	case w.isFlat && len(w.way) == 0 && w.column < 0 && !w.isTable && !w.isLines:
		return "nested as its keys say: "
	case w.isTable:
		inside = "rows of a table as objects"
	case w.column >= 0:
		inside = "inside column " + strconv.Itoa(w.column+1)
	case w.isLines:
		inside = "inside lines of text"
	}
	if len(w.way) > 0 {
		inside = strings.TrimSpace(inside) + " " + w.way.String()
	}
	return inside + ": "
}

// findWrapping searches the beginning of a file that no format knows; nil when there is nothing.
func findWrapping(from *stream, formats []Format) *wrapping {
	head := from.head()
	search := &wrapSearch{formats: formats}
	found := &wrapping{column: -1}
	if head.Problem != "" {
		return nil
	}
	if from.parquet != nil {
		found.isTable = true
		search.parquet(from.parquet)
	} else if head.Keys != nil {
		found.isObject = !head.IsArray
		search.records(head)
	} else if len(head.Columns) > 0 && search.rows(head) {
		if found.isTable = len(search.found) == 0; !found.isTable {
			found.column, _ = strconv.Atoi(search.found[0].key)
			search.found = search.found[1:]
		}
	}
	if search.format == "" && !head.IsParquet {
		found.isLines = true
		search.lines(head)
	}
	if search.format == "" {
		return nil
	}
	found.way, found.said = search.found, search.beside
	found.nests, found.isFlat = search.nests, search.isFlat
	return found
}

// records searches JSON records, the first of which may be cut off.
func (s *wrapSearch) records(head *Head) {
	seen := 0
	err := newSplitter(bytes.NewReader(head.Bytes), headBytes).run(func(b block) error {
		for _, r := range b.records {
			if seen++; seen > wrapRecordsMax || len(r.text) == 0 {
				continue
			}
			v, err := fastjson.ParseBytes(r.text)
			if err != nil {
				v, err = fastjson.ParseBytes(mended(r.text))
			}
			if err == nil && s.look(v) {
				seen = wrapRecordsMax
			}
		}
		return nil
	})
	if err != nil {
		panic("loaders: a reader of memory failed: " + err.Error())
	}
}

// mended closes JSON that was cut off, behind the last value that is whole.
func mended(text []byte) []byte {
	var open, openAt []byte // the brackets to close, now and at the last whole value
	end := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{', '[':
			open = append(open, c+2) // in ASCII two places before the bracket that closes
			end, openAt = i+1, append(openAt[:0], open...)
		case '}', ']':
			open = open[:max(len(open)-1, 0)]
			end, openAt = i+1, append(openAt[:0], open...)
		case ',':
			end, openAt = i, append(openAt[:0], open...)
		case '"':
			last := stringEnd(text, i)
			if last < 0 {
				i = len(text)
				break
			}
			i = last
		}
	}
	closed := slices.Clone(text[:end])
	slices.Reverse(openAt)
	return append(closed, openAt...)
}
