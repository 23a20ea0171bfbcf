package reconcile

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shelf is an input folder whose files get other names from night to night. No content leaves it
// for good: what is taken away comes back, under another name, before anything is compared.
type shelf struct {
	*rand.Rand
	files, away folder
	rows        []string // of a log, that are to come
	costs       dated
	names       int
}

// night changes something.
func (s *shelf) night() {
	for range 1 + s.IntN(3) {
		switch s.IntN(7) {
		case 0:
			s.files["llm.jsonl"] += s.more()
		case 1:
			s.rotate()
		case 2:
			from := s.any()
			text := s.files[from]
			delete(s.files, from)
			s.files[s.name()] = text
		case 3:
			s.files[s.name()] = s.files[s.any()]
		case 4:
			a, b := s.any(), s.any()
			s.files[a], s.files[b] = s.files[b], s.files[a]
		case 5:
			s.hide()
		default:
			s.move()
		}
	}
	maps.DeleteFunc(s.files, func(_, text string) bool { return text == "" })
	for name, text := range s.away {
		if s.IntN(2) == 0 {
			s.files[name] = text
			delete(s.away, name)
		}
	}
}

func (s *shelf) more() string {
	n := min(1+s.IntN(4), len(s.rows))
	text := strings.Join(s.rows[:n], "")
	s.rows = s.rows[n:]
	return text
}

// name is a new one, before or behind the others.
func (s *shelf) name() string {
	s.names++
	return fmt.Sprintf("%c/%02d", "amz"[s.IntN(3)], s.names)
}

func (s *shelf) any() string {
	names := slices.Sorted(maps.Keys(s.files))
	return names[s.IntN(len(names))]
}

// rotate gives the log another name, written on or not, and begins a new one, or none yet.
func (s *shelf) rotate() {
	if s.IntN(2) == 0 {
		s.files["llm.jsonl"] += s.more()
	}
	for n := 30; n > 0; n-- {
		name := fmt.Sprint("llm.jsonl.", n)
		if text, isThere := s.files[name]; isThere {
			delete(s.files, name)
			s.files[fmt.Sprint("llm.jsonl.", n+1)] = text
		}
	}
	s.files["llm.jsonl.1"] = s.files["llm.jsonl"]
	if s.files["llm.jsonl"] = s.more(); s.IntN(4) == 0 || s.files["llm.jsonl"] == "" {
		delete(s.files, "llm.jsonl")
	}
}

// hide takes a log away that comes back under another name, written on or not.
func (s *shelf) hide() {
	from := s.any()
	if from == "cost.csv" || len(s.files) < 3 || !strings.HasPrefix(s.files[from], "{") {
		return
	}
	text := s.files[from]
	if delete(s.files, from); s.IntN(2) == 0 {
		text += s.more()
	}
	s.away[s.name()] = text
}

// move exports another window of days, or one of before again, and archives the one that was there.
func (s *shelf) move() {
	if was := s.files["cost.csv"]; was != "" {
		s.away[s.name()] = was
	}
	from := 1 + s.IntN(20)
	s.files["cost.csv"] = s.costs.between(from, from+2+s.IntN(8))
}

// TestMovedAtRandom: after nights in which files get other names the store holds what it does of a
// run from nothing.
func TestMovedAtRandom(t *testing.T) {
	t.Parallel()
	rows := strings.SplitAfter(plainText(t, month+"/gateway/litellm-2026-10.jsonl"), "\n")
	costs := openaiCosts(t)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := &shelf{Rand: rand.New(rand.NewPCG(seed, 2026)), away: folder{},
				files: folder{"llm.jsonl": rows[0], "other.jsonl": rows[99]}, rows: rows[1:90],
				costs: costs}
			s.move()
			s.play(t)
		})
	}
}

func (s *shelf) play(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir)
	before := folder{}
	for nights := 3 + s.IntN(5); nights > 0; nights-- {
		if s.night(); nights == 1 {
			maps.Copy(s.files, s.away)
		}
		settings.Inputs, settings.Exact = []string{in}, s.IntN(6) == 0
		if fresh := s.write(t, in, before); !settings.Exact && s.IntN(3) == 0 && len(fresh) > 0 {
			settings.Inputs = fresh
		}
		before = maps.Clone(s.files)
		takeInWith(t, settings)
	}
	settings.Inputs, settings.Exact = []string{in}, false
	once := settings
	once.Store = filepath.Join(dir, "once.duckdb")
	differ(t, "the store", takeInWith(t, settings), takeInWith(t, once))
}

// write puts the files into a folder and lists those that are not as they were.
func (s *shelf) write(t *testing.T, in string, before folder) (fresh []string) {
	t.Helper()
	for name := range before {
		if s.files[name] == "" {
			if err := os.Remove(filepath.Join(in, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range s.files {
		if path := filepath.Join(in, name); before[name] != text {
			writeFile(t, path, []byte(text))
			fresh = append(fresh, path)
		}
	}
	return fresh
}

// begun is a run that has its store open and its inputs listed.
func begun(t *testing.T, settings Settings) *run {
	t.Helper()
	store, err := newStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{settings: settings, store: store}
	if r.files, err = findInputs(settings); err != nil {
		store.discard()
		t.Fatal(err)
	}
	return r
}

// takeInWith takes the inputs into the store and tells what it holds: the files in their order, the
// names of each, and how many rows of each table are whose. What rows have in common is noted in
// each run.
func takeInWith(t *testing.T, settings Settings) []string {
	t.Helper()
	r := begun(t, settings)
	defer r.store.discard()
	if _, err := r.takeIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	db := r.store.db
	held := lines(t, db, `SELECT row_number() OVER (ORDER BY file_id), * EXCLUDE (file_id)
		FROM raw.source_file`)
	held = append(held, lines(t, db, "SELECT * FROM raw.delivery")...)
	for _, table := range rawTables() {
		if strings.HasSuffix(table, "_kind") {
			continue
		}
		held = append(held, lines(t, db, fmt.Sprintf(`SELECT '%[1]s', f.path, COUNT(*)
			FROM raw.%[1]s AS r LEFT JOIN raw.source_file AS f ON r.file_id = f.file_id
			GROUP BY ALL`, table))...)
	}
	return held
}
