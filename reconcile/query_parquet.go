package reconcile

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/marcboeker/go-duckdb"
)

// QueryParquet runs a query over the published reports and writes its result as a Parquet file,
// which must be new; a failure may leave a part of it. The query runs once, where nothing but the
// reports can be reached, into a table in memory; what comes of it goes to a second database in
// memory, which runs no text but ours and writes the file.
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
	if err := asked.gather(ctx, from.(driver.ExecerContext)); err != nil {
		return asked.problem(ctx, err)
	}
	if err := copyGathered(ctx, from, path); err != nil {
		if ctx.Err() != nil {
			return asked.problem(ctx, err)
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// gather runs the query into the table gathered, up to one row more than is wanted. It is no query
// for the driver's Arrow interface, which does not end when its context does.
func (a Asked) gather(ctx context.Context, reports driver.ExecerContext) error {
	query := "CREATE TEMP TABLE gathered AS SELECT * FROM (\n" +
		strings.TrimRight(a.Query, "; \t\r\n") + "\n)"
	if a.RowsMax > 0 {
		query += fmt.Sprintf(" LIMIT %d", a.RowsMax+1)
	}
	made, err := reports.ExecContext(ctx, query, nil)
	if err != nil {
		return err
	}
	rows, err := made.RowsAffected()
	if err == nil && a.RowsMax > 0 && rows > a.RowsMax {
		return errTooManyRows
	}
	return err
}

// copyGathered writes the table gathered as Parquet.
func copyGathered(ctx context.Context, from driver.Conn, path string) error {
	source, err := duckdb.NewArrowFromConn(from)
	if err != nil {
		return err
	}
	reader, err := source.QueryContext(ctx, "FROM gathered")
	if err != nil {
		return err
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
		return err
	}
	defer release()
	_, err = to.(driver.ExecerContext).ExecContext(ctx, "COPY (SELECT * FROM result) TO "+
		literal(path)+" (FORMAT PARQUET, COMPRESSION ZSTD)", nil)
	return err
}
