package reconcile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	reports "tieout/sql"
)

// A run replaces its store and its folder of reports as a whole. These checks keep it from
// replacing anything that no run has made.

// checkStore refuses a store that is not one, and follows a link to the file itself.
func checkStore(path, out string) (string, error) {
	if strings.ContainsAny(path, "?%\n") {
		return "", &SettingError{Problem: "--store " + path + ": ? and % cannot be in its path",
			Hint: "name another path"}
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if isWithin(path, out) {
		return "", &SettingError{Problem: "--store " + path + " lies within --out " + out,
			Hint: "a run replaces --out as a whole: keep the store beside it"}
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return "", &RefusedError{Problem: "--store " + path + " is not a file",
			Hint: "name a file; it is made when it is not there"}
	}
	if err == nil && info.Size() == 0 {
		return path, nil
	}
	if err == nil && !isDuckDB(path) && !wasStore(path, info.Size()) {
		return "", foreignStore(path)
	}
	return path, nil
}

// wasStore reports that a file that is no database any more was a run's store: it has the size that
// the last run left, or nothing is left of it.
func wasStore(path string, size int64) bool {
	lock, _ := os.ReadFile(path + ".lock")
	line, bytes, _ := leftIn(string(lock))
	return line != "" && (bytes == size || size < duckDBHead)
}

// foreignStore refuses a file that is none of ours.
func foreignStore(path string) error {
	return &RefusedError{Problem: "--store " + path + " is a file that no run made",
		Hint: "name another file; if it was a store, put its backup back, or remove it and name " +
			"all inputs"}
}

// isWithin reports that path lies in the folder.
func isWithin(path, folder string) bool {
	path, errPath := filepath.Abs(path)
	folder, errFolder := filepath.Abs(folder)
	if errPath != nil || errFolder != nil {
		return false
	}
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, "../")
}

// duckDBHead is where the mark of a DuckDB file ends.
const duckDBHead = 12

// isDuckDB looks for the mark that every DuckDB file has.
func isDuckDB(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, duckDBHead)
	_, err = io.ReadFull(file, head)
	return err == nil && string(head[8:]) == "DUCK"
}

// checkOut refuses a folder that holds anything but a run's reports.
func checkOut(out string) error {
	if strings.ContainsAny(out, "?%\n") {
		return &SettingError{Problem: "--out " + out + ": ? and % cannot be in its path",
			Hint: "name another path"}
	}
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return &RefusedError{Problem: "--out " + out + ": " + pathErrText(err),
			Hint: "name a folder that can be made"}
	}
	known := outputNames()
	for _, entry := range entries {
		if !slices.Contains(known, entry.Name()) {
			return &RefusedError{
				Problem: "--out " + out + " holds " + entry.Name() + ", which no run wrote",
				Hint:    "name a new folder; a run replaces its folder as a whole"}
		}
	}
	if _, err := os.Stat(filepath.Join(out, manifestName)); err != nil {
		return &RefusedError{Problem: "--out " + out + " holds files that no run wrote",
			Hint: "name a new folder; a run replaces its folder as a whole"}
	}
	return nil
}

// outputNames are the files that a run leaves in OUT.
func outputNames() []string {
	names := []string{manifestName, "summary.json", "report.html", "report.duckdb",
		"report.duckdb.wal"}
	for _, report := range reports.Reports() {
		names = append(names, report.Name+".parquet")
	}
	return names
}
