package reconcile

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// The database trusts its file: damage that its checksums let pass it follows, wherever that leads,
// and it may take the whole process with it. So a run opens a store only when it is what the last
// run left, or when another process has read all of it first.

// judgeVariable holds, in a process that is to judge a store, which one and within what bounds.
const judgeVariable = "TIEOUT_JUDGE_STORE"

// judgeAsked is what a judge is told.
type judgeAsked struct {
	Store       string
	Threads     int
	MemoryBytes int64
}

// What a judge answers; one that dies says nothing.
const (
	judgedWhole   = "whole"
	judgedForeign = "foreign" // a database that opens and has no table of ours
	judgedBroken  = "broken"
)

// judgement is the answer of a judge.
type judgement struct{ Verdict, Problem string }

// JudgeStore judges a store if this process was started for that, and reports whether it was: the
// program then ends. Every program that calls Run calls it first.
func JudgeStore() (isJudge bool) {
	text := os.Getenv(judgeVariable)
	if text == "" {
		return false
	}
	var asked judgeAsked
	answer := judgement{Verdict: judgedBroken}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		answer.Problem = err.Error()
	} else {
		answer = asked.judge(context.Background())
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
	return true
}

// judge reads all that a store holds.
func (a judgeAsked) judge(ctx context.Context) judgement {
	broken := func(err error) judgement { return judgement{judgedBroken, err.Error()} }
	connector, err := duckdb.NewConnector(a.Store+"?access_mode=read_only", nil)
	if err != nil {
		return broken(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	settings := Settings{Threads: a.Threads, MemoryBytes: a.MemoryBytes}
	for _, statement := range settings.databaseBounds(true) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return broken(err)
		}
	}
	var all, ours int64 // an empty one is what a run left that died as it began
	err = db.QueryRowContext(ctx, `SELECT COUNT(*),
			COUNT(*) FILTER (schema_name = 'raw' AND table_name = 'source_file')
		FROM (
			SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal
			UNION ALL
			SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal)`,
	).Scan(&all, &ours)
	if err != nil {
		return broken(err)
	}
	if all > 0 && ours == 0 {
		return judgement{Verdict: judgedForeign}
	}
	if err := readThrough(ctx, db); err != nil {
		return broken(err)
	}
	if err := errors.Join(db.Close(), connector.Close()); err != nil {
		return broken(err)
	}
	return judgement{Verdict: judgedWhole}
}

// readThrough reads every value of the tables that a run opens, of whatever version they are.
func readThrough(ctx context.Context, db *sql.DB) error {
	var tables []string
	rows, err := db.QueryContext(ctx, `SELECT format('{}."{}"', schema_name,
			replace(table_name, '"', '""'))
		FROM duckdb_tables() WHERE schema_name IN ('raw', 'kept') ORDER BY 1`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var table string
		err = errors.Join(err, rows.Scan(&table))
		tables = append(tables, table)
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, table := range tables {
		rows, err := db.QueryContext(ctx, "SELECT BIT_XOR(HASH(COLUMNS(*))) FROM "+table)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		for rows.Next() {
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// vouch makes sure that the store can be opened without harm to this process. Until then the lock
// file goes on to say what the last run left.
func (s *store) vouch(ctx context.Context, settings Settings) error {
	info, err := os.Stat(s.path)
	if err != nil || info.Size() == 0 {
		return nil // opening tells what is wrong with a file that cannot be looked at
	}
	if s.isAsLeft = s.isWhatWasLeft(info); s.isAsLeft {
		return nil
	}
	asked, size := judgeAsked{s.path, settings.Threads, settings.MemoryBytes}, info.Size()
	if log, err := os.Stat(s.path + ".wal"); err == nil {
		size += log.Size()
	}
	found, err := askJudge(ctx, asked, size)
	if err != nil {
		return err
	}
	switch found.Verdict {
	case judgedWhole:
		s.isTouched = s.left != ""
		return nil
	case judgedForeign:
		os.Remove(s.path + ".lock") // beside a file that is none of ours
		return foreignStore(s.path)
	}
	return s.openError(errors.New(found.Problem))
}

// A judge is given time to start, and to read from a slow disk, in bytes a second.
const (
	judgePatience = 15 * time.Second
	judgeRate     = 4 << 20
)

// askJudge starts this program once more to read a store. Its death is an answer too.
func askJudge(ctx context.Context, asked judgeAsked, size int64) (judgement, error) {
	if os.Getenv(judgeVariable) != "" {
		return judgement{}, errors.New("a judge asks for a judge: JudgeStore is not called first")
	}
	program, err := os.Executable()
	if err != nil {
		program, err = exec.LookPath(os.Args[0]) // where /proc is not mounted
	}
	if err != nil {
		return judgement{}, fmt.Errorf("store %s: %w", asked.Store, err)
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return judgement{}, fmt.Errorf("store %s: %w", asked.Store, err)
	}
	patience := judgePatience + time.Duration(size/judgeRate)*time.Second
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var answer, said bytes.Buffer
	judge := exec.CommandContext(limited, program)
	judge.Args[0] = os.Args[0]
	judge.Env = append(os.Environ(), judgeVariable+"="+string(text), "GOTRACEBACK=none")
	judge.Stdout, judge.Stderr = &answer, &said
	err = judge.Run()
	if ctx.Err() != nil {
		return judgement{}, ctx.Err()
	}
	var found judgement
	if err == nil && json.Unmarshal(answer.Bytes(), &found) == nil {
		return found, nil
	}
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return judgement{}, fmt.Errorf("store %s: no process that reads it: %w", asked.Store, err)
	}
	problem := "reading it did not end in " + patience.String()
	if limited.Err() == nil {
		first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		problem = "reading it ends the process that reads: " +
			cmp.Or(first, judge.ProcessState.String())
	}
	return judgement{judgedBroken, problem}, nil
}

// What a run leaves in the lock file of its store, for the next one to compare.
const leftForm = "free; the last run left %d bytes with fingerprint %s\n" // as sealOf writes it

// leftIn finds in a lock file what a run wrote there as it ended.
func leftIn(lock string) (line string, bytes int64, seal string) {
	for line := range strings.Lines(lock) {
		if _, err := fmt.Sscanf(line, leftForm, &bytes, &seal); err == nil {
			return line, bytes, seal
		}
	}
	return "", 0, ""
}

// isWhatWasLeft reports that the store is what the last run left.
func (s *store) isWhatWasLeft(info os.FileInfo) bool {
	line, bytes, seal := leftIn(s.left)
	if line == "" || bytes != info.Size() {
		return false
	}
	if _, err := os.Stat(s.path + ".wal"); err == nil {
		return false
	}
	if !isSealed(s.path, seal, s.threads) {
		return false
	}
	return true
}

// leave closes the store and writes down what it is, while the database frees its memory.
func (s *store) leave() error {
	if err := s.settle(context.Background()); err != nil {
		return err
	}
	if err := s.exec(context.Background(), "DETACH store"); err != nil {
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	noted := meanwhile(s.noteLeft)
	return errors.Join(s.shut(), noted())
}

// noteLeft writes down what the store is. Where that cannot be done, the next run has the store
// judged.
func (s *store) noteLeft() error {
	info, err := os.Stat(s.path)
	_, errLog := os.Stat(s.path + ".wal")
	if err != nil || errLog == nil {
		return nil
	}
	seal, err := sealOf(s.path)
	if err != nil {
		return nil
	}
	_ = writeOver(s.lock, fmt.Sprintf(leftForm, info.Size(), seal))
	return nil
}
