package reconcile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"tieout/pricing"
)

// Config is what a configuration file says; README.md lists its keys. Unknown keys are errors:
// a setting that is misspelt must not be passed over in silence.
type Config struct {
	Tolerances  []Tolerance
	SettleHours map[string]int64 // by provider; "" for all that are not named
	TenantRules []TenantRule     // in the order in which they are asked; none: the built-in order
	TenantNames []TenantName
	Policies    []PoolPolicy // in the order in which pools are shared out
	Versions    []GatewayVersion
	Invoices    []Invoice
	Run         []RunSetting // of the flags of tieout run, unchecked
	SHA256      string       // of the file
	names       []settingName
}

// RunSetting is a setting of a run under the key run; the command knows which there are.
type RunSetting struct {
	Key    string
	Values []string
	Where  string // path, line and column
}

// Tolerance says how large a difference may be: of all figures, or of one provider, model or
// tenant. A field that is "" is not said. A difference up to USD, or up to Pct of the charge, is
// no break; nor is one of counts up to Tokens, or up to TokensPct of what the provider counted. A
// break up to MaterialUSD, or up to MaterialPct, does not change the verdict.
type Tolerance struct {
	Scope, Name                        string // "", provider, model or tenant, and its name
	USD, Pct, MaterialUSD, MaterialPct string
	Tokens, TokensPct                  string // of a day and model; not of a tenant
}

// The built-in tolerance is what floating-point arithmetic of gateways may cost.
const (
	DefaultToleranceUSD = "0.000000001"
	DefaultTolerancePct = "0"
	// Counts are whole numbers: they agree or they do not, and money says how much it matters.
	DefaultToleranceTokens = "0"
)

// defaultSettleHours says how long after a day's end a provider may still change it.
func defaultSettleHours() map[string]int64 {
	return map[string]int64{"": 48, "azure": 72, "bedrock": 72, "vertex": 72, "google": 72}
}

// ReadConfig reads a configuration file.
func ReadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &SettingError{Problem: "--config " + path + ": " + pathErrText(err),
			Hint: "check the path"}
	}
	return ParseConfig(path, text)
}

// ParseConfig reads the text of a configuration file; errors name path, line and column.
func ParseConfig(path string, text []byte) (*Config, error) {
	file, err := parser.ParseBytes(bytes.TrimPrefix(text, []byte("\ufeff")), 0)
	if err != nil {
		return nil, syntaxProblem(path, err)
	}
	sum := sha256.Sum256(text)
	config := &Config{SettleHours: map[string]int64{}, SHA256: hex.EncodeToString(sum[:])}
	c := configReader{path, &config.names}
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		err := c.fields(document.Body, map[string]func(ast.Node) error{
			"tolerance":    func(n ast.Node) error { return c.tolerance(n, config) },
			"run":          func(n ast.Node) error { return c.run(n, config) },
			"settle_hours": func(n ast.Node) error { return c.settleHours(n, config) },
			"tenants":      func(n ast.Node) error { return c.tenants(n, config) },
			"chargeback":   func(n ast.Node) error { return c.chargeback(n, config) },
			"invoices":     func(n ast.Node) error { return c.invoices(n, config) },
			"gateway_versions": func(n ast.Node) error {
				return c.gatewayVersions(n, config)
			},
		})
		if err != nil {
			return nil, err
		}
	}
	return config, nil
}

func syntaxProblem(path string, err error) error {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		return &SettingError{Problem: path + ": " + err.Error(), Hint: "write it as YAML"}
	}
	at := syntax.GetToken().Position
	hint := "write it as YAML"
	if strings.Contains(syntax.GetMessage(), "already defined") {
		hint = "say it once"
	}
	return &SettingError{Problem: fmt.Sprintf("%s:%d:%d: %s", path, at.Line, at.Column,
		syntax.GetMessage()), Hint: hint}
}

// configReader walks a file's tree; it reads numbers from their text, so that they stay exact.
type configReader struct {
	path  string
	names *[]settingName
}

func (c configReader) problem(at ast.Node, hint, format string, args ...any) error {
	return &SettingError{Problem: c.where(at) + ": " + fmt.Sprintf(format, args...), Hint: hint}
}

