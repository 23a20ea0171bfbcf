package loaders

import "bytes"

// foreignKind is a kind of file that exports come in and that is not read.
type foreignKind struct {
	begins        string // in lower case, where it is text
	problem, hint string
	mayHold       bool // an export may be inside, so that passing over it would lose data
}

func foreignKinds() []foreignKind {
	const unpack = "unpack it first; gzip and zstd are read as they are"
	return []foreignKind{
		{"pk\x03\x04", "is a ZIP archive or an Excel workbook",
			"unpack it, or save the sheet as CSV", true},
		{"\xfd7zxz\x00", "is compressed with xz", "xz -d unpacks it; gzip and zstd are read as " +
			"they are", true},
		{"bzh", "is compressed with bzip2", "bunzip2 unpacks it; gzip and zstd are read as " +
			"they are", true},
		{"7z\xbc\xaf\x27\x1c", "is a 7z archive", unpack, true},
		{"obj\x01", "is an Avro file", "export it as Parquet, CSV or JSON lines", true},
		{"orc", "is an ORC file", "export it as Parquet, CSV or JSON lines", true},
		{"sqlite format 3\x00", "is an SQLite database",
			"export its table as CSV or JSON lines", true},
		{"%pdf-", "not a known format but a PDF", "export the figures as CSV or JSON", false},
		{"<!doctype html", "not a known format but a page of HTML, as a login or an error gives",
			"export it again, signed in", false},
		{"<html", "not a known format but a page of HTML, as a login or an error gives",
			"export it again, signed in", false},
		{"<?xml", "not a known format but XML, as a cloud's error is",
			"export it again as CSV, JSON or Parquet", false},
	}
}

// foreignFile says what a file is that no format reads, nil where nobody knows.
func foreignFile(path string, first []byte) *FileError {
	begins := bytes.TrimLeft(first, " \r\n\t")
	for _, kind := range foreignKinds() {
		if n := len(kind.begins); len(begins) >= n && isLower(begins[:n], kind.begins) {
			return &FileError{Path: path, Problem: kind.problem, Hint: kind.hint,
				Resembles: kind.mayHold}
		}
	}
	const tarMagic = 257
	if len(first) > tarMagic+5 && string(first[tarMagic:tarMagic+5]) == "ustar" {
		return &FileError{Path: path, Problem: "is a tar archive", Hint: "tar -xf unpacks it",
			Resembles: true}
	}
	return nil
}

// isLower compares bytes with a text in lower case, without regard to the case of ASCII letters.
func isLower(content []byte, lower string) bool {
	for i, c := range content {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
