package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tieout/pricing"
	"tieout/reconcile"
)

// rateFlags are the flags of tieout rate.
type rateFlags struct {
	provider, model, at, tier, region string
	usage, tokens                     string
	prices                            []string
}

func rateCommand() command {
	return command{
		name: "rate", args: "[flags]",
		about: "say what one call costs, from its usage object or its token counts, as JSON",
		flags: func(set *pflag.FlagSet) any {
			f := &rateFlags{}
			set.StringVar(&f.provider, "provider", "", "who serves and bills the call")
			set.StringVar(&f.model, "model", "", "the model that answered")
			set.StringVar(&f.at, "at", "", "day or moment of the call: 2026-10-05, "+
				"2026-10-05T14:30:00Z (UTC)")
			set.StringVar(&f.tier, "tier", "", "service tier: standard, batch, flex, priority, …")
			set.StringVar(&f.region, "region", "", "region or data residency")
			set.StringVar(&f.usage, "usage", "", "the usage object as the API returned it; "+
				"@FILE reads it from a file, - from standard input")
			set.StringVar(&f.tokens, "tokens", "", "disjoint counts: input=1000,cache_read=200")
			set.StringArrayVar(&f.prices, "prices", nil, "price list (FILE or FILE@DATE; may be "+
				"repeated)")
			return f
		},
		run: func(_ context.Context, io streams, flags any, args []string) (int, error) {
			if len(args) > 0 {
				return 0, usage("rate takes no argument "+args[0], "tieout rate --help")
			}
			return rateCall(io, flags.(*rateFlags))
		},
	}
}

// rateAnswer is what tieout rate prints.
type rateAnswer struct {
	Status     string     `json:"status"`
	TotalUSD   *string    `json:"total_usd"`
	Lines      []rateLine `json:"lines"`
	Resolution []string   `json:"resolution"`
	Hint       string     `json:"hint,omitempty"`
	Notes      []string   `json:"notes,omitempty"`
	NotRated   []string   `json:"not_rated,omitempty"`
}

// rateLine is one token type with its price.
type rateLine struct {
	TokenType     string `json:"token_type"`
	Quantity      int64  `json:"quantity"`
	USDPerMillion string `json:"usd_per_million"`
	AmountUSD     string `json:"amount_usd"`
	PriceSource   string `json:"price_source"`
	Fallback      string `json:"fallback,omitempty"`
}

func rateCall(io streams, f *rateFlags) (int, error) {
	book, err := reconcile.OpenBook(f.prices)
	if err != nil {
		return 0, err
	}
	call, notes, err := f.call()
	if errors.Is(err, pricing.ErrImpossible) {
		return exitTied, printJSON(io, rateAnswer{Status: "impossible", Lines: []rateLine{},
			Resolution: []string{}, Hint: err.Error()})
	}
	if err != nil {
		return 0, err
	}
	return exitTied, printJSON(io, answer(book.Rate(call), notes))
}

func answer(rating pricing.Rating, notes []string) rateAnswer {
	a := rateAnswer{Status: rating.Status, Lines: []rateLine{}, Resolution: rating.Key.Path,
		Hint: rating.Hint, Notes: notes, NotRated: rating.NotRated}
	if rating.Status == "rated" {
		total := rating.Total.String()
		a.TotalUSD = &total
	}
	for _, line := range rating.Lines {
		a.Lines = append(a.Lines, rateLine{TokenType: string(line.TokenType),
			Quantity: line.Quantity, USDPerMillion: line.USDPerMillion.String(),
			AmountUSD: line.Amount.String(), Fallback: line.Fallback,
			PriceSource: listed(line.File, line.FileLine) + " " + line.Source})
	}
	if a.Resolution == nil {
		a.Resolution = []string{}
	}
	return a
}

