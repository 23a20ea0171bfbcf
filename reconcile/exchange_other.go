//go:build !linux

package reconcile

import "os"

// exchange puts the folder building in the place of out.
func exchange(building, out string) error {
	if err := os.Rename(building, out); err == nil {
		return nil
	}
	return replace(building, out)
}
