package reconcile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// numbersFrom is a table of every kind of column that reports have, with NULLs, and one that is a
// dictionary; its first column counts from one number to the other.
func numbersFrom(from, to int) string {
	return fmt.Sprintf(`SELECT n, make_timestamp(n * 3600000000) AS at, n %% 3 = 0 AS is_third,
		CAST(make_timestamp(n * 3600000000) AS DATE) AS day,
		CASE WHEN n %% 7 <> 0 THEN 'tenant ' || n %% 5 END AS tenant,
		md5(CAST(n AS VARCHAR)) AS id, CAST(n / 7 AS DECIMAL(38,15)) AS usd,
		CAST(NULL AS BIGINT) AS nothing FROM range(%d, %d) AS r(n) ORDER BY n`, from, to)
}

// writePieces writes a Parquet file for each query, and joins them.
func writePieces(t *testing.T, queries ...string) (path string, err error) {
	t.Helper()
	db, dir := emptyDB(t), t.TempDir()
	var pieces []string
	for i, query := range queries {
		piece := filepath.Join(dir, fmt.Sprintf("piece-%d.parquet", i))
		mustExec(t, db, "COPY ("+query+") TO "+literal(piece)+
			" (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1)")
		pieces = append(pieces, piece)
	}
	path = filepath.Join(dir, "joined.parquet")
	return path, joinParquet(path, wholeFiles(pieces...))
}

// wholeFiles are parts that are all of a file each.
func wholeFiles(paths ...string) []parquetPart {
	parts := make([]parquetPart, len(paths))
	for i, path := range paths {
		parts[i].path = path
	}
	return parts
}

// TestJoinParquet: a joined file has all rows in their order, and row groups that DuckDB and
// Arrow find where the footer says, with what is known of their values.
func TestJoinParquet(t *testing.T) {
	t.Parallel()
	path, err := writePieces(t, numbersFrom(0, 5000), numbersFrom(5000, 5000),
		numbersFrom(5000, 5001), numbersFrom(5001, 30_000))
	if err != nil {
		t.Fatal(err)
	}
	db, from := emptyDB(t), "read_parquet("+literal(path)+")"
	differ(t, "the rows", lines(t, db, "SELECT * FROM "+from),
		lines(t, db, numbersFrom(0, 30_000)))
	differ(t, "the row groups", lines(t, db, `SELECT row_group_id, row_group_num_rows,
		stats_min_value, stats_max_value FROM parquet_metadata(`+literal(path)+`)
		WHERE path_in_schema = 'n' ORDER BY 1`),
		[]string{"0 | 5000 | 0 | 4999", "1 | 1 | 5000 | 5000", "2 | 24999 | 5001 | 29999"})
	// No column chunk stands where another does, and together they fill the file.
	differ(t, "the column chunks", lines(t, db, `SELECT MIN(begins), SUM(total_compressed_size)
		= MAX(begins + total_compressed_size) - MIN(begins) FROM (SELECT total_compressed_size,
		COALESCE(dictionary_page_offset, data_page_offset) AS begins
		FROM parquet_metadata(`+literal(path)+`))`), []string{"4 | true"})
	differ(t, "some rows", lines(t, db, "SELECT n, tenant FROM "+from+
		" WHERE at >= make_timestamp(4999 * 3600000000) AND n < 5002"),
		[]string{"4999 | tenant 4", "5000 | tenant 0", "5001 | tenant 1"})
	differ(t, "the columns", lines(t, db, "SELECT name, type, converted_type "+
		"FROM parquet_schema("+literal(path)+") LIMIT 3"),
		[]string{"duckdb_schema |  | ", "n | INT64 | INT_64",
			"at | INT64 | TIMESTAMP_MICROS"})
	if n := arrowSum(t, path); n != 30_000*29_999/2 {
		t.Errorf("Arrow's reader finds numbers that come to %d", n)
	}
}