func (c configReader) where(at ast.Node) string {
	where := at.GetToken().Position
	return fmt.Sprintf("%s:%d:%d", c.path, where.Line, where.Column)
}

// each visits the keys of a mapping in the order of the file.
func (c configReader) each(node ast.Node, visit func(key string, at, value ast.Node) error) error {
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode:
	default:
		return c.problem(node, "write it as key: value", "%s is not a list of settings",
			strconv.Quote(node.GetToken().Value))
	}
	for _, pair := range pairs {
		if err := visit(pair.Key.GetToken().Value, pair.Key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

// fields visits a mapping whose keys are known.
func (c configReader) fields(node ast.Node, known map[string]func(ast.Node) error) error {
	return c.each(node, func(key string, at, value ast.Node) error {
		read, isKnown := known[key]
		if !isKnown {
			names := slices.Sorted(maps.Keys(known))
			return c.problem(at, nearest(key, names), "there is no setting %s",
				strconv.Quote(key))
		}
		return read(value)
	})
}

// number reads a plain number from 0 up, with so many digits before the point.
func (c configReader) number(into *string, digitsMax int) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		usd, err := pricing.ParseUSD(text)
		if _, isScalar := node.(ast.ScalarNode); !isScalar || err != nil || usd.Sign() < 0 {
			return c.problem(node, "write it as 0.01", "%s is not a number from 0 up",
				strconv.Quote(text))
		}
		plain := usd.String()
		if whole, _, _ := strings.Cut(plain, "."); len(whole) > digitsMax {
			return c.problem(node, "", "%s is too large", text)
		}
		*into = plain
		return nil
	}
}

func (c configReader) amounts(t *Tolerance) map[string]func(ast.Node) error {
	known := map[string]func(ast.Node) error{
		"usd": c.number(&t.USD, 12), "material_usd": c.number(&t.MaterialUSD, 12),
		"pct": c.number(&t.Pct, 2), "material_pct": c.number(&t.MaterialPct, 2)}
	if t.Scope != "tenant" { // whose tokens no provider counts
		known["tokens"], known["tokens_pct"] = c.whole(&t.Tokens), c.number(&t.TokensPct, 2)
	}
	return known
}

// whole reads a whole number from 0 up.
func (c configReader) whole(into *string) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return c.problem(node, "write it as 1000", "%s is not a whole number from 0 up",
				strconv.Quote(text))
		}
		*into = strconv.FormatInt(n, 10)
		return nil
	}
}

func (c configReader) tolerance(node ast.Node, config *Config) error {
	var whole Tolerance
	known := c.amounts(&whole)
	for key, scope := range map[string]string{"providers": "provider", "models": "model",
		"tenants": "tenant"} {
		known[key] = func(names ast.Node) error {
			return c.each(names, func(name string, at, value ast.Node) error {
				if scope == "provider" {
					c.note(scope, name, at)
				}
				t := Tolerance{Scope: scope, Name: name}
				err := c.fields(value, c.amounts(&t))
				config.Tolerances = append(config.Tolerances, t)
				return err
			})
		}
	}
	err := c.fields(node, known)
	config.Tolerances = append(config.Tolerances, whole)
	return err
}

func (c configReader) settleHours(node ast.Node, config *Config) error {
	return c.each(node, func(key string, at, value ast.Node) error {
		text := value.GetToken().Value
		hours, err := strconv.ParseInt(text, 10, 64)
		if err != nil || hours < 0 || hours > 24*366 {
			return c.problem(value, "write it as 48", "%s is not a number of hours",
				strconv.Quote(text))
		}
		if key == "default" {
			key = ""
		} else {
			c.note("provider", key, at)
		}
		config.SettleHours[key] = hours
		return nil
	})
}

// Nearest suggests the known name that is the fewest letters away.
func Nearest(name string, known []string) string { return nearest(name, known) }

// nearest suggests the known name that is the fewest letters away.
func nearest(name string, known []string) string {
	best, fewest := "", len(name)/2+2
	for _, candidate := range known {
		if n := lettersApart(name, candidate); n < fewest {
			best, fewest = candidate, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(known, ", ")
}

// lettersApart counts the letters to change, add or drop (Levenshtein).
func lettersApart(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
