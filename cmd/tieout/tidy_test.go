package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tieout/sql"
)

// The few rules that keep the code readable. A rule that gets in the way is changed here, in the
// open, and never worked around.
const (
	functionLinesMax = 70
	goLinesMax       = 400
	sqlLinesMax      = 150
	columnsMax       = 100
)

const root = "../.."

// eachFile visits the repository's own files of one suffix.
func eachFile(t *testing.T, suffix string, visit func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "bin" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, suffix) {
			return nil
		}
		text, err := os.ReadFile(path)
		visit(filepath.ToSlash(strings.TrimPrefix(path, root+"/")), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSizes(t *testing.T) {
	limits := map[string]int{".go": goLinesMax, ".sql": sqlLinesMax}
	for suffix, linesMax := range limits {
		eachFile(t, suffix, func(path string, text []byte) {
			lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
			if len(lines) > linesMax {
				t.Errorf("%s has %d lines, more than %d", path, len(lines), linesMax)
			}
			for i, line := range lines {
				if width := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); width >
					columnsMax {
					t.Errorf("%s:%d has %d columns, more than %d", path, i+1, width, columnsMax)
				}
			}
		})
	}
}

// parsed visits the syntax of each Go file.
func parsed(t *testing.T, visit func(path string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	eachFile(t, ".go", func(path string, text []byte) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		visit(path, set, file)
	})
}

func TestFunctionLengths(t *testing.T) {
	parsed(t, func(path string, set *token.FileSet, file *ast.File) {
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := set.Position(function.End()).Line - set.Position(function.Pos()).Line + 1
			if lines > functionLinesMax {
				t.Errorf("%s: %s has %d lines, more than %d", path, function.Name.Name, lines,
					functionLinesMax)
			}
		}
	})
}

// TestImports keeps imports pointing one way and each third party behind its one door.
func TestImports(t *testing.T) {
	own := map[string][]string{
		"cmd/tieout": {"tieout/reconcile", "tieout/loaders", "tieout/pricing", "tieout/sql"},
		"reconcile": {"tieout/loaders", "tieout/pricing", "tieout/sql", "tieout/fixtures",
			"tieout/reconcile/allocator"},
		"loaders": {"tieout/pricing", "tieout/fixtures"},
		"pricing": {},
		"sql":     {},
	}
	doors := map[string][]string{
		"github.com/marcboeker/go-duckdb": {"reconcile"},
		"github.com/apache/arrow/go/v17":  {"loaders", "reconcile"},
		"github.com/shopspring/decimal":   {"pricing"},
		"github.com/spf13/pflag":          {"cmd/tieout", "fixtures/make"},
		"github.com/klauspost/compress":   {"loaders", "fixtures"},
		"github.com/rogpeppe/go-internal": {"cmd/tieout"},
		"github.com/goccy/go-yaml":        {"loaders", "reconcile"},
	}
	parsed(t, func(path string, _ *token.FileSet, file *ast.File) {
		folder := filepath.ToSlash(filepath.Dir(path))
		isTest := strings.HasSuffix(path, "_test.go")
		for _, spec := range file.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			allowed, known := own[folder]
			isFixture := name == "tieout/fixtures" && !isTest
			if strings.HasPrefix(name, "tieout/") && known &&
				(isFixture || !slices.Contains(allowed, name)) && !isTest {
				t.Errorf("%s must not import %s", path, name)
			}
			for door, folders := range doors {
				if strings.HasPrefix(name, door) && !slices.Contains(folders, folder) && !isTest {
					t.Errorf("%s imports %s, which only %v may", path, name, folders)
				}
			}
		}
	})
}

// TestNoFloats keeps binary floating point out: money and tokens are exact.
func TestNoFloats(t *testing.T) {
	parsed(t, func(path string, set *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_bench_test.go") {
			return // testing.B reports its metrics as floats
		}
		ast.Inspect(file, func(node ast.Node) bool {
			name, ok := node.(*ast.Ident)
			if ok && (name.Name == "float64" || name.Name == "float32" ||
				name.Name == "ParseFloat" || name.Name == "GetFloat64") {
				t.Errorf("%s: %s", set.Position(name.Pos()), name.Name)
			}
			return true
		})
	})
}

