package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"tieout/pricing"
	"tieout/reconcile"
)

// pricesFlags are the flags of tieout prices.
type pricesFlags struct {
	prices   []string
	at       string
	provider string
}

func pricesCommand() command {
	return command{
		name: "prices", args: "check | show MODEL | diff A B",
		about: "look at the price list: its faults, a model's prices, what two lists disagree on",
		flags: func(set *pflag.FlagSet) any {
			f := &pricesFlags{}
			set.StringArrayVar(&f.prices, "prices", nil,
				"price list on top of ours (FILE or FILE@DATE; may be repeated)")
			set.StringVar(&f.at, "at", "", "the day that show and diff look at")
			set.StringVar(&f.provider, "provider", "", "whose prices show looks for")
			return f
		},
		run: func(_ context.Context, io streams, flags any, args []string) (int, error) {
			return priceList(io, flags.(*pricesFlags), args)
		},
	}
}

func priceList(io streams, f *pricesFlags, args []string) (int, error) {
	switch {
	case len(args) == 1 && args[0] == "check":
		return checkPrices(io, f)
	case len(args) == 2 && args[0] == "show":
		return showPrices(io, f, args[1])
	case len(args) == 3 && args[0] == "diff":
		return diffPrices(io, f, args[1], args[2])
	}
	return 0, usage("prices takes check, show MODEL or diff A B",
		"tieout prices show gpt-5 --at 2026-10-05; A and B are files, FILE@DATE, or ours")
}

// checkPrices lists the faults of the list and what of a user's file could not be taken in.
func checkPrices(io streams, f *pricesFlags) (int, error) {
	book, err := reconcile.OpenBook(f.prices)
	if err != nil {
		return 0, err
	}
	rows := 0
	for _, list := range book.Lists() {
		rows += list.Rows
	}
	for _, skipped := range book.Skipped() {
		fmt.Fprintf(io.out, "not supported: %s: %s %s: %s\n", skipped.List, skipped.Entry,
			skipped.Key, skipped.Reason)
	}
	problems := book.Check()
	for _, problem := range problems {
		fmt.Fprintln(io.out, problem)
	}
	fmt.Fprintf(io.out, "%d lists, %d rows, %d price sheets: %d not supported, %d problems\n",
		len(book.Lists()), rows, len(book.Sheets()), len(book.Skipped()), len(problems))
	if len(problems) > 0 {
		return exitBreaks, nil
	}
	return exitTied, nil
}

// showPrices prints each price of a model, for all time or for one moment.
func showPrices(io streams, f *pricesFlags, model string) (int, error) {
	book, err := reconcile.OpenBook(f.prices)
	if err != nil {
		return 0, err
	}
	at := time.Time{}
	if f.at != "" {
		if at, err = moment(f.at); err != nil {
			return 0, err
		}
	}
	provider, name := f.provider, model
	if key := keyOf(book, f.provider, model, at); key.PriceKey != "" {
		provider, name = key.Provider, key.Model
		fmt.Fprintf(io.out, "%s: %s\n", model, strings.Join(key.Path, "; "))
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	shown := 0
	for _, sheet := range book.Sheets() {
		if sheet.Model == name && (provider == "" || sheet.Provider == provider) &&
			holds(sheet, at) {
			shown += showSheet(table, sheet)
		}
	}
	table.Flush()
	if shown == 0 {
		key := keyOf(book, f.provider, model, at)
		return 0, &reconcile.InputError{Problem: model + " has no price: " + key.Hint,
			Hint: "add it with --prices, or name its provider with --provider"}
	}
	return exitTied, nil
}

// keyOf resolves a model's name at a moment, the last known meaning when none is given.
func keyOf(book *pricing.Book, provider, model string, at time.Time) pricing.Key {
	keys := book.Keys(pricing.Query{Provider: provider, Model: model})
	for _, key := range keys {
		if !at.IsZero() && !at.Before(key.From) && (key.To.IsZero() || at.Before(key.To)) {
			return key
		}
	}
	if len(keys) == 0 {
		return pricing.Key{}
	}
	return keys[len(keys)-1]
}

func holds(sheet pricing.Sheet, at time.Time) bool {
	return at.IsZero() ||
		!at.Before(sheet.From) && (sheet.To.IsZero() || at.Before(sheet.To))
}

func showSheet(table *tabwriter.Writer, sheet pricing.Sheet) int {
	var lines []pricing.Line
	for _, tokenType := range pricing.TokenTypes() {
		if line, listed := sheet.Price(tokenType); listed {
			lines = append(lines, line)
		}
	}
	lines = append(lines, sheet.Other()...)
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s USD a million\t%s:%d\t%s\t%s\n", sheet.PriceKey,
			line.TokenType, dates(sheet.From, sheet.To), promptRange(sheet), hours(sheet),
			line.USDPerMillion, line.File, line.FileLine, line.Source, line.Fallback)
	}
	return len(lines)
}

func dates(from, to time.Time) string {
	return day(from, "always") + " to " + day(to, "open")
}

func day(t time.Time, open string) string {
	if t.IsZero() {
		return open
	}
	return t.UTC().Format(time.DateOnly)
}

func promptRange(sheet pricing.Sheet) string {
	if sheet.MaxPrompt == 0 {
		return fmt.Sprintf("prompt from %d", sheet.MinPrompt)
	}
	return fmt.Sprintf("prompt %d to %d", sheet.MinPrompt, sheet.MaxPrompt-1)
}

func hours(sheet pricing.Sheet) string {
	if sheet.TodTo == 0 {
		return "all day"
	}
	return fmt.Sprintf("%02d:%02d to %02d:%02d UTC", sheet.TodFrom/60, sheet.TodFrom%60,
		sheet.TodTo/60, sheet.TodTo%60)
}

// diffPrices prints each cell on which two lists disagree; it exits with 1 on a conflict.
func diffPrices(io streams, f *pricesFlags, nameA, nameB string) (int, error) {
	if len(f.prices) > 0 || f.provider != "" {
		return 0, usage("diff compares two lists alone, without --prices and --provider",
			"name the lists: tieout prices diff ours contract.csv --at 2026-10-05")
	}
	if f.at == "" {
		return 0, usage("diff needs --at", "tieout prices diff ours litellm.json@2026-08-01 "+
			"--at 2026-08-20")
	}
	at, err := moment(f.at)
	if err != nil {
		return 0, err
	}
	a, err := oneList(nameA)
	if err != nil {
		return 0, err
	}
	b, err := oneList(nameB)
	if err != nil {
		return 0, err
	}
	kinds := map[string]int{}
	for _, difference := range pricing.Diff(a, b, at) {
		kinds[difference.Kind()]++
		fmt.Fprintf(io.out, "%s\t%s\t%s\n", difference, difference.SourceA, difference.SourceB)
	}
	fmt.Fprintf(io.out, "%d conflicts, %d only in %s, %d only in %s\n", kinds["conflict"],
		kinds["only_a"], nameA, kinds["only_b"], nameB)
	if kinds["conflict"] > 0 {
		return exitBreaks, nil
	}
	return exitTied, nil
}

// oneList opens a list alone: ours, or a user's file with only our names beneath it.
func oneList(name string) (*pricing.Book, error) {
	ours, err := reconcile.OpenBook(nil)
	if err != nil || name == "ours" {
		return ours, err
	}
	return reconcile.AddPrices(ours.Bare(), name)
}
