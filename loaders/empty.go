package loaders

import (
	"bytes"
	"slices"

	"github.com/valyala/fastjson"
)

// emptyExport is a file that says there was nothing: an API's empty list or page, or no bytes at
// all. A day without traffic must not fail a nightly run.
func emptyExport() Format {
	return Format{
		Name: "empty", About: "an export without records: [], an API's empty page or an empty file",
		onlyBare: true,
		recognise: func(h *Head) Match {
			text := bytes.TrimSpace(h.Bytes)
			fits := h.Whole && (slices.Contains([]string{"", "[]"}, string(text)) ||
				areEmptyPages(text))
			return Match{Fits: fits, Why: "holds nothing"}
		},
		load: func(*Job) error { return nil },
	}
}

// areEmptyPages reports text that is nothing but empty pages, one after the other.
func areEmptyPages(text []byte) bool {
	var pages fastjson.Scanner
	pages.InitBytes(text)
	all := true
	for all && pages.Next() {
		all = isEmptyPage(pages.Value())
	}
	return all && pages.Error() == nil
}

// isEmptyPage reports an answer of an API that holds an empty list and says nothing of records or
// errors beside it, such as {"object":"page","data":[],"has_more":false}.
func isEmptyPage(page *fastjson.Value) bool {
	if total, err := parseCount("total", textAt(page, "total")); err != nil || total.N > 0 ||
		page.Exists("message") || page.Get("success") != nil && !page.GetBool("success") ||
		page.Type() != fastjson.TypeObject {
		return false // total: a page beyond the last
	}
	isPage := true
	page.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		switch name := string(key); v.Type() {
		case fastjson.TypeArray:
			isPage = isPage && (len(v.GetArray()) == 0 || name == "meta")
		case fastjson.TypeObject:
			isPage = isPage && isOfPages(name)
		case fastjson.TypeString:
			isPage = isPage && name != "error"
		}
	})
	return isPage && slices.ContainsFunc([][]string{{"data"}, {"results"}, {"result"}, {"rows"},
		{"records"}, {"items"}, {"logs"}, {"events"}, {"logEvents"}, {"hits", "hits"},
		{"data", "result"}, {"ResultsByTime"}, {"timeSeries"}, {"lineItems"}, {"batches"}},
		func(path []string) bool {
			list := page.Get(path...)
			return list != nil && list.Type() == fastjson.TypeArray && len(list.GetArray()) == 0
		})
}

// isOfPages reports a key under which answers tell of their pages and of themselves, or which
// stands around their list.
func isOfPages(key string) bool {
	return slices.Contains([]string{"meta", "metadata", "pagination", "paging", "result_info",
		"stats", "statistics", "links", "_shards", "hits", "data"}, key)
}
