package loaders

import (
	"embed"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// A mapping describes a format in YAML: how it is recognised, and which column or key path fills
// which field, with unit, scale, zone and what the values mean. It serves JSON lines, JSON lists,
// CSV and Parquet alike. Ours lie in the folder mappings; a user's are read the same way. It is
// compiled once; a record is then read by slots, without reflection.

//go:embed mappings/*.yaml
var mappingFiles embed.FS

// mapped is one of our own formats that need no code.
func mapped(name string) Format {
	path := "mappings/" + name + ".yaml"
	text, err := mappingFiles.ReadFile(path)
	if err != nil {
		panic("loaders: no mapping " + name)
	}
	format, err := compileMapping(path, text)
	if err != nil {
		panic("loaders: our own mapping is wrong: " + err.Error())
	}
	return format
}

// mapping is what all legs have in common.
type mapping struct {
	format, leg, about string
	tree               *pathTree
	keys, any, not     []string // of recognition, joined with dots
	lists              []string // keys of a document whose list holds the records
	only               []condition
	counts             countRules
	deliver            func(w *worker, p *picks, line int64) error
}

// condition is what a value must be.
type condition struct {
	slot int
	or   []int    // further places, of which one is enough
	is   []string // one of these; nil: any that is not empty
	has  string   // or a part of it
	to   string   // or its beginning
}

func (c condition) holds(p *picks) bool {
	return c.fits(p.text(c.slot)) ||
		slices.ContainsFunc(c.or, func(slot int) bool { return c.fits(p.text(slot)) })
}

func (c condition) fits(text string) bool {
	switch {
	case c.has != "":
		return strings.Contains(text, c.has)
	case c.to != "":
		return strings.HasPrefix(text, c.to)
	case c.is != nil:
		return slices.Contains(c.is, text)
	}
	return text != ""
}

// countRules say what the counts of a source mean.
type countRules struct {
	countMeaning
	cases []countCase // the first that holds decides
}

// countMeaning is how one source or one kind of its records counts.
type countMeaning struct {
	convention  string
	how         string
	isReasoning bool // reasoning stands outside the completion
	isSum       bool // the total is the source's own sum of all parts and proves nothing
	isDecisive  bool // the total holds cached tokens in either convention
}

type countCase struct {
	when condition
	countMeaning
}

// judge tells the counts what they mean; provider and model are whose counts they are.
func (r *countRules) judge(p *picks, counts *inclusive, provider, model string) {
	meaning := r.countMeaning
	for _, c := range r.cases {
		if c.when.holds(p) {
			meaning = c.countMeaning
			break
		}
	}
	counts.convention, counts.how = meaning.convention, meaning.how
	if meaning.convention == providerNative {
		counts.convention, counts.how = nativeConvention(provider, model)
	}
	counts.totalDecides, counts.thinksBeside = meaning.isDecisive, thinksBeside(provider)
	counts.addsReasoning = pricing.AddsReasoning(provider) && !meaning.isReasoning
	if meaning.isSum {
		counts.total = Count{}
	}
	if meaning.isReasoning && counts.completion.Known {
		counts.completion.N += counts.reasoning.N
	}
}

func (m *mapping) asFormat() Format {
	leg := LegProvider
	if m.leg == "gateway" {
		leg = LegGateway
	}
	return Format{Name: m.format, Leg: leg, About: m.about, recognise: m.recognise, load: m.load,
		nests: m.nesting(), lists: m.lists, ofRow: m.matchRow}
}

// recognise looks for the keys in the records, or in those of a list within the document.
func (m *mapping) recognise(h *Head) Match {
	best := m.match(h, "")
	for _, list := range m.lists {
		if match := m.match(h, list+"."); match.Fits || match.Score > best.Score {
			best = match
		}
		if best.Fits {
			break
		}
	}
	return best
}

// matchRow recognises a record that no list is around.
func (m *mapping) matchRow(h *Head) Match { return m.match(h, "") }

func (m *mapping) match(h *Head, prefix string) Match {
	match := Match{}
	has := func(key string) bool { return h.hasField(prefix, key) }
	for _, key := range m.keys {
		if has(key) {
			match.Score++
		} else {
			match.Missing = append(match.Missing, prefix+key)
		}
	}
	if match.Score*2 < len(m.keys) {
		return Match{}
	}
	if len(m.any) > 0 && !slices.ContainsFunc(m.any, has) {
		match.Missing = append(match.Missing, "one of "+strings.Join(m.any, ", "))
	}
	for _, key := range m.not {
		if has(key) {
			return Match{}
		}
	}
	match.Fits = len(match.Missing) == 0
	if match.Fits {
		match.Why = h.form() + prefix + strings.Join(m.keys, ", "+prefix)
	}
	return match
}

// load reads the records that the file's form holds.
func (m *mapping) load(j *Job) error {
	head := j.stream.head()
	if len(head.Columns) > 0 {
		return j.eachRowOn(j.options.Threads, func(w *worker) rowHandler {
			p, isBound := m.picksOf(w), false
			return func(row csvRow) error {
				if !isBound {
					p.bind(row)
					isBound = true
				}
				p.readRow(row)
				return m.one(w, p, nil, row.line)
			}
		})
	}
	newHandler := func(w *worker) handler {
		p := m.picksOf(w)
		return func(v *fastjson.Value, line int64) error {
			p.readObject(v)
			return m.one(w, p, v, line)
		}
	}
	for _, list := range m.lists {
		if m.match(head, list+".").Fits && !m.match(head, "").Fits {
			return j.eachBlock(j.readList(list), func(w *worker) func(block) error {
				handle := newHandler(w)
				return func(b block) error { return w.block(b, handle) }
			})
		}
	}
	return j.eachRecord(newHandler)
}

// picksOf gives a worker's picks for this mapping, which serve all its files.
func (m *mapping) picksOf(w *worker) *picks {
	return keptBy(w, "mapping "+m.format, func() *picks { return newPicks(m.tree) })
}

func (m *mapping) one(w *worker, p *picks, v *fastjson.Value, line int64) error {
	for _, condition := range m.only {
		if !condition.holds(p) {
			return w.passOver(v, m.format, m.keys)
		}
	}
	if v != nil {
		if err := m.refuse(w, v); err != nil {
			return err
		}
	}
	return m.deliver(w, p, line)
}

// refuse is the reject of a record that is no row of the format: it lacks a key that every row has
// and all by which the format is recognised, or several keys and is another gateway's.
func (m *mapping) refuse(w *worker, v *fastjson.Value) error {
	lacks := lacking(v, m.keys)
	switch {
	case lacks > 0 && len(m.any) > 0 && lacking(v, m.any) == len(m.any):
		return badRow("not a row of %s: it has none of %s", m.format, strings.Join(m.any, ", "))
	case lacks > 1:
		return w.notOf(v, m.format)
	}
	return nil
}
