package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"tieout/loaders"
)

// rawTables are the tables whose rows belong to a file.
func rawTables() []string {
	return []string{"request_row", "request_kind", "span_row", "span_kind", "usage", "bill",
		"control", "answer", "reject", "page"}
}

// dropUnusedKinds removes what small files had in common and no row names any more.
func dropUnusedKinds(ctx context.Context, conn *sql.Conn) error {
	for _, of := range []string{"request", "span"} {
		_, err := conn.ExecContext(ctx, fmt.Sprintf(`DELETE FROM raw.%[1]s_kind
			WHERE file_id = %[2]d AND kind_id NOT IN (SELECT kind_id FROM raw.%[1]s_row)`,
			of, loaders.SharedKinds))
		if err != nil {
			return fmt.Errorf("kinds of raw.%s: %w", of, err)
		}
	}
	return nil
}

// noteLoading writes down which files are being loaded: should the run die, their rows are debris.
func (r *run) noteLoading(ctx context.Context, added []*loadedFile) error {
	if len(added) == 0 {
		return nil
	}
	err := r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		return appendRows(ctx, conn, "raw.loading", len(added), func(i int) []any {
			return []any{added[i].content.stored}
		})
	})
	if err != nil {
		return fmt.Errorf("note the files to load: %w", err)
	}
	return nil
}

// idList writes ids of ours as SQL.
func idList(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
}

// sweepRows removes what a run that died left in raw.
func (r *run) sweepRows(ctx context.Context) error {
	var left int64
	row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM raw.loading")
	if err := row.Scan(&left); err != nil || left == 0 {
		return err
	}
	r.say("sweep", fmt.Sprintf("%d files that a run before did not finish loading", left))
	return r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		for _, table := range append(rawTables(), "loading") { // loading last
			_, err := conn.ExecContext(ctx, "DELETE FROM raw."+table+
				" WHERE file_id IN (SELECT file_id FROM raw.loading)")
			if err != nil {
				return fmt.Errorf("sweep raw.%s: %w", table, err)
			}
		}
		return dropUnusedKinds(ctx, conn)
	})
}

// record makes a change the store's: from then on the files are loaded.
func (r *run) record(ctx context.Context, c *change) error {
	if c.isNothing() {
		return nil
	}
	err := r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		for _, step := range []func(context.Context, *sql.Conn, *change) error{
			noteRestated, cutRows, dropRows, moveRows, forgetDeliveries, noteBeginnings, addFiles,
		} {
			if err := step(ctx, conn, c); err != nil {
				return err
			}
		}
		_, err := conn.ExecContext(ctx, "DELETE FROM raw.loading; DELETE FROM store.kept.state; "+
			"DELETE FROM store.kept.report")
		return err
	})
	if err != nil {
		return fmt.Errorf("record the files: %w", err)
	}
	return nil
}

// cutRows takes the rows from a file that a newer version tells of.
func cutRows(ctx context.Context, conn *sql.Conn, c *change) error {
	for _, cut := range c.cut {
		id, from, to := cut.of.stored, cut.fromUS, cut.toUS
		_, err := conn.ExecContext(ctx, `UPDATE raw.source_file
			SET rows_replaced = rows_replaced + n.rows,
			last_us = CASE WHEN n.rows > 0 AND last_us <= $3 THEN $2 - 1 ELSE last_us END
			FROM (SELECT COUNT(DISTINCT line) AS rows FROM (
				SELECT line FROM raw.usage WHERE file_id = $1 AND bucket_from_us BETWEEN $2 AND $3
				UNION ALL
				SELECT line FROM raw.bill WHERE file_id = $1 AND bucket_from_us BETWEEN $2 AND $3)
			) AS n WHERE file_id = $1`, id, from, to)
		if err != nil {
			return fmt.Errorf("cut %s: %w", cut.of.path, err)
		}
		for _, table := range []string{"usage", "bill"} {
			_, err := conn.ExecContext(ctx, "DELETE FROM raw."+table+
				" WHERE file_id = ? AND bucket_from_us BETWEEN ? AND ?", id, from, to)
			if err != nil {
				return fmt.Errorf("cut %s: %w", cut.of.path, err)
			}
		}
	}
	return nil
}

