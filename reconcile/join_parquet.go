package reconcile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"

	"github.com/apache/arrow/go/v17/parquet/metadata"
)

// parquetMagic begins and ends a Parquet file; before the end stands the footer and, in four bytes,
// how long that is (https://parquet.apache.org/docs/file-format/).
const parquetMagic = "PAR1"

// parquetPart is a Parquet file, or some of its row groups: those from the one up to before the
// other. Both 0 is all.
type parquetPart struct {
	path     string
	from, to int
}

// joinParquet makes one Parquet file of several with the same columns, as DuckDB writes them: the
// row groups of the first, then those of the second and so on. Their bytes are copied as they are.
// The footer is that of the first file with the row groups of all; only where these stand in the
// file changes. A file that holds what cannot be moved so is an error.
func joinParquet(path string, parts []parquetPart) error {
	join, err := beginJoin(path)
	if err != nil {
		return err
	}
	return join.finish(path, parts)
}

// parquetJoin is a Parquet file in the making.
type parquetJoin struct {
	to     *os.File
	at     int64                  // bytes written
	footer *metadata.FileMetaData // of what was added; nil before the first
}

func beginJoin(path string) (*parquetJoin, error) {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	join := &parquetJoin{to: to}
	if err := join.write([]byte(parquetMagic)); err != nil {
		return nil, errors.Join(err, join.drop())
	}
	return join, nil
}

// finish adds the parts that are missing and gives the file its name. Of one that fails nothing is
// left.
func (j *parquetJoin) finish(path string, parts []parquetPart) error {
	for _, part := range parts {
		if err := j.add(part); err != nil {
			return errors.Join(err, j.drop())
		}
	}
	if err := j.end(); err != nil {
		return errors.Join(err, j.drop())
	}
	if err := j.to.Close(); err != nil {
		return errors.Join(err, os.Remove(j.to.Name()))
	}
	return os.Rename(j.to.Name(), path)
}

// drop removes a file that is not finished.
func (j *parquetJoin) drop() error { return errors.Join(j.to.Close(), os.Remove(j.to.Name())) }

func (j *parquetJoin) write(text []byte) error {
	n, err := j.to.Write(text)
	j.at += int64(n)
	return err
}

// add appends the row groups of a file, or some of them.
func (j *parquetJoin) add(part parquetPart) error {
	from, err := os.Open(part.path)
	if err != nil {
		return err
	}
	defer from.Close()
	footer, end, err := readFooter(from)
	if err != nil {
		return fmt.Errorf("join %s: %w", filepath.Base(part.path), err)
	}
	begin := int64(len(parquetMagic))
	if part.to > 0 {
		if begin, end, err = part.choose(footer, end); err != nil {
			return fmt.Errorf("join %s: %w", filepath.Base(part.path), err)
		}
	}
	moveBy := j.at - begin
	switch {
	case j.footer == nil:
		j.footer = footer
		err = moveGroups(footer, 0, moveBy)
	case !reflect.DeepEqual(j.footer.FileMetaData.Schema, footer.FileMetaData.Schema):
		err = errors.New("its columns are not those of the files before it")
	default:
		err = moveGroups(footer, len(j.footer.RowGroups), moveBy)
		j.footer.RowGroups = append(j.footer.RowGroups, footer.RowGroups...)
		j.footer.NumRows += footer.NumRows
	}
	if err != nil {
		return fmt.Errorf("join %s: %w", filepath.Base(part.path), err)
	}
	if _, err := from.Seek(begin, io.SeekStart); err != nil {
		return err
	}
	n, err := io.CopyN(j.to, from, end-begin)
	j.at += n
	return err
}

// choose leaves the row groups of a part in a footer, and tells from where to where they stand in
// its file. The row groups stand in a file one behind the other.
func (p parquetPart) choose(
	footer *metadata.FileMetaData, endOfAll int64,
) (begin, end int64, err error) {
	if p.from < 0 || p.from >= p.to || p.to > len(footer.RowGroups) {
		return 0, 0, fmt.Errorf("it has %d row groups, not %d", len(footer.RowGroups), p.to)
	}
	end = endOfAll
	if p.to < len(footer.RowGroups) {
		end = beginOf(footer, p.to)
	}
	begin = beginOf(footer, p.from)
	footer.RowGroups = footer.RowGroups[p.from:p.to]
	footer.NumRows = 0
	for _, group := range footer.RowGroups {
		footer.NumRows += group.NumRows
	}
	return begin, end, nil
}

