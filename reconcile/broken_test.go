package reconcile

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Where a store's blocks are.
const (
	blocksBegin = 12 << 10
	blockBytes  = 256 << 10
)

// damages are ways in which a store's file breaks.
func damages() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"overwritten": func(b []byte) []byte {
			return []byte(strings.Repeat("12345678DUCK", 999))
		},
		"empty but for a word":   func(b []byte) []byte { return []byte("gone\n") },
		"cut in half":            func(b []byte) []byte { return b[:len(b)/2] },
		"header alone":           func(b []byte) []byte { return b[:blocksBegin] },
		"no header":              func(b []byte) []byte { clear(b[:4<<10]); return b },
		"a header of other bits": func(b []byte) []byte { b[4<<10+20] ^= 1; return b },
		"a bad block in its middle": func(b []byte) []byte {
			for i := blocksBegin; i < len(b); i += blockBytes {
				b[i+100] ^= 0xff
			}
			return b
		},
		// The database's checksum does not see what changes an even number of equal words.
		"blocks bad in four places": func(b []byte) []byte {
			for i := blocksBegin; i < len(b); i += 64 << 10 {
				b[i+100] ^= 0xff
			}
			return b
		},
		"words of its blocks changed places": func(b []byte) []byte {
			for i := blocksBegin; i < len(b); i += blockBytes {
				for k := 64; k < 4<<10; k += 8 {
					b[i+k], b[i+k+8] = b[i+k+8], b[i+k]
				}
			}
			return b
		},
		"blocks changed places": func(b []byte) []byte {
			last := len(b) - blockBytes
			return slices.Concat(b[:blocksBegin], b[last:], b[blocksBegin:last])
		},
	}
}

// TestBrokenStore: a store that broke is built anew when all that it held is given again; if not,
// the run is refused with what is missing, the old reports stay, and --exact is the way out. What
// is built does not depend on what broke, so some are.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	late := lateFile(t)
	want := runOf(t, append(monthInputs(), late)...)
	built := []string{"overwritten", "cut in half", "blocks bad in four places",
		"words of its blocks changed places"}
	for name, damage := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, settings := oldRun(t, monthInputs()...)
			writeFile(t, settings.Store, damage(readFile(t, settings.Store)))
			part := settings
			part.Inputs, part.ToleranceUSD = monthInputs()[1:], "1"
			err := staysWhole(t, dir, func() error {
				_, err := Run(t.Context(), part)
				return err
			})
			var refused *RefusedError
			if !errors.As(err, &refused) || !strings.Contains(refused.Problem, "litellm-2026-10") ||
				!strings.Contains(refused.Hint, "--exact") {
				t.Errorf("got %v, want a refusal that names what is missing", err)
			}
			if !slices.Contains(built, name) {
				return
			}
			settings.Inputs = append(settings.Inputs, late)
			sameReports(t, want, runWith(t, settings))
			nothingElse(t, dir)
		})
	}
}

// TestTouchedStore: a store that an analyst has changed within DuckDB, and one whose lock file is
// gone, are read first and then gone on with.
func TestTouchedStore(t *testing.T) {
	t.Parallel()
	for name, touch := range map[string]func(t *testing.T, store string){
		"a view of one's own": func(t *testing.T, store string) {
			db := emptyDB(t)
			mustExec(t, db, "ATTACH "+literal(store)+" AS s")
			mustExec(t, db, "CREATE VIEW s.main.mine AS SELECT 1 AS one")
			mustExec(t, db, "CHECKPOINT s")
			mustExec(t, db, "DETACH s")
		},
		"no lock file": func(t *testing.T, store string) {
			if err := os.Remove(store + ".lock"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, settings := oldRun(t, monthInputs()...)
			touch(t, settings.Store)
			settings.Inputs = []string{lateFile(t)}
			done := runWith(t, settings)
			settings.Inputs = append(monthInputs(), settings.Inputs...)
			sameReports(t, runOf(t, settings.Inputs...), done)
			nothingElse(t, dir)
		})
	}
}

