package loaders

import "github.com/valyala/fastjson"

// Some exports write a map as two lists, of its names and of its values: metadata.key and
// metadata.value. "pairs" of a mapping says so, and the map is then read as an object.

// pairing is a map in two lists.
type pairing struct {
	to            *step
	names, values int // slots of the lists
}

func (c *compiler) pairs(n node) {
	if n.entries == nil {
		c.fault(n, "pairs must name maps and the paths of their two lists, not %s", n.kind())
	}
	for _, e := range n.entries {
		slots := c.slots(e.value, "pairs")
		if len(slots) != 2 {
			c.fault(e.key, "%s needs two paths, of the names and of the values", e.key.scalar)
			continue
		}
		c.tree.pairs = append(c.tree.pairs, pairing{to: c.tree.step(e.key.scalar),
			names: slots[0], values: slots[1]})
	}
}

// pair reads the maps that a record writes as two lists.
func (p *picks) pair() {
	for _, of := range p.tree.pairs {
		names, values := p.list(of.names), p.list(of.values)
		if len(names) == 0 || len(names) != len(values) {
			continue
		}
		object := []byte{'{'}
		for i, name := range names {
			if i > 0 {
				object = append(object, ',')
			}
			object = append(appendJSONText(object, textOf(name)), ':')
			object = values[i].MarshalTo(object)
		}
		text := view(append(object, '}'))
		if slot := of.to.slot; slot >= 0 {
			p.filled[slot], p.found[slot] = true, pick{text: text}
		}
		p.inside(of.to, text)
	}
}

// list gives the elements of a list, or of text that holds one.
func (p *picks) list(slot int) []*fastjson.Value {
	if v := p.found[slot].value; v != nil && v.Type() == fastjson.TypeArray {
		return v.GetArray()
	}
	if v := parsedText(bytesOf(p.found[slot].text)); v != nil {
		return v.GetArray()
	}
	return nil
}
