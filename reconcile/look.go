package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"time"
)

// A night names the exports of its whole month again, and reading gigabytes to find out that they
// are what they were would take longer than all else. So the store remembers how a file looked when
// its content was found out: one that looks the same is the same, as backups and git take it to be.

// look is how a file at a path looked, and the content that it had.
type look struct{ state, sha256 string }

// settledFor is how long a file has to have been as it is to be known by its look: a change within
// the same tick of the file system's clock would leave that as it was. FAT's ticks are the longest.
const settledFor = 2 * time.Second

// stateOf is how a file looks; "" for one that has just been changed.
func stateOf(info os.FileInfo, now time.Time) string {
	state, changed := lookOf(info)
	if now.Sub(changed) < settledFor || now.Sub(info.ModTime()) < settledFor {
		return ""
	}
	return state
}

// lookScript makes the table that looks are kept in.
const lookScript = `CREATE TABLE IF NOT EXISTS store.kept.look (
	path VARCHAR, state VARCHAR, sha256 VARCHAR)`

// readLooks reads how the files looked that runs before were given, by path.
func (r *run) readLooks(ctx context.Context) (map[string]look, error) {
	if err := r.store.exec(ctx, lookScript); err != nil {
		return nil, fmt.Errorf("how files looked: %w", err)
	}
	looks := map[string]look{}
	err := r.each(ctx, "SELECT path, state, sha256 FROM store.kept.look",
		func(rows *sql.Rows) error {
			var path string
			var one look
			err := rows.Scan(&path, &one.state, &one.sha256)
			looks[path] = one
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("how files looked: %w", err)
	}
	return looks, nil
}

// recognise takes a file that looks as it did for what it was, if the store holds that.
func (g *given) recognise(before look, h *holdings) bool {
	if g.state == "" || g.state != before.state || h.contents[before.sha256] == nil {
		return false
	}
	g.sha256 = before.sha256
	return true
}

// noteLooks remembers how the inputs looked at the begin of the run, by the contents that they have
// turned out to have. Of one that cannot be known by its look only the content is noted.
func (r *run) noteLooks(ctx context.Context, plan *intent) error {
	looks := maps.Clone(plan.looks)
	for _, g := range plan.given {
		looks[g.path] = look{g.state, g.sha256}
	}
	now := plan.now()
	maps.DeleteFunc(looks, func(path string, _ look) bool {
		_, isGiven := now[path]
		return !isGiven && isGone(path)
	})
	if maps.Equal(looks, plan.looks) {
		return nil
	}
	var rows [][]any
	for path, one := range looks {
		rows = append(rows, []any{path, one.state, one.sha256})
	}
	err := r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "DELETE FROM kept.look"); err != nil {
			return err
		}
		return appendRows(ctx, conn, "kept.look", len(rows), func(i int) []any {
			return rows[i]
		})
	})
	if err != nil {
		return fmt.Errorf("note how files look: %w", err)
	}
	return nil
}
