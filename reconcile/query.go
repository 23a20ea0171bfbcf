package reconcile

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// openReports opens the published database read-only, with no way to other files.
func openReports(out string) (*sql.DB, func(), error) {
	path := filepath.Join(out, "report.duckdb")
	if _, err := os.Stat(path); err != nil {
		return nil, nil, &InputError{Problem: path + ": " + pathErrText(err),
			Hint: "run tieout run first, or name its folder with --out"}
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=read_only"+
		"&enable_external_access=false&autoinstall_known_extensions=false"+
		"&autoload_known_extensions=false&lock_configuration=true", nil)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	return db, func() { db.Close(); connector.Close() }, nil
}

// Query runs a query over the published reports and writes the result as CSV.
func Query(ctx context.Context, out, query string, to io.Writer) error {
	db, closeDB, err := openReports(out)
	if err != nil {
		return err
	}
	defer closeDB()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return &SettingError{Problem: err.Error(), Hint: "SHOW TABLES lists what can be queried"}
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	writer := csv.NewWriter(to)
	failed := writer.Write(names)
	values, targets, fields := make([]any, len(names)), make([]any, len(names)),
		make([]string, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("query: %w", err)
		}
		for i, value := range values {
			fields[i] = cell(value)
		}
		failed = errors.Join(failed, writer.Write(fields))
	}
	writer.Flush()
	return errors.Join(rows.Err(), failed, writer.Error())
}

// cell writes a value as CSV shows it: exact decimals, ISO times, nothing for NULL.
func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case duckdb.Decimal:
		return decimalText(v)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(value)
}

// decimalText places the point in a DECIMAL's whole number.
func decimalText(d duckdb.Decimal) string {
	digits, sign := d.Value.String(), ""
	if d.Value.Sign() < 0 {
		digits, sign = digits[1:], "-"
	}
	if d.Scale == 0 {
		return sign + digits
	}
	for len(digits) <= int(d.Scale) {
		digits = "0" + digits
	}
	point := len(digits) - int(d.Scale)
	return sign + plain(digits[:point]+"."+digits[point:])
}
