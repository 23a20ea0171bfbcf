package pricing

import "slices"

// Withdrawn returns the sheets of prices that were announced and never came into force: a gateway
// whose own list has them still charges by them. They rate nothing. No call has their price keys,
// and their IDs are negative, so that they are told from the sheets of Book.Sheets.
func (b *Book) Withdrawn() []Sheet {
	var all []Sheet
	isSameGroup := func(a, b *price) bool { return compareGroups(a, b) == 0 }
	for rows := range chunks(b.prices, isSameGroup) {
		if slices.ContainsFunc(rows, isWithdrawn) {
			all = append(all, withdrawnSheets(rows, b.standardRows(rows[0]))...)
		}
	}
	for i := range all {
		all[i].ID = -int64(i + 1)
	}
	return all
}

// withdrawnSheets lays the rows of one price key out as if what was announced had come, and keeps
// the sheets of its days.
func withdrawnSheets(rows, standard []*price) []Sheet {
	var held, planned []*price
	for _, row := range rows {
		if isWithdrawn(row) {
			one := *row
			one.status = statusAnnounced
			planned = append(planned, &one)
		} else {
			held = append(held, row)
		}
	}
	key := rows[0].group() + "|" + statusWithdrawn
	sheets := buildSheets(key, override(held, planned, (*price).key), standard)
	return slices.DeleteFunc(sheets, func(s Sheet) bool {
		return !slices.ContainsFunc(planned, func(row *price) bool {
			return span{row.from, row.to}.contains(s.From)
		})
	})
}
