package loaders

import (
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// step is a key on the way to the values that a mapping asks for. All paths of a mapping form one
// tree, so that an object's keys are gone through once a record, however many are wanted.
type step struct {
	key   string
	index int // of a list, when the key is a number, else -1
	slot  int // of the value that stands here, or -1 when only what is inside is wanted
	nth   int // of all steps
	next  map[string]*step
	list  []*step // the same, in the order of the file
}

// pathTree gives each path a slot, once.
type pathTree struct {
	root      *step
	separator string
	slots     []string // paths by slot
	steps     int
	empty     []string // texts that say nothing, such as "-"
	pairs     []pairing
}

func newPathTree(separator string) *pathTree {
	return &pathTree{root: &step{slot: -1, index: -1}, separator: separator, steps: 1}
}

func (t *pathTree) slot(path string) int {
	at := t.step(path)
	if at.slot < 0 {
		at.slot = len(t.slots)
		t.slots = append(t.slots, path)
	}
	return at.slot
}

// step gives the end of a path, which the tree has from then on.
func (t *pathTree) step(path string) *step {
	at := t.root
	for _, key := range strings.Split(path, t.separator) {
		child := at.next[key]
		if child == nil {
			child = &step{key: key, slot: -1, index: -1, nth: t.steps}
			if n, err := strconv.Atoi(key); err == nil && n >= 0 {
				child.index = n
			}
			if at.next == nil {
				at.next = map[string]*step{}
			}
			at.next[key] = child
			at.list = append(at.list, child)
			t.steps++
		}
		at = child
	}
	return at
}

// pick is a value found in a record: its text, and the JSON value where there is one. A pick that
// was not found has neither.
type pick struct {
	text  string
	value *fastjson.Value
}

// picks are the values of one record by slot. They live until the next record.
type picks struct {
	tree    *pathTree
	found   []pick
	filled  []bool
	parsers []*fastjson.Parser // by step: for JSON written inside a string
	answer  fastjson.Parser    // of an answer written as text
	scratch []byte             // of numbers and lists written as text
	columns []boundColumn
}

// boundColumn is a column of a CSV or Parquet file and the step that it stands for.
type boundColumn struct {
	column int         // -1 where there is none of this name
	inside *columnTree // the columns nested in its name
	step   *step
}

func newPicks(tree *pathTree) *picks {
	return &picks{tree: tree, found: make([]pick, len(tree.slots)),
		filled: make([]bool, len(tree.slots)), parsers: make([]*fastjson.Parser, tree.steps)}
}

func (p *picks) reset() {
	clear(p.found)
	clear(p.filled)
	p.scratch = p.scratch[:0]
}

// readObject finds the values of a JSON record. Of a key that stands twice the first counts.
func (p *picks) readObject(v *fastjson.Value) {
	p.reset()
	p.descend(p.tree.root, v)
	p.pair()
}

func (p *picks) descend(at *step, v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, value *fastjson.Value) {
			if next := at.next[string(key)]; next != nil {
				p.take(next, value)
			}
		})
	case fastjson.TypeArray:
		if slices.ContainsFunc(at.list, func(next *step) bool { return next.index < 0 }) {
			if text := listedMap(v); text != "" {
				p.inside(at, text)
				return
			}
		}
		items := v.GetArray()
		for _, next := range at.list {
			if next.index >= 0 && next.index < len(items) {
				p.take(next, items[next.index])
			}
		}
	case fastjson.TypeString:
		p.inside(at, view(v.GetStringBytes()))
	}
}

// take notes a value and goes on to what is wanted inside it.
func (p *picks) take(at *step, v *fastjson.Value) {
	if at.slot >= 0 && !p.filled[at.slot] {
		p.filled[at.slot] = true
		p.found[at.slot] = pick{text: p.said(p.scalar(v)), value: v}
	}
	if len(at.list) > 0 {
		p.descend(at, v)
	}
}

// inside goes on within JSON, or a printed map, that is written as text; other text holds nothing.
func (p *picks) inside(at *step, text string) {
	text = plainJSON(text)
	if len(text) < 2 || (text[0] != '{' && text[0] != '[') {
		return
	}
	if p.parsers[at.nth] == nil {
		p.parsers[at.nth] = &fastjson.Parser{}
	}
	v, err := p.parsers[at.nth].Parse(text)
	if err != nil {
		v, err = p.parsers[at.nth].Parse(mapJSON(text))
	}
	if err == nil {
		p.descend(at, v)
	}
}

// said drops text that stands for nothing.
func (p *picks) said(text string) string {
	for _, empty := range p.tree.empty {
		if text == empty {
			return ""
		}
	}
	return text
}

// scalar writes a plain value as text; null and what has parts is "".
func (p *picks) scalar(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeString:
		return view(v.GetStringBytes())
	case fastjson.TypeNumber:
		from := len(p.scratch)
		p.scratch = v.MarshalTo(p.scratch)
		return view(p.scratch[from:])
	case fastjson.TypeTrue:
		return "true"
	case fastjson.TypeFalse:
		return "false"
	}
	return ""
}

// bind finds the columns of a row: the whole path as a column's name, the first keys as a column
// that holds JSON, or the path as what the names of other columns begin with.
func (p *picks) bind(row csvRow) {
	p.columns = p.columns[:0]
	var walk func(at *step, prefix string)
	walk = func(at *step, prefix string) {
		for _, next := range at.list {
			name := columnName(prefix + next.key)
			bound := boundColumn{column: -1, step: next}
			column, isColumn := row.index[name]
			if isColumn {
				bound.column = column
			}
			if next.slot >= 0 {
				bound.inside = row.nested.find(name)
			}
			if isColumn || bound.inside != nil {
				p.columns = append(p.columns, bound)
			}
			walk(next, prefix+next.key+".")
		}
	}
	walk(p.tree.root, "")
}

// readRow finds the values of a CSV or Parquet row.
func (p *picks) readRow(row csvRow) {
	p.reset()
	for _, bound := range p.columns {
		text := row.field(bound.column)
		if text == "" || text == "{}" {
			text = row.insideOr(bound.inside, bound.column)
		}
		if text == "" {
			continue
		}
		text = plainJSON(text)
		if at := bound.step; at.slot >= 0 && !p.filled[at.slot] {
			p.filled[at.slot] = true
			p.found[at.slot] = pick{text: p.said(text)}
		}
		if len(bound.step.list) > 0 {
			p.inside(bound.step, text)
		}
	}
	p.pair()
}

// text gives a slot's text.
func (p *picks) text(slot int) string { return p.found[slot].text }

// object gives a slot's value when it is an object, or text that holds one.
func (p *picks) object(slot int) *fastjson.Value {
	found := p.found[slot]
	if found.value != nil && found.value.Type() == fastjson.TypeObject {
		return found.value
	}
	return parseObject(found.text, &p.answer)
}

// document gives a slot's value as JSON text: what has parts as JSON, the rest as it is written.
func (p *picks) document(slot int) string {
	found := p.found[slot]
	if found.value == nil || found.text != "" {
		if found.text == "{}" {
			return ""
		}
		return compactList(found.text)
	}
	switch found.value.Type() {
	case fastjson.TypeObject:
		if found.value.GetObject().Len() == 0 {
			return ""
		}
	case fastjson.TypeArray:
		if len(found.value.GetArray()) == 0 {
			return ""
		}
	default:
		return ""
	}
	from := len(p.scratch)
	p.scratch = found.value.MarshalTo(p.scratch)
	return view(p.scratch[from:])
}
