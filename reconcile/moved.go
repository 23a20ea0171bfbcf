package reconcile

import (
	"context"
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

// findGrown finds out which of the new files, which are loaded, begin with what stood at a path
// where another content stands now, or nothing. There may be thousands of both: a file is read once
// more only for contents that begin as it does.
func (p *intent) findGrown(
	ctx context.Context, threads int, h *holdings, added []*loadedFile,
) error {
	begin, paths, now := h.byBeginning(), h.pathsOf(), p.now()
	isDisplaced := func(c *content) bool {
		return slices.ContainsFunc(paths[c.sha256], func(path string) bool {
			return p.isDisplaced(delivery{path, c.sha256}, now)
		})
	}
	unknown := slices.DeleteFunc(begin[0], func(c *content) bool { return !isDisplaced(c) })
	return inParallel(ctx, threads, added, func(l *loadedFile) error {
		if h.contents[l.given.sha256] != nil {
			return nil // loaded anew
		}
		before := slices.Clone(unknown)
		for _, beginning := range l.begins {
			before = append(before, begin[beginning]...)
		}
		before = slices.DeleteFunc(before, func(c *content) bool {
			return c.bytes == 0 || c.bytes >= l.size || l.grown[c.sha256] || !isDisplaced(c)
		})
		if len(before) == 0 {
			return nil
		}
		return l.hash(ctx, bySize(before))
	})
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