// beginOf is where a row group begins in its file.
func beginOf(footer *metadata.FileMetaData, group int) int64 {
	begin := int64(math.MaxInt64)
	for _, column := range footer.RowGroups[group].Columns {
		if data := column.MetaData; data != nil {
			begin = min(begin, data.DataPageOffset)
			if data.DictionaryPageOffset != nil {
				begin = min(begin, *data.DictionaryPageOffset)
			}
		}
	}
	return begin
}

// end writes the footer.
func (j *parquetJoin) end() error {
	if j.footer == nil {
		return errors.New("no Parquet file to join")
	}
	footer, err := j.footer.Serialize(context.Background())
	if err != nil {
		return err
	}
	if int64(len(footer)) > math.MaxUint32 {
		return fmt.Errorf("a footer of %d bytes is too long for Parquet", len(footer))
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	return j.write(append(footer, parquetMagic...))
}

// readFooter reads the footer of a Parquet file; end is where its row groups end. A footer that
// would not be the same when it is written again holds what is not known here.
func readFooter(from *os.File) (footer *metadata.FileMetaData, end int64, err error) {
	info, err := from.Stat()
	if err != nil {
		return nil, 0, err
	}
	tail := make([]byte, 4+len(parquetMagic))
	tailAt := info.Size() - int64(len(tail))
	if tailAt < int64(len(parquetMagic)) {
		return nil, 0, errors.New("too short for Parquet")
	}
	if _, err := from.ReadAt(tail, tailAt); err != nil {
		return nil, 0, err
	}
	end = tailAt - int64(binary.LittleEndian.Uint32(tail))
	if string(tail[4:]) != parquetMagic || end < int64(len(parquetMagic)) {
		return nil, 0, errors.New("not Parquet, or cut off")
	}
	text := make([]byte, tailAt-end)
	if _, err := from.ReadAt(text, end); err != nil {
		return nil, 0, err
	}
	if footer, err = metadata.NewFileMetaData(text, nil); err != nil {
		return nil, 0, err
	}
	again, err := footer.Serialize(context.Background())
	if err == nil && !bytes.Equal(text, again) {
		err = errors.New("its footer holds what is not known")
	}
	return footer, end, err
}

// moveGroups changes a footer for row groups that stand so many bytes further on, and come after
// so many others.
func moveGroups(footer *metadata.FileMetaData, groups int, moveBy int64) error {
	if footer.IsSetEncryptionAlgorithm() {
		return errors.New("it is encrypted")
	}
	for i, group := range footer.RowGroups {
		move(group.FileOffset, moveBy)
		if group.Ordinal != nil {
			if groups+i > math.MaxInt16 {
				return fmt.Errorf("more than %d row groups with numbers", math.MaxInt16)
			}
			*group.Ordinal = int16(groups + i)
		}
		for _, column := range group.Columns {
			data := column.MetaData
			if data == nil || column.FilePath != nil || column.CryptoMetadata != nil {
				return errors.New("what its columns hold does not stand in it, or is encrypted")
			}
			if column.OffsetIndexOffset != nil || column.ColumnIndexOffset != nil {
				return errors.New("it has an index of pages, which says where they stand")
			}
			if column.FileOffset != 0 { // written as 0 where it is not told
				move(&column.FileOffset, moveBy)
			}
			move(&data.DataPageOffset, moveBy)
			move(data.DictionaryPageOffset, moveBy)
			move(data.IndexPageOffset, moveBy)
			move(data.BloomFilterOffset, moveBy)
		}
	}
	return nil
}

// move adds to an offset that is there.
func move(offset *int64, by int64) {
	if offset != nil {
		*offset += by
	}
}
