package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	reports "tieout/sql"
)

// storeVersion counts the forms that the raw tables have had, as people speak of them. The layout
// is what decides: it is derived from the tables themselves, so no change of them is forgotten.
const storeVersion = 8

// layoutOf names a form of the raw tables: the hash of their statements, comments left out.
func layoutOf(script string) string {
	var statements []string
	for _, line := range strings.Split(script, "\n") {
		line, _, _ = strings.Cut(line, "--")
		statements = append(statements, strings.Fields(line)...)
	}
	sum := sha256.Sum256([]byte(strings.Join(statements, " ")))
	return hex.EncodeToString(sum[:8])
}

// rawScript makes the tables of raw, which a store has for life.
func rawScript() string {
	var script strings.Builder
	for _, stage := range reports.Stages() {
		if stage.Name <= rawStage {
			script.WriteString(stage.Text)
		}
	}
	return script.String()
}

// formError is a store that this program cannot go on with: it does not open, or it has tables of
// another form.
type formError struct {
	problem  string
	isBroken bool // what it holds cannot be read
}

func (e *formError) Error() string { return e.problem }

// openError tells a store that somebody else has open from one that is broken.
func (s *store) openError(err error) error {
	text := strings.TrimSpace(err.Error())
	if strings.Contains(text, "Could not set lock") {
		return &RefusedError{Problem: "store " + s.path + " is open elsewhere: " + lastLine(text),
			Hint: "close that program; analysts read the reports, which are never locked"}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &formError{problem: "store " + s.path + " cannot be opened: " + lastLine(text),
		isBroken: true}
}

// lastLine shortens what the database says to what it says last.
func lastLine(text string) string {
	lines := strings.Split(text, "\n")
	return lines[len(lines)-1]
}

// isCorrupt reports that the database found its file damaged while it worked.
func isCorrupt(err error) bool {
	text := err.Error()
	return strings.Contains(text, "orrupt database file") ||
		strings.Contains(text, "computed checksum") ||
		strings.Contains(text, "database has been invalidated") &&
			strings.Contains(text, "checksum")
}

// checkForm makes the raw tables of a new store and holds an old one to their form.
func (s *store) checkForm(ctx context.Context) error {
	if s.isFresh {
		return s.lay(ctx)
	}
	var version int64
	var layout string
	row := s.db.QueryRowContext(ctx, "SELECT version, layout FROM store.raw.store")
	err := row.Scan(&version, &layout)
	switch {
	case err == nil && layout == layoutOf(rawScript()):
		return nil
	case err == nil:
	case strings.Contains(err.Error(), "Table with name store does not exist"):
		var tables int64
		err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM duckdb_tables()
			WHERE database_name = 'store' AND schema_name = 'raw'`).Scan(&tables)
		if err != nil {
			return s.openError(err)
		}
		if tables == 0 {
			s.isFresh = true
			return s.lay(ctx)
		}
		version = 1 // before stores said so
	default:
		return s.openError(err)
	}
	return &formError{problem: fmt.Sprintf("store %s has the form of another version (%d, this "+
		"program's is %d)", s.path, version, storeVersion)}
}

// lay makes the raw tables.
func (s *store) lay(ctx context.Context) error {
	return s.exec(ctx, inStore+";\nBEGIN TRANSACTION;\n"+rawScript()+fmt.Sprintf(
		"\nINSERT INTO raw.store VALUES (%d, '%s');\nCOMMIT;\n", storeVersion,
		layoutOf(rawScript()))+inWork)
}

// openStore opens the store. One that is broken or of another form is built anew from the inputs
// when all that it held are among them; else the run is refused.
func (r *run) openStore(ctx context.Context) error {
	if err := r.store.putBack(ctx, r.settings); err != nil {
		return err
	}
	err := r.store.open(ctx, r.settings)
	if r.store.isTouched {
		r.say("touched", "another program has written the store since the last run; it reads well")
	}
	var form *formError
	if !errors.As(err, &form) {
		return err
	}
	return r.rebuild(ctx, form)
}

// rebuild begins an empty store in the place of one that cannot be gone on with. That one lies
// aside until the new one holds the inputs.
func (r *run) rebuild(ctx context.Context, form *formError) error {
	if !r.settings.Exact {
		if err := r.allAreGiven(ctx, form); err != nil {
			return err
		}
	}
	if err := r.store.shut(); err != nil && !form.isBroken {
		return err
	}
	r.say("rebuild", form.problem+"; it is built anew from the inputs")
	if err := r.store.putAside(); err != nil {
		return err
	}
	return r.store.open(ctx, r.settings)
}

// allAreGiven wants everything that the store held among the inputs.
func (r *run) allAreGiven(ctx context.Context, form *formError) error {
	wanted, err := r.heldBefore(ctx, form)
	if err != nil {
		return err
	}
	have := make(map[string]bool, len(r.files))
	hashed := make([]*given, len(r.files))
	for i, file := range r.files {
		info, err := os.Stat(file.path)
		if err != nil {
			return vanished(file.path, err)
		}
		hashed[i] = &given{inputFile: file, size: info.Size(), info: info}
	}
	err = inParallel(ctx, r.settings.Threads, hashed, func(g *given) error {
		return g.hash(ctx, nil)
	})
	if err != nil {
		return err
	}
	for _, g := range hashed {
		have[g.sha256] = true
	}
	var missing []string
	for _, file := range wanted {
		if !have[file.SHA256] {
			missing = append(missing, file.Path)
		}
	}
	if len(missing) == 0 && (len(wanted) > 0 || !form.isBroken) {
		return nil
	}
	problem := form.problem + ", and what it held is not known"
	if len(missing) > 0 {
		problem = fmt.Sprintf("%s, and %d files that it held are not among the inputs, such as %s",
			form.problem, len(missing), missing[0])
	}
	return &RefusedError{Problem: problem, Hint: "name all inputs, put the store's backup back, " +
		"or say with --exact that these inputs are all"}
}

// heldBefore lists the files of the store, or of its reports when it cannot be read.
func (r *run) heldBefore(ctx context.Context, form *formError) ([]ManifestFile, error) {
	if form.isBroken {
		manifest, err := readManifest(r.settings.Out)
		if err != nil {
			return nil, nil // nothing is known
		}
		return manifest.Inputs, nil
	}
	var files []ManifestFile
	rows, err := r.store.db.QueryContext(ctx,
		"SELECT path, sha256 FROM raw.source_file WHERE sha256 <> '' ORDER BY path")
	if err != nil {
		return nil, r.store.openError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var file ManifestFile
		if err := rows.Scan(&file.Path, &file.SHA256); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, rows.Err()
}

// putAside moves the store's file away, so that a new one can begin.
func (s *store) putAside() error {
	for _, end := range []string{".wal", ""} {
		err := os.Rename(s.path+end, s.path+".aside"+end)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("store %s: %w", s.path, err)
		}
	}
	return nil
}

// putBack undoes putAside after a run that died before the new store held anything; otherwise
// what lies aside has had its day.
func (s *store) putBack(ctx context.Context, settings Settings) error {
	if _, err := os.Stat(s.path + ".aside"); err != nil {
		return nil
	}
	err := s.open(ctx, settings)
	hasFiles := err == nil && s.hasFiles()
	s.shut()
	if hasFiles {
		s.dropAside()
		return nil
	}
	return s.restoreAside()
}

func (s *store) restoreAside() error {
	if _, err := os.Stat(s.path + ".aside"); err != nil {
		return nil
	}
	os.Remove(s.path)
	os.Remove(s.path + ".wal")
	for _, end := range []string{".wal", ""} {
		err := os.Rename(s.path+".aside"+end, s.path+end)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("store %s: %w", s.path, err)
		}
	}
	return nil
}

func (s *store) dropAside() {
	os.Remove(s.path + ".aside")
	os.Remove(s.path + ".aside.wal")
}
