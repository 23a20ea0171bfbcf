package main

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// recognise says of each file, those of folders in their place, what it is. It keeps going after
// one that is no known format and exits with 3 at the end.
func recognise(io streams, loader *loaders.Loader, paths []string) int {
	code := exitTied
	say := func(path, what string) {
		fmt.Fprintf(io.out, "%s: %s\n", reconcile.Printable(path), reconcile.Printable(what))
	}
	judge := func(path string) {
		format, match, err := loader.Recognise(path)
		var unusable *loaders.FileError
		switch {
		case errors.As(err, &unusable):
			say(path, "unknown: "+unusable.Problem)
		case err != nil:
			say(path, err.Error())
		default:
			say(path, fmt.Sprintf("%s (%s): %s", format.Name, format.Leg, match.Why))
			return
		}
		code = exitInput
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			judge(path)
			continue
		}
		if err := reconcile.WalkInputs(path, judge); err != nil {
			say(path, err.Error())
			code = exitInput
		}
	}
	return code
}
