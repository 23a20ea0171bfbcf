package loaders

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
)

// openMapping reads a user's mapping file, or one of ours that is read only when asked for by
// its name.
func openMapping(path string) (Format, error) {
	if text, err := mappingFiles.ReadFile("mappings/" + path + ".yaml"); err == nil {
		return compileMapping(path, text)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Format{}, &MappingError{Path: path, Problems: []string{" " + errText(err)}}
	}
	return compileMapping(path, text)
}

// compileMapping checks a mapping and makes it a format; all that is wrong comes at once.
func compileMapping(path string, text []byte) (Format, error) {
	top, err := parseYAML(path, text)
	if err != nil {
		return Format{}, err
	}
	c := &compiler{}
	format := c.compile(top)
	if len(c.problems) > 0 {
		return Format{}, &MappingError{Path: path, Problems: c.inOrder()}
	}
	return format, nil
}

// compiler gathers what is wrong.
type compiler struct {
	tree     *pathTree
	problems []problem
}

// problem is something wrong and where.
type problem struct {
	line, column int
	text         string
	isLack       bool // told after what is there and wrong, which may be what is lacking
}

func (c *compiler) fault(at node, format string, args ...any) {
	c.problems = append(c.problems,
		problem{line: max(at.line, 1), column: max(at.column, 1),
			text: fmt.Sprintf(format, args...)})
}

func (c *compiler) lack(at node, format string, args ...any) {
	c.fault(at, format, args...)
	c.problems[len(c.problems)-1].isLack = true
}

// inOrder writes the problems in the order of the file, and last what is lacking.
func (c *compiler) inOrder() []string {
	slices.SortStableFunc(c.problems, func(a, b problem) int {
		if a.isLack != b.isLack {
			return map[bool]int{true: 1, false: -1}[a.isLack]
		}
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column),
			cmp.Compare(a.text, b.text))
	})
	lines := make([]string, len(c.problems))
	for i, p := range c.problems {
		lines[i] = fmt.Sprintf("%d:%d: %s", p.line, p.column, p.text)
	}
	return lines
}

// keysOf checks that a node holds known keys only, and gives their values by name.
func (c *compiler) keysOf(n node, what string, known ...string) map[string]node {
	values := map[string]node{}
	if n.entries == nil {
		c.fault(n, "%s must be keys with values, not %s", what, n.kind())
		return values
	}
	for _, e := range n.entries {
		name := e.key.scalar
		if !slices.Contains(known, name) {
			c.fault(e.key, "%s has no key %s%s", what, name, nearest(name, known))
			continue
		}
		if e.value.line == 0 {
			e.value.line, e.value.column = e.key.line, e.key.column
		}
		values[name] = e.value
	}
	return values
}

// word reads a plain value, one of some words where they are given.
func (c *compiler) word(n node, what string, words ...string) string {
	if !n.isScalar {
		c.fault(n, "%s must be a plain value, not %s", what, n.kind())
		return ""
	}
	if len(words) > 0 && !slices.Contains(words, n.scalar) {
		c.fault(n, "%s cannot be %s; it is one of %s", what, n.scalar,
			strings.Join(words, ", "))
	}
	return n.scalar
}

// words reads a plain value or a list of them.
func (c *compiler) words(n node, what string) []string {
	if n.isScalar {
		return []string{n.scalar}
	}
	var words []string
	for _, item := range n.list {
		words = append(words, c.word(item, what))
	}
	if len(words) == 0 {
		c.fault(n, "%s must be a value or a list, not %s", what, n.kind())
	}
	return words
}

func (c *compiler) compile(top node) Format {
	keys := c.keysOf(top, "the mapping", "format", "leg", "gateway", "about", "separator",
		"recognise", "records", "pairs", "only", "empty", "counts", "fields")
	for _, name := range []string{"format", "leg", "recognise", "fields"} {
		if _, given := keys[name]; !given && top.entries != nil {
			c.lack(top, "the mapping lacks %s", name)
		}
	}
	if len(c.problems) > 0 {
		return Format{}
	}
	m := mapping{format: c.word(keys["format"], "format"),
		leg: c.word(keys["leg"], "leg", "gateway", "usage", "bill")}
	separator := "."
	if given, ok := keys["separator"]; ok {
		separator = cmp.Or(c.word(given, "separator"), ".")
	}
	c.tree = newPathTree(separator)
	m.tree = c.tree
	if given, ok := keys["empty"]; ok {
		c.tree.empty = c.words(given, "empty")
	}
	m.about = "described by a mapping file"
	if given, ok := keys["about"]; ok {
		m.about = c.word(given, "about")
	}
	c.recognition(keys["recognise"], &m)
	if given, ok := keys["records"]; ok {
		m.lists = c.words(given, "records")
	}
	if given, ok := keys["pairs"]; ok {
		c.pairs(given)
	}
	if given, ok := keys["only"]; ok {
		m.only = c.conditions(given)
	}
	if given, ok := keys["counts"]; ok {
		m.counts = c.countRules(given)
	}
	c.unknownConvention(&m.counts)
	if !slices.Contains([]string{"gateway", "usage", "bill"}, m.leg) {
		return Format{} // which fields there are depends on it
	}
	gateway, _, _ := strings.Cut(m.format, ".")
	if given, ok := keys["gateway"]; ok {
		gateway = c.word(given, "gateway")
	}
	return c.leg(m, gateway, keys["fields"])
}