// listed is where a price stands; LiteLLM's map is one document without lines of its own.
func listed(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// call builds the call from the flags.
func (f *rateFlags) call() (pricing.Call, []string, error) {
	call := pricing.Call{Query: pricing.Query{Provider: f.provider, Model: f.model,
		ServiceTier: f.tier, Region: f.region}}
	if f.model == "" || f.at == "" || (f.usage == "") == (f.tokens == "") {
		return call, nil, usage("rate needs --model, --at and one of --usage and --tokens",
			"tieout rate --provider openai --model gpt-5 --at 2026-10-05 --tokens input=1000")
	}
	var err error
	if call.At, err = moment(f.at); err != nil {
		return call, nil, err
	}
	if f.tokens != "" {
		call.Counts, call.Other, err = tokenCounts(f.tokens)
		return call, nil, err
	}
	text, err := usageText(f.usage)
	if err != nil {
		return call, nil, err
	}
	read, err := pricing.ReadUsage(f.provider, text)
	if err != nil {
		if errors.Is(err, pricing.ErrImpossible) {
			return call, nil, err
		}
		return call, nil, usage(err.Error(), "give the usage object of the response as JSON, or "+
			"@FILE that holds it")
	}
	read.ReadAs(f.model)
	call.Counts, call.Other = read.Counts, read.Other
	call.PromptTokens = cmp.Or(read.LongestPrompt, read.PromptTokens)
	call.Picture = read.Picture
	switch {
	case call.ServiceTier == "" || call.ServiceTier == "auto" && read.ServiceTier != "":
		call.ServiceTier = read.ServiceTier // auto is asked for, and does not serve
	case read.ServiceTier != "" && read.ServiceTier != "auto" &&
		!pricing.IsSameTier(f.provider, call.ServiceTier, read.ServiceTier):
		read.Notes = append(read.Notes, "rated as "+call.ServiceTier+", as --tier says: the usage "+
			"says that the tier which served was "+strconv.Quote(read.ServiceTier))
	}
	if call.Region == "" {
		call.Region = read.Region
	}
	return call, read.Notes, nil
}

func usageText(argument string) ([]byte, error) {
	path, isFile := strings.CutPrefix(argument, "@")
	if argument == "-" {
		path, isFile = os.Stdin.Name(), true
	}
	if !isFile {
		return []byte(argument), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("--usage: "+err.Error(), "check the path")
	}
	return text, nil
}

// moment reads a day or an instant.
func moment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04",
		"2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("--at "+text+": not a day or moment",
		"write it as 2026-10-05 or 2026-10-05T14:30:00Z")
}

// tokenCounts reads TYPE=COUNT,TYPE=COUNT: token types, and other charges by the list's name.
func tokenCounts(text string) (counts map[pricing.TokenType]int64, other map[string]int64,
	err error) {
	counts, other = map[pricing.TokenType]int64{}, map[string]int64{}
	for _, pair := range strings.Split(text, ",") {
		name, number, found := strings.Cut(strings.TrimSpace(pair), "=")
		n, err := strconv.ParseInt(number, 10, 64)
		if !found || err != nil {
			return nil, nil, usage("--tokens "+pair+": not TYPE=COUNT", "write it as input=1000")
		}
		tokenType := pricing.TokenType(name)
		switch {
		case isTokenType(tokenType):
			counts[tokenType] += n
		case pricing.IsOtherCharge(name):
			other[name] += n
		default:
			return nil, nil, usage("--tokens "+name+": no such token type", "the types are "+
				typeList()+", and other charges such as file_search_call or audio_hour")
		}
	}
	return counts, other, nil
}

func isTokenType(asked pricing.TokenType) bool {
	for _, tokenType := range pricing.TokenTypes() {
		if tokenType == asked {
			return true
		}
	}
	return false
}

func typeList() string {
	var names []string
	for _, tokenType := range pricing.TokenTypes() {
		names = append(names, string(tokenType))
	}
	return strings.Join(names, ", ")
}

func printJSON(io streams, value any) error {
	encoder := json.NewEncoder(io.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