// TestForeignDatabase: a database that no run made is neither touched nor locked.
func TestForeignDatabase(t *testing.T) {
	t.Parallel()
	dir, settings := oldRun(t, monthInputs()...)
	settings.Store = filepath.Join(t.TempDir(), "sales.duckdb")
	db := emptyDB(t)
	mustExec(t, db, "ATTACH "+literal(settings.Store)+" AS s")
	mustExec(t, db, "CREATE TABLE s.main.sale AS SELECT 1 AS one")
	mustExec(t, db, "DETACH s")
	before := readFile(t, settings.Store)
	err := staysWhole(t, dir, func() error {
		_, err := Run(t.Context(), settings)
		return err
	})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Problem, "no run made") {
		t.Errorf("got %v, want a refusal", err)
	}
	if string(before) != string(readFile(t, settings.Store)) {
		t.Error("the database was touched")
	}
	if found := files(t, filepath.Dir(settings.Store)); len(found) != 1 {
		t.Errorf("beside it lies %v", found)
	}
}

// TestOlderStore: a store of another form is built anew, or refused.
func TestOlderStore(t *testing.T) {
	t.Parallel()
	for _, older := range []string{"DROP TABLE raw.store", "UPDATE raw.store SET layout = 'x'"} {
		dir, settings := oldRun(t, monthInputs()...)
		db := emptyDB(t)
		mustExec(t, db, "ATTACH "+literal(settings.Store)+" AS s")
		mustExec(t, db, "USE s")
		mustExec(t, db, older)
		mustExec(t, db, "USE memory")
		mustExec(t, db, "DETACH s")
		part := settings
		part.Inputs = monthInputs()[1:]
		err := staysWhole(t, dir, func() error {
			_, err := Run(t.Context(), part)
			return err
		})
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(refused.Problem, "another version") {
			t.Errorf("%s: got %v, want a refusal", older, err)
		}
		sameReports(t, monthRun(t), runWith(t, settings))
		nothingElse(t, dir)
		part.Exact = true
		if exact := runWith(t, part); exact.Rows.Read >= monthRun(t).Rows.Read {
			t.Errorf("--exact kept %d rows", exact.Rows.Read)
		}
	}
}

// TestOpenElsewhere: a store that another program has open is neither broken nor touched.
func TestOpenElsewhere(t *testing.T) {
	t.Parallel()
	dir, settings := oldRun(t, append(monthInputs(), lateFile(t))...)
	holder := childRun{Dir: dir, Holds: true}.start(t)
	input, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "open\n" {
		t.Fatalf("the holder says %q: %v", line, err)
	}
	before := readFile(t, settings.Store)
	err = staysWhole(t, dir, func() error {
		_, err := Run(t.Context(), settings)
		return err
	})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Problem, "open elsewhere") {
		t.Errorf("got %v, want a refusal", err)
	}
	if string(before) != string(readFile(t, settings.Store)) {
		t.Error("the store was touched")
	}
	input.Close()
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	runWith(t, settings)
}

// TestInputThatChanges: a log that grows while it is read is read up to what it was, and the rest
// the next time; one that vanishes or is written anew fails the run.
func TestInputThatChanges(t *testing.T) {
	t.Parallel()
	text := plainText(t, month+"/gateway/litellm-2026-10.jsonl")
	half := strings.Index(text[len(text)/2:], "\n") + len(text)/2 + 1
	for name, change := range map[string]func(path string) error{
		"grows": func(path string) error {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = file.WriteString(text[half:])
			return errors.Join(err, file.Close())
		},
		"vanishes": os.Remove,
		"shrinks":  func(path string) error { return os.Truncate(path, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			writeFile(t, path, []byte(text[:half]))
			settings := settingsIn(dir, path)
			settings.Progress = func(told Step) {
				step := told.Name
				if step == "load" {
					if err := change(path); err != nil {
						t.Error(err)
					}
				}
			}
			_, err := Run(t.Context(), settings)
			settings.Progress = nil
			var input *InputError
			if name != "grows" && !errors.As(err, &input) {
				t.Errorf("got %v, want an input error", err)
			}
			if name != "grows" {
				nothingElse(t, dir)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sameReports(t, runOf(t, path), runWith(t, settings))
		})
	}
}
