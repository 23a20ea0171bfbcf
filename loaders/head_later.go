package loaders

import "bytes"

// laterMax is how many records beyond the first are looked at, where the first fits no format: an
// access log may begin with requests of other routes.
const laterMax = 200

// laterRecords are heads of the records that follow the first, those with other keys each.
func (h *Head) laterRecords() []*Head {
	if h.Keys == nil || h.IsParquet {
		return nil
	}
	var heads []*Head
	var shape keyShape
	seen := map[string]bool{}
	at := 0
	err := newSplitter(bytes.NewReader(h.Bytes), headBytes).run(func(b block) error {
		for _, r := range b.records {
			if at++; at == 1 || at > laterMax || len(r.text) == 0 || r.text[0] != '{' {
				continue
			}
			keys := shape.of(r.text)
			if text := string(shape.shape); !seen[text] {
				seen[text] = true
				heads = append(heads, &Head{Bytes: r.text, IsArray: h.IsArray, Keys: keys,
					keys: shape.rest})
			}
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return heads
}
