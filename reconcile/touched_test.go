package reconcile

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTouchedRows: nights that bring a little each match and rate that little alone, also where a
// provider's file is restated and a name is gone with it, and end in the bytes of a run from
// nothing.
func TestTouchedRows(t *testing.T) {
	t.Parallel()
	const nights = 8
	chance := rand.New(rand.NewPCG(11, 2026))
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	var touched atomic.Int64
	settings.Progress = func(step Step) {
		if step.Name == "touched" {
			touched.Add(1)
		}
	}
	usage := filepath.Join(in, "provider", "anthropic_tokens_2026_10.csv")
	for _, path := range files(t, month+"/provider", month+"/control") {
		writeFile(t, filepath.Join(in, "provider", filepath.Base(path)), readFile(t, path))
	}
	whole := string(readFile(t, usage))
	pieces := map[string][]string{}
	for _, path := range files(t, month+"/gateway", month+"/traces", month+"/application") {
		name := strings.TrimSuffix(filepath.Base(path), ".gz")
		pieces[name] = parts(t, path, nights, chance)
	}
	var last outcome
	for night := range nights {
		for name, dealt := range pieces {
			if night < len(dealt) {
				path := filepath.Join(in, fmt.Sprintf("%c", 'a'+rune(night%5)), // in any order
					fmt.Sprintf("%02d-%s", night, name))
				writeFile(t, path, []byte(dealt[night]))
			}
		}
		text := whole
		if night == nights-2 { // the export names a model that the next one has not
			text = strings.ReplaceAll(whole, "claude-sonnet-5", "claude-sonnet-4-5-20250929")
		}
		writeFile(t, usage, []byte(text))
		last = runWith(t, settings)
	}
	if touched.Load() < nights/3 {
		t.Errorf("%d of %d nights worked out only what was new", touched.Load(), nights)
	}
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	var names []string // all but those that tell of restatements
	for _, path := range files(t, settings.Out) {
		switch name := filepath.Base(path); name {
		case "report.duckdb", "manifest.json", "restatement.parquet", "report.html":
		default:
			names = append(names, name)
		}
	}
	sameFiles(t, runWith(t, scratch), last, names...)
}
