package reconcile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// published gives the summary of the reports in OUT when this run would write the same: they are
// whole, and inputs, prices, settings, period, program and the days that are settled are those
// that they were made of. It gives nil when they must be made anew.
func (r *run) published(ctx context.Context) *Summary {
	out := r.settings.Out
	written, err := os.ReadFile(filepath.Join(out, manifestName))
	if err != nil {
		return nil
	}
	asOf, isKnown := r.publishedAsOf(ctx, out)
	if !isKnown || !r.sameDaysSettled(ctx, asOf) {
		return nil
	}
	wanted, err := r.manifest(ctx)
	if err != nil {
		return nil
	}
	if wanted.Outputs, err = hashFolder(out); err != nil {
		return nil
	}
	if text, err := jsonText(wanted); err != nil || !bytes.Equal(text, written) {
		return nil
	}
	if !r.isDatabaseWhole() {
		return nil
	}
	return readSummary(out)
}

// isDatabaseWhole reports that report.duckdb is there and, where the store knows it, what it was.
// The manifest does not hold it: it is not the same from run to run.
func (r *run) isDatabaseWhole() bool {
	path := filepath.Join(r.settings.Out, databaseName)
	if r.held == nil || r.held.out != folderName(r.settings.Out) {
		return !isAway(path)
	}
	return isSealed(path, r.held.files[databaseName], r.settings.Threads)
}

func readManifest(out string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(out, manifestName))
	if err != nil {
		return nil, err
	}
	manifest := &Manifest{}
	if err := json.Unmarshal(text, manifest); err != nil {
		return nil, err
	}
	return manifest, nil
}

func readSummary(out string) *Summary {
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		return nil
	}
	summary := &Summary{IsUnchanged: true}
	if json.Unmarshal(text, summary) != nil {
		return nil
	}
	return summary
}

// notePublished keeps what tells the next run that the reports in OUT are of this store, and as
// of when they were judged.
func (r *run) notePublished(ctx context.Context) error {
	sum, err := manifestSum(r.settings.Out)
	if err != nil {
		return fmt.Errorf("note the reports: %w", err)
	}
	held, err := r.noteHeld(ctx)
	if err != nil {
		return fmt.Errorf("note the reports: %w", err)
	}
	// The last that is written goes into the tables at once, and not through the log.
	const atOnce = "SET checkpoint_threshold = '0B'"
	err = r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, atOnce+";\n"+held); err != nil {
			return err
		}
		out := folderName(r.settings.Out)
		_, err := conn.ExecContext(ctx, "DELETE FROM raw.published WHERE out_folder = ?", out)
		if err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, "INSERT INTO raw.published VALUES (?, ?, ?)", out, sum,
			r.asOf.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("note the reports: %w", err)
	}
	return nil
}

// folderName names a folder whatever it is called from.
func folderName(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return filepath.Clean(path)
}

func (r *run) publishedAsOf(ctx context.Context, out string) (time.Time, bool) {
	sum, err := manifestSum(out)
	if err != nil {
		return time.Time{}, false
	}
	var us int64
	row := r.store.db.QueryRowContext(ctx, `SELECT as_of_us FROM raw.published
		WHERE out_folder = ? AND manifest_sha256 = ?`, folderName(out), sum)
	if row.Scan(&us) != nil {
		return time.Time{}, false
	}
	return time.UnixMicro(us).UTC(), true
}

func manifestSum(out string) (string, error) {
	text, err := os.ReadFile(filepath.Join(out, manifestName))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// sameDaysSettled reports that no day of the period has settled between then and now.
func (r *run) sameDaysSettled(ctx context.Context, then time.Time) bool {
	for _, hours := range r.settings.settleHours(r.book) {
		last := r.settings.To.AddDate(0, 0, 1)
		for day := r.settings.From.AddDate(0, 0, -1); day.Before(last); day = day.AddDate(0, 0, 1) {
			at := day.AddDate(0, 0, 1).Add(time.Duration(hours) * time.Hour)
			if at.After(then) != at.After(r.asOf) {
				return false
			}
		}
	}
	return true
}
