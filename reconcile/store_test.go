package reconcile

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestAlone: while statements run on the threads that ask for them the database has one, on
// connections that are new too, and then what it had, unless memory did not suffice meanwhile.
func TestAlone(t *testing.T) {
	t.Parallel()
	settings := settingsIn(t.TempDir())
	settings.Threads = 3
	s, err := newStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	defer s.discard()
	threads := func(want string) {
		t.Helper()
		conn, err := s.db.Conn(t.Context()) // a new one while the first is held
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := one(t, s.db, "SELECT current_setting('threads')"); got != want {
			t.Errorf("the database has %s threads, want %s", got, want)
		}
	}
	atOnce := func(want int64) {
		t.Helper()
		if got, err := s.atOnce(t.Context()); err != nil || got != want {
			t.Errorf("%d statements at once (%v), want %d", got, err, want)
		}
	}
	threads("3")
	failed := errors.New("failed")
	ctx, cancel := context.WithCancel(t.Context())
	err = s.alone(ctx, func() error {
		threads("1")
		atOnce(3)
		err := s.alone(ctx, func() error { return nil })
		threads("1")
		cancel()
		return errors.Join(err, failed)
	})
	if !errors.Is(err, failed) {
		t.Error(err)
	}
	threads("3")
	err = s.alone(t.Context(), func() error {
		s.isSparing.Store(true)
		atOnce(1)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	threads("1")
}

// TestConnectionsLeaveSettings: one more connection changes nothing that all share. Were the number
// of threads changed, the database would join threads that wait for rows which are still to come.
func TestConnectionsLeaveSettings(t *testing.T) {
	t.Parallel()
	s, err := newStore(t.Context(), settingsIn(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.discard()
	asked := `SELECT current_setting('threads'), current_setting('memory_limit')`
	if err := s.exec(t.Context(), "SET threads = 3; SET memory_limit = '300MiB'"); err != nil {
		t.Fatal(err)
	}
	want := lines(t, s.db, asked)
	conn, err := s.connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := lines(t, s.db, asked); got[0] != want[0] || got[0] != "3 | 300.0 MiB" {
		t.Errorf("settings are %s after another connection, were %s", got[0], want[0])
	}
}

const (
	makeMany  = "CREATE TABLE store.kept.many AS SELECT i, hash(i) AS h FROM range(200000) AS r(i)"
	addToMany = "INSERT INTO store.kept.many SELECT i, hash(i) FROM range(200000, 230000) AS r(i)"
)

// TestRoomAgain: what a store holds is whole when the disk was full while it was written and is not
// when it is closed: what was being written has lost rows in memory by then.
func TestRoomAgain(t *testing.T) {
	t.Parallel()
	settings := settingsIn(t.TempDir())
	ask := func(script, want string) {
		t.Helper()
		s, err := newStore(t.Context(), settings)
		if err != nil {
			t.Fatal(err)
		}
		defer s.discard()
		if err := s.exec(t.Context(), script); err != nil {
			t.Fatal(err)
		}
		s.isFresh = false // or it is not kept without a file
		got := one(t, s.db, "SELECT COUNT(*) || ' ' || bool_and(h = hash(i)) FROM store.kept.many")
		if got != want {
			t.Errorf("the store has %s, want %s", got, want)
		}
	}
	ask(makeMany, "200000 true")
	code, said := runInChild(t, childRun{Dir: filepath.Dir(settings.Store), Settles: true})
	if code != childFailed || !strings.Contains(said, "File too large") {
		t.Fatalf("settled on a full disk: exit %d: %s", code, said)
	}
	ask("SELECT 1", "230000 true")
}

// newStore locks and opens the store of the settings; it is made when it is not there.
func newStore(ctx context.Context, settings Settings) (*store, error) {
	s, err := lockStore(settings)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, settings); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}
