package reconcile

import (
	"maps"
	"slices"
	"strings"

	"tieout/loaders"
)

// change is what a run's inputs do to the set of files in the store.
type change struct {
	add      []*loadedFile
	drop     []*content // their rows go
	cut      []cut      // some of their rows go
	restated []restated // figures to compare before rows go
	move     []*content // get another id or path
	deliver  []delivery // new
	forget   []delivery // are no longer
	contents []*content // the set after it
}

// cut takes from a file the rows that begin in a span of time, both ends included: a newer version
// tells of them.
type cut struct {
	of           *content
	fromUS, toUS int64
}

// restated is a provider's file that a newer version takes the place of.
type restated struct {
	path     string
	old, new *content
}

func (c *change) isNothing() bool {
	return len(c.add)+len(c.drop)+len(c.cut)+len(c.move)+len(c.deliver)+len(c.forget) == 0
}

// changeOf works out what the inputs change. The outcome depends on the files alone, not on the
// nights that they came in, but for versions of one path, of which the newer one counts.
func changeOf(h *holdings, plan *intent, added []*loadedFile, isExact bool) *change {
	c := &change{add: added}
	contents := make(map[string]*content, len(h.contents)+len(added))
	maps.Copy(contents, h.contents)
	deliveries := make(map[delivery]bool, len(h.deliveries)+len(plan.given))
	maps.Copy(deliveries, h.deliveries)
	for _, l := range added {
		if old := contents[l.content.sha256]; old != nil {
			c.drop = append(c.drop, old) // loaded anew
		}
		contents[l.content.sha256] = l.content
	}
	for _, g := range plan.given { // first all: what is at one path now may have been at another
		deliveries[delivery{g.path, g.sha256}] = true
	}
	if isExact {
		c.keepGiven(plan, deliveries)
	} else {
		c.judgeOlder(h, plan, contents, deliveries)
	}
	c.compareDeliveries(h.deliveries, deliveries)
	c.settle(h, contents, deliveries)
	return c
}

// judgeOlder takes out the deliveries of before that have ended with the inputs.
func (c *change) judgeOlder(
	h *holdings, plan *intent, contents map[string]*content, deliveries map[delivery]bool,
) {
	at, begun, now := h.at(), plan.begun(), plan.now()
	for _, g := range plan.given {
		for _, old := range before(at, g) {
			isWithin := begun[old.sha256] && !g.grown[old.sha256] // of a file of another name
			if isWithin || c.isOver(old, contents[g.sha256], g, deliveries) {
				delete(deliveries, delivery{g.path, old.sha256})
			}
		}
		if !h.deliveries[delivery{g.path, g.sha256}] {
			c.judgePacked(now, at, contents[g.sha256], g, deliveries)
		}
	}
	for d := range plan.moved(h, begun) {
		delete(deliveries, d)
	}
}

// judgePacked takes out the older versions of a provider's new export that stood at its path packed
// otherwise, where nothing is now: cost.csv of the night before, of cost.csv.gz.
func (c *change) judgePacked(
	now map[string]string, at map[string][]*content, newer *content, g *given,
	deliveries map[delivery]bool,
) {
	for _, path := range packedAlike(g.path) {
		if _, isGiven := now[path]; isGiven || len(at[path]) == 0 || !isGone(path) {
			continue
		}
		olds := slices.Clone(at[path])
		inOrder(olds)
		for _, old := range olds {
			d := delivery{path, old.sha256}
			if !deliveries[d] || old.sha256 == g.sha256 || !old.isRestated() {
				continue
			}
			delete(deliveries, d)
			if !c.isOver(old, newer, g, deliveries) {
				deliveries[d] = true
			}
		}
	}
}

// packedAlike are the paths that a file has packed otherwise, or not at all.
func packedAlike(path string) []string {
	plain := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst")
	return slices.DeleteFunc([]string{plain, plain + ".gz", plain + ".zst"},
		func(other string) bool { return other == path })
}

// before lists the contents other than its own that stood at the path of an input, in order.
func before(at map[string][]*content, g *given) []*content {
	var found []*content
	for _, c := range at[g.path] {
		if c.sha256 != g.sha256 {
			found = append(found, c)
		}
	}
	inOrder(found)
	return found
}

// isOver decides whether a content that stood at a path has ended with the new one: a log that
// grew holds it, a provider's newer export replaces it, or it lies elsewhere now. A log of other
// content is the next one, after rotation: both count.
func (c *change) isOver(old, now *content, g *given, deliveries map[delivery]bool) bool {
	if g.grown[old.sha256] || old.format == unrecognised || old.read == 0 {
		c.restate(g.path, old, now)
		return true
	}
	for d := range deliveries {
		if d.sha256 == old.sha256 && d.path != g.path {
			return true
		}
	}
	if !old.isRestated() || old.format != now.format {
		return false
	}
	if !old.first.Valid || !now.first.Valid {
		c.restate(g.path, old, now)
		return true
	}
	switch {
	case now.last.Int64 < old.first.Int64 || now.first.Int64 > old.last.Int64:
		return false // of another time
	case now.first.Int64 <= old.first.Int64:
		c.restate(g.path, old, now)
		return true
	}
	c.restate(g.path, old, now)
	c.cut = append(c.cut, cut{old, now.first.Int64, now.last.Int64}) // a window that moves on
	return false
}

// isRestated: a newer version of such a file replaces it.
func (c *content) isRestated() bool {
	return c.leg == loaders.LegProvider || c.leg == loaders.LegControl
}

func (c *change) restate(path string, old, now *content) {
	if old.leg == loaders.LegProvider && now.leg == loaders.LegProvider {
		c.restated = append(c.restated, restated{path, old, now})
	}
}

// keepGiven forgets what is not among the inputs.
func (c *change) keepGiven(plan *intent, deliveries map[delivery]bool) {
	isGiven := map[delivery]bool{}
	for _, g := range plan.given {
		isGiven[delivery{g.path, g.sha256}] = true
	}
	maps.DeleteFunc(deliveries, func(d delivery, _ bool) bool { return !isGiven[d] })
}

func (c *change) compareDeliveries(before, after map[delivery]bool) {
	for d := range before {
		if !after[d] {
			c.forget = append(c.forget, d)
		}
	}
	for d := range after {
		if !before[d] {
			c.deliver = append(c.deliver, d)
		}
	}
}

// settle drops the contents that nothing delivers any more and puts the others in their order.
func (c *change) settle(
	h *holdings, contents map[string]*content, deliveries map[delivery]bool,
) {
	first := firstPaths(deliveries)
	for sha256, one := range contents {
		path, isDelivered := first[sha256]
		if !isDelivered {
			c.drop = append(c.drop, one)
			continue
		}
		if one.path != path {
			one.path, one.id = path, 0
		}
		c.contents = append(c.contents, one)
	}
	number(c.contents)
	for _, one := range c.contents {
		held := h.contents[one.sha256]
		if one.id != one.stored || (held == one && h.paths[one.sha256] != one.path) {
			c.move = append(c.move, one)
		}
	}
	isDropped := func(old *content) bool { return slices.Contains(c.drop, old) }
	c.restated = slices.DeleteFunc(c.restated, func(r restated) bool {
		isCut := slices.ContainsFunc(c.cut, func(cut cut) bool { return cut.of == r.old })
		return !isDropped(r.old) && !isCut
	})
	c.cut = slices.DeleteFunc(c.cut, func(cut cut) bool { return isDropped(cut.of) })
}
