package main

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// explainFlags are the flags of tieout explain.
type explainFlags struct{ out, tenant, day, cause, provider, bridge string }

func explainCommand() command {
	return command{
		name: "explain", args: "[flags] [REQUEST_ID]",
		about: "show how a request's charge, a tenant's figure, a cause or a bridge comes about",
		flags: func(set *pflag.FlagSet) any {
			f := &explainFlags{}
			set.StringVar(&f.out, "out", "report", "folder of the reports")
			set.StringVar(&f.tenant, "tenant", "", "explain what this tenant pays")
			set.StringVar(&f.day, "day", "", "of this UTC day (2026-10-05)")
			set.StringVar(&f.cause, "cause", "", "explain the findings of this cause")
			set.StringVar(&f.provider, "provider", "", "of this provider")
			set.StringVar(&f.bridge, "bridge", "",
				"explain this provider's way from spend to bill; with --cause, that step of it")
			return f
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			return exitTied, explain(ctx, io, flags.(*explainFlags), args)
		},
	}
}

func explain(ctx context.Context, io streams, f *explainFlags, args []string) error {
	if f.day != "" {
		if _, err := time.Parse(time.DateOnly, f.day); err != nil {
			return usage("--day "+f.day+": not a day", "write it as 2026-10-05")
		}
	}
	hasFlags := f.tenant+f.day+f.cause+f.provider+f.bridge != ""
	switch {
	case len(args) == 1 && !hasFlags:
		return reconcile.Explain(ctx, f.out, args[0], io.out)
	case len(args) > 0:
		return usage("explain takes one request id, or flags",
			"tieout explain chatcmpl-…, or tieout explain --tenant T --day D")
	case f.bridge != "" && f.tenant+f.day+f.provider == "":
		return reconcile.ExplainBridge(ctx, f.out, f.bridge, f.cause, io.out)
	case f.cause != "" && f.bridge == "":
		return reconcile.ExplainCause(ctx, f.out, reconcile.Finding{Cause: f.cause,
			Provider: f.provider, Day: f.day, Tenant: f.tenant}, io.out)
	case f.tenant != "" && f.provider+f.bridge == "":
		return reconcile.ExplainTenant(ctx, f.out, f.tenant, f.day, io.out)
	}
	return usage("nothing to explain", "name a request id, --tenant, --cause or --bridge; "+
		"--tenant takes --day, --cause takes all but --bridge, --bridge takes --cause")
}
