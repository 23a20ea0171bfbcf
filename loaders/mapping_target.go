package loaders

import (
	"slices"

	"github.com/valyala/fastjson"
)

// fieldKind is how the value of a target is read.
type fieldKind int

const (
	kindText fieldKind = iota
	kindWord           // one of a few words
	kindDocument
	kindCount
	kindMoney
	kindInstant
	kindLength
	kindFlag
	kindLeftOut // words[0] when the record has none of the paths
	kindAnswer  // the provider's answer
)

// mapTarget is a field that a mapping can fill; D is the row under construction.
type mapTarget[D any] struct {
	name  string
	kind  fieldKind
	words []string // of kindWord and kindLeftOut
	text  func(*D) *string
	count func(*D) *Count
	money func(*D) *Money
	flag  func(*D) *bool

	isSound bool // the count is of seconds of sound

	answer func(*D, *fastjson.Value)
}

func textTarget[D any](name string, field func(*D) *string) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindText, text: field}
}

func wordTarget[D any](name string, field func(*D) *string, words ...string) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindWord, text: field, words: words}
}

func countTarget[D any](name string, field func(*D) *Count) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindCount, count: field}
}

func moneyTarget[D any](name string, field func(*D) *Money) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindMoney, money: field}
}

func instantTarget[D any](name string, field func(*D) *Count) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindInstant, count: field}
}

func leftOutTarget[D any](name, word string, field func(*D) *string) mapTarget[D] {
	return mapTarget[D]{name: name, kind: kindLeftOut, text: field, words: []string{word}}
}

// planned is a target and where its value comes from.
type planned[D any] struct {
	mapTarget[D]
	from source
}

// plan is what a mapping fills of a row.
type plan[D any] []planned[D]

// fill reads all values of a record into a row.
func (l plan[D]) fill(row *D, p *picks, w *worker) error {
	for i := range l {
		field := &l[i]
		var err error
		switch field.kind {
		case kindText:
			*field.text(row), err = field.from.text(p)
		case kindWord:
			word := field.text(row)
			*word, err = field.from.text(p)
			if err == nil && *word != "" && !slices.Contains(field.words, *word) {
				err = badRow("%s %s: a value that is not known", field.name, quoted(*word))
			}
		case kindDocument:
			*field.text(row) = field.from.document(p)
		case kindCount:
			*field.count(row), err = field.from.count(p)
		case kindMoney:
			*field.money(row), err = field.from.money(p, w)
		case kindInstant:
			*field.count(row), err = field.from.instant(p)
		case kindLength:
			*field.count(row), err = field.from.micros(p)
		case kindFlag:
			*field.flag(row), err = field.from.flag(p)
		case kindLeftOut:
			if !field.from.isHeld(p) {
				*field.text(row) = field.words[0]
			}
		case kindAnswer:
			if answer := field.from.object(p); answer != nil {
				field.answer(row, answer)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// countTargets are the counts of a call or bucket as sources state them.
func countTargets[D any](of func(*D) *inclusive) []mapTarget[D] {
	count := func(name string, field func(*inclusive) *Count) mapTarget[D] {
		return countTarget(name, func(d *D) *Count { return field(of(d)) })
	}
	return []mapTarget[D]{
		count("prompt", func(c *inclusive) *Count { return &c.prompt }),
		count("completion", func(c *inclusive) *Count { return &c.completion }),
		count("total", func(c *inclusive) *Count { return &c.total }),
		count("cache_read", func(c *inclusive) *Count { return &c.cacheRead }),
		count("cache_write", func(c *inclusive) *Count { return &c.cacheWrite }),
		count("cache_write_5m", func(c *inclusive) *Count { return &c.cacheWrite5m }),
		count("cache_write_1h", func(c *inclusive) *Count { return &c.cacheWrite1h }),
		count("reasoning", func(c *inclusive) *Count { return &c.reasoning }),
		count("audio_in", func(c *inclusive) *Count { return &c.audioIn }),
		count("audio_cached_in", func(c *inclusive) *Count { return &c.audioCachedIn }),
		count("audio_out", func(c *inclusive) *Count { return &c.audioOut }),
		count("image_in", func(c *inclusive) *Count { return &c.imageIn }),
		count("image_cached_in", func(c *inclusive) *Count { return &c.imageCachedIn }),
		count("image_out", func(c *inclusive) *Count { return &c.imageOut }),
		count("web_search", func(c *inclusive) *Count { return &c.webSearch }),
	}
}
