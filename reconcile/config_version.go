package reconcile

import (
	"github.com/goccy/go-yaml/ast"
)

// GatewayVersion is the release of a gateway on some days, for logs that do not name it; "" is
// open.
type GatewayVersion struct{ Gateway, Version, From, To string }

// gatewayVersions reads gateway: version, or gateway: a list of versions with their days.
func (c configReader) gatewayVersions(node ast.Node, config *Config) error {
	return c.each(node, func(gateway string, at, value ast.Node) error {
		c.note("gateway", gateway, at)
		var spans []daySpan
		err := c.items(value, func(item ast.Node) error {
			v := GatewayVersion{Gateway: gateway}
			if _, isScalar := item.(ast.ScalarNode); isScalar {
				if err := c.version(&v.Version)(item); err != nil {
					return err
				}
			} else if err := c.fields(item, map[string]func(ast.Node) error{
				"version": c.version(&v.Version), "from": c.day(&v.From), "to": c.day(&v.To),
			}); err != nil {
				return err
			}
			if v.Version == "" {
				return c.problem(item, "write version: 3.14.0.8", "no version of %q", gateway)
			}
			config.Versions = append(config.Versions, v)
			spans = append(spans, daySpan{v.From, v.To, item})
			return nil
		})
		if err != nil {
			return err
		}
		return c.apart(gateway, spans)
	})
}

// version reads a release as it is written: 3.10 is not 3.1.
func (c configReader) version(into *string) func(ast.Node) error {
	return func(node ast.Node) error {
		if err := c.text(into)(node); err != nil {
			return err
		}
		if len(releaseNumbers(*into)) == 0 {
			return c.problem(node, "write it as 3.14.0.8", "%q is not a version", *into)
		}
		return nil
	}
}