// unknownConvention makes silence explicit: nobody said what the prompt count holds.
func (c *compiler) unknownConvention(rules *countRules) {
	if rules.convention == "" {
		rules.convention = ConventionUnknown
		rules.how = "the mapping does not say whether the prompt count holds cached tokens"
	}
}

// leg compiles the fields for the kind of rows that the mapping delivers.
func (c *compiler) leg(m mapping, gateway string, fields node) Format {
	if m.leg == "gateway" {
		r := &requestMapping{mapping: m, gateway: gateway}
		r.fields = compileFields(c, fields, requestTargets(), "request_id", "started")
		for _, field := range r.fields {
			if field.name == "spend" {
				r.spendUnit = field.from.unit
			}
		}
		r.mapping.deliver = r.deliver
		return r.asFormat()
	}
	b := &bucketMapping{mapping: m, isBill: m.leg == "bill"}
	if b.isBill {
		b.fields = compileFields(c, fields, billTargets(), "provider", "from", "amount")
	} else {
		b.fields = compileFields(c, fields, usageTargets(), "provider", "from")
	}
	b.mapping.deliver = b.deliver
	return b.asFormat()
}

func (c *compiler) recognition(n node, m *mapping) {
	keys := c.keysOf(n, "recognise", "keys", "any", "not")
	joined := func(name string) []string {
		given, ok := keys[name]
		if !ok {
			return nil
		}
		paths := c.words(given, name)
		for i, path := range paths {
			paths[i] = strings.ReplaceAll(path, c.tree.separator, ".")
		}
		return paths
	}
	m.keys, m.any, m.not = joined("keys"), joined("any"), joined("not")
	if len(m.keys) == 0 && n.entries != nil {
		c.fault(n, "recognise lacks keys: the columns or key paths that every record has")
	}
}

// conditions compiles "only": a path and the values by which a record counts.
func (c *compiler) conditions(n node) []condition {
	if n.entries == nil {
		c.fault(n, "only must name paths and their values, not %s", n.kind())
	}
	var all []condition
	for _, e := range n.entries {
		paths := strings.Split(e.key.scalar, "|")
		one := condition{slot: c.tree.slot(paths[0])}
		for _, path := range paths[1:] {
			one.or = append(one.or, c.tree.slot(path))
		}
		if e.value.isScalar || len(e.value.list) > 0 {
			one.is = c.words(e.value, "only "+e.key.scalar)
		}
		all = append(all, one)
	}
	return all
}

func (c *compiler) countRules(n node) countRules {
	keys := c.keysOf(n, "counts", "prompt", "completion", "total", "how", "cases")
	rules := countRules{countMeaning: c.countMeaning(keys)}
	for _, item := range keys["cases"].list {
		keys := c.keysOf(item, "a case of counts", "path", "is", "has", "begins", "prompt",
			"completion", "total", "how")
		rule := countCase{countMeaning: c.countMeaning(keys)}
		path, given := keys["path"]
		if !given {
			c.fault(item, "a case of counts lacks path")
			continue
		}
		rule.when.slot = c.tree.slot(c.word(path, "path"))
		if is, ok := keys["is"]; ok {
			rule.when.is = c.words(is, "is")
		}
		if has, ok := keys["has"]; ok {
			rule.when.has = c.word(has, "has")
		}
		if begins, ok := keys["begins"]; ok {
			rule.when.to = c.word(begins, "begins")
		}
		if rule.convention == "" {
			c.fault(item, "a case of counts lacks prompt")
		}
		rules.cases = append(rules.cases, rule)
	}
	return rules
}

func (c *compiler) countMeaning(keys map[string]node) countMeaning {
	meaning := countMeaning{}
	if given, ok := keys["prompt"]; ok {
		meaning.convention = c.word(given, "prompt", IncludesCache, ExcludesCache,
			ConventionUnknown, providerNative)
		meaning.how = "the mapping says so"
	}
	if given, ok := keys["completion"]; ok {
		meaning.isReasoning = c.word(given, "completion", "includes_reasoning",
			"excludes_reasoning") == "excludes_reasoning"
	}
	if given, ok := keys["total"]; ok {
		total := c.word(given, "total", "proves_excludes", "decides", "proves_nothing")
		meaning.isSum, meaning.isDecisive = total == "proves_nothing", total == "decides"
	}
	if given, ok := keys["how"]; ok {
		meaning.how = c.word(given, "how")
	}
	return meaning
}
