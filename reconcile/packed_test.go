package reconcile

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackedOtherwise: an export whose next version comes packed, or unpacked again, is one file
// of two versions, of which the newer one counts, also where a line was taken back; one that still
// stands beside its packed version counts too.
func TestPackedOtherwise(t *testing.T) {
	t.Parallel()
	bill, dir := openaiCosts(t), t.TempDir()
	older := bill.between(1, 31)
	newer := bill.header + strings.Join(bill.rows[3:], "")
	plain, zipped := filepath.Join(dir, "in/cost.csv"), filepath.Join(dir, "in/cost.csv.gz")
	settings := settingsIn(dir, filepath.Join(dir, "in"))
	writeFile(t, plain, []byte(older))
	whole := runWith(t, settings)
	writeFile(t, zipped, gzipped(t, newer))
	sameFiles(t, whole, runWith(t, settings), "drift.parquet", "bridge.parquet")
	remove(t, plain)
	packed := runWith(t, settings)
	sameFiles(t, whole, packed, "drift.parquet", "bridge.parquet") // merely gone
	if drift(t, whole) == drift(t, runOf(t, zipped)) {
		t.Fatal("the two versions say the same")
	}
	remove(t, zipped)
	writeFile(t, plain, []byte(older+"\n"))
	runWith(t, settings)
	remove(t, plain)
	writeFile(t, zipped, gzipped(t, newer+"\n"))
	packed = runWith(t, settings)
	sameFiles(t, runOf(t, zipped), packed, figures()...)
	remove(t, zipped)
	writeFile(t, plain, []byte(older))
	sameFiles(t, whole, runWith(t, settings), figures()...)
}

func drift(t *testing.T, run outcome) string {
	t.Helper()
	return string(readFile(t, filepath.Join(run.settings.Out, "drift.parquet")))
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte(text)); err != nil || writer.Close() != nil {
		t.Fatal("cannot pack", err)
	}
	return packed.Bytes()
}
