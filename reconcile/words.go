package reconcile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A column in which few texts differ, such as a tenant, a model or a state, is an ENUM where a
// table has a row a request: the database writes and sorts it many times as fast as text. It
// compares, sorts and joins as text all the same, since the words stand in the order of text.
// Stages are given text: where they grouped words, ten million requests ran out of 4 GiB.

// wordsMax is the most words of a column; with more it stays text.
const wordsMax = int64(1 << 14)

// wordsAtMost is the most words of a column.
func (s Settings) wordsAtMost() int64 {
	if s.wordsMax > 0 {
		return s.wordsMax
	}
	return wordsMax
}

// wordColumn is a column that may hold words, and a query of the words that are about to be
// inserted, in a column named word.
type wordColumn struct{ name, words string }

// wordsOf are columns with the words that a table or view has in some of its rows.
func wordsOf(table, where string, columns ...string) []wordColumn {
	var all []wordColumn
	for _, column := range columns {
		name, of, isOther := strings.Cut(column, "=")
		if !isOther {
			of = name
		}
		all = append(all, wordColumn{name, fmt.Sprintf("SELECT DISTINCT %s AS word FROM %s %s",
			of, table, where)})
	}
	return all
}

// withRatedWords does something while there is a type for each column that stages tell the words
// of, if all is worked out anew.
func (r *run) withRatedWords(ctx context.Context, do func() error) error {
	if !r.isWhole {
		return do()
	}
	const found = "memory.main.word"
	err := r.store.exec(ctx, "CREATE TABLE "+found+
		" AS SELECT DISTINCT name, word FROM book.word")
	if err != nil {
		return err
	}
	var columns []wordColumn
	names := "SELECT DISTINCT name FROM " + found + " ORDER BY name"
	err = r.each(ctx, names, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		columns = append(columns, wordColumn{name, "SELECT word FROM " + found +
			" WHERE name = " + literal(name)})
		return err
	})
	if err != nil {
		return err
	}
	err = r.withWords(ctx, columns, func(types map[string]string) error {
		r.words = types
		defer func() { r.words = nil }()
		return do()
	})
	return errors.Join(err, r.store.exec(context.WithoutCancel(ctx), "DROP TABLE "+found))
}

// touchedWords are the words of the requests that are touched, for the columns of words that those
// which are kept have.
func (r *run) touchedWords(ctx context.Context) ([]wordColumn, error) {
	columns, err := r.columnsOf(ctx, "store.kept.rated")
	var names []string
	for _, column := range columns {
		if isWords(column.kind) {
			names = append(names, column.name)
		}
	}
	return wordsOf("memory.book.rated", "", names...), err
}

// publishedWords are the words of what a report tells of some time.
func publishedWords(report string, fromUS, toUS int64) []wordColumn {
	within := fmt.Sprintf("WHERE started_us >= %d AND started_us < %d", fromUS, toUS)
	switch report {
	case "requests":
		all := wordsOf("store.kept.rated", within, "tenant_id", "tenant_rule", "provider",
			"response_model=NULLIF(model_raw, '')", "response_model_evidence", "price_model=model",
			"gateway", "gateway_version", "workflow_rule", "status", "gateway_cache",
			"service_tier=tier_raw", "usage_source", "charge_status", "match_rule")
		ofRequests := "WHERE kind_id IN (SELECT request_kind FROM store.kept.rated " + within + ")"
		ofSpans := "WHERE kind_id IN (SELECT span_kind FROM store.kept.rated " + within + ")"
		all = append(all, wordsOf("raw.request_kind", ofRequests, "user_id", "api_key_id",
			"api_key_name")...)
		for _, name := range []string{"requested_model", "usage_convention"} {
			all = append(all, wordColumn{name, "SELECT " + name +
				" AS word FROM raw.request_kind " + ofRequests +
				" UNION ALL SELECT " + name + " FROM raw.span_kind " + ofSpans +
				inferredWords(name)})
		}
		all = append(all, wordColumn{"match_state",
			"SELECT unnest(['all_three', 'gateway_trace', " +
				"'gateway_provider', 'trace_provider', 'only_gateway', 'only_trace']) AS word"})
		all = append(all, wordsOf("book.request_cause", "", "cause=explanation")...)
		return append(all, wordsOf("raw.source_file", "", "source_file=path", "trace_file=path")...)
	case "workflows":
		all := wordsOf("book.workflow", within, "workflow_rule", "workflow_name", "tenant_id",
			"model_names")
		return append(all, wordsOf("raw.span_kind", "", "dearest_step=span_name")...)
	}
	return nil
}

