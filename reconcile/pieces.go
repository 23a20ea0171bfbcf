package reconcile

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	reports "tieout/sql"
)

// rowGroupRows is the most rows that a row group of a Parquet file has: as many as DuckDB gives one
// by itself.
const rowGroupRows = int64(122_880)

// rowsMax is the most rows that a piece of a report has.
func (s Settings) rowsMax() int64 {
	if s.rowGroupRows > 0 {
		return s.rowGroupRows
	}
	return rowGroupRows
}

// copyTo is the statement that writes a query's rows into a Parquet file of one row group. Where
// DuckDB begins another one depends on the threads that have sorted the rows, so it never may.
func copyTo(query, file string) string {
	return "COPY (" + query + ") TO " + literal(file) + " (FORMAT PARQUET, COMPRESSION ZSTD, " +
		"COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 1073741824)"
}

// writeParquet writes a table of report.duckdb as Parquet, in a total order. One with many rows is
// written in pieces, each a row group, which are cut by the rows alone: the same rows give the same
// bytes, whatever the threads and the memory. Pieces also take much less memory to sort.
func (r *run) writeParquet(
	ctx context.Context, report reports.Report, file string, use *reuse,
) error {
	var rows int64
	table := "published." + report.Name
	row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table)
	if err := row.Scan(&rows); err != nil {
		return err
	}
	if rows <= r.settings.rowsMax() {
		query, err := r.inOrder(ctx, report, "")
		if err != nil {
			return err
		}
		return r.beside(func() error { return r.store.execSparing(ctx, copyTo(query, file)) })
	}
	var err error
	if report.IsByTime() {
		err = r.writeByTime(ctx, report, file, use)
	} else {
		err = r.writeByNumber(ctx, report, rows, file)
	}
	if err != nil {
		return err
	}
	var written int64
	row = r.store.db.QueryRowContext(ctx, "SELECT num_rows FROM parquet_file_metadata("+
		literal(file)+")")
	if err := row.Scan(&written); err != nil {
		return err
	}
	if written != rows {
		return fmt.Errorf("%d rows are written, not %d", written, rows)
	}
	return nil
}

// writeByTime writes a report that is ordered by started_at, which always is there. The row groups
// of days that are taken over are those in OUT.
func (r *run) writeByTime(
	ctx context.Context, report reports.Report, file string, use *reuse,
) error {
	pieces, err := r.cutByTime(ctx, report.Name, use)
	if err != nil {
		return err
	}
	pieces = append(pieces, use.piecesHeld(report.Name)...)
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.fromUS, b.fromUS) })
	held := filepath.Join(r.settings.Out, report.Name+".parquet")
	inOrder, err := r.inOrder(ctx, report, " WHERE started_at >= make_timestamp(%d) "+
		"AND started_at < make_timestamp(%d)")
	if err != nil {
		return err
	}
	largest := int64(1)
	var queries []string
	var parts []parquetPart
	var days []heldDay
	for i, p := range pieces {
		if i == 0 || pieces[i-1].dayUS != p.dayUS {
			days = append(days, heldDay{dayUS: p.dayUS})
		}
		day := &days[len(days)-1]
		if p.groupTo > 0 {
			day.groups = p.groupTo - p.groupFrom
			parts = addHeld(parts, parquetPart{held, int(p.groupFrom), int(p.groupTo)})
			continue
		}
		day.groups++
		largest = max(largest, p.rows)
		parts = append(parts, parquetPart{path: pieceOf(file, len(queries))})
		queries = append(queries, fmt.Sprintf(inOrder, p.fromUS, p.toUS))
	}
	r.noteDays(report.Name, days)
	return r.writePieces(ctx, queries, largest, file, parts)
}

func (r *run) noteDays(report string, days []heldDay) {
	r.noting.Lock()
	defer r.noting.Unlock()
	if r.days == nil {
		r.days = map[string][]heldDay{}
	}
	r.days[report] = days
}

// inOrder is a query of a report's rows in its order. Words are put in order before they are made
// text, and their text is what a file names, whatever others there is room for.
func (r *run) inOrder(ctx context.Context, report reports.Report, where string) (string, error) {
	table := "published." + report.Name
	return r.asText(ctx, table, "(SELECT * FROM "+table+where+" ORDER BY "+report.OrderBy+")")
}

// addHeld adds the row groups of a day that is taken over to those of the day before it, if that is
// too: a long footer is read once.
func addHeld(parts []parquetPart, day parquetPart) []parquetPart {
	if last := len(parts) - 1; last >= 0 && parts[last].path == day.path &&
		parts[last].to == day.from {
		parts[last].to = day.to
		return parts
	}
	return append(parts, day)
}

// piece is the rows of a report that begin in some time of a day; or a day that is taken over, as
// row groups of the file in OUT: those from the one up to before the other.
type piece struct{ dayUS, fromUS, toUS, rows, groupFrom, groupTo int64 }

