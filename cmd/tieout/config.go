package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

func configCommand() command {
	return command{
		name: "config", args: "check [run flags] [FILE]",
		about: "check a configuration file and the environment, and show what a run would be told",
		flags: func(set *pflag.FlagSet) any { return newRunFlags(set) },
		run: func(_ context.Context, io streams, flags any, args []string) (int, error) {
			if len(args) == 0 || args[0] != "check" || len(args) > 2 {
				return 0, usage("tieout config takes the word check and at most one file",
					"tieout config check tieout.yaml")
			}
			return checkConfig(io, flags.(*runFlags), args[1:])
		},
	}
}

// checkConfig gathers the settings as a run would and prints each with where it comes from. It
// opens no input, store or price list of the user's.
func checkConfig(io streams, f *runFlags, file []string) (int, error) {
	if len(file) == 1 {
		if err := f.set.Set("config", file[0]); err != nil {
			return 0, err
		}
	}
	inputs, origins, err := f.gather(nil, environment())
	if err != nil {
		return 0, err
	}
	if f.period != "" || f.from != "" || f.to != "" {
		if _, err := f.settings(inputs); err != nil {
			return 0, err
		}
	} else if err := f.check(); err != nil {
		return 0, err
	}
	book, err := reconcile.OpenBook(nil)
	if err == nil {
		err = f.read.CheckNames(book)
	}
	if err != nil {
		return 0, err
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	row := func(name, value, origin string) {
		if value != "" && value != "[]" {
			fmt.Fprintf(table, "%s\t%s\t%s\n", name, value, origin)
		}
	}
	whole := f.wholeTolerance()
	row(inputsKey, strings.Join(inputs, " "), origins[inputsKey])
	f.set.VisitAll(func(flag *pflag.Flag) {
		value, origin := flag.Value.String(), origins[flag.Name]
		if said := whole[flag.Name]; said != "" && origin == fromDefault {
			value, origin = said, fromFile
		}
		row(fileName(flag.Name), value, origin)
	})
	if err := table.Flush(); err != nil {
		return 0, err
	}
	for _, stranger := range f.strangers(environment()) {
		fmt.Fprintln(io.err, "warning: "+stranger)
	}
	return exitTied, nil
}

// wholeTolerance is what the settings file says under tolerance that flags can say too.
func (f *runFlags) wholeTolerance() map[string]string {
	said := map[string]string{}
	if f.read == nil {
		return said
	}
	for _, t := range f.read.Tolerances {
		if t.Scope == "" {
			said["tolerance-usd"], said["tolerance-pct"] = t.USD, t.Pct
		}
	}
	return said
}
