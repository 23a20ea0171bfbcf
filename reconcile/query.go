package reconcile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// openConnector opens the published database read-only, with no way to other files.
func openConnector(out string) (*duckdb.Connector, error) {
	path := filepath.Join(out, "report.duckdb")
	if _, err := os.Stat(path); err != nil {
		return nil, &InputError{Problem: path + ": " + pathErrText(err),
			Hint: "run tieout run first, or name its folder with --out"}
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=read_only"+
		"&enable_external_access=false&autoinstall_known_extensions=false"+
		"&autoload_known_extensions=false&lock_configuration=true", nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return connector, nil
}

// openReports opens the published database for queries.
func openReports(out string) (*sql.DB, func(), error) {
	connector, err := openConnector(out)
	if err != nil {
		return nil, nil, err
	}
	db := sql.OpenDB(connector)
	return db, func() { db.Close(); connector.Close() }, nil
}

// Asked is a query of the published reports, and how its result is wanted.
type Asked struct {
	Out     string
	Query   string // SQL, or ViewsQuery
	Format  string // one of QueryFormats
	RowsMax int64  // more rows are an error
	Timeout time.Duration
}

// QueryFormats are the forms in which Query writes a result; the first is the usual one.
func QueryFormats() []string { return []string{"csv", "table", "json"} }

// ViewsQuery lists all tables and columns with what they mean.
const ViewsQuery = `
	SELECT c.table_name AS "table", c.column_name AS "column",
		regexp_replace(c.data_type, '^ENUM.*', 'ENUM') AS "type",
		c.comment AS meaning
	FROM duckdb_columns() AS c WHERE NOT c.internal ORDER BY c.table_name, c.column_index`

// Query runs a query over the published reports and writes its result. It reads nothing but the
// reports and changes nothing.
func Query(ctx context.Context, asked Asked, to io.Writer) error {
	ctx, cancel := asked.limited(ctx)
	defer cancel()
	db, closeDB, err := openReports(asked.Out)
	if err != nil {
		return err
	}
	defer closeDB()
	result := newResult(asked.Format, to)
	var rows int64
	err = eachRow(ctx, db, asked.Query, nil, func(names []string, values []any) error {
		if values == nil {
			return result.head(names)
		}
		if rows++; asked.RowsMax > 0 && rows > asked.RowsMax {
			return errTooManyRows
		}
		return result.row(names, values)
	})
	return asked.problem(ctx, errors.Join(err, result.close()))
}

var errTooManyRows = errors.New("too many rows")

// limited ends what takes longer than is wanted.
func (a Asked) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.Timeout > 0 {
		return context.WithTimeout(ctx, a.Timeout)
	}
	return context.WithCancel(ctx)
}

// problem says what to do about a query that fails.
func (a Asked) problem(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooManyRows):
		return &SettingError{Problem: fmt.Sprintf("the result has more than %d rows", a.RowsMax),
			Hint: "sum it up, or allow more with --max-rows (0 is no limit)"}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &SettingError{Problem: fmt.Sprintf("the query took longer than %s", a.Timeout),
			Hint: "ask for less, or allow more with --timeout (0 is no limit)"}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &SettingError{Problem: err.Error(),
		Hint: "SHOW TABLES lists what can be queried, and .views all columns with their meaning"}
}

// A date and a clockTime are values of columns of these types, which the driver gives as moments.
type (
	date      struct{ time.Time }
	clockTime struct{ time.Time }
)

// ofType tells days from moments at midnight, so that all values of a column have one form.
func ofType(value any, name string) any {
	switch v := value.(type) {
	case time.Time:
		switch name {
		case "DATE":
			return date{v}
		case "TIME", "TIMETZ":
			return clockTime{v}
		}
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = ofType(one, strings.TrimSuffix(name, "[]"))
		}
		return list
	}
	return value
}

// cell writes a value as CSV shows it: exact decimals, ISO times, nothing for NULL.
func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case duckdb.Decimal:
		return decimalText(v)
	case date:
		return v.Format(time.DateOnly)
	case clockTime:
		return v.Format("15:04:05.999999")
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05.999999")
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %d us", v.Months, v.Days, v.Micros)
	case []any, map[string]any, duckdb.Map:
		if text, err := json.Marshal(jsonValue(value)); err == nil {
			return string(text)
		}
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