func dropRows(ctx context.Context, conn *sql.Conn, c *change) error {
	if len(c.drop) == 0 {
		return nil
	}
	ids := make([]int64, len(c.drop))
	for i, old := range c.drop {
		ids[i] = old.stored
	}
	for _, table := range append(rawTables(), "source_file") {
		_, err := conn.ExecContext(ctx, "DELETE FROM raw."+table+" WHERE file_id IN ("+
			idList(ids)+")")
		if err != nil {
			return fmt.Errorf("drop from raw.%s: %w", table, err)
		}
	}
	return dropUnusedKinds(ctx, conn)
}

// moveRows gives files another place in the order of all files.
func moveRows(ctx context.Context, conn *sql.Conn, c *change) error {
	var pairs []string
	for _, one := range c.move {
		_, err := conn.ExecContext(ctx, "UPDATE raw.source_file SET path = ? WHERE file_id = ?",
			one.path, one.stored)
		if err != nil {
			return fmt.Errorf("rename %s: %w", one.path, err)
		}
		pairs = append(pairs, "("+idList([]int64{one.stored, one.id})+")")
	}
	if len(pairs) == 0 {
		return nil
	}
	for _, table := range append(rawTables(), "source_file") {
		_, err := conn.ExecContext(ctx, "UPDATE raw."+table+" SET file_id = m.new_id FROM (VALUES "+
			strings.Join(pairs, ", ")+") AS m(old_id, new_id) WHERE file_id = m.old_id")
		if err != nil {
			return fmt.Errorf("renumber raw.%s: %w", table, err)
		}
	}
	return nil
}

func forgetDeliveries(ctx context.Context, conn *sql.Conn, c *change) error {
	for _, d := range c.forget {
		_, err := conn.ExecContext(ctx,
			"DELETE FROM raw.delivery WHERE path = ? AND sha256 = ?", d.path, d.sha256)
		if err != nil {
			return fmt.Errorf("forget %s: %w", d.path, err)
		}
	}
	return nil
}

// addFiles records what was loaded, and under which paths.
func addFiles(ctx context.Context, conn *sql.Conn, c *change) error {
	err := appendRows(ctx, conn, "raw.source_file", len(c.add), func(i int) []any {
		l := c.add[i]
		return []any{l.content.id, l.content.path, l.result.SHA256, l.result.Bytes,
			l.result.Format, l.result.Leg, l.result.Why, l.result.Read, l.result.Loaded,
			l.result.Rejected, l.result.Ignored, l.result.RoundedAmounts,
			nullable(l.result.FirstUS), nullable(l.result.LastUS), int64(0), l.content.loadedWith}
	})
	if err != nil {
		return err
	}
	err = appendRows(ctx, conn, "raw.delivery", len(c.deliver), func(i int) []any {
		return []any{c.deliver[i].path, c.deliver[i].sha256}
	})
	if err != nil {
		return err
	}
	var pages [][]any
	for _, l := range c.add {
		for _, p := range l.result.Pages {
			pages = append(pages, []any{l.content.id, p.Total, p.TotalPages, p.Size,
				p.Number, p.NextFromUS, p.NextToUS})
		}
	}
	return appendRows(ctx, conn, "raw.page", len(pages), func(i int) []any {
		return pages[i]
	})
}

// appendedAtOnce is how many rows one statement of appendRows adds.
const appendedAtOnce = 64

// appendRows adds rows to a table within the connection's transaction, in statements of many rows.
// The driver has an appender for this; it leaves pointers in memory that it did not clear, over
// which Go's collector may end the process ("found pointer to free object"): what is not cleared
// may hold an old address of Go's own (apache/arrow#36669 is of the same fault elsewhere).
func appendRows(
	ctx context.Context, conn *sql.Conn, table string, rows int, row func(int) []any,
) error {
	for from := 0; from < rows; from += appendedAtOnce {
		var values []any
		width, count := 0, min(appendedAtOnce, rows-from)
		for i := range count {
			one := row(from + i)
			width, values = len(one), append(values, one...)
		}
		line := "(" + strings.Repeat("?, ", width-1) + "?)"
		_, err := conn.ExecContext(ctx,
			"INSERT INTO "+table+" VALUES "+strings.Repeat(line+", ", count-1)+line, values...)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func nullable(count loaders.Count) any {
	if !count.Known {
		return nil
	}
	return count.N
}
