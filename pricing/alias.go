package pricing

import (
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// names is what a book knows about names: providers, models and dated aliases.
type names struct {
	providers map[string]string    // a provider's other names -> ours; "" = say nothing
	squeezed  map[string]string    // the same without what stands between the words
	aliases   map[string][]alias   // provider/alias -> models by date
	models    map[string]bool      // provider/model -> listed
	fromUser  map[string][]listing // provider/model -> when which user's file lists it
	unversion map[string][]string
	bounds    map[string][]time.Time // provider -> dates on which an alias changes
}

// alias is another name of a listed model in a span of time.
type alias struct {
	provider, name, model string
	span
	kind, source string
	fromUser     bool
}

// newNames returns the names of an empty book.
func newNames() names {
	return names{
		providers: make(map[string]string),
		squeezed:  make(map[string]string),
		aliases:   make(map[string][]alias),
		bounds:    make(map[string][]time.Time),
	}
}

// readProviders reads the table of provider names: name, provider.
func (n names) readProviders(name string, text []byte) (int, error) {
	t, err := newTable(name, text, []string{"name", "provider"}, nil)
	if err != nil {
		return 0, err
	}
	for rows := 0; ; rows++ {
		if err := t.next(); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return 0, err
		}
		n.providers[t.get("name")] = t.get("provider")
		n.squeezed[squeeze(t.get("name"))] = t.get("provider")
	}
}

// readAliases reads the table of model aliases.
func (n names) readAliases(name string, text []byte, fromUser bool) (int, error) {
	t, err := newTable(name, text, []string{"provider", "alias", "model"},
		[]string{"valid_from", "valid_to", "kind", "source"})
	if err != nil {
		return 0, err
	}
	for rows := 0; ; rows++ {
		if err := t.next(); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return 0, err
		}
		if err := n.addAlias(t, fromUser); err != nil {
			return 0, t.errorf(err)
		}
	}
}

// addAlias takes one alias row in.
func (n names) addAlias(t *table, fromUser bool) error {
	from, err := parseTime(t.get("valid_from"))
	if err != nil {
		return err
	}
	to, err := parseTime(t.get("valid_to"))
	if err != nil {
		return err
	}
	a := alias{
		provider: n.provider(t.get("provider")), name: strings.ToLower(t.get("alias")),
		model: strings.ToLower(t.get("model")), span: span{from, to},
		kind: t.get("kind"), source: t.get("source"), fromUser: fromUser,
	}
	id := a.provider + "/" + a.name
	if fromUser {
		if a.model, err = n.target(a, from); err != nil {
			return err
		}
	}
	for _, other := range n.aliases[id] {
		if other.overlaps(a.span) && other.fromUser == fromUser {
			return errors.New("alias " + id + ": two models at once")
		}
	}
	n.aliases[id] = append(n.aliases[id], a)
	n.addBounds(a.provider, a.span)
	return nil
}

// target is the listed model that a user's alias names; behind a geography for a Bedrock profile
// that is named with one.
func (n names) target(a alias, at time.Time) (string, error) {
	if model, _, ok := n.lookup(a.provider, a.model, at); ok {
		return model, nil
	}
	if geo := Geography(a.model); a.provider == "bedrock" && geo != "" {
		if model, _, ok := n.lookup(a.provider, a.model[len(geo)+1:], at); ok {
			return geo + "." + model, nil
		}
	}
	return "", errors.New("alias " + a.provider + "/" + a.name + ": its model " + a.model +
		" is not listed")
}

// withModels returns the names with the models of a price list.
func (n names) withModels(prices []*price) names {
	n.models, n.fromUser = make(map[string]bool), make(map[string][]listing)
	n.unversion = make(map[string][]string)
	n.bounds = maps.Clone(n.bounds)
	for provider, dates := range n.bounds {
		n.bounds[provider] = slices.Clip(dates)
	}
	for rows := range chunks(prices, isSameModel) {
		id := rows[0].provider + "/" + rows[0].model
		n.models[id] = true
		for _, row := range rows {
			if row.fromUser && row.status != statusWithdrawn {
				n.addUserSpan(id, row)
			}
		}
	}
	version := bedrockVersion()
	for _, id := range slices.Sorted(maps.Keys(n.models)) {
		if strings.HasPrefix(id, "bedrock/") {
			short := version.ReplaceAllString(id, "")
			n.unversion[short] = append(n.unversion[short], id)
		}
	}
	return n
}

// listing is when a user's file lists a model.
type listing struct {
	span
	file string
}

// addUserSpan notes when a user's file lists a model: then its name is no alias of ours.
func (n names) addUserSpan(id string, row *price) {
	listed := listing{span{row.from, row.to}, row.file}
	if !slices.Contains(n.fromUser[id], listed) {
		n.fromUser[id] = append(n.fromUser[id], listed)
		n.addBounds(row.provider, listed.span)
	}
}

// addBounds notes the dates on which a provider's names may change their meaning.
func (n names) addBounds(provider string, s span) {
	for _, date := range []time.Time{s.from, s.to} {
		if !date.IsZero() && !slices.ContainsFunc(n.bounds[provider], date.Equal) {
			n.bounds[provider] = append(n.bounds[provider], date)
		}
	}
}