// TestNoInit keeps start-up free of hidden work and packages free of state.
func TestNoInit(t *testing.T) {
	parsed(t, func(path string, set *token.FileSet, file *ast.File) {
		for _, declared := range file.Decls {
			switch d := declared.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s has an init", path)
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR && !isEmbedOrAssertion(d) {
					t.Errorf("%s: package-level variable", set.Position(d.Pos()))
				}
			}
		}
	})
}

// TestNoAppender keeps the driver's appender out: see appendRows of the package reconcile.
func TestNoAppender(t *testing.T) {
	parsed(t, func(path string, set *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			name, isName := n.(*ast.Ident)
			if isName && name.Name == "NewAppenderFromConn" {
				t.Errorf("%s: the driver's appender can end the process", set.Position(n.Pos()))
			}
			return true
		})
	})
}

// isEmbedOrAssertion allows embedded files, interface assertions and error sentinels.
func isEmbedOrAssertion(d *ast.GenDecl) bool {
	if d.Doc != nil && strings.Contains(d.Doc.List[len(d.Doc.List)-1].Text, "go:embed") {
		return true
	}
	for _, spec := range d.Specs {
		name := spec.(*ast.ValueSpec).Names[0].Name
		if name != "_" && !strings.HasPrefix(name, "Err") && !strings.HasPrefix(name, "err") {
			return false
		}
	}
	return true
}

func TestExportedNamesAreDocumented(t *testing.T) {
	parsed(t, func(path string, set *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, declared := range file.Decls {
			for name, documented := range exported(declared) {
				if !documented {
					t.Errorf("%s: %s has no comment", path, name)
				}
			}
		}
	})
}

func exported(declared ast.Decl) map[string]bool {
	names := map[string]bool{}
	switch d := declared.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && !isOfUnexported(d) {
			names[d.Name.Name] = d.Doc != nil
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					names[s.Name.Name] = d.Doc != nil || s.Doc != nil
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() {
					names[s.Names[0].Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
				}
			}
		}
	}
	return names
}

// isOfUnexported reports a method that only this package can call by its type.
func isOfUnexported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	of := d.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, ok := of.(*ast.Ident)
	return ok && !name.IsExported()
}

// withoutComments drops SQL comments and text literals, so that words in them do not count.
func withoutComments(text string) string {
	text = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, "")
	return regexp.MustCompile(`'(?:[^']|'')*'`).ReplaceAllString(text, "''")
}

