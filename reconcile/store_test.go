package reconcile

import (
	"context"
	"errors"
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
