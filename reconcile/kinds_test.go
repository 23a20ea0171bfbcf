package reconcile

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestSmallFilesShareKinds: files of one call each keep what they have in common once, and a file
// that goes takes nothing with it that another needs, and leaves nothing behind that none does.
func TestSmallFilesShareKinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	write := func(name string, call, team int) string {
		path := filepath.Join(in, name)
		writeFile(t, path, fmt.Appendf(nil, payload, call, call, 1791000000+call, team))
		return path
	}
	first, second := write("a.json", 1, 1), write("b.json", 2, 1)
	write("c.json", 3, 2)
	settings := settingsIn(dir, in)
	settings.Exact = true
	for _, want := range []struct {
		inputs []string
		shown  string
	}{
		{[]string{in}, "3 requests, 2 teams, 2 kinds"},
		{[]string{first, second}, "2 requests, 1 teams, 1 kinds"},
		{[]string{second}, "1 requests, 1 teams, 1 kinds"},
		{[]string{in}, "3 requests, 2 teams, 3 kinds"}, // a load does not know those of another
	} {
		settings.Inputs = want.inputs
		if _, err := Run(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		db := emptyDB(t)
		mustExec(t, db, "ATTACH '"+settings.Store+"' AS store (READ_ONLY); USE store")
		shown := one(t, db, `SELECT (SELECT count(*) || ' requests, ' ||
			count(DISTINCT team_id) || ' teams, ' FROM raw.request) ||
			(SELECT count(*) || ' kinds' FROM raw.request_kind)`)
		mustExec(t, db, "USE memory; DETACH store")
		if shown != want.shown {
			t.Errorf("of %v the store holds %s, not %s", want.inputs, shown, want.shown)
		}
	}
}