// inferredWords are those of conventions that rows do not name: their fellows say them.
func inferredWords(column string) string {
	if column != "usage_convention" {
		return ""
	}
	return " UNION ALL SELECT DISTINCT convention || '_inferred' FROM book.reading"
}

// wordsToFind are the words of a report's columns but for those that hold words where they come
// from: these keep their type, so that no row's word is looked up twice.
func (r *run) wordsToFind(ctx context.Context, name string) ([]wordColumn, error) {
	columns, err := r.columnsOf(ctx, "report."+name)
	hold := map[string]bool{}
	for _, column := range columns {
		hold[column.name] = isWords(column.kind)
	}
	return slices.DeleteFunc(publishedWords(name, math.MinInt64, math.MaxInt64),
		func(column wordColumn) bool { return hold[column.name] }), err
}

// withWords does something while there is a type for each column whose words are not too many, by
// the column's name. A table may take such a type as it is made; the log of the store, from which a
// run that died is done again, names it by its words. A change to it the log names by its name.
func (r *run) withWords(
	ctx context.Context, columns []wordColumn, do func(types map[string]string) error,
) error {
	types := map[string]string{}
	if len(columns) == 0 {
		return do(types)
	}
	r.wording.Lock()
	defer r.wording.Unlock()
	if err := r.store.exec(ctx, "CREATE SCHEMA memory.words"); err != nil {
		return err
	}
	err := r.makeWords(ctx, columns, types)
	if err == nil {
		err = do(types)
	}
	drop := "DROP SCHEMA memory.words CASCADE"
	for _, kind := range types {
		drop += ";\nDROP TYPE " + kind
	}
	return errors.Join(err, r.store.exec(context.WithoutCancel(ctx), drop))
}

func (r *run) makeWords(
	ctx context.Context, columns []wordColumn, types map[string]string,
) error {
	for i, column := range columns {
		words := fmt.Sprintf("memory.words.found_%d", i)
		kind := fmt.Sprintf("memory.main.words_%d", i) // other databases find it in main alone
		err := r.store.exec(ctx, "CREATE TABLE "+words+" AS SELECT DISTINCT "+
			"CAST(word AS VARCHAR) AS word FROM ("+column.words+") WHERE word IS NOT NULL")
		if err != nil {
			return err
		}
		var count int64
		row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+words)
		if err := row.Scan(&count); err != nil {
			return err
		}
		if count == 0 || count > r.settings.wordsAtMost() {
			continue
		}
		err = r.store.exec(ctx, "CREATE TYPE "+kind+" AS ENUM (SELECT word FROM "+words+
			" ORDER BY word)")
		if err != nil {
			return err
		}
		types[column.name] = kind
	}
	return nil
}

// createLike is a statement that makes a table with the columns of another or of a view, those of
// words with their types. Ids differ from row to row, and trying to compress them would cost more
// than all else.
func (r *run) createLike(
	ctx context.Context, table, like string, types map[string]string,
) (string, error) {
	there, err := r.columnsOf(ctx, like)
	var columns []string
	for _, column := range there {
		kind := column.kind
		if types[column.name] != "" {
			kind = types[column.name]
		}
		if slices.Contains(idColumns(), column.name) {
			kind += " USING COMPRESSION uncompressed"
		}
		columns = append(columns, `"`+column.name+`" `+kind)
	}
	return "CREATE TABLE " + table + " (" + strings.Join(columns, ", ") + ")", err
}

// idColumns are the columns that tell rows apart.
func idColumns() []string {
	return []string{"request_id", "trace_id", "span_id", "workflow_id", "dearest_request_id"}
}

