package pricing

import (
	"strings"
	"testing"
)

func TestWithdrawnPricesStandByThemselves(t *testing.T) {
	book, err := builtin(t).With("planned.csv", strings.NewReader(
		"provider,model,token_type,effective_from,effective_to,usd_per_million,status\n"+
			"openai,house-model,input,,,3,in_force\n"+
			"openai,house-model,output,,,9,in_force\n"+
			"openai,house-model,input,2026-09-01,2026-10-01,4,withdrawn\n"))
	if err != nil {
		t.Fatal(err)
	}
	var met []Sheet
	first := book.Withdrawn()
	if again := book.Withdrawn(); len(again) != len(first) {
		t.Errorf("%d sheets at first, then %d: it changed the book", len(first), len(again))
	}
	for _, sheet := range first {
		if sheet.Model == "house-model" {
			met = append(met, sheet)
		}
	}
	if len(met) != 1 || met[0].ID >= 0 || met[0].From.Format("2006-01-02") != "2026-09-01" {
		t.Fatalf("sheets: %+v", met)
	}
	in, _ := met[0].Price(Input)
	out, _ := met[0].Price(Output)
	if in.USDPerMillion.String() != "4" || out.USDPerMillion.String() != "9" {
		t.Errorf("input %s, output %s", in.USDPerMillion, out.USDPerMillion)
	}
	for _, sheet := range book.Sheets() {
		if in, _ := sheet.Price(Input); sheet.PriceKey == met[0].PriceKey ||
			sheet.Model == "house-model" && in.USDPerMillion.String() != "3" {
			t.Errorf("among the sheets that rate: %+v", sheet)
		}
	}
}
