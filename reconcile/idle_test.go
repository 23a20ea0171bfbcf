package reconcile

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	stages "tieout/sql"
)

// claims are what the cases of stages have seen of stages that are not worked out where what they
// are about has no row: that they would write none either, and which columns they write.
type claims struct {
	guard   sync.Mutex
	idle    map[string]int
	columns map[string]string
}

var claimed = claims{idle: map[string]int{}, columns: map[string]string{}}

// idleTimes is of how many times that a stage is idle it is worked out once, which takes long.
const idleTimes = 20

// runClaimed runs a stage and holds it to what its header and columns.txt say of it.
func (r *run) runClaimed(ctx context.Context, stage stages.Stage) error {
	isIdle, err := r.isIdle(ctx, stage)
	if err != nil {
		return err
	}
	if isIdle && claimed.looksAt(stage) {
		var rows int64
		row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM (\n"+stage.Text+"\n)")
		if err := row.Scan(&rows); err != nil || rows != 0 {
			return fmt.Errorf("%s writes %d rows where %s has none (%w)", stage.Name, rows,
				stage.About, err)
		}
	}
	if err := r.runStage(ctx, stage); err != nil || isIdle || stage.About == "" {
		return err
	}
	var columns string
	err = r.store.db.QueryRowContext(ctx, `SELECT string_agg(
			CASE WHEN column_name IN (SELECT keyword_name FROM duckdb_keywords()
				WHERE keyword_category = 'reserved') THEN '"' || column_name || '"'
			ELSE column_name END || ' ' || CASE WHEN data_type LIKE 'ENUM%' THEN 'VARCHAR'
			ELSE data_type END, ', ' ORDER BY column_index)
		FROM duckdb_columns() WHERE schema_name || '.' || table_name = ?`, stage.Table).
		Scan(&columns)
	if err != nil {
		return err
	}
	claimed.guard.Lock()
	defer claimed.guard.Unlock()
	claimed.columns[stage.Table] = columns
	return nil
}

func (c *claims) looksAt(stage stages.Stage) bool {
	c.guard.Lock()
	defer c.guard.Unlock()
	c.idle[stage.Name]++
	return c.idle[stage.Name]%idleTimes == 1
}

// checkColumns holds columns.txt to the tables that all cases made; with UPDATE_COLUMNS it is
// written anew.
func checkColumns(t *testing.T) {
	t.Helper()
	var text strings.Builder
	for _, stage := range stages.Stages() {
		columns, isMade := claimed.columns[stage.Table]
		if !isMade {
			if stage.Columns != "" {
				t.Errorf("no case makes %s", stage.Table)
			}
			continue
		}
		fmt.Fprintf(&text, "%s: %s\n", stage.Table, columns)
		if stage.Columns != columns && os.Getenv("UPDATE_COLUMNS") == "" {
			t.Errorf("sql/columns.txt says of %s\n%s\nit has\n%s", stage.Table, stage.Columns,
				columns)
		}
	}
	lines := strings.SplitAfter(text.String(), "\n")
	slices.Sort(lines)
	if os.Getenv("UPDATE_COLUMNS") != "" {
		err := os.WriteFile("sql/columns.txt", []byte(strings.Join(lines, "")), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
}