// TestHeavyStagesArePortable holds the stages that touch every request to the SQL that DuckDB,
// Trino and Spark read alike.
func TestHeavyStagesArePortable(t *testing.T) {
	functions := strings.Fields(`AND AS AVG_NOT BY CASE CAST COALESCE COUNT DECIMAL ELSE EXISTS
		FILTER FROM IN INTO JOIN MAX MIN MOD NOT NULLIF ON OR OVER SELECT SUM THEN VALUES WHEN WHERE
		WITH ROW_NUMBER ABS`)
	banned := regexp.MustCompile(`(?i)\b(ASOF|QUALIFY|EXCLUDE|REPLACE|GROUP BY ALL|ORDER BY ALL|` +
		`PIVOT|UNPIVOT|LATERAL|UNNEST|LIST|STRUCT|MAP|ARRAY|JSON|REGEXP\w*|HASH|MD5|STRFTIME|` +
		`DOUBLE|FLOAT|REAL|HUGEINT|TIMESTAMP|DATE|CREATE|INSERT|DISTINCT ON|IS DISTINCT FROM|` +
		`IS NOT DISTINCT FROM)\b|::|//|\[|\]|\{`)
	called := regexp.MustCompile(`([A-Za-z_]+)\s*\(`)
	types := regexp.MustCompile(`\bAS\s+([A-Z]+)(\([\d,\s]+\))?\s*\)`)
	seen := 0
	for _, stage := range sql.Stages() {
		if !stage.IsHeavy {
			continue
		}
		seen++
		text := withoutComments(stage.Text)
		if found := banned.FindString(text); found != "" {
			t.Errorf("%s uses %s", stage.Name, found)
		}
		if strings.Contains(text, ";") {
			t.Errorf("%s is more than one SELECT", stage.Name)
		}
		for _, call := range called.FindAllStringSubmatch(text, -1) {
			if name := strings.ToUpper(call[1]); !slices.Contains(functions, name) &&
				!isAlias(text, call[1]) {
				t.Errorf("%s calls %s", stage.Name, name)
			}
		}
		for _, cast := range types.FindAllStringSubmatch(text, -1) {
			if !slices.Contains([]string{"BIGINT", "DECIMAL", "VARCHAR", "BOOLEAN"}, cast[1]) {
				t.Errorf("%s casts to %s", stage.Name, cast[1])
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d heavy stages were found", seen)
	}
}

// isAlias reports that a name before a bracket is a table expression, as in "x AS (".
func isAlias(text, name string) bool {
	return strings.Contains(text, name+" AS (")
}

// analystScript is no stage.
const analystScript = "fixtures/analyst.sql"

// TestMoneyInSQL keeps out what turns an exact amount into a floating one.
func TestMoneyInSQL(t *testing.T) {
	eachFile(t, ".sql", func(path string, text []byte) {
		if path == analystScript {
			return // what tieout is timed against does it with floats
		}
		bare := withoutComments(string(text))
		for _, rule := range []string{`(?i)\bavg\s*\(`, `(?i)\b(DOUBLE|FLOAT|REAL)\b`,
			`\b\d+(\.\d+)?[eE][+-]?\d+\b`, `[^/]/[^/]`} {
			if found := regexp.MustCompile(rule).FindString(bare); found != "" {
				t.Errorf("%s: %q", path, found)
			}
		}
	})
}

// TestHeaders holds each SQL file to its header of reads, writes and grain.
func TestHeaders(t *testing.T) {
	eachFile(t, ".sql", func(path string, text []byte) {
		if strings.HasSuffix(path, ".check.sql") || strings.Contains(path, "testdata") ||
			path == analystScript {
			return
		}
		head := bytes.TrimPrefix(text, []byte("-- heavy\n"))
		for _, want := range []string{"-- reads:  ", "\n-- writes: ", "\n-- grain:  "} {
			if !bytes.Contains(head, []byte(want)) {
				t.Errorf("%s lacks %q in its header", path, strings.TrimSpace(want))
			}
		}
	})
}

// TestReadmeNamesAll holds README.md to every command, flag and report column.
func TestReadmeNamesAll(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	for _, c := range commands() {
		if !strings.Contains(readme, "tieout "+c.name) {
			t.Errorf("README.md does not name the command %s", c.name)
		}
	}
	comments := sql.Views()
	for _, report := range sql.Reports() {
		if sql.Comment(report.Name) == "" {
			t.Errorf("the report %s has no comments", report.Name)
		}
		comments += sql.Comment(report.Name)
	}
	column := regexp.MustCompile(`COLUMN (?:published\.)?(\w+)\.(\w+)`)
	for _, found := range column.FindAllStringSubmatch(comments, -1) {
		if !strings.Contains(readme, fmt.Sprintf("`%s`", found[2])) {
			t.Errorf("README.md does not name %s.%s", found[1], found[2])
		}
	}
}

// TestDrops holds that no stage drops what a later one reads.
func TestDrops(t *testing.T) {
	dropped := map[string]string{}
	for _, stage := range sql.Stages() {
		for table, by := range dropped {
			word := regexp.MustCompile(regexp.QuoteMeta(table) + `\b`)
			if word.MatchString(withoutComments(stage.Text)) || word.MatchString(stage.Check) {
				t.Errorf("%s reads %s, which %s drops", stage.Name, table, by)
			}
		}
		for _, table := range strings.Split(stage.Drops, ", ") {
			if table != "" {
				dropped[table] = stage.Name
			}
		}
	}
	if len(dropped) == 0 {
		t.Error("no stage drops anything")
	}
}
