package pricing

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"
)

// peerCell is a price that a peer has, where peers do not agree.
type peerCell struct{ provider, model, tokenType, peer, usdPerMillion string }

// ours gives a cell our names of token types: the one write price that peers have for Claude is
// that of five minutes. Binary residue is dropped, as the importers do.
func (c peerCell) ours(t *testing.T) peerCell {
	switch {
	case c.tokenType == "input_cached":
		c.tokenType = "cache_read"
	case c.tokenType == "cache_write" && strings.Contains(c.model, "claude"):
		c.tokenType = "cache_write_5m"
	}
	c.usdPerMillion = mustUSD(t, c.usdPerMillion).significant(12).String()
	return c
}

// TestPeerConflictsAreExplained: each price on which peers of ours disagree is reported by Diff
// where the peer's is not ours, and the source of our row says who says what.
func TestPeerConflictsAreExplained(t *testing.T) {
	rows, err := csv.NewReader(shared(t, "pricing/peer_conflicts.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book, at := builtin(t), time.Date(2026, 8, 20, 12, 0, 0, 0, time.UTC)
	conflicts, cells := 0, make(map[string]bool)
	for _, row := range rows[1:] {
		cell := peerCell{row[0], row[1], row[2], row[3], row[4]}.ours(t)
		key := book.keyAt(Query{Provider: cell.provider, Model: cell.model}, at)
		sheet, ok := book.sheetAt(key.PriceKey, at, 0)
		line, priced := sheet.Price(TokenType(cell.tokenType))
		if !ok || !priced {
			t.Errorf("%s/%s %s: not listed: %s", cell.provider, cell.model, cell.tokenType,
				key.Hint)
			continue
		}
		cells[cell.provider+cell.model+cell.tokenType] = true
		if !strings.Contains(line.Source, "Peers differ") {
			t.Errorf("%s:%d %s: the source does not say that peers differ: %s", line.File,
				line.FileLine, cell.tokenType, line.Source)
		}
		if isReported := diffReports(t, book, key, cell, at); isReported !=
			(mustUSD(t, cell.usdPerMillion).Cmp(line.USDPerMillion) != 0) {
			t.Errorf("%s/%s %s: %s says %s, ours is %s: reported %v", cell.provider, cell.model,
				cell.tokenType, cell.peer, cell.usdPerMillion, line.USDPerMillion, isReported)
		} else if isReported {
			conflicts++
		}
	}
	t.Logf("%d cells, %d prices of peers that are not ours", len(cells), conflicts)
}

// diffReports compares our list with one that has the peer's price.
func diffReports(t *testing.T, book *Book, key Key, cell peerCell, at time.Time) bool {
	t.Helper()
	list := fmt.Sprintf("provider,model,token_type,usd_per_million\n%s,%s,%s,%s\n", key.Provider,
		key.Model, cell.tokenType, cell.usdPerMillion)
	theirs, err := book.Bare().With("peer.csv", strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Diff(book, theirs, at) {
		if d.Provider == key.Provider && d.Model == key.Model && d.Kind() == "conflict" &&
			string(d.TokenType) == cell.tokenType && d.MinPrompt == 0 {
			return true
		}
	}
	return false
}
