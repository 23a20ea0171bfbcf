package loaders

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// openStream opens a file as a stream of its own.
func openStream(ctx context.Context, path string, options Options) (*stream, error) {
	s := newStream()
	return s, s.open(ctx, path, options)
}

// parquetTexts reads every column of some rows of a Parquet file.
func parquetTexts(t *testing.T, path string, rows ...int64) map[int64][]string {
	t.Helper()
	stream, err := openStream(context.Background(), path, Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.close()
	head := stream.head()
	job := &Job{ctx: context.Background(), path: path, stream: stream}
	texts := map[int64][]string{}
	err = job.eachRow(func(_ *worker, row csvRow) error {
		if !slices.Contains(rows, row.line) {
			return nil
		}
		for _, name := range head.Columns {
			texts[row.line] = append(texts[row.line], name+"="+row.text(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestParquetTypes reads a file of DuckDB's with three row groups, in which each column is first
// asked for in the middle of a group.
func TestParquetTypes(t *testing.T) {
	got := parquetTexts(t, "testdata/types.parquet", 1, 3556, 3557, 4200)
	diffLines(t, "row 3557", got[3557], []string{
		"id=3556", "huge=0", "dbl=1.5", "flt=0.3", "dec4=1.5000", "dec9=-0.750000000",
		"dec38=0.006000000000000", "u8=27", "u64=18446744073709551614", "flag=true",
		"day=2026-11-19", "ts=2026-10-15T00:00:14.123456Z", "tstz=2026-10-14T21:59:58.123Z",
		"ts_ms=2026-10-14T23:59:58.123Z", "ts_ns=2026-10-14T23:59:58.123456Z",
		"uid=6f1c9d8e-3333-4a2b-9c1d-0a1b2c3d4e5f", "word=text 6", `tags=["a","q\"6"]`,
		`labels={"team":"t6","env":"prod"}`, "numbers=[3556,1]", "s.a=6", "s.b.c=deep6",
		"objects=[6]", `counts={"n":3556}`,
	})
	for line, want := range map[int64]string{1: "id=0", 3556: "id=3555", 4200: "id=4199"} {
		if len(got[line]) == 0 || got[line][0] != want {
			t.Errorf("row %d: %q, want %s first", line, got[line], want)
		}
	}
	if word := got[3556][16]; word != "word=" {
		t.Errorf("NULL is read as %q", word)
	}
}

// TestParquetIsRefusedWithWords names what is wrong with files that end or are packed wrongly.
func TestParquetIsRefusedWithWords(t *testing.T) {
	whole, err := os.ReadFile("testdata/types.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"cut off":  whole[:len(whole)-100],
		"no foot":  []byte("PAR1"),
		"bad foot": append(slices.Clone(whole[:len(whole)-60]), whole[len(whole)-8:]...),
	} {
		path := filepath.Join(t.TempDir(), "export.parquet")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Recognise(path)
		if err == nil || !strings.Contains(err.Error(), "Parquet that cannot be read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParquetSaysHowToWriteIt tells a compression that is not read from a damaged file.
func TestParquetSaysHowToWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"parquet: compression for LZ4_RAW unimplemented": "zstd",
		"parquet: unexpected end of page":                "damaged",
	} {
		hint := parquetFault("a.parquet", errors.New(text)).Hint
		if !strings.Contains(hint, want) {
			t.Errorf("%s: %s", text, hint)
		}
	}
}

// TestDamagedParquetIsAnError flips bytes all over a file: reading ends, in rows or an error.
func TestDamagedParquetIsAnError(t *testing.T) {
	whole, err := os.ReadFile("testdata/types.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for at := 4; at < len(whole)-8; at += len(whole) / 41 {
		damaged := slices.Clone(whole)
		damaged[at] ^= 0xff
		readParquet(t, damaged)
	}
}

// TestPagesOfSmallFiles: a page's own word does not get more memory than its file can be worth.
func TestPagesOfSmallFiles(t *testing.T) {
	t.Parallel()
	for file, page := range map[int64]int{5_000: 32 << 20, 1 << 20: 256 << 20, 1 << 40: 1 << 30} {
		if got := pageBytesMax(file); got != page {
			t.Errorf("a file of %d bytes: pages of %d, want %d", file, got, page)
		}
	}
}

// FuzzParquet reads all columns of what grew out of a Parquet file: it ends in rows or in a
// FileError, panics nowhere, and holds no more memory than other formats may.
func FuzzParquet(f *testing.F) {
	whole, err := os.ReadFile("testdata/types.parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-100])
	f.Add(append(slices.Clone(whole[:len(whole)-60]), whole[len(whole)-8:]...))
	before := heldBytes()
	f.Fuzz(func(t *testing.T, content []byte) {
		readParquet(t, content)
		if held := heldBytes(); held > before+heldBytesMax {
			t.Fatalf("%d bytes are held for a file of %d", held-before, len(content))
		}
	})
}

// readParquet reads all columns of all rows of a Parquet file.
func readParquet(t testing.TB, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.parquet")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	stream, err := openStream(context.Background(), path, Options{}.withDefaults())
	if err != nil {
		return // compressed, and wrongly
	}
	defer stream.close()
	head := stream.head()
	if head.Problem != "" || !head.IsParquet {
		return
	}
	job := &Job{ctx: context.Background(), path: path, stream: stream}
	err = job.eachRow(func(_ *worker, row csvRow) error {
		for _, name := range head.Columns {
			row.text(name)
		}
		return nil
	})
	var unusable *FileError
	if err != nil && !errors.As(err, &unusable) {
		t.Fatal(err)
	}
}
