package reconcile

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
)

// content is a file's bytes that the store holds, or is about to; path is the first of those that
// they were delivered as.
type content struct {
	id              int64 // that it shall have
	stored          int64 // that its rows have in the store, 0 when there are none yet
	path, sha256    string
	bytes           int64
	beginning       int64 // see beginnings; 0 is not known
	format, leg     string
	loadedWith      string
	read, delivered int64
	rejected        int64
	ignored         int64 // rows that are of no interest
	replaced        int64 // rows that are no longer there: a newer version tells of them
	first, last     sql.NullInt64
}

// delivery is a content under a path.
type delivery struct{ path, sha256 string }

// holdings is what the store holds: the set of files that the reports are made of.
type holdings struct {
	contents   map[string]*content // by sha256
	deliveries map[delivery]bool
	paths      map[string]string // of the contents, as stored
	pages      map[int64][]page
}

// page is one page of a paged export, as the page itself says.
type page struct{ total, pages, size, number int64 }

func (r *run) readHoldings(ctx context.Context) (*holdings, error) {
	h := &holdings{contents: map[string]*content{}, deliveries: map[delivery]bool{},
		paths: map[string]string{}, pages: map[int64][]page{}}
	err := r.each(ctx, `SELECT file_id, path, sha256, bytes, format, leg, loaded_with, rows_read,
		rows_delivered, rows_rejected, rows_ignored, rows_replaced, first_us, last_us
		FROM raw.source_file`, func(rows *sql.Rows) error {
		c := &content{}
		err := rows.Scan(&c.id, &c.path, &c.sha256, &c.bytes, &c.format, &c.leg, &c.loadedWith,
			&c.read, &c.delivered, &c.rejected, &c.ignored, &c.replaced, &c.first, &c.last)
		c.stored = c.id
		h.contents[c.sha256], h.paths[c.sha256] = c, c.path
		return err
	})
	if err != nil {
		return nil, err
	}
	err = r.each(ctx, "SELECT path, sha256 FROM raw.delivery", func(rows *sql.Rows) error {
		var d delivery
		err := rows.Scan(&d.path, &d.sha256)
		h.deliveries[d] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	return h, r.each(ctx, "SELECT file_id, total, total_pages, size, number FROM raw.page",
		func(rows *sql.Rows) error {
			var file int64
			var p page
			err := rows.Scan(&file, &p.total, &p.pages, &p.size, &p.number)
			h.pages[file] = append(h.pages[file], p)
			return err
		})
}

// at lists the contents that were delivered under each path.
func (h *holdings) at() map[string][]*content {
	found := map[string][]*content{}
	for d := range h.deliveries {
		if c := h.contents[d.sha256]; c != nil {
			found[d.path] = append(found[d.path], c)
		}
	}
	return found
}

// byBeginning lists the contents by how they begin.
func (h *holdings) byBeginning() map[int64][]*content {
	found := map[int64][]*content{}
	for _, c := range h.contents {
		found[c.beginning] = append(found[c.beginning], c)
	}
	return found
}

// pathsOf lists the paths that each content was delivered as.
func (h *holdings) pathsOf() map[string][]string {
	found := map[string][]string{}
	for d := range h.deliveries {
		found[d.sha256] = append(found[d.sha256], d.path)
	}
	return found
}

// sizes are the sizes of the contents: a file of another size is none of them.
func (h *holdings) sizes() map[int64]bool {
	found := map[int64]bool{}
	for _, c := range h.contents {
		found[c.bytes] = true
	}
	return found
}

// firstPaths gives each delivered content the first of its paths.
func firstPaths(deliveries map[delivery]bool) map[string]string {
	first := make(map[string]string, len(deliveries))
	for d := range deliveries {
		if path, known := first[d.sha256]; !known || d.path < path {
			first[d.sha256] = d.path
		}
	}
	return first
}

// fileSpacing parts the file ids, so that a file can be put between two others later.
const fileSpacing = int64(1) << 32

// inOrder sorts contents as their ids must stand.
func inOrder(contents []*content) {
	slices.SortFunc(contents, func(a, b *content) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.sha256, b.sha256))
	})
}

// number gives an id to each content that has none (0), so that all ids stand in the order of the
// contents. Where no number is left between two of them all get new ones, above the old.
func number(contents []*content) {
	inOrder(contents)
	var top int64
	for _, c := range contents {
		top = max(top, c.id)
	}
	for i := 0; i < len(contents); i++ {
		if contents[i].id != 0 {
			continue
		}
		end := i
		for end < len(contents) && contents[end].id == 0 {
			end++
		}
		if !fill(contents, i, end) {
			for i, c := range contents {
				c.id = (top/fileSpacing + 1 + int64(i)) * fileSpacing
			}
			return
		}
	}
}

// fill numbers contents[from:to], whose neighbours are numbered, and reports whether there was
// room.
func fill(contents []*content, from, to int) bool {
	var before int64
	if from > 0 {
		before = contents[from-1].id
	}
	step := fileSpacing
	if to < len(contents) {
		step = (contents[to].id - before) / int64(to-from+1)
	}
	if step == 0 {
		return false
	}
	for i := from; i < to; i++ {
		before += step
		contents[i].id = before
	}
	return true
}
