package reconcile

import (
	"context"
	"fmt"
)

// unsaidSQL takes in kept rows of which nothing said how they count, where new rows may say it, or
// say otherwise than others did: those that count like new ones which arithmetic tells. The ids
// that they have are looked for, too.
const unsaidSQL = `
INSERT INTO touched.found
SELECT row_id * 4 FROM store.raw.request_row
WHERE row_id NOT IN (SELECT row_id FROM touched.request_row) AND kind_id IN (
	SELECT kind_id FROM store.raw.request_kind
	WHERE usage_convention = 'unknown' AND ` + countsLike + ` IN (
		SELECT ` + countsLike + ` FROM store.raw.request_kind
		WHERE book.is_convention_told(usage_convention_how)
			AND kind_id IN (SELECT kind_id FROM memory.raw.request_row)));
INSERT INTO touched.request_row SELECT row_key // 4 FROM touched.found;
INSERT INTO touched.id
SELECT DISTINCT id FROM store.kept.shared_id
WHERE row_key IN (SELECT row_key FROM touched.found) AND id NOT IN (SELECT id FROM touched.id)`

const countsLike = `book.counts_like(gateway, gateway_version, provider, operation,
	requested_model, response_model, started_day)`

// addUnsaid takes in the rows of which new ones may tell how they count.
func (r *run) addUnsaid(ctx context.Context, t *touch) error {
	if err := r.store.exec(ctx, unsaidSQL); err != nil {
		return fmt.Errorf("rows that new ones may tell of: %w", err)
	}
	return r.countTouched(ctx, t)
}
