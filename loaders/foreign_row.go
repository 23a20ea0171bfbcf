package loaders

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// A carrier of several logs may put the rows of one gateway among those of another. Their amounts
// may be in another unit and their counts mean something else, so that they are neither read as
// the file's own nor passed over as requests of other routes: each is a reject.

// foreignRows remembers whose the last strange row was: rows of a gateway are alike.
type foreignRows struct {
	shape keyShape
	text  []byte
	keys  []byte // the shape that format was found for
	name  string
}

// passOver leaves out a record that is no call by the format's own rule, unless it lacks most of
// the keys that all records of the format have and is the row of another gateway.
func (w *worker) passOver(v *fastjson.Value, format string, keys []string) error {
	if v != nil && lacking(v, keys)*2 > len(keys) {
		if err := w.notOf(v, format); err != nil {
			return err
		}
	}
	w.ignored()
	return nil
}

// notOf is the reject of a record that is the row of another gateway than the format's; nil of
// any other.
func (w *worker) notOf(v *fastjson.Value, format string) error {
	if w.job.loader == nil {
		return nil
	}
	rows := keptBy(w, "foreign rows", func() *foreignRows { return &foreignRows{} })
	if name := rows.whose(v, w.job.loader.formats); name != "" && name != format {
		return badRow("not a row of %s but of %s", format, name)
	}
	return nil
}

func (f *foreignRows) whose(v *fastjson.Value, formats []Format) string {
	f.text = v.MarshalTo(f.text[:0])
	keys := f.shape.of(f.text)
	if f.keys != nil && slices.Equal(f.keys, f.shape.shape) {
		return f.name
	}
	f.keys, f.name = append(f.keys[:0], f.shape.shape...), ""
	head := &Head{Bytes: f.text, Keys: keys}
	for _, format := range formats {
		if format.Leg == LegGateway && format.recognise(head).Fits {
			f.name = format.Name
			break
		}
	}
	return f.name
}

// lacking counts the keys, or the paths of keys, that a record has not.
func lacking(v *fastjson.Value, keys []string) int {
	n := 0
	for _, key := range keys {
		if !hasPath(v, key) {
			n++
		}
	}
	return n
}

// hasPath reports a key of a record, or a path of keys whose names are joined with dots.
func hasPath(v *fastjson.Value, path string) bool {
	return v.Exists(path) || v.Exists(strings.Split(path, ".")...)
}
