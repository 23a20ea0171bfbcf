package main

import (
	"context"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

func explainCommand() command {
	return command{
		name: "explain", args: "[flags] REQUEST_ID",
		about: "show how a request's charge comes about, and why it differs",
		flags: func(set *pflag.FlagSet) any {
			return set.String("out", "report", "folder of the reports")
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			if len(args) != 1 {
				return 0, usage("explain takes one request id", "tieout explain chatcmpl-…")
			}
			return exitTied, reconcile.Explain(ctx, *flags.(*string), args[0], io.out)
		},
	}
}
