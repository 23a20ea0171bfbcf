package reconcile

import (
	"strconv"
	"strings"
	"time"

	"tieout/pricing"
)

// bridgeChart is the way from spend to bill as a waterfall.
type bridgeChart struct {
	Name, Spend, EndName, End, From string
	Height                          int64
	Bars                            []bridgeBar
}

// bridgeBar is a total, or a step from where the one before ends.
type bridgeBar struct {
	Label, Amount, Class, Link string
	X, Y, Width, TextY, AfterX int64
}

// Where the bars stand, in the units of the picture.
const (
	barsFrom  = 188
	barsWidth = 420
	barStep   = 24
)

func newBridgeChart(b ProviderBridge) (bridgeChart, error) {
	chart := bridgeChart{Name: strings.TrimSpace(b.Provider + " " + b.Account), Spend: b.SpendUSD,
		EndName: "charge (no bill)", End: b.ChargeUSD}
	if b.BillUSD != nil {
		chart.EndName, chart.End = "bill", *b.BillUSD
	}
	level, err := pricing.ParseUSD(b.SpendUSD)
	if err != nil {
		return chart, err
	}
	low, high := level, level
	levels := []pricing.USD{level}
	for _, step := range b.Steps {
		amount, err := pricing.ParseUSD(step.AmountUSD)
		if err != nil {
			return chart, err
		}
		level = level.Add(amount)
		levels = append(levels, level)
		low, high = lesser(low, level), greater(high, level)
	}
	// The axis begins below the lowest level, so that small steps can be seen beside large totals.
	span := high.Sub(low)
	low = low.Sub(span.Times(15).Shift(-2))
	if span.IsZero() {
		low = pricing.USD{}
	}
	if low.Sign() < 0 && levels[0].Sign() >= 0 && level.Sign() >= 0 {
		low = lesser(pricing.USD{}, lesser(levels[0], level))
	}
	chart.From = low.String()
	scale := axis{low, high.Sub(low)}
	chart.add(scale, "spend", b.SpendUSD, "total", "drift", low, levels[0])
	for i, step := range b.Steps {
		class := "up"
		if strings.HasPrefix(step.AmountUSD, "-") {
			class = "down"
		}
		chart.add(scale, step.Cause, step.AmountUSD, class, causeAnchor(step.Cause), levels[i],
			levels[i+1])
	}
	chart.add(scale, chart.EndName, chart.End, "total", "tenants", low, level)
	chart.Height = int64(len(chart.Bars)) * barStep
	return chart, nil
}

// add draws a bar between two levels.
func (c *bridgeChart) add(
	scale axis, label, amount, class, link string, from, to pricing.USD,
) {
	x, end := scale.at(lesser(from, to), barsWidth), scale.at(greater(from, to), barsWidth)
	y := int64(len(c.Bars))*barStep + 4
	bar := bridgeBar{Label: label, Amount: amount, Class: class, Link: link, X: barsFrom + x, Y: y,
		Width: max(end-x, 1), TextY: y + 12}
	bar.AfterX = bar.X + bar.Width + 6
	c.Bars = append(c.Bars, bar)
}

// axis turns amounts into places.
type axis struct{ from, span pricing.USD }

// at is how far along the width an amount stands.
func (a axis) at(amount pricing.USD, width int64) int64 {
	if a.span.Sign() <= 0 {
		return width
	}
	whole, _, _ := strings.Cut(amount.Sub(a.from).Times(width).Quo(a.span).String(), ".")
	place, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0
	}
	return min(max(place, 0), width)
}

func lesser(a, b pricing.USD) pricing.USD {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func greater(a, b pricing.USD) pricing.USD {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// dayBar is the drift of a day: up when we charge more than is billed.
type dayBar struct {
	Day, Amount, Class  string
	X, Y, Width, Height int64
}

// dayBars draws days of a period around a line in the middle.
func dayBars(rows [][]string, first time.Time, days int64) ([]dayBar, error) {
	const width, middle, reach = 720, 75, 60
	most := pricing.USD{}
	drifts := make([]pricing.USD, len(rows))
	for i, row := range rows {
		drift, err := pricing.ParseUSD(row[1])
		if err != nil {
			return nil, err
		}
		drifts[i] = drift
		most = greater(most, greater(drift, drift.Neg()))
	}
	var bars []dayBar
	for i, row := range rows {
		day, err := time.Parse(time.DateOnly, row[0])
		if err != nil {
			return nil, err
		}
		nth := int64(day.Sub(first) / (24 * time.Hour))
		if nth < 0 || nth >= days || drifts[i].IsZero() {
			continue
		}
		bar := dayBar{Day: row[0], Amount: drifts[i].String(), X: nth * width / days,
			Width: max(width/days-2, 1), Class: "up",
			Height: max(axis{span: most}.at(greater(drifts[i], drifts[i].Neg()), reach), 1)}
		bar.Y = middle - bar.Height
		if drifts[i].Sign() < 0 {
			bar.Class, bar.Y = "down", middle
		}
		bars = append(bars, bar)
	}
	return bars, nil
}
