package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// disputeFlags are the flags of tieout dispute.
type disputeFlags struct{ out, tenant, to string }

func disputeCommand() command {
	return command{
		name: "dispute", args: "--tenant T [flags]",
		about: "write a folder with all that a tenant's figure rests on",
		flags: func(set *pflag.FlagSet) any {
			f := &disputeFlags{}
			set.StringVar(&f.tenant, "tenant", "", "the tenant")
			set.StringVar(&f.out, "out", "report", "folder of the reports")
			set.StringVar(&f.to, "to", "dispute", "folder to write, which must be new or empty")
			return f
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			f := flags.(*disputeFlags)
			if f.tenant == "" || len(args) > 0 {
				return 0, usage("dispute needs a tenant, and nothing beside its flags",
					"tieout dispute --tenant search --to search-2026-10")
			}
			payable, err := reconcile.Dispute(ctx, f.out, f.tenant, f.to)
			if err != nil {
				return 0, err
			}
			fmt.Fprintf(io.out, "%s pays %s USD; the proof is in %s\n", shown(f.tenant), payable,
				f.to)
			return exitTied, nil
		},
	}
}
