package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// items visits the entries of a list; one entry may stand without a list.
func (c configReader) items(node ast.Node, visit func(ast.Node) error) error {
	list, isList := node.(*ast.SequenceNode)
	if !isList {
		if _, isNull := node.(*ast.NullNode); isNull {
			return nil
		}
		return visit(node)
	}
	for _, item := range list.Values {
		if err := visit(item); err != nil {
			return err
		}
	}
	return nil
}

// text reads a scalar as it is written, numbers too: an account 0640 stays 0640.
func (c configReader) text(into *string) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		if _, isScalar := node.(ast.ScalarNode); !isScalar || text == "" {
			return c.problem(node, "write it as one word, or in quotes", "%s is not a text",
				strconv.Quote(text))
		}
		*into = text
		return nil
	}
}

// oneOf reads one of a few words.
func (c configReader) oneOf(into *string, known ...string) func(ast.Node) error {
	return func(node ast.Node) error {
		var word string
		if err := c.text(&word)(node); err != nil {
			return err
		}
		if !slices.Contains(known, word) {
			return c.problem(node, nearest(word, known), "%s is not known here",
				strconv.Quote(word))
		}
		*into = word
		return nil
	}
}

// day reads a day as 2026-10-15.
func (c configReader) day(into *string) func(ast.Node) error {
	return func(node ast.Node) error {
		text := node.GetToken().Value
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return c.problem(node, "write it as 2026-10-15", "%s is not a day",
				strconv.Quote(text))
		}
		*into = text
		return nil
	}
}

// daySpan is the days from From until before To that something holds; "" is open.
type daySpan struct {
	from, to string
	at       ast.Node
}

// apart holds the spans of one name to be in order and not to overlap.
func (c configReader) apart(name string, spans []daySpan) error {
	for i, span := range spans {
		if span.to != "" && span.to <= span.from {
			return c.problem(span.at, "to is the day after the last",
				"%q: from %s to %s is no span of days", name, span.from, span.to)
		}
		for _, other := range spans[:i] {
			if (other.to == "" || span.from < other.to) && (span.to == "" || other.from < span.to) {
				return c.problem(span.at, "end one with to: before the next begins",
					"%q: two entries hold on the same day", name)
			}
		}
	}
	return nil
}

// run reads the settings of a run, each a word or a list of them.
func (c configReader) run(node ast.Node, config *Config) error {
	return c.each(node, func(key string, at, value ast.Node) error {
		where := at.GetToken().Position
		setting := RunSetting{Key: key,
			Where: fmt.Sprintf("%s:%d:%d", c.path, where.Line, where.Column)}
		err := c.items(value, func(item ast.Node) error {
			var word string
			err := c.text(&word)(item)
			setting.Values = append(setting.Values, word)
			return err
		})
		config.Run = append(config.Run, setting)
		return err
	})
}
