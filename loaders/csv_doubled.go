package loaders

import (
	"strings"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// A table may have a column beside those nested in it: pandas flattens the rows in which there is
// an object, and has a column of its name for the rows that have none. In a row only one of them
// should say something. Where both do, the column must hold what the others say.

// doubled lists the columns that others are nested in.
func (t *columnTree) doubled() []*columnTree {
	if t == nil {
		return nil
	}
	var all []*columnTree
	if t.column >= 0 && len(t.inside) > 0 {
		all = append(all, t)
	}
	for _, inside := range t.inside {
		all = append(all, inside.doubled()...)
	}
	return all
}

// contradicted finds the first column whose object lacks something that the columns nested in it
// say, -1 when there is none. A plain value beside them is another matter: error and error.type.
func contradicted(doubled []*columnTree, row csvRow) int {
	for _, t := range doubled {
		text := plainJSON(row.field(t.column))
		if len(text) <= len("{}") || text[0] != '{' {
			continue
		}
		nested := t.appendObject(nil, row)
		if len(nested) == 0 {
			continue
		}
		if whole := parsedText(bytesOf(text)); !holds(whole, parsedText(nested)) {
			return t.column
		}
	}
	return -1
}

// holds reports that a value has all that a part says, however numbers and flags are written.
func holds(whole, part *fastjson.Value) bool {
	if whole == nil || part.Type() != fastjson.TypeObject {
		return whole != nil && saysSame(plainText(whole), plainText(part))
	}
	all := true
	part.GetObject().Visit(func(key []byte, member *fastjson.Value) {
		all = all && holds(whole.Get(string(key)), member)
	})
	return all
}

// plainText is a text without its quotes, and all else as JSON.
func plainText(v *fastjson.Value) string {
	if v.Type() == fastjson.TypeString {
		return string(v.GetStringBytes())
	}
	return string(v.MarshalTo(nil))
}

func saysSame(one, other string) bool {
	if one == other || strings.EqualFold(one, other) {
		return true
	}
	a, errA := pricing.ParseUSD(one)
	b, errB := pricing.ParseUSD(other)
	return errA == nil && errB == nil && a.Cmp(b) == 0
}
