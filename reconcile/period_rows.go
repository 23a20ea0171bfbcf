package reconcile

import (
	"context"
	"errors"
	"fmt"
)

// A store holds the months of years, and a run rates one period. Rows are numbered as they come, so
// those of a period mostly stand side by side: rating reads all from the first to the last of them,
// and what is kept of their matching, and the database skips the rest. What lies between and is of
// another time is left out by rating itself.

// rowSpan is rows from one to another, both included.
type rowSpan struct{ from, to int64 }

// worthLimiting is the part of the rows that must lie elsewhere for rating not to read them.
const worthLimiting = 4

// ofPeriod does something that reads what rating does, while there are but the rows that may have
// to do with the period, if all is worked out anew and most others are elsewhere.
func (r *run) ofPeriod(ctx context.Context, t *touch, do func() error) error {
	if t != nil {
		return do()
	}
	requests, spans, err := r.periodRows(ctx)
	if err != nil {
		return fmt.Errorf("rows of the period: %w", err)
	}
	within, all, err := r.rowsWithin(ctx, requests, spans)
	if err != nil {
		return fmt.Errorf("rows of the period: %w", err)
	}
	if all-within < all/worthLimiting {
		return do()
	}
	r.say("period", fmt.Sprintf("%d of %d rows may be of the period, the others are not rated",
		within, all))
	kept := map[string]string{
		"duplicate": "row_id " + requests.within(), "pair": "request_row " + requests.within(),
		"same_call": "row_id " + spans.within(), "inherited": "row_id " + spans.within(),
		"lone_call":   "row_id " + spans.within(),
		"told_tenant": "request_row " + requests.within() + " OR span_row " + spans.within(),
	}
	limit := "CREATE VIEW memory.raw.request_row AS FROM store.raw.request_row WHERE row_id " +
		requests.within() + ";\nCREATE VIEW memory.raw.span_row AS FROM store.raw.span_row " +
		"WHERE row_id " + spans.within() + ";\n" + viewsInTheirPlace()
	back := "DROP VIEW memory.raw.request;\nDROP VIEW memory.raw.span;\n" +
		"DROP VIEW memory.raw.request_row;\nDROP VIEW memory.raw.span_row;\n"
	for name, where := range kept {
		view := "CREATE OR REPLACE VIEW memory.book." + name + " AS FROM store.kept." + name
		limit += view + " WHERE " + where + ";\n"
		back += view + ";\n"
	}
	if err := r.store.exec(ctx, limit); err != nil {
		return fmt.Errorf("rows of the period: %w", err)
	}
	return errors.Join(do(), r.store.exec(context.WithoutCancel(ctx), back))
}

// periodRows finds the rows from the first to the last gateway row of the period, and those of
// spans that they met, that began in it, or whose call did.
func (r *run) periodRows(ctx context.Context) (requests, spans rowSpan, err error) {
	fromUS, toUS := r.settings.From.UnixMicro(), r.settings.To.UnixMicro()
	row := r.store.db.QueryRowContext(ctx, `SELECT COALESCE(MIN(row_id), 0),
		COALESCE(MAX(row_id), -1) FROM raw.request_row WHERE started_us >= ? AND started_us < ?`,
		fromUS, toUS)
	if err := row.Scan(&requests.from, &requests.to); err != nil {
		return requests, spans, err
	}
	row = r.store.db.QueryRowContext(ctx, `SELECT COALESCE(MIN(row_id), 0),
		COALESCE(MAX(row_id), -1) FROM (
			SELECT row_id FROM raw.span_row WHERE started_us >= ? AND started_us < ?
			UNION ALL
			SELECT row_id FROM book.same_call WHERE started_us >= ? AND started_us < ?
			UNION ALL
			SELECT span_row FROM book.pair WHERE request_row BETWEEN ? AND ?)`,
		fromUS, toUS, fromUS, toUS, requests.from, requests.to)
	return requests, spans, row.Scan(&spans.from, &spans.to)
}

// rowsWithin counts the rows of gateways and traces, and those of them within spans.
func (r *run) rowsWithin(
	ctx context.Context, requests, spans rowSpan,
) (within, all int64, err error) {
	row := r.store.db.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM raw.request_row WHERE row_id BETWEEN ? AND ?)
			+ (SELECT COUNT(*) FROM raw.span_row WHERE row_id BETWEEN ? AND ?),
		(SELECT COUNT(*) FROM raw.request_row) + (SELECT COUNT(*) FROM raw.span_row)`,
		requests.from, requests.to, spans.from, spans.to)
	return within, all, row.Scan(&within, &all)
}

// within is the condition on a row's number.
func (s rowSpan) within() string { return fmt.Sprintf("BETWEEN %d AND %d", s.from, s.to) }
