package pricing

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// meaning is what a contract's name of a model stands for in a span of time. regions are those of
// the rows that price it: of an inference profile its geography, of any other name all, nil.
type meaning struct {
	span
	provider, model string
	regions         []string
}

// meanings reads a model's name over a span: an alias may move from one model to another, and a
// contract holds for each while the name means it. Spans in which nothing is listed are left out;
// where none is, the error says why.
func (in *importer) meanings(provider, name string, s span) ([]meaning, error) {
	q := Query{Provider: provider, Model: name}
	var found []meaning
	hint, at := "", s.from
	for _, date := range append(in.book.aliasDates(q), time.Time{}) {
		isLast := date.IsZero()
		if !isLast && (!date.After(at) || !s.to.IsZero() && !date.Before(s.to)) {
			continue
		}
		r := in.book.resolve(q, at)
		means := meaning{span{at, earlier(date, s.to)}, r.provider, r.model, in.regionsOf(r)}
		last := len(found) - 1
		switch {
		case !r.found:
			hint = r.hint
		case last >= 0 && found[last].continues(means):
			found[last].to = means.to
		default:
			found = append(found, means)
		}
		at = date
	}
	if len(found) == 0 {
		return nil, errors.New("model " + quote(name) + ": " + hint)
	}
	return found, nil
}

// continues reports that one meaning is the same as the next, which follows it at once.
func (m meaning) continues(next meaning) bool {
	return m.provider == next.provider && m.model == next.model && m.to.Equal(next.from) &&
		slices.Equal(m.regions, next.regions)
}

// regionsOf returns the region whose rows price a Bedrock profile: its geography's, where it has
// rows of its own, else the default rows.
func (in *importer) regionsOf(r resolved) []string {
	switch {
	case r.geo == "":
		return nil
	case slices.Contains(in.book.regions[r.provider+"/"+r.model], r.geo):
		return []string{r.geo}
	}
	return []string{""}
}

// splitRegions reads the column region, which may name several, "us|eu"; nil for none.
func splitRegions(text string) []string {
	if text == "" {
		return nil
	}
	var regions []string
	for region := range strings.SplitSeq(text, "|") {
		regions = append(regions, plainRegion(region))
	}
	return regions
}
