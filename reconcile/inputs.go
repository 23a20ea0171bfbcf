package reconcile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// inputFile is a file to load; found tells one named on the command line from one met in a folder.
type inputFile struct {
	path  string
	found bool
}

// findInputs lists the files to load in an order that does not depend on how they were named.
func findInputs(settings Settings) ([]inputFile, error) {
	if len(settings.Inputs) == 0 {
		return nil, &SettingError{Problem: "no input files",
			Hint: "name files or folders: tieout run --period 2026-10 exports/"}
	}
	seen := map[string]bool{}
	var files []inputFile
	add := func(path string, found bool) {
		if !seen[path] {
			seen[path] = true
			files = append(files, inputFile{path: path, found: found})
		}
	}
	for _, input := range settings.Inputs {
		info, err := os.Stat(input)
		if err != nil {
			return nil, &InputError{Problem: input + ": cannot be read: " + pathErrText(err),
				Hint: "check the path"}
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return nil, &InputError{Problem: input + ": neither a file nor a folder",
				Hint: "write pipes and devices to a file first: a file is read twice"}
		}
		if !info.IsDir() {
			add(filepath.ToSlash(filepath.Clean(input)), false)
			continue
		}
		err = walkFolder(input, ownPaths(settings), func(path string) { add(path, true) })
		var refused *InputError
		switch {
		case errors.As(err, &refused):
			return nil, refused
		case err != nil:
			return nil, &InputError{Problem: input + ": " + pathErrText(err)}
		}
	}
	for _, file := range files {
		if !utf8.ValidString(file.path) {
			return nil, &InputError{Problem: fmt.Sprintf("%q: the name is not UTF-8", file.path),
				Hint: "rename it: reports name the file of each row"}
		}
	}
	slices.SortFunc(files, func(a, b inputFile) int { return strings.Compare(a.path, b.path) })
	if len(files) == 0 {
		return nil, &InputError{Problem: "the folders hold no files",
			Hint: "check the paths; hidden files and what runs write, --out and --store, are " +
				"passed over"}
	}
	return files, nil
}

// ownPaths are those that this run itself writes: a folder that holds them too has them passed
// over, or a second run would find other inputs than the first.
func ownPaths(settings Settings) []string {
	out, store := filepath.Clean(settings.Out), filepath.Clean(settings.Store)
	own := []string{out, out + ".building", out + ".old", out + ".lock", store, store + ".wal",
		settings.spillFolder(), store + ".lock", store + ".aside", store + ".aside.wal"}
	for i, path := range own {
		if absolute, err := filepath.Abs(path); err == nil {
			own[i] = absolute
		}
	}
	return own
}

// WalkInputs visits the files of a folder that a run would find in it, but for those that the run
// itself writes.
func WalkInputs(root string, visit func(path string)) error { return walkFolder(root, nil, visit) }

// walkFolder visits the plain files of a folder, which may be named by a link, but for our own;
// hidden ones are passed over.
func walkFolder(root string, own []string, visit func(string)) error {
	isOwn := func(path, name string) bool {
		return slices.ContainsFunc(own, func(one string) bool {
			if filepath.Base(one) != name && path != root { // most are told apart by their names
				return false
			}
			absolute, err := filepath.Abs(path)
			return err == nil && absolute == one
		})
	}
	root = filepath.Clean(root) + string(filepath.Separator)
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		isHidden := strings.HasPrefix(entry.Name(), ".") && path != root
		if isHidden || isOwn(path, entry.Name()) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		isFile := entry.Type().IsRegular()
		if entry.Type()&fs.ModeSymlink != 0 {
			isFile, err = leadsToHidden(root, path)
		}
		if isFile {
			visit(filepath.ToSlash(path))
		}
		return err
	})
}

// leadsToHidden reports a link in a folder to a file that lies hidden within it, as Kubernetes
// mounts the files of a ConfigMap. What is not hidden is met without the link. One to a hidden
// folder, or out of this one, is an error: whoever may write here must not name files elsewhere,
// and what it leads to would be missing without a word.
func leadsToHidden(root, path string) (bool, error) {
	home, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false, err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false, &InputError{Problem: path + ": the link leads nowhere: " + pathErrText(err),
			Hint: "remove it, or bring back what it leads to"}
	}
	within, err := filepath.Rel(home, target)
	if err != nil || !filepath.IsLocal(within) {
		return false, &InputError{Problem: path + ": the link leads out of the folder",
			Hint: "name what it leads to beside the folder, or remove the link"}
	}
	isHidden := slices.ContainsFunc(strings.Split(within, string(filepath.Separator)),
		func(part string) bool { return strings.HasPrefix(part, ".") && part != "." })
	info, err := os.Stat(target)
	if err == nil && isHidden && info.IsDir() {
		return false, &InputError{Problem: path + ": the link leads to a hidden folder",
			Hint: "name the link itself, or remove it"}
	}
	return err == nil && isHidden && info.Mode().IsRegular(), err
}

func pathErrText(err error) string {
	if pathErr, ok := err.(*fs.PathError); ok {
		return pathErr.Err.Error()
	}
	return err.Error()
}
