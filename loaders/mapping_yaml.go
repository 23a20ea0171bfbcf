package loaders

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MappingError is what is wrong with a mapping file: each problem with its line and column.
type MappingError struct {
	Path     string
	Problems []string // "12:5: unknown field promt; did you mean prompt?"
}

// Error names the first problem and says how many more there are.
func (e *MappingError) Error() string {
	text := e.Path + ":" + e.Problems[0]
	if more := len(e.Problems) - 1; more > 0 {
		text += " (and " + plural(more, "more problem") + ")"
	}
	return text
}

// node is a value of a YAML file and where it stands.
type node struct {
	line, column int
	scalar       string
	isScalar     bool
	isNull       bool
	list         []node
	entries      []entry
}

// entry is a key of a YAML mapping and its value.
type entry struct {
	key   node
	value node
}

// kind names what a node is, for people.
func (n node) kind() string {
	switch {
	case n.isNull:
		return "nothing"
	case n.isScalar:
		return "a plain value"
	case n.list != nil:
		return "a list"
	}
	return "keys with values"
}

// parseYAML reads one YAML document.
func parseYAML(path string, text []byte) (node, error) {
	file, err := parser.ParseBytes(bytes.TrimPrefix(text, []byte("\uFEFF")), 0)
	if err != nil {
		return node{}, &MappingError{Path: path, Problems: []string{yamlFault(err)}}
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return node{}, &MappingError{Path: path,
			Problems: []string{"1:1: must hold one YAML document"}}
	}
	return nodeOf(file.Docs[0].Body), nil
}

// yamlFault gives the parser's reason with its place, without the lines that it draws.
func yamlFault(err error) string {
	var fault yaml.Error
	if errors.As(err, &fault) && fault.GetToken() != nil {
		at := fault.GetToken().Position
		return fmt.Sprintf("%d:%d: not valid YAML: %s", at.Line, at.Column, fault.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return "1:1: not valid YAML: " + first
}

func nodeOf(of ast.Node) node {
	if of == nil {
		return node{isNull: true}
	}
	n := node{}
	if token := of.GetToken(); token != nil {
		n.line, n.column = token.Position.Line, token.Position.Column
	}
	switch v := of.(type) {
	case *ast.MappingNode:
		n.entries = []entry{}
		for _, value := range v.Values {
			n.entries = append(n.entries, entryOf(value))
		}
		if len(n.entries) > 0 {
			n.line, n.column = n.entries[0].key.line, n.entries[0].key.column
		}
	case *ast.MappingValueNode:
		n.entries = []entry{entryOf(v)}
		n.line, n.column = n.entries[0].key.line, n.entries[0].key.column
	case *ast.SequenceNode:
		n.list = []node{}
		for _, item := range v.Values {
			n.list = append(n.list, nodeOf(item))
		}
	case *ast.NullNode:
		n.isNull = true
	case *ast.StringNode:
		n.scalar, n.isScalar = v.Value, true
	case *ast.LiteralNode:
		n.scalar, n.isScalar = v.Value.Value, true
	case *ast.TagNode:
		return nodeOf(v.Value)
	default: // numbers and booleans as they are written
		n.scalar, n.isScalar = of.GetToken().Value, true
	}
	return n
}

func entryOf(v *ast.MappingValueNode) entry {
	key := v.Key.GetToken()
	return entry{value: nodeOf(v.Value), key: node{line: key.Position.Line,
		column: key.Position.Column, scalar: key.Value, isScalar: true}}
}
