package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
)

// A log that grew begins with what it was, and the store does not hold what it was, but its hash.
// To compare that with each of thousands of files takes as many hashes for each; so the store also
// remembers how a content begins: files that begin otherwise need not be compared.

// beginningScript makes the table that beginnings are kept in. What an earlier program has loaded
// has none.
const beginningScript = `CREATE TABLE IF NOT EXISTS store.kept.beginning (
	sha256 VARCHAR, beginning BIGINT)`

// beginnings are hashes of a file's first byte, first two bytes, first four and so on. The last is
// how its content begins: a file that begins with all of the content has that hash, too.
func beginnings(first []byte) []int64 {
	var found []int64
	sum := fnv.New64a()
	for from, to := 0, 1; to <= len(first); from, to = to, to*2 {
		sum.Write(first[from:to])
		found = append(found, int64(sum.Sum64()|1)) // never 0
	}
	return found
}

// readBeginnings notes how the contents begin that the store holds.
func (r *run) readBeginnings(ctx context.Context, h *holdings) error {
	if err := r.store.exec(ctx, beginningScript); err != nil {
		return err
	}
	return r.each(ctx, "SELECT sha256, beginning FROM store.kept.beginning",
		func(rows *sql.Rows) error {
			var sha256 string
			var beginning int64
			err := rows.Scan(&sha256, &beginning)
			if c := h.contents[sha256]; c != nil {
				c.beginning = beginning
			}
			return err
		})
}

// noteBeginnings remembers how the contents begin that are added, and forgets those that are no
// longer held.
func noteBeginnings(ctx context.Context, conn *sql.Conn, c *change) error {
	_, err := conn.ExecContext(ctx, `DELETE FROM store.kept.beginning
		WHERE sha256 NOT IN (SELECT sha256 FROM raw.source_file)`)
	if err != nil {
		return fmt.Errorf("how files begin: %w", err)
	}
	var rows [][]any
	for _, l := range c.add {
		if n := len(l.begins); n > 0 {
			rows = append(rows, []any{l.content.sha256, l.begins[n-1]})
		}
	}
	return appendRows(ctx, conn, "store.kept.beginning", len(rows), func(i int) []any {
		return rows[i]
	})
}
