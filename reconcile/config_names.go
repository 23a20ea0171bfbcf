package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"tieout/pricing"
)

// CheckNames holds the providers that a configuration names against those that the price list
// knows. One that is not known is a provider of the user's own, but what is a letter or two away
// from a known one is misspelt and would be passed over in silence.
func (c *Config) CheckNames(book *pricing.Book) error {
	if c == nil {
		return nil
	}
	named := slices.Sorted(maps.Keys(c.SettleHours))
	for _, t := range c.Tolerances {
		if t.Scope == "provider" {
			named = append(named, t.Name)
		}
	}
	for _, invoice := range c.Invoices {
		named = append(named, invoice.Provider)
	}
	known := book.Providers()
	for _, name := range named {
		ours := providerName(book, name)
		if len(ours) < 5 || slices.Contains(known, ours) {
			continue
		}
		for _, candidate := range known {
			if len(candidate) >= 5 && lettersApart(ours, candidate) <= 2 {
				return &SettingError{Problem: fmt.Sprintf("--config: no provider is called %s",
					strconv.Quote(name)), Hint: nearest(ours, known)}
			}
		}
	}
	return nil
}

// providerName gives our name of a provider, however it is written.
func providerName(book *pricing.Book, name string) string {
	return book.Keys(pricing.Query{Provider: name})[0].Provider
}

// modelNames gives the ids by which the price list knows a model, whatever alias it is named by.
func modelNames(book *pricing.Book, name string) []string {
	var ids []string
	for _, key := range book.Keys(pricing.Query{Model: name}) {
		if !slices.Contains(ids, key.Model) {
			ids = append(ids, key.Model)
		}
	}
	return ids
}

// reportNames gives the tolerances by the names of the reports: what names a provider or model
// as they do comes before what names it otherwise.
func reportNames(book *pricing.Book, all []Tolerance) []Tolerance {
	isNamed := map[[2]string]bool{}
	for _, t := range all {
		isNamed[[2]string{t.Scope, t.Name}] = true
	}
	named := slices.Clone(all)
	for _, t := range all {
		var names []string
		switch t.Scope {
		case "provider":
			names = []string{providerName(book, t.Name)}
		case "model":
			names = modelNames(book, t.Name)
		}
		for _, name := range names {
			if t.Name = name; !isNamed[[2]string{t.Scope, name}] {
				isNamed[[2]string{t.Scope, name}] = true
				named = append(named, t)
			}
		}
	}
	return named
}
