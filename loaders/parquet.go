package loaders

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// Parquet files go the way of CSV rows: columns are found by name and read as text, so every CSV
// format reads its Parquet form too. Of a row group only those columns are decoded that a loader
// asks for. Nested fields are columns with dotted names; maps and lists of plain values are JSON
// text; what is nested deeper is passed over.

// parquetRowsMax is how many rows are decoded at a time.
const parquetRowsMax = 1000

// parquetBytesMax bounds what one page of a Parquet file may decompress to.
const parquetBytesMax = 1 << 30

func isParquet(first []byte) bool { return bytes.HasPrefix(first, []byte("PAR1")) }

// parquetFile is an opened Parquet file.
type parquetFile struct {
	reader  *file.Reader
	columns []parquetColumn
	index   map[string]int // place in columns by lower-case name
}

// parquetColumn is a column as rows show it.
type parquetColumn struct {
	name string
	path []string // the same in parts, of which each may hold dots
	leaf int      // number of the leaf that holds its values
	keys int      // of a map the leaf that holds its keys, else -1
}

// openParquet reads the footer; the file's offset stays where it is.
func openParquet(from *os.File) (*parquetFile, error) {
	info, err := from.Stat()
	if err != nil {
		return nil, err
	}
	p := &parquetFile{index: map[string]int{}}
	err = guarded(func() error {
		properties := parquet.NewReaderProperties(cappedAllocator{memory.NewGoAllocator(),
			pageBytesMax(info.Size())})
		properties.BufferedStreamEnabled = true
		properties.BufferSize = 256 << 10
		section := io.NewSectionReader(from, 0, info.Size())
		p.reader, err = file.NewParquetReader(section, file.WithReadProps(properties))
		if err == nil {
			p.bindColumns(p.reader.MetaData().Schema)
		}
		return err
	})
	return p, err
}

// cappedAllocator refuses what no honest page needs; guarded turns that into an error.
type cappedAllocator struct {
	memory.Allocator
	bytesMax int
}

// pageBytesMax is the largest page that a file of a size may hold, decompressed: a page says
// itself how much memory it wants.
func pageBytesMax(fileBytes int64) int {
	return int(min(max(256*fileBytes, 32<<20), parquetBytesMax))
}

func (a cappedAllocator) Allocate(size int) []byte {
	if size > a.bytesMax {
		panic("a page is larger than the limit")
	}
	return a.Allocator.Allocate(size)
}

func (a cappedAllocator) Reallocate(size int, b []byte) []byte {
	if size > a.bytesMax {
		panic("a page is larger than the limit")
	}
	return a.Allocator.Reallocate(size, b)
}

// guarded runs what may panic on a damaged file: the Parquet library does.
func guarded(read func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("damaged: %v", fault)
		}
	}()
	return read()
}

// bindColumns finds the columns that rows can show.
func (p *parquetFile) bindColumns(s *schema.Schema) {
	for leaf := range s.NumColumns() {
		path, last := parquetPath(s.Column(leaf))
		name := strings.Join(path, ".")
		column := parquetColumn{name: name, path: path, leaf: leaf, keys: -1}
		if last == "key" && leaf+1 < s.NumColumns() {
			of, next := parquetPath(s.Column(leaf + 1))
			if slices.Equal(of, path) && next == "value" {
				column.leaf, column.keys = leaf+1, leaf
			}
		}
		_, known := p.index[columnName(name)]
		if s.Column(column.leaf).MaxRepetitionLevel() <= 1 && !known {
			p.index[columnName(name)] = len(p.columns)
			p.columns = append(p.columns, column)
		}
	}
}

// parquetPath is the names of a column without the levels that only wrap a list or a map, and the
// name of the leaf.
func parquetPath(c *schema.Column) (path []string, last string) {
	for node := c.SchemaNode(); node != nil; node = node.Parent() {
		path = append([]string{node.Name()}, path...)
		if node.RepetitionType() == parquet.Repetitions.Repeated && node.Parent() != nil {
			path = path[:0]
			if _, isGroup := node.(*schema.GroupNode); !isGroup {
				path = append(path, node.Name())
			}
		}
	}
	return path[min(1, len(path)):], c.Name()
}

