package pricing

import (
	"slices"

	"github.com/shopspring/decimal"
)

// SplitCents rounds amounts to whole cents so that they add up: their exact total is rounded
// once to cents, half to even, and the cents are spread by largest remainder (each amount is
// rounded down, the cents that are left go to the largest lost fractions, ties to the earlier
// amount). The remainder is the exact total less the sum of the cents. The cents are amounts in
// USD with at most two fraction digits.
func SplitCents(amounts []USD) (cents []USD, remainder USD) {
	cents = make([]USD, len(amounts))
	lost := make([]decimal.Decimal, len(amounts))
	var total, floors decimal.Decimal
	for i, amount := range amounts {
		floor := amount.decimal().RoundFloor(2)
		cents[i] = usdOf(floor)
		lost[i] = amount.decimal().Sub(floor)
		total = total.Add(amount.decimal())
		floors = floors.Add(floor)
	}
	rounded := total.RoundBank(2)
	left := rounded.Sub(floors).Shift(2).IntPart()
	order := make([]int, len(amounts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Cmp(lost[a]) })
	cent := decimal.New(1, -2)
	for _, i := range order[:left] {
		cents[i] = usdOf(cents[i].decimal().Add(cent))
	}
	return cents, usdOf(total.Sub(rounded))
}
