package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"tieout/loaders"
	"tieout/reconcile"
)

func formatsCommand() command {
	return command{
		name: "formats", args: "[--mapping FILE] [FILE...]",
		about: "list the formats that can be read, or say what each file is and why",
		flags: func(set *pflag.FlagSet) any {
			return set.StringArray("mapping", nil, "a mapping file to check and to read by")
		},
		run: func(_ context.Context, io streams, flags any, args []string) (int, error) {
			loader, err := openFormats(io, *flags.(*[]string))
			if err != nil {
				return 0, err
			}
			if len(args) == 0 {
				listFormats(io, loader.Formats())
				return exitTied, nil
			}
			return recognise(io, loader, args), nil
		},
	}
}

// openFormats knows our formats and those of mapping files; of a file that is wrong it lists all
// that is.
func openFormats(io streams, mappings []string) (*loaders.Loader, error) {
	loader, err := loaders.NewLoader(loaders.Options{Mappings: mappings}, nil)
	var wrong *loaders.MappingError
	if errors.As(err, &wrong) {
		for _, problem := range wrong.Problems {
			fmt.Fprintf(io.out, "%s:%s\n", wrong.Path, problem)
		}
		return nil, &reconcile.SettingError{Problem: wrong.Path + " is no mapping that can be used",
			Hint: "README.md, \"A format of your own\", says what a mapping holds"}
	}
	return loader, err
}

func listFormats(io streams, formats []loaders.Format) {
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	for _, format := range formats {
		fmt.Fprintf(table, "%s\t%s\t%s\n", format.Leg, format.Name, format.About)
	}
	table.Flush()
}

// recognise keeps going after a file that is no known format and exits with 3 at the end.
func recognise(io streams, loader *loaders.Loader, paths []string) int {
	code := exitTied
	for _, path := range withinFolders(paths) {
		format, match, err := loader.Recognise(path)
		var unusable *loaders.FileError
		switch {
		case errors.As(err, &unusable):
			fmt.Fprintf(io.out, "%s: unknown: %s\n", reconcile.Printable(path),
				reconcile.Printable(unusable.Problem))
			code = exitInput
		case err != nil:
			fmt.Fprintf(io.out, "%s: %s\n", reconcile.Printable(path),
				reconcile.Printable(err.Error()))
			code = exitInput
		default:
			fmt.Fprintf(io.out, "%s: %s (%s): %s\n", reconcile.Printable(path), format.Name,
				format.Leg, reconcile.Printable(match.Why))
		}
	}
	return code
}

// withinFolders puts the files of folders in their place, as a run would find them.
func withinFolders(paths []string) []string {
	var files []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path != root && strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
				return fs.SkipDir
			case path == root && !entry.IsDir(), entry.Type().IsRegular() && entry.Name()[0] != '.':
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			files = append(files, root) // says what is wrong with it
		}
	}
	return files
}
