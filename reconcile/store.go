package reconcile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/marcboeker/go-duckdb"

	_ "tieout/reconcile/allocator" // linked beside the database
)

// store is the DuckDB file that keeps, from run to run, what the inputs said. What a run that died
// left in it is found by raw.loading; the database itself is whole again after any death.
type store struct {
	path, spill string
	threads     int
	lock        *os.File
	left        string // what the last run left, as leftForm says it; or ""
	connector   *duckdb.Connector
	db          *sql.DB
	isFresh     bool // made by this run
	isAsLeft    bool // it is what the last run left
	isTouched   bool // another program has written it since the last run ended

	forced *ForcedEnd // or nil

	isSparing atomic.Bool  // memory did not suffice for more than one thread
	idle      atomic.Int64 // threads of the database while statements do without; else 0
}

// lockStore makes the store this run's own; it is not open yet.
func lockStore(settings Settings) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(settings.Store), 0o755); err != nil {
		return nil, fmt.Errorf("store %s: %w", settings.Store, err)
	}
	path, err := checkStore(settings.Store, settings.Out)
	if err != nil {
		return nil, err
	}
	s := &store{path: path, spill: settings.spillFolder(), threads: settings.Threads}
	lock, before, err := acquire(s.path, "store "+s.path,
		"wait for that run to end, or give this one its own --store")
	if err != nil {
		return nil, err
	}
	s.lock = lock
	s.left, _, _ = leftIn(before)
	if err := writeOver(lock, holderText()+s.left); err != nil {
		unlock(lock)
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	s.forced = settings.Forced
	s.forced.owns(settings.buildingFolder(), s.spill)
	s.sweep() // what a killed run left behind
	return s, nil
}

func (s *store) open(ctx context.Context, settings Settings) error {
	if err := s.vouch(ctx, settings); err != nil {
		return err
	}
	if err := writeOver(s.lock, holderText()); err != nil {
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	s.isFresh = isAway(s.path) && isAway(s.path+".wal")
	var isOpen atomic.Bool
	connector, err := duckdb.NewConnector("", func(conn driver.ExecerContext) error {
		return s.configure(ctx, conn, settings, !isOpen.Swap(true))
	})
	if err != nil {
		return s.openError(err)
	}
	s.connector, s.db = connector, sql.OpenDB(connector)
	if err := s.db.PingContext(ctx); err != nil {
		return s.openError(err)
	}
	return s.checkForm(ctx)
}

func isAway(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// Where names without a database are looked for, and made: the stages' tables live in memory, or
// in the spill folder when that is short, since the next run makes them anew; raw and kept are the
// store's.
const (
	inWork  = "SET search_path = 'memory.main,system.main,memory.raw,store.raw,store.kept'"
	inStore = "SET search_path = 'store.main'"
)

// configure sets what the database may use, on its first connection, and where each looks for
// names. A number of threads that another connection changed would end threads which wait for rows
// that are still to come. Settings come from flags, never from data.
func (s *store) configure(
	ctx context.Context, conn driver.ExecerContext, settings Settings, isFirst bool,
) error {
	var statements []string
	if isFirst {
		statements = append([]string{
			"SET autoinstall_known_extensions = false",
			"SET autoload_known_extensions = false",
			"SET preserve_insertion_order = false",
			"SET temp_directory = " + literal(s.spill),
			"PRAGMA disable_checkpoint_on_shutdown",
		}, settings.databaseBounds(false)...)
		statements = append(statements, "ATTACH IF NOT EXISTS "+literal(s.path)+" AS store",
			"CREATE SCHEMA IF NOT EXISTS store.raw", "CREATE SCHEMA IF NOT EXISTS store.kept",
			"CREATE SCHEMA IF NOT EXISTS memory.raw")
	}
	for _, statement := range append(statements, inWork) {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// literal writes a setting of ours as an SQL text literal.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// settle writes the whole store into its file. Closing must not: what a write that failed, on a
// full disk, has left in memory is not whole. The write-ahead log is, and the next run reads it.
func (s *store) settle(ctx context.Context) error {
	if err := s.exec(ctx, "CHECKPOINT store"); err != nil {
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	return nil
}

// shut closes the database, not the lock.
func (s *store) shut() error {
	if s.db == nil {
		return nil
	}
	err := errors.Join(s.db.Close(), s.connector.Close())
	s.db, s.connector = nil, nil
	if err != nil {
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	return nil
}

// discard frees what the run holds and removes what it does not keep; so a store that it made and
// that holds no file yet.
func (s *store) discard() {
	isEmpty := s.isFresh && s.db != nil && !s.hasFiles()
	if s.db != nil {
		_ = s.settle(context.Background()) // else the log stays; a database that failed refuses
	}
	s.shut()
	if isEmpty {
		os.Remove(s.path)
		os.Remove(s.path + ".wal")
		s.restoreAside()
	}
	s.sweep()
	if s.lock != nil {
		s.forced.owns()
		unlock(s.lock)
		s.lock = nil
	}
}

func (s *store) hasFiles() bool {
	var any bool
	row := s.db.QueryRow("SELECT EXISTS (SELECT 1 FROM raw.source_file)")
	return row.Scan(&any) != nil || any
}

func (s *store) sweep() { os.RemoveAll(s.spill) }

func (s *store) exec(ctx context.Context, statement string, args ...any) error {
	_, err := s.db.ExecContext(ctx, statement, args...)
	return err
}

// inTransaction does something on one connection, all or nothing.
func (s *store) inTransaction(ctx context.Context, do func(*sql.Conn) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	if err := do(conn); err != nil {
		_, failed := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, failed)
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// execSparing does a statement that makes a table or file; should memory not suffice, once more on
// one thread, which needs less of it and gives the same.
func (s *store) execSparing(ctx context.Context, statement string) error {
	err := s.execTogether(ctx, statement)
	if err == nil || !isOutOfMemory(err) {
		return err
	}
	var threads int64
	row := s.db.QueryRowContext(ctx, "SELECT current_setting('threads')")
	if row.Scan(&threads) != nil || threads == 1 {
		return err
	}
	if err := s.exec(ctx, "SET threads = 1"); err != nil {
		return err
	}
	s.isSparing.Store(true)
	return s.execTogether(ctx, statement)
}

// execTogether does the statements of a script in one transaction: each by itself is written to the
// disk, which is waited for, and is planned anew where another has made a table since it was.
func (s *store) execTogether(ctx context.Context, script string) error {
	return s.inTransaction(ctx, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, script)
		return err
	})
}

// alone has each statement run on the thread that asks for it, for those that are small or done
// several at once. With threads of its own the database takes more: while one of them has the last
// task of a statement, the one that asks turns in circles until that is done.
func (s *store) alone(ctx context.Context, do func() error) error {
	if s.idle.Load() > 0 {
		return do()
	}
	threads, err := s.atOnce(ctx)
	if err != nil {
		return err
	}
	s.idle.Store(threads)
	err = s.exec(ctx, "SET threads = 1")
	if err == nil {
		err = do()
	}
	s.idle.Store(0)
	if s.isSparing.Load() {
		return err
	}
	return errors.Join(err, s.exec(context.WithoutCancel(ctx),
		fmt.Sprintf("SET threads = %d", threads)))
}

// atOnce is how many statements that take memory may be done at once.
func (s *store) atOnce(ctx context.Context) (threads int64, err error) {
	if threads = s.idle.Load(); threads > 0 && !s.isSparing.Load() {
		return threads, nil
	}
	row := s.db.QueryRowContext(ctx, "SELECT current_setting('threads')")
	return threads, row.Scan(&threads)
}
