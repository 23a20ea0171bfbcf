package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

func sqlCommand() command {
	return command{
		name: "sql", args: "[flags] QUERY",
		about: "query the published reports, read-only; the result is CSV",
		flags: func(set *pflag.FlagSet) any {
			return set.String("out", "report", "folder of the reports")
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			if len(args) == 0 {
				return 0, usage("no query", "tieout sql 'SELECT * FROM breaks LIMIT 10'")
			}
			query := strings.Join(args, " ")
			return exitTied, reconcile.Query(ctx, *flags.(*string), query, io.out)
		},
	}
}