// arrowSum adds up the first column of a Parquet file as Arrow's reader finds it.
func arrowSum(t *testing.T, path string) int64 {
	t.Helper()
	reader, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	sum, values := int64(0), make([]int64, 1000)
	for group := range reader.NumRowGroups() {
		column, err := reader.RowGroup(group).Column(0)
		if err != nil {
			t.Fatal(err)
		}
		numbers := column.(*file.Int64ColumnChunkReader)
		for numbers.HasNext() {
			_, n, err := numbers.ReadBatch(int64(len(values)), values,
				make([]int16, len(values)), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, value := range values[:n] {
				sum += value
			}
		}
	}
	return sum
}

// TestJoinParquetOfOne: a file joined with nothing, and with one that has no rows, is itself.
func TestJoinParquetOfOne(t *testing.T) {
	t.Parallel()
	for _, queries := range [][]string{{numbersFrom(0, 9)},
		{numbersFrom(0, 9), numbersFrom(9, 9)}, {numbersFrom(0, 0), numbersFrom(0, 9)},
		{numbersFrom(0, 0), numbersFrom(0, 0)}} {
		path, err := writePieces(t, queries...)
		if err != nil {
			t.Fatal(err)
		}
		isOne, joined := false, readFile(t, path)
		for _, piece := range files(t, filepath.Dir(path)) {
			isOne = isOne || piece != path && bytes.Equal(readFile(t, piece), joined)
		}
		if !isOne {
			t.Errorf("%d files are joined to %d bytes that none of them is", len(queries),
				len(joined))
		}
	}
}

// TestJoinParquetRefuses: what cannot be joined is an error that names the file, and leaves none.
func TestJoinParquetRefuses(t *testing.T) {
	t.Parallel()
	for want, queries := range map[string][]string{
		"join piece-1.parquet: its columns": {"SELECT 1 AS a", "SELECT 1 AS b"},
		"join piece-2.parquet: its columns": {"SELECT 1 AS a", "SELECT 2 AS a",
			"SELECT CAST(3 AS BIGINT) AS a"},
		"no Parquet file": nil,
	} {
		path, err := writePieces(t, queries...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "short": "PAR1PAR1",
		"text": strings.Repeat("no Parquet ", 9), "long": "PAR1....\xff\xff\xff\x7fPAR1",
		"no footer": "PAR1\xff\xff\xff\xff\x04\x00\x00\x00PAR1"} {
		piece, path := filepath.Join(dir, name), filepath.Join(dir, "joined")
		writeFile(t, piece, []byte(text))
		if err := joinParquet(path, wholeFiles(piece)); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file is left", name)
		}
	}
}

// TestMoveGroups: all that says where a row group stands moves; what cannot be moved is an error.
func TestMoveGroups(t *testing.T) {
	t.Parallel()
	path, err := writePieces(t, numbersFrom(0, 9))
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for name, change := range map[string]func(*metadata.FileMetaData){
		"index of pages": func(f *metadata.FileMetaData) {
			f.RowGroups[0].Columns[0].OffsetIndexOffset = new(int64)
		},
		"does not stand in it": func(f *metadata.FileMetaData) {
			f.RowGroups[0].Columns[0].FilePath = new(string)
		},
		"row groups with numbers": func(f *metadata.FileMetaData) {
			f.RowGroups[0].Ordinal = new(int16)
		},
	} {
		footer, _, err := readFooter(from)
		if err != nil {
			t.Fatal(err)
		}
		change(footer)
		if err := moveGroups(footer, 1<<15, 0); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	footer, _, err := readFooter(from)
	if err != nil {
		t.Fatal(err)
	}
	group := footer.RowGroups[0]
	column := group.Columns[0]
	bloom, ordinal := int64(77), int16(0)
	column.FileOffset, column.MetaData.BloomFilterOffset, group.Ordinal = 5, &bloom, &ordinal
	data, begins := column.MetaData.DataPageOffset, *group.FileOffset
	if err := moveGroups(footer, 3, 100); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(column.FileOffset, bloom, ordinal, column.MetaData.DataPageOffset-data,
		*group.FileOffset-begins)
	if want := "105 177 3 100 100"; got != want {
		t.Errorf("moved to %s, want %s", got, want)
	}
}

// TestJoinParquetOfOthers: files that Arrow writes are joined too.
func TestJoinParquetOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	node := schema.NewInt64Node("n", parquet.Repetitions.Optional, -1)
	root, err := schema.NewGroupNode("rows", parquet.Repetitions.Required,
		schema.FieldList{node}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []string
	for i := range int64(2) {
		var out bytes.Buffer
		writer := file.NewParquetWriter(&out, root)
		column, err := writer.AppendRowGroup().NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		_, err = column.(*file.Int64ColumnChunkWriter).WriteBatch([]int64{i, i + 10},
			[]int16{1, 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, filepath.Join(dir, fmt.Sprintf("%d.parquet", i)))
		writeFile(t, pieces[i], out.Bytes())
	}
	path := filepath.Join(dir, "joined.parquet")
	if err := joinParquet(path, wholeFiles(pieces...)); err != nil {
		t.Fatal(err)
	}
	differ(t, "the rows", lines(t, emptyDB(t), "SELECT n FROM read_parquet("+literal(path)+")"),
		[]string{"0", "10", "1", "11"})
	if n := arrowSum(t, path); n != 22 {
		t.Errorf("Arrow's reader finds numbers that come to %d", n)
	}
}
