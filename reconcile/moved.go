package reconcile

import (
	"errors"
	"io/fs"
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

// beginners lists the contents that a new file may begin with, by how they begin: of those of which
// that is not known, under 0, only such as stood where another content may stand now, or nothing.
func (p *intent) beginners(h *holdings) map[int64][]*content {
	begin, paths, now := h.byBeginning(), h.pathsOf(), p.now()
	begin[0] = slices.DeleteFunc(begin[0], func(c *content) bool {
		return !slices.ContainsFunc(paths[c.sha256], func(path string) bool {
			return p.isDisplaced(delivery{path, c.sha256}, now)
		})
	})
	return begin
}

// marks are the sizes of the contents that a file may begin with, which is known when it is being
// read. What was loaded is what is compared: after it the file may have gone, or be another one.
// There may be thousands of both, so that only contents that begin as the file does are looked for.
func (g *given) marks(first []byte, beginners map[int64][]*content) []int64 {
	g.begins = beginnings(first)
	g.before = slices.Clone(beginners[0])
	for _, beginning := range g.begins {
		g.before = append(g.before, beginners[beginning]...)
	}
	g.before = bySize(slices.DeleteFunc(g.before, func(c *content) bool {
		return c.bytes == 0 || c.bytes >= g.size
	}))
	sizes := make([]int64, len(g.before))
	for i, c := range g.before {
		sizes[i] = c.bytes
	}
	return slices.Compact(sizes)
}

// noteGrown notes with which contents the file begins, by the hashes at its marks.
func (g *given) noteGrown(hashes map[int64]string) {
	for _, c := range g.before {
		if hashes[c.bytes] != c.sha256 {
			continue
		}
		if g.grown == nil {
			g.grown = map[string]bool{}
		}
		g.grown[c.sha256] = true
	}
}

// isDisplaced reports that a content stood at a path where another stands now, or nothing.
func (p *intent) isDisplaced(d delivery, now map[string]string) bool {
	if sha256, isGiven := now[d.path]; isGiven {
		return sha256 != d.sha256
	}
	stood, isKnown := p.looks[d.path]
	return (isKnown && stood.sha256 != d.sha256) || isGone(d.path)
}

// now is which content each input has.
func (p *intent) now() map[string]string {
	found := make(map[string]string, len(p.given))
	for _, g := range p.given {
		found[g.path] = g.sha256
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
	now, isNew := p.now(), map[string]bool{}
	for _, g := range p.given {
		if !h.deliveries[delivery{g.path, g.sha256}] {
			isNew[g.sha256] = true
		}
	}
	found := map[delivery]bool{}
	for d := range h.deliveries {
		_, isGiven := now[d.path]
		isWanted := isNew[d.sha256] || begun[d.sha256]
		if !isGiven && isWanted && p.isDisplaced(d, now) {
			found[d] = true
		}
	}
	return found
}

func isGone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
