package loaders

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tieout/pricing"
)

// compileFields binds each field that a mapping names to its target.
func compileFields[D any](
	c *compiler, fields node, targets []mapTarget[D], required ...string,
) plan[D] {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.name
	}
	var compiled plan[D]
	given := map[string]bool{}
	for _, e := range fields.entries {
		at := slices.Index(names, e.key.scalar)
		if at < 0 {
			c.fault(e.key, "no field %s%s", e.key.scalar, nearest(e.key.scalar, names))
			continue
		}
		if given[e.key.scalar] {
			c.fault(e.key, "the field %s is given twice", e.key.scalar)
		}
		given[e.key.scalar] = true
		if e.value.line == 0 {
			e.value.line, e.value.column = e.key.line, e.key.column
		}
		from := c.source(e.value, targets[at].name, targets[at].kind, targets[at].words)
		from.isSound = targets[at].isSound
		compiled = append(compiled, planned[D]{mapTarget: targets[at], from: from})
	}
	if fields.entries == nil {
		c.fault(fields, "fields must be keys with values, not %s", fields.kind())
	}
	for _, name := range required {
		if !given[name] && fields.entries != nil {
			c.lack(fields, "fields lacks %s", name)
		}
	}
	return compiled
}

// source compiles where a field comes from: a path, several of which the first that says
// something counts, or keys that say more.
func (c *compiler) source(n node, field string, kind fieldKind, words []string) source {
	s := source{field: field, times: -1, length: time.Second}
	switch {
	case n.isScalar || n.list != nil:
		s.first = c.slots(n, field)
		s.unit = unitOf(kind)
		return s
	case n.entries == nil:
		c.fault(n, "%s needs a path, or keys such as from: and unit:", field)
		return s
	}
	keys := c.keysOf(n, field, "from", "value", "sum", "map", "else", "missing", "as", "strip",
		"unit", "scale", "time", "zone", "times", "plus")
	for name, value := range keys {
		c.sourceKey(&s, name, value, field, kind)
	}
	_, isFrom := keys["from"]
	_, isSum := keys["sum"]
	_, isValue := keys["value"]
	if !isFrom && !isSum && !isValue {
		c.fault(n, "%s lacks from: (a path), sum: (paths) or value: (a constant)", field)
	}
	if isSum && kind != kindCount && kind != kindMoney {
		c.fault(keys["sum"], "%s is no number: only numbers can be added up", field)
	}
	c.units(&s, keys, field, kind)
	if len(words) > 0 {
		c.mapped(&s, keys, field, words)
	}
	return s
}

// sourceKey compiles the keys that mean the same for every kind of field.
func (c *compiler) sourceKey(s *source, name string, n node, field string, kind fieldKind) {
	switch name {
	case "from":
		s.first = c.slots(n, field)
	case "sum":
		s.sum = c.slots(n, field)
	case "times":
		s.times = c.tree.slot(c.word(n, "times"))
		if kind != kindMoney {
			c.fault(n, "%s is no amount: only amounts are multiplied", field)
		}
	case "plus":
		var err error
		if s.plus, err = strconv.ParseInt(c.word(n, "plus"), 10, 32); err != nil ||
			kind != kindCount {
			c.fault(n, "plus must be a whole number, and its field a count")
		}
	case "value":
		s.constant = c.word(n, "value")
	case "missing":
		s.missing = c.word(n, "missing")
	case "strip":
		s.strip = c.word(n, "strip")
	case "else":
		s.otherwise, s.isOpen = c.word(n, "else"), true
	case "map":
		s.values = map[string]string{}
		if n.entries == nil {
			c.fault(n, "map must be values and what they mean, not %s", n.kind())
		}
		for _, e := range n.entries {
			s.values[e.key.scalar] = c.word(e.value, "map")
		}
	case "as":
		known := conversions()
		s.convert = known[c.word(n, "as")]
		if s.convert == nil && n.isScalar {
			c.fault(n, "as cannot be %s%s", n.scalar, nearest(n.scalar, sortedKeys(known)))
		}
	}
}

func (c *compiler) slots(n node, field string) []int {
	var slots []int
	for _, path := range c.words(n, field) {
		if path == "" {
			c.fault(n, "%s: a path is empty", field)
			continue
		}
		slots = append(slots, c.tree.slot(path))
	}
	return slots
}

