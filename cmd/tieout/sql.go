package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// sqlFlags are the flags of tieout sql.
type sqlFlags struct {
	out, format, to string
	rowsMax         int64
	timeout         time.Duration
}

func sqlCommand() command {
	return command{
		name: "sql", args: "[flags] QUERY",
		about: "query the published reports, read-only; .views lists them with their meaning",
		flags: func(set *pflag.FlagSet) any {
			f := &sqlFlags{}
			set.StringVar(&f.out, "out", "report", "folder of the reports")
			set.StringVar(&f.format, "format", "csv", "csv, table, json or parquet")
			set.StringVar(&f.to, "to", "", "file to write instead of the screen")
			set.Int64Var(&f.rowsMax, "max-rows", 1_000_000, "more rows are an error; 0 is no limit")
			set.DurationVar(&f.timeout, "timeout", 5*time.Minute,
				"a longer query is an error; 0 is no limit")
			return f
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			return exitTied, runSQL(ctx, io, flags.(*sqlFlags), args)
		},
	}
}

func runSQL(ctx context.Context, io streams, f *sqlFlags, args []string) error {
	switch {
	case len(args) == 0:
		return usage("no query", "tieout sql 'SELECT * FROM breaks LIMIT 10'")
	case f.format != "parquet" && !slices.Contains(reconcile.QueryFormats(), f.format):
		return usage("--format "+f.format+": no such form",
			"use "+strings.Join(reconcile.QueryFormats(), ", ")+" or parquet")
	case f.format == "parquet" && f.to == "":
		return usage("--format parquet is no text for a screen", "name a file with --to")
	case f.rowsMax < 0 || f.timeout < 0:
		return usage("--max-rows and --timeout count from 0 up", "")
	}
	asked := reconcile.Asked{Out: f.out, Query: strings.Join(args, " "), Format: f.format,
		RowsMax: f.rowsMax, Timeout: f.timeout}
	if asked.Query == ".views" {
		asked.Query = reconcile.ViewsQuery
	}
	if f.to == "" {
		return reconcile.Query(ctx, asked, io.out)
	}
	return putBeside(f.to, func(path string) error {
		if f.format == "parquet" {
			return reconcile.QueryParquet(ctx, asked, path)
		}
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		return errors.Join(reconcile.Query(ctx, asked, file), file.Close())
	})
}
