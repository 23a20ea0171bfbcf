package reconcile

import (
	"strconv"
	"testing"
)

// TestNamesStay: names are looked for in all rows only where kinds that met in a touched row of
// before meet in none that is touched now.
func TestNamesStay(t *testing.T) {
	t.Parallel()
	const row1 = "(1, 1, 5)" // gateway row 1, of kind 1, and a span of kind 5
	const flex = "(100, NULL, 'flex', NULL, TRUE)"
	cases := []struct {
		what               string
		found, before, now string // keys of rows that were there; pairs of before and of now
		isNamed            bool
		knew, knows        string // what other spans of a call tell of it, before and now
	}{
		{"only new rows", "", "", "(9, 1, 5)", true, "", ""},
		{"a span that was there meets a new row", "(401)", "", "(9, 1, 5)", true, "", ""},
		{"a pair stays", "(4)", row1, row1, true, "", ""},
		{"a pair of before is another now", "(4)", row1, "(1, 1, 6)", false, "", ""},
		{"and a new row has what it had", "(4)", row1, "(1, 1, 6), (9, 1, 5)", true, "", ""},
		{"a lone row meets a span", "(4)", "", row1, false, "", ""},
		{"a lone row stays alone", "(4)", "", "", true, "", ""},
		{"a pair is no more", "(4)", row1, "", false, "", ""},
		{what: "a call of which a span knows the model", found: "(401)", knew: flex, knows: flex,
			isNamed: true},
		{what: "a call of which no span knows the model now", found: "(401)", knew: flex},
	}
	for _, c := range cases {
		db := emptyDB(t)
		for _, statement := range []string{
			"ATTACH ':memory:' AS store", "CREATE SCHEMA store.kept", "CREATE SCHEMA touched",
			"CREATE SCHEMA IF NOT EXISTS raw", "CREATE SCHEMA IF NOT EXISTS book",
			"CREATE TABLE touched.found (row_key BIGINT)",
			"CREATE TABLE memory.raw.request_row AS SELECT 1 AS row_id, 1 AS kind_id",
			"CREATE TABLE store.kept.pair " +
				"(request_row BIGINT, request_kind BIGINT, span_kind BIGINT, span_row BIGINT)",
			"CREATE TABLE memory.book.pair AS FROM store.kept.pair",
			"CREATE TABLE memory.raw.span_row AS SELECT 100 AS row_id, 5 AS kind_id",
			"CREATE TABLE store.kept.same_call " +
				"(row_id BIGINT, model VARCHAR, service_tier VARCHAR, provider VARCHAR, " +
				"is_kept BOOLEAN)",
			"CREATE TABLE memory.book.same_call AS FROM store.kept.same_call",
		} {
			mustExec(t, db, statement)
		}
		const pair = ".pair (request_row, request_kind, span_kind)"
		for table, rows := range map[string]string{"touched.found": c.found,
			"store.kept" + pair: c.before, "memory.book" + pair: c.now,
			"store.kept.same_call": c.knew, "memory.book.same_call": c.knows} {
			if rows != "" {
				mustExec(t, db, "INSERT INTO "+table+" VALUES "+rows)
			}
		}
		if got := one(t, db, goneSQL); got != strconv.FormatBool(c.isNamed) {
			t.Errorf("%s: names stay is %s, want %v", c.what, got, c.isNamed)
		}
	}
}
