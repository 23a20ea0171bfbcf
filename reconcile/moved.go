package reconcile

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// Files get other names from night to night: logs are rotated, exports put into an archive. What
// the store holds moves with its name, also when a log was written on between the last night and
// its rotation. A file that is merely gone still counts.

// bySize gives contents in the order that they are looked for in.
func bySize(contents []*content) []*content {
	return slices.SortedFunc(slices.Values(contents), func(a, b *content) int {
		return int(a.bytes - b.bytes)
	})
}

// findGrown finds out which of the inputs that are new begin with what stood at a path where
// another content stands now, or nothing.
func (p *intent) findGrown(ctx context.Context, threads int, h *holdings) error {
	displaced := p.displaced(h)
	var fresh []*given
	for _, g := range p.given {
		isFresh := g.sha256 == "" || h.contents[g.sha256] == nil
		if isFresh && len(displaced) > 0 && g.size > displaced[0].bytes {
			fresh = append(fresh, g)
		}
	}
	return inParallel(ctx, threads, fresh, func(g *given) error {
		return g.hash(ctx, displaced)
	})
}

// displaced are the contents that stood at a path where they are no more and that lie nowhere else,
// as far as is known yet. It notes where there is nothing any more.
func (p *intent) displaced(h *holdings) []*content {
	at, found := h.at(), map[string]*content{}
	isGiven, begun := p.paths(), p.begun()
	for _, g := range p.given {
		for _, old := range before(at, g) {
			found[old.sha256] = old
		}
	}
	p.gone = map[string]bool{}
	for path, before := range p.looks {
		if !isGiven[path] && isGone(path) {
			p.gone[path] = true
			if old := h.contents[before.sha256]; old != nil {
				found[old.sha256] = old
			}
		}
	}
	for _, g := range p.given {
		delete(found, g.sha256)
	}
	maps.DeleteFunc(found, func(sha256 string, old *content) bool {
		return begun[sha256] || old.bytes == 0
	})
	return bySize(slices.Collect(maps.Values(found)))
}

// paths are those of the inputs.
func (p *intent) paths() map[string]bool {
	found := make(map[string]bool, len(p.given))
	for _, g := range p.given {
		found[g.path] = true
	}
	return found
}

// begun are the contents with which an input begins.
func (p *intent) begun() map[string]bool {
	found := map[string]bool{}
	for _, g := range p.given {
		for sha256, isBegun := range g.grown {
			found[sha256] = found[sha256] || isBegun
		}
	}
	return found
}

// moved are the deliveries of contents that now have another name, or with which a file of another
// name begins, and are no longer at the path that they had.
func (p *intent) moved(h *holdings, begun map[string]bool) map[delivery]bool {
	isGiven, isNew := p.paths(), map[string]bool{}
	for _, g := range p.given {
		if !h.deliveries[delivery{g.path, g.sha256}] {
			isNew[g.sha256] = true
		}
	}
	found := map[delivery]bool{}
	for d := range h.deliveries {
		if isGiven[d.path] || (!isNew[d.sha256] && !begun[d.sha256]) {
			continue
		}
		stood, isKnown := p.looks[d.path]
		if (isKnown && stood.sha256 != d.sha256) || isGone(d.path) {
			found[d] = true
		}
	}
	return found
}

func isGone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
