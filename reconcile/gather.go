package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// requestMemory is about what a request takes while it is gathered from all that tells of it and
// put in order.
const requestMemory = int64(1280)

// minuteUS is the shortest span of time that requests are gathered by.
const minuteUS = int64(60_000_000)

// insertReport inserts what begins in some time into a report's table, or all. Requests are
// inserted some time of the period after the other where memory does not suffice for all at once:
// without that DuckDB lends space from the disk, many times as much as the reports take in the end.
func (r *run) insertReport(ctx context.Context, report string, fromUS, toUS int64) error {
	insert := "INSERT INTO published." + report + " SELECT * FROM "
	if report != "requests" {
		from := "report." + report
		if report == "workflows" && fromUS != math.MinInt64 {
			from = fmt.Sprintf("book.workflows_between(%d, %d)", fromUS, toUS)
		}
		return r.beside(func() error { return r.store.execSparing(ctx, insert+from) })
	}
	most := r.requestsAtOnce()
	spans, err := r.spans(ctx, fromUS, toUS, most)
	for err == nil && len(spans) > 0 {
		err = r.store.execSparing(ctx, insert+spans[0].report())
		switch {
		case err == nil:
			spans = spans[1:]
		case isOutOfMemory(err) && spans[0].toUS-spans[0].fromUS > minuteUS:
			most = spans[0].requests / 4
			spans, err = r.spans(ctx, spans[0].fromUS, toUS, most)
		}
	}
	return err
}

// requestsAtOnce is how many requests there is memory for to gather at once.
func (r *run) requestsAtOnce() int64 {
	if limit := r.settings.memoryLimit() / 100 * stagesSharePct; limit > 0 {
		return limit / 2 / requestMemory
	}
	return math.MaxInt64
}

// span is some time of the period, and from which to which rows tell of the requests that begin in
// it: they lie mostly side by side.
type span struct {
	fromUS, toUS           int64
	requests               int64
	rowFrom, rowTo         int64
	spanRowFrom, spanRowTo int64
}

// report is the report of a span's requests, as SQL.
func (s span) report() string {
	return fmt.Sprintf("book.requests_between(%d, %d, %d, %d, %d, %d)", s.fromUS, s.toUS,
		s.rowFrom, s.rowTo, s.spanRowFrom, s.spanRowTo)
}

// take widens a span by the one that follows.
func (s *span) take(next span) {
	s.toUS = next.toUS
	s.requests += next.requests
	s.rowFrom, s.rowTo = min(s.rowFrom, next.rowFrom), max(s.rowTo, next.rowTo)
	s.spanRowFrom = min(s.spanRowFrom, next.spanRowFrom)
	s.spanRowTo = max(s.spanRowTo, next.spanRowTo)
}

// spans cuts some time of the period so that each span has at most so many requests, or is one
// minute.
func (r *run) spans(ctx context.Context, fromUS, toUS, most int64) ([]span, error) {
	var spans []span
	err := r.each(ctx, fmt.Sprintf(`SELECT started_us // 60000000 * 60000000, COUNT(*),
		COALESCE(MIN(request_row), 9223372036854775807), COALESCE(MAX(request_row), 0),
		COALESCE(MIN(span_row), 9223372036854775807), COALESCE(MAX(span_row), 0)
		FROM book.rated WHERE started_us >= %d AND started_us < %d GROUP BY 1 ORDER BY 1`,
		fromUS, toUS),
		func(rows *sql.Rows) error {
			var minute span
			err := rows.Scan(&minute.fromUS, &minute.requests, &minute.rowFrom, &minute.rowTo,
				&minute.spanRowFrom, &minute.spanRowTo)
			minute.toUS = minute.fromUS + minuteUS
			if last := len(spans) - 1; last >= 0 && spans[last].requests+minute.requests <= most {
				spans[last].take(minute)
				return err
			}
			spans = append(spans, minute)
			return err
		})
	return spans, err
}
