package reconcile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/marcboeker/go-duckdb"
)

// store is the DuckDB file of a run. It is built beside the old one and takes its place only when
// the run has succeeded, so a run that dies leaves the old store whole.
type store struct {
	path, building, spill string
	lock                  *os.File
	connector             *duckdb.Connector
	db                    *sql.DB
}

func newStore(ctx context.Context, settings Settings) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(settings.Store), 0o755); err != nil {
		return nil, fmt.Errorf("store %s: %w", settings.Store, err)
	}
	path, err := checkStore(ctx, settings.Store, settings.Out)
	if err != nil {
		return nil, err
	}
	s := &store{path: path, building: path + ".building", spill: path + ".spill"}
	s.lock, err = acquire(s.path, "store "+s.path,
		"wait for that run to end, or give this one its own --store")
	if err != nil {
		return nil, err
	}
	s.sweep() // what a killed run left behind
	if err := s.open(ctx, settings); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

func (s *store) open(ctx context.Context, settings Settings) error {
	connector, err := duckdb.NewConnector(s.building, func(conn driver.ExecerContext) error {
		return configure(ctx, conn, s.spill, settings)
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", s.building, err)
	}
	s.connector, s.db = connector, sql.OpenDB(connector)
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("store %s: %w", s.building, err)
	}
	return nil
}

// configure sets what a connection may use. Settings come from flags, never from data.
func configure(ctx context.Context, conn driver.ExecerContext, spill string, s Settings) error {
	statements := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET preserve_insertion_order = false",
		"SET temp_directory = " + literal(spill),
	}
	if s.Threads > 0 {
		statements = append(statements, "SET threads = "+strconv.Itoa(s.Threads))
	}
	if s.MemoryLimit != "" {
		statements = append(statements, "SET memory_limit = "+literal(s.MemoryLimit))
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// literal writes a setting of ours as an SQL text literal.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// settle writes the whole store into its file. Closing does it too, and does not say when it
// fails: a disk that is full by then would leave a store without its last tables.
func (s *store) settle(ctx context.Context) error {
	if err := s.exec(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("store %s: %w", s.building, err)
	}
	return nil
}

// keep closes the new store and puts it in the old one's place.
func (s *store) keep() error {
	if err := errors.Join(s.db.Close(), s.connector.Close()); err != nil {
		return fmt.Errorf("store %s: %w", s.building, err)
	}
	s.db = nil
	if err := os.Rename(s.building, s.path); err != nil {
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	return nil
}

// discard frees what the run holds and removes what it did not keep.
func (s *store) discard() {
	if s.db != nil {
		s.db.Close()
		s.connector.Close()
		s.db = nil
	}
	s.sweep()
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
}

func (s *store) sweep() {
	os.Remove(s.building)
	os.Remove(s.building + ".wal")
	os.RemoveAll(s.spill)
}

func (s *store) exec(ctx context.Context, statement string, args ...any) error {
	_, err := s.db.ExecContext(ctx, statement, args...)
	return err
}
