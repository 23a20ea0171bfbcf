package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// putBeside has a file written in a new folder beside its place, and moves it there when it is
// whole: what stood there before stays, or is replaced as a whole. A pipe or a device gets what is
// written when it is whole.
func putBeside(path string, write func(path string) error) error {
	isDevice := strings.HasPrefix(path, "/dev/") // where /dev/stdout is a link to what it is now
	if at, err := filepath.EvalSymlinks(path); err == nil && !isDevice {
		path = at
	}
	beside := filepath.Dir(path)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return &fs.PathError{Op: "write", Path: path, Err: syscall.EISDIR}
	}
	if isDevice = isDevice || err == nil && !info.Mode().IsRegular(); isDevice {
		beside = os.TempDir()
	}
	folder, err := os.MkdirTemp(beside, ".tieout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	made := filepath.Join(folder, filepath.Base(path))
	if err := write(made); err != nil {
		return err
	}
	if isDevice {
		text, err := os.ReadFile(made)
		if err != nil {
			return err
		}
		return os.WriteFile(path, text, 0o644)
	}
	file, err := os.Open(made)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(made, path)
}
