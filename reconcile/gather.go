package reconcile

import (
	"context"
	"fmt"
	"time"
)

// spanMin is the shortest span of time that is worth a try when memory is short.
const spanMin = time.Hour

// insertSparing inserts a report into a table. Where memory does not suffice for all requests at
// once it takes some time of the period after the other: what is joined to a few of them needs a
// part of the memory only.
func (r *run) insertSparing(ctx context.Context, into, report string) error {
	err := r.store.execSparing(ctx, "INSERT INTO "+into+" SELECT * FROM report."+report)
	if err == nil || !isOutOfMemory(err) || report != "requests" {
		return err
	}
	return r.insertSpans(ctx, into, r.settings.To.Sub(r.settings.From)/8)
}

// insertSpans inserts the requests of the period span by span; a span that is too long is halved.
func (r *run) insertSpans(ctx context.Context, into string, span time.Duration) error {
	for at := r.settings.From; at.Before(r.settings.To); {
		end := at.Add(span)
		if end.After(r.settings.To) {
			end = r.settings.To
		}
		err := r.store.exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT * FROM report.requests "+
			"WHERE started_at >= %s AND started_at < %s", into, literal(at.Format(time.DateTime)),
			literal(end.Format(time.DateTime))))
		switch {
		case err == nil:
			at = end
		case isOutOfMemory(err) && span > spanMin:
			span = (span / 2).Truncate(time.Second)
		default:
			return err
		}
	}
	var inserted, wanted int64
	row := r.store.db.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM "+into+
		"), (SELECT COUNT(*) FROM book.rated)")
	if err := row.Scan(&inserted, &wanted); err != nil {
		return err
	}
	if inserted != wanted {
		return fmt.Errorf("%d of %d requests were gathered", inserted, wanted)
	}
	return nil
}