// addWords makes room for words in columns of report.duckdb, which nobody opens should the run die.
func (r *run) addWords(ctx context.Context, table string, columns []wordColumn) error {
	lacking, err := r.lacking(ctx, table, columns)
	if err != nil || len(lacking) == 0 {
		return err
	}
	return r.withWords(ctx, lacking, func(types map[string]string) error {
		var alter strings.Builder
		for _, column := range lacking {
			kind := types[column.name]
			if kind == "" {
				kind = "VARCHAR"
			}
			fmt.Fprintf(&alter, "ALTER TABLE %s ALTER %s TYPE %s;\n", table, column.name, kind)
		}
		return r.store.execTogether(ctx, alter.String())
	})
}

// spellOut makes columns text that have no room for words, until all is worked out anew.
func (r *run) spellOut(ctx context.Context, table string, columns []wordColumn) error {
	lacking, err := r.lacking(ctx, table, columns)
	if err != nil || len(lacking) == 0 {
		return err
	}
	var alter strings.Builder
	for _, column := range lacking {
		fmt.Fprintf(&alter, "ALTER TABLE %s ALTER %s TYPE VARCHAR;\n", table, column.name)
	}
	return r.store.execTogether(ctx, alter.String())
}

// lacking finds the columns of words that lack some of those that are to be inserted, with the
// query of all that they then hold.
func (r *run) lacking(
	ctx context.Context, table string, columns []wordColumn,
) (lacking []wordColumn, err error) {
	there, err := r.columnsOf(ctx, table)
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	for _, column := range there {
		kinds[column.name] = column.kind
	}
	var asks []string
	all := map[string]wordColumn{}
	for _, column := range columns {
		if !isWords(kinds[column.name]) {
			continue
		}
		held := fmt.Sprintf("SELECT CAST(unnest(enum_range((SELECT %s FROM %s LIMIT 1))) "+
			"AS VARCHAR)", column.name, table)
		asks = append(asks, fmt.Sprintf("SELECT '%s' WHERE EXISTS (FROM (%s) "+
			"WHERE CAST(word AS VARCHAR) NOT IN (%s))", column.name, column.words, held))
		all[column.name] = wordColumn{column.name, "SELECT CAST(word AS VARCHAR) AS word FROM (" +
			column.words + ") UNION ALL " + held}
	}
	if len(asks) == 0 {
		return nil, nil
	}
	return lacking, r.each(ctx, strings.Join(asks, "\nUNION ALL "), func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		lacking = append(lacking, all[name])
		return err
	})
}

// tableColumn is a column of a table, and its type.
type tableColumn struct{ name, kind string }

// columnsOf lists the columns of a table, view or query in brackets, in their order.
func (r *run) columnsOf(ctx context.Context, table string) (columns []tableColumn, err error) {
	err = r.each(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+table+")",
		func(rows *sql.Rows) error {
			var column tableColumn
			err := rows.Scan(&column.name, &column.kind)
			columns = append(columns, column)
			return err
		})
	return columns, err
}

func isWords(kind string) bool { return strings.HasPrefix(kind, "ENUM(") }

// asText is a query of rows of a table, those of words as text: a Parquet file names the words that
// it has, whatever others the table has room for.
func (r *run) asText(ctx context.Context, table, rows string) (string, error) {
	columns, err := r.columnsOf(ctx, table)
	var casts []string
	for _, column := range columns {
		if isWords(column.kind) {
			casts = append(casts, fmt.Sprintf("CAST(%s AS VARCHAR) AS %[1]s", column.name))
		}
	}
	if err != nil || len(casts) == 0 {
		return "SELECT * FROM " + rows, err
	}
	return "SELECT * REPLACE (" + strings.Join(casts, ", ") + ") FROM " + rows, nil
}

// readRated has stages read the rated requests that are kept, without knowing of words. As they are
// kept they are read by what is published of them.
func (r *run) readRated(ctx context.Context) error {
	rated, err := r.asText(ctx, "store.kept.rated", "store.kept.rated")
	if err != nil {
		return err
	}
	return r.store.exec(ctx, "CREATE OR REPLACE VIEW memory.book.kept_rated AS "+rated+";\n"+
		"CREATE OR REPLACE VIEW memory.book.rated AS FROM memory.book.kept_rated;\n"+
		"CREATE OR REPLACE VIEW memory.book.rated_words AS FROM store.kept.rated")
}