// bedrockVersion matches the version that ends a Bedrock model id.
func bedrockVersion() *regexp.Regexp { return regexp.MustCompile(`-v\d+(:\d+)?$`) }

// provider returns our name for a provider, in whatever case and with whatever between its
// words it is written (Vertex AI, google-vertex-ai); a name that we do not know stays as it is,
// in lower case.
func (n names) provider(raw string) string {
	name := strings.ToLower(strings.TrimSpace(raw))
	if ours, ok := n.providers[name]; ok {
		return ours
	}
	if ours, ok := n.squeezed[squeeze(name)]; ok {
		return ours
	}
	return name
}

// Providers lists our names of the providers that the book knows, sorted.
func (b *Book) Providers() []string {
	known := map[string]bool{}
	for _, ours := range b.names.providers {
		known[ours] = ours != ""
	}
	for _, sheet := range b.sheets().all {
		known[sheet.Provider] = true
	}
	delete(known, "")
	return slices.Sorted(maps.Keys(known))
}

// squeeze leaves out what stands between the words of a provider's name.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.", r) {
			return -1
		}
		return r
	}, name)
}

// knownProvider reports whether a name is a provider's or a gateway's.
func (n names) knownProvider(name string) (string, bool) {
	ours, ok := n.providers[name]
	return ours, ok
}

// withAliases returns the names with a user's table of aliases.
func (n names) withAliases(name string, text []byte) (names, int, error) {
	n.aliases, n.bounds = maps.Clone(n.aliases), maps.Clone(n.bounds)
	for id, list := range n.aliases {
		n.aliases[id] = slices.Clip(list)
	}
	for provider, dates := range n.bounds {
		n.bounds[provider] = slices.Clip(dates)
	}
	rows, err := n.readAliases(name, text, true)
	return n, rows, err
}

// lookup finds the listed model that a name stands for at a moment: a user's alias, or a model
// while a user's file lists it, first, then the alias of that date, then the list's model, then
// a Bedrock id without its version.
func (n names) lookup(provider, name string, at time.Time) (model, step string, ok bool) {
	id := provider + "/" + name
	for _, a := range n.aliases[id] {
		if a.fromUser && a.contains(at) {
			return a.model, "the user's alias " + name + " -> " + a.model + a.validity(), true
		}
	}
	for _, listed := range n.fromUser[id] {
		if listed.contains(at) {
			return name, "listed by " + listed.file + ", before our list", true
		}
	}
	for _, a := range n.aliases[id] {
		if a.contains(at) && a.model != name {
			return a.model, "alias " + name + " -> " + a.model + a.validity(), true
		}
	}
	if n.models[id] {
		return name, "listed as " + id, true
	}
	if provider == "bedrock" {
		return n.lookupVersion(id)
	}
	return "", "", false
}

// lookupVersion finds a Bedrock model when its id or the list's has the version or a part of it
// and the other has not: ...-v1:0, ...-v1, none. Another version is another model.
func (n names) lookupVersion(id string) (model, step string, ok bool) {
	found := ""
	for _, full := range n.unversion[bedrockVersion().ReplaceAllString(id, "")] {
		if !strings.HasPrefix(full, id) && !strings.HasPrefix(id, full) {
			continue
		}
		if found != "" {
			return "", "", false
		}
		found = full
	}
	model = strings.TrimPrefix(found, "bedrock/")
	return model, "id without its version: " + model, found != ""
}

// validity writes an alias's dates, "" when it has none.
func (a alias) validity() string {
	if a.from.IsZero() && a.to.IsZero() {
		return ""
	}
	return " (" + day(a.from) + " to " + day(a.to) + ")"
}

// day writes a date, "open" for none.
func day(at time.Time) string {
	if at.IsZero() {
		return "open"
	}
	return at.Format(time.DateOnly)
}

// dates returns the sorted dates on which a provider's aliases change.
func (n names) dates(provider string) []time.Time {
	dates := slices.Clone(n.bounds[provider])
	slices.SortFunc(dates, time.Time.Compare)
	return dates
}

// endingIn returns the only listed model of a provider that itself, or as an alias of ours, has
// the name, or a Claude's with dots for dashes, as the last part of its path; "" for none or
// several.
func (n names) endingIn(provider, name string) string {
	found := map[string]bool{}
	take := func(id string, models ...string) {
		path, ok := strings.CutPrefix(id, provider+"/")
		at := strings.LastIndex(path, "/")
		if !ok || at < 0 {
			return
		}
		last := path[at+1:]
		if strings.HasPrefix(name, "claude") {
			last = strings.ReplaceAll(last, ".", "-")
		}
		if last == name {
			for _, model := range models {
				found[model] = true
			}
		}
	}
	for id, list := range n.aliases {
		for _, a := range list {
			take(id, a.model)
		}
	}
	for id := range n.models {
		if n.aliases[id] == nil {
			take(id, strings.TrimPrefix(id, provider+"/"))
		}
	}
	if len(found) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(found))[0]
}

// listedBy returns the providers that list a model under this very name.
func (n names) listedBy(name string) []string {
	var found []string
	for id := range n.models {
		if provider, ok := strings.CutSuffix(id, "/"+name); ok && !strings.Contains(provider, "/") {
			found = append(found, provider)
		}
	}
	slices.Sort(found)
	return found
}