// mapped checks that all a source can say is among the words that its field knows.
func (c *compiler) mapped(s *source, keys map[string]node, field string, words []string) {
	check := func(at node, value string) {
		if !slices.Contains(words, value) {
			c.fault(at, "%s cannot be %q; it is one of %s", field, value,
				strings.Join(slices.DeleteFunc(slices.Clone(words), func(word string) bool {
					return word == ""
				}), ", "))
		}
	}
	for _, e := range keys["map"].entries {
		check(e.value, e.value.scalar)
	}
	for _, name := range []string{"else", "missing", "value"} {
		if given, ok := keys[name]; ok && given.scalar != "" {
			check(given, given.scalar)
		}
	}
}

// units compiles unit, scale, time and zone, each for the kinds that have it.
func (c *compiler) units(s *source, keys map[string]node, field string, kind fieldKind) {
	for name, kinds := range map[string][]fieldKind{
		"unit": {kindMoney, kindCount, kindLength}, "scale": {kindMoney, kindCount},
		"time": {kindInstant}, "zone": {kindInstant},
	} {
		if given, ok := keys[name]; ok && !slices.Contains(kinds, kind) {
			c.fault(given, "%s has no %s", field, name)
		}
	}
	s.unit = unitOf(kind)
	if given, ok := keys["unit"]; ok {
		c.unit(s, given, kind, keys)
	}
	if given, ok := keys["scale"]; ok {
		factor, err := pricing.ParseUSD(c.word(given, "scale"))
		if err != nil {
			c.fault(given, "scale %s is not a number", given.scalar)
		} else if factor.IsZero() {
			c.fault(given, "scale %s makes nothing of every number", given.scalar)
		}
		s.rescale(factor)
	}
	if given, ok := keys["time"]; ok {
		c.time(s, given)
	}
	if given, ok := keys["zone"]; ok {
		c.zone(s, given)
	}
}

func (s *source) rescale(factor pricing.USD) {
	if s.isScaled {
		factor = factor.Mul(s.scale)
	}
	s.scale, s.isScaled = factor, true
}

func unitOf(kind fieldKind) string {
	if kind == kindMoney {
		return "usd"
	}
	return ""
}

// unit compiles the unit of an amount, a count or a length of time.
func (c *compiler) unit(s *source, n node, kind fieldKind, keys map[string]node) {
	units := map[string]string{}
	switch kind {
	case kindMoney:
		units = map[string]string{"usd": "1", "cents": "0.01", "credits": "1",
			"micro_usd": "0.000001", "nano_usd": "0.000000001", "usd_per_token": "1",
			"usd_per_thousand": "0.001", "usd_per_million": "0.000001"}
	case kindCount:
		units = map[string]string{"tokens": "1", "thousand": "1000", "million": "1000000"}
	case kindLength:
		units = map[string]string{"s": "1", "ms": "1", "us": "1", "ns": "1", "text": "1"}
	}
	factor, known := units[c.word(n, "unit")]
	if !known {
		c.fault(n, "unit cannot be %s; it is one of %s", n.scalar,
			strings.Join(sortedKeys(units), ", "))
		return
	}
	if _, isPrice := keys["times"]; !isPrice && strings.HasPrefix(n.scalar, "usd_per_") {
		c.fault(n, "%s is a price: name the column that it is multiplied by, with times:",
			n.scalar)
	}
	s.unit = n.scalar
	if kind == kindLength {
		s.length = map[string]time.Duration{"s": time.Second, "ms": time.Millisecond,
			"us": time.Microsecond, "ns": time.Nanosecond}[n.scalar]
		return
	}
	if scale, err := pricing.ParseUSD(factor); err == nil && factor != "1" {
		s.rescale(scale)
	}
}

// time compiles how the moments of a field are written.
func (c *compiler) time(s *source, n node) {
	text := c.word(n, "time")
	places, isEpoch := epochs()[text]
	switch {
	case text == "iso" || text == "rfc3339":
	case isEpoch:
		s.when.kind, s.when.places = instantEpoch, places
	case strings.Contains(text, "%"):
		layout, fault := goLayout(text)
		if fault != "" {
			c.fault(n, "time: %s", fault)
		}
		s.when.kind, s.when.layout = instantLayout, layout
	default:
		c.fault(n, "time cannot be %s; it is iso, %s, or a layout such as \"%%d/%%m/%%Y %%H:%%M\"",
			text, strings.Join(sortedKeys(epochs()), ", "))
	}
}

// zone compiles the zone of times that name none: UTC, an offset, or a place.
func (c *compiler) zone(s *source, n node) {
	text := c.word(n, "zone")
	if at, err := time.Parse("-07:00", text); err == nil {
		_, seconds := at.Zone()
		s.when.zone = time.FixedZone(text, seconds)
		return
	}
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" {
		c.fault(n, "zone %s is not known; write UTC, an offset such as +02:00, or a place such "+
			"as Europe/Berlin", text)
		return
	}
	s.when.zone = zone
}