// cutByTime cuts a report by the minute into pieces that are within a day: so the row groups of a
// day depend on no other day. A minute with too many rows is cut by the second. A second with too
// many stays whole: its requests were gathered at once before, which takes more memory. Days that
// are taken over are left out.
func (r *run) cutByTime(ctx context.Context, report string, use *reuse) ([]piece, error) {
	var within string
	isHeld := map[int64]bool{}
	if use.holds(report) {
		times := use.timesAnew(report)
		if len(times) == 0 {
			return nil, nil
		}
		within = "WHERE " + startsWithin(dayOf(times[0].fromUS),
			dayOf(times[len(times)-1].toUS-1)+wholeDay)
		for _, day := range use.piecesHeld(report) {
			isHeld[day.dayUS] = true
		}
	}
	rowsMax := r.settings.rowsMax()
	minutes, err := r.rowsBy(ctx, report, "minute", minuteUS, within)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	for _, minute := range minutes {
		if isHeld[minute.dayUS] {
			continue
		}
		parts := []piece{minute}
		if minute.rows > rowsMax {
			parts, err = r.rowsBy(ctx, report, "second", minuteUS/60, fmt.Sprintf(
				"WHERE date_trunc('minute', started_at) = make_timestamp(%d)", minute.fromUS))
			if err != nil {
				return nil, err
			}
		}
		for _, part := range parts {
			last := len(pieces) - 1
			if last < 0 || pieces[last].dayUS != part.dayUS ||
				pieces[last].rows+part.rows > rowsMax {
				pieces = append(pieces, part)
				continue
			}
			pieces[last].toUS = part.toUS
			pieces[last].rows += part.rows
		}
	}
	return pieces, nil
}

// rowsBy counts the rows of each minute or second that has any.
func (r *run) rowsBy(
	ctx context.Context, report, unit string, unitUS int64, where string,
) ([]piece, error) {
	var pieces []piece
	err := r.each(ctx, fmt.Sprintf(`SELECT epoch_us(date_trunc('day', MIN(started_at))),
		epoch_us(date_trunc('%s', started_at)) AS from_us, COUNT(*)
		FROM published.%s %s GROUP BY from_us ORDER BY from_us`, unit, report, where),
		func(rows *sql.Rows) error {
			var p piece
			err := rows.Scan(&p.dayUS, &p.fromUS, &p.rows)
			p.toUS = p.fromUS + unitUS
			pieces = append(pieces, p)
			return err
		})
	return pieces, err
}

// writeByNumber writes a report of any other order: its rows are numbered first. Such reports
// rarely are so large.
func (r *run) writeByNumber(
	ctx context.Context, report reports.Report, rows int64, file string,
) error {
	order := report.OrderBy
	if order == "ALL" { // which windows do not know
		row := r.store.db.QueryRowContext(ctx, `SELECT string_agg('"' || column_name || '"', ', ')
			FROM (DESCRIBE published.`+report.Name+")")
		if err := row.Scan(&order); err != nil {
			return err
		}
	}
	numbered := "memory.main.numbered_" + report.Name
	err := r.store.execSparing(ctx, "CREATE TABLE "+numbered+" AS SELECT *, "+
		"row_number() OVER (ORDER BY "+order+") AS row_in_report FROM published."+report.Name)
	if err != nil {
		return err
	}
	var queries []string
	var parts []parquetPart
	rowsMax := r.settings.rowsMax()
	for from := int64(1); from <= rows; from += rowsMax {
		parts = append(parts, parquetPart{path: pieceOf(file, len(queries))})
		queries = append(queries, fmt.Sprintf(`SELECT * EXCLUDE (row_in_report)
			FROM %s WHERE row_in_report BETWEEN %d AND %d
			ORDER BY row_in_report`, numbered, from, from+rowsMax-1))
	}
	err = r.writePieces(ctx, queries, rowsMax, file, parts)
	return errors.Join(err, r.store.exec(ctx, "DROP TABLE "+numbered))
}

// writePieces writes the rows of each query into a file of its own, some at once, and joins the
// files. Of the memory, half is for the rows of those that are written at once.
func (r *run) writePieces(
	ctx context.Context, queries []string, largest int64, file string, parts []parquetPart,
) error {
	folder := filepath.Dir(pieceOf(file, 0))
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	statements := make([]string, len(queries))
	for i, query := range queries {
		statements[i] = copyTo(query, pieceOf(file, i))
	}
	atOnce, err := r.store.atOnce(ctx)
	if err != nil {
		return err
	}
	if limit := r.settings.memoryLimit() / 100 * stagesSharePct; limit > 0 {
		atOnce = min(atOnce, max(limit/2/requestMemory/largest, 1))
	}
	err = r.store.alone(ctx, func() error {
		return r.store.execAtOnce(ctx, statements, min(int(atOnce), len(statements)))
	})
	if err == nil {
		err = r.join(file, parts)
	}
	return errors.Join(err, os.RemoveAll(folder))
}

// pieceOf names the file of a piece of a report's file.
func pieceOf(file string, i int) string {
	return filepath.Join(file+".pieces", fmt.Sprintf("%d.parquet", i))
}

// execAtOnce does statements that make files, so many at once. Each time that memory does not
// suffice it is one fewer; what is left in the end is done one after the other.
func (s *store) execAtOnce(ctx context.Context, statements []string, atOnce int) error {
	done := make([]bool, len(statements))
	stopping, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	var next atomic.Int64
	for range atOnce {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(statements)); i = next.Add(1) - 1 {
				err := s.exec(stopping, statements[i])
				if err == nil {
					done[i] = true
					continue
				}
				if !isOutOfMemory(err) {
					stop(err)
				}
				return
			}
		})
	}
	workers.Wait()
	if err := context.Cause(stopping); err != nil {
		return err
	}
	for i, statement := range statements {
		if done[i] {
			continue
		}
		if err := s.execSparing(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
