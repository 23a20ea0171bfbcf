package reconcile

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"

	"github.com/marcboeker/go-duckdb"
)

// QueryParquet runs a query over the published reports and writes its result as a Parquet file.
// The query runs where nothing but the reports can be reached; what comes of it goes to a second
// database in memory, which runs no text but ours and writes the file.
func QueryParquet(ctx context.Context, asked Asked, path string) error {
	ctx, cancel := asked.limited(ctx)
	defer cancel()
	reports, err := openConnector(asked.Out)
	if err != nil {
		return err
	}
	defer reports.Close()
	from, err := reports.Connect(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	source, err := duckdb.NewArrowFromConn(from)
	if err != nil {
		return err
	}
	if asked.RowsMax > 0 {
		if err := countRows(ctx, asked); err != nil {
			return asked.problem(ctx, err)
		}
	}
	reader, err := source.QueryContext(ctx, asked.Query)
	if err != nil {
		return asked.problem(ctx, err)
	}
	defer reader.Release()
	memory, err := duckdb.NewConnector("", nil)
	if err != nil {
		return err
	}
	defer memory.Close()
	to, err := memory.Connect(ctx)
	if err != nil {
		return err
	}
	defer to.Close()
	target, err := duckdb.NewArrowFromConn(to)
	if err != nil {
		return err
	}
	release, err := target.RegisterView(reader, "result")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer release()
	_, err = to.(driver.ExecerContext).ExecContext(ctx, "COPY (SELECT * FROM result) TO "+
		literal(path)+" (FORMAT PARQUET, COMPRESSION ZSTD)", nil)
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// countRows fails when a result has more rows than are wanted.
func countRows(ctx context.Context, asked Asked) error {
	db, closeDB, err := openReports(asked.Out)
	if err != nil {
		return err
	}
	defer closeDB()
	var rows int64
	return eachRow(ctx, db, asked.Query, nil, func(_ []string, values []any) error {
		if values == nil {
			return nil
		}
		if rows++; rows > asked.RowsMax {
			return errTooManyRows
		}
		return nil
	})
}