// paths lists the columns by their paths. One that is in nothing may be of a table that was flat.
func (p *parquetFile) paths(nests nesting) [][]string {
	paths := make([][]string, len(p.columns))
	for i, c := range p.columns {
		if paths[i] = c.path; len(c.path) == 1 {
			paths[i] = nests.path(c.name)
		}
	}
	return paths
}

// names lists the columns as a CSV header would.
func (p *parquetFile) names() []string {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = columnName(c.name)
	}
	return names
}

// parquetRows are some rows of a row group, decoded column by column when asked for.
type parquetRows struct {
	file   *parquetFile
	group  *file.RowGroupReader
	chunks []parquetChunk // by column; nil until asked for
	first  int64          // row of the group that row 0 is
	count  int
	err    error // why a column could not be decoded
}

// parquetChunk reads one column of a row group, some rows at a time.
type parquetChunk interface {
	// fill moves to the next so many rows.
	fill(rows int) error
	// text is a value of the rows in hand, "" for NULL.
	text(row int) string
	// at is the row of the group that the next fill begins with.
	at() int64
}

func (r *parquetRows) text(column, row int) string {
	if r.err != nil {
		return ""
	}
	chunk := r.chunks[column]
	if chunk == nil || chunk.at() == r.first {
		if r.err = guarded(func() error { return r.decode(column) }); r.err != nil {
			return ""
		}
		chunk = r.chunks[column]
	}
	return chunk.text(row)
}

// decode brings a column to the rows in hand.
func (r *parquetRows) decode(column int) error {
	if r.chunks[column] == nil {
		chunk, err := r.file.open(r.group, r.file.columns[column])
		if err != nil {
			return err
		}
		r.chunks[column] = chunk
	}
	chunk := r.chunks[column]
	for chunk.at() < r.first {
		if err := chunk.fill(int(min(parquetRowsMax, r.first-chunk.at()))); err != nil {
			return err
		}
	}
	return chunk.fill(r.count)
}

// eachParquetRow gives the rows of some row groups in order; every takes each nth group.
func (j *Job) eachParquetRow(
	ctx context.Context, every, offset int, w *worker, handle rowHandler,
) error {
	from := j.stream.parquet
	line := int64(0)
	for g := range from.reader.NumRowGroups() {
		group := from.reader.RowGroup(g)
		first := line
		line += max(group.NumRows(), 0)
		if g%every != offset {
			continue
		}
		if err := j.parquetGroup(ctx, group, first, w, handle); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) parquetGroup(
	ctx context.Context, group *file.RowGroupReader, line int64, w *worker, handle rowHandler,
) error {
	from := j.stream.parquet
	rows := &parquetRows{file: from, group: group, chunks: make([]parquetChunk, len(from.columns))}
	row := csvRow{index: from.index, rows: rows, nested: nestedColumns(from.paths(nil))}
	for rows.first < group.NumRows() {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		rows.count = int(min(parquetRowsMax, group.NumRows()-rows.first))
		for row.at = range rows.count {
			row.line = line + rows.first + int64(row.at) + 1
			err := handle(row)
			if rows.err != nil {
				return parquetFault(j.path, rows.err)
			}
			if err := w.settle(err, row.line, nil); err != nil {
				return err
			}
		}
		rows.first += int64(rows.count)
	}
	return nil
}

// parquetFault is an error of pages that cannot be read.
func parquetFault(path string, err error) *FileError {
	hint := "the file may be damaged; export it again"
	if strings.HasPrefix(err.Error(), "parquet: ") && strings.HasSuffix(err.Error(),
		" unimplemented") {
		hint = "its compression is none that is read; write it with zstd, snappy or gzip"
	}
	return &FileError{Path: path, Problem: "Parquet: " + err.Error(), Hint: hint}
}
