package reconcile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tieout/pricing"
)

// manifestName marks a folder as one that a run has written.
const manifestName = "manifest.json"

// Manifest proves which inputs, prices and settings gave which outputs.
type Manifest struct {
	Version  string           `json:"version"`
	Period   Period           `json:"period"`
	Settings ManifestSettings `json:"settings"`
	Prices   []ManifestPrices `json:"prices"`
	Mappings []ManifestFile   `json:"mappings,omitempty"`
	Inputs   []ManifestFile   `json:"inputs"`
	Outputs  []ManifestFile   `json:"outputs"`
}

// ManifestSettings are the settings that figures depend on.
type ManifestSettings struct {
	ToleranceUSD string `json:"tolerance_usd"`
	TolerancePct string `json:"tolerance_pct"`
	Config       string `json:"config_sha256,omitempty"`
	AsOf         string `json:"as_of,omitempty"` // only when the run was told
}

// ManifestPrices is one price list that was in force.
type ManifestPrices struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows"`
}

// ManifestFile is one file with its hash.
type ManifestFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

func (r *run) writeManifest(ctx context.Context, folder string) error {
	manifest, err := r.manifest(ctx)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if manifest.Outputs, err = hashFolder(folder); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return writeJSON(filepath.Join(folder, manifestName), manifest)
}

// manifest tells what the reports are made of; the outputs are left open.
func (r *run) manifest(ctx context.Context) (*Manifest, error) {
	manifest := &Manifest{Version: r.settings.Version, Settings: r.settings.manifest(),
		Period: Period{r.settings.From.Format(time.DateOnly), r.settings.To.Format(time.DateOnly)}}
	for _, list := range r.book.Lists() {
		manifest.Prices = append(manifest.Prices, ManifestPrices(priceList(list)))
	}
	for _, path := range r.settings.Mappings {
		if file, err := hashFile(path); err == nil { // else one of our own, by its name
			file.Path = filepath.ToSlash(filepath.Clean(path))
			manifest.Mappings = append(manifest.Mappings, file)
		}
	}
	return manifest, r.each(ctx, `SELECT d.path, d.sha256, f.bytes FROM raw.delivery AS d
		INNER JOIN raw.source_file AS f ON d.sha256 = f.sha256 WHERE f.format <> 'unrecognised'
		ORDER BY ALL`, func(rows *sql.Rows) error {
		var file ManifestFile
		err := rows.Scan(&file.Path, &file.SHA256, &file.Bytes)
		manifest.Inputs = append(manifest.Inputs, file)
		return err
	})
}

func priceList(list pricing.List) ManifestPrices {
	return ManifestPrices{Name: list.Name, SHA256: list.SHA256, Rows: list.Rows}
}

// hashFolder hashes the outputs. The manifest cannot hold itself; report.duckdb is left out,
// because its pages are not the same from run to run.
func hashFolder(folder string) ([]ManifestFile, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []ManifestFile
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "report.duckdb") || entry.Name() == manifestName {
			continue
		}
		file, err := hashFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		file.Path = entry.Name()
		files = append(files, file)
	}
	slices.SortFunc(files, func(a, b ManifestFile) int {
		return slices.Compare([]byte(a.Path), []byte(b.Path))
	})
	return files, nil
}

func hashFile(path string) (ManifestFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return ManifestFile{}, err
	}
	defer file.Close()
	sum := sha256.New()
	bytes, err := io.Copy(sum, file)
	return ManifestFile{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: bytes}, err
}
