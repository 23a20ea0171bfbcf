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
		recognise: func(h *Head) Match {
			text := bytes.TrimSpace(h.Bytes)
			fits := h.Whole && (slices.Contains([]string{"", "[]"}, string(text)) ||
				isEmptyPage(text))
			return Match{Fits: fits, Why: "holds nothing"}
		},
		load: func(*Job) error { return nil },
	}
}

// isEmptyPage reports an answer of an API that holds an empty list and says nothing of records
// beside it, such as {"object":"page","data":[],"has_more":false}.
func isEmptyPage(text []byte) bool {
	page, err := fastjson.ParseBytes(text)
	if err != nil {
		return false
	}
	hasList, isPage := false, true
	page.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		switch v.Type() {
		case fastjson.TypeArray:
			hasList = hasList || isPageList(string(key))
			isPage = isPage && len(v.GetArray()) == 0
		case fastjson.TypeObject:
			isPage = isPage && string(key) == "meta" // numbers of pages
		}
	})
	return hasList && isPage
}

// isPageList reports a key under which the known APIs list what they found.
func isPageList(key string) bool {
	return slices.Contains([]string{"data", "results", "ResultsByTime", "timeSeries", "lineItems",
		"batches"}, key)
}
