package reconcile

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// anthropicPage is a page of Anthropic's cost report: one day of October, of 10 cents.
func anthropicPage(day int, hasMore bool) string {
	return fmt.Sprintf(`{"data": [{"starting_at": "2026-10-%02dT00:00:00Z",
		"ending_at": "2026-10-%02dT00:00:00Z", "results": [{"currency": "USD", "amount": "10",
		"cost_type": "tokens", "model": "claude-haiku-4-5-20251001", "service_tier": "standard",
		"token_type": "output_tokens"}]}], "has_more": %t, "next_page": "page_invented"}`,
		day, day+1, hasMore)
}

// TestPageThatIsMissing: an answer that says that it goes on is a break, unless what follows is
// among the inputs: the next page, in the same file or another, even of days without use, or
// another export.
func TestPageThatIsMissing(t *testing.T) {
	t.Parallel()
	first, second := anthropicPage(5, true), anthropicPage(6, false)
	explorer := `{"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-05", "End": "2026-10-06"},
		"Groups": [{"Keys": ["USE1-%s-tokens"], "Metrics": {"UnblendedCost": {"Amount": "1",
		"Unit": "USD"}, "UsageQuantity": {"Amount": "1", "Unit": "1K tokens"}}}]}]%s}`
	token := `, "NextPageToken": "invented"`
	told := []string{"costs.json | 2026-10-06"}
	empty := `{"data": [{"starting_at": "2026-10-06T00:00:00Z",
		"ending_at": "2026-10-07T00:00:00Z", "results": []}], "has_more": false}`
	none := `{"data": [], "has_more": false, "next_page": null}`
	csv := "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd," +
		"cost_type,inference_geo,speed\n2026-10-06,Claude Haiku 4.5,Default,k,message,≤ 200k," +
		"output,0.10,token,not_available,\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"far from the next": {map[string]string{"costs.json": first,
			"b.json": anthropicPage(9, false)}, told},
		"in a file": {map[string]string{"costs.json": "[" + first + "," + second + "]"},
			nil},
		"an empty next":          {map[string]string{"costs.json": first, "b.json": empty}, nil},
		"an empty one in a file": {map[string]string{"costs.json": first + "\n" + none}, nil},
		"an empty one next":      {map[string]string{"p9.json": first, "p10.json": none}, nil},
		"an empty one of another": {map[string]string{"costs.json": first, "x.json": none},
			told},
		"an empty one of the next day": {map[string]string{"c-2026-10-05.json": first,
			"c-2026-10-06.json": none}, nil},
		"an empty one of another day": {map[string]string{"c-2026-10-05.json": first,
			"c-2026-10-09.json": none}, []string{
			strings.Replace(told[0], "costs", "c-2026-10-05", 1)}},
		"an empty one of another day's folder": {map[string]string{
			"year=2026/month=10/day=05/c.json": first, "year=2026/month=10/day=09/c.json": none},
			[]string{strings.Replace(told[0], "costs", "c", 1)}},
		"an empty one of eight digits": {map[string]string{"c-00000001.json": first,
			"c-00000002.json": none}, nil},
		"an empty one each night": {map[string]string{"p1.json": first, "p2.json": none,
			"p3.json": anthropicPage(12, true), "p4.json": none}, nil},
		"an empty one in one night": {map[string]string{"costs1.json": anthropicPage(12, true),
			"costs2.json": none, "costs.json": first}, told},
		"a console export": {map[string]string{"costs.json": first, "costs.csv": csv}, nil},
		"the same again": {map[string]string{"costs.json": first,
			"d.json": strings.Replace(first, `"10"`, `"11"`, 1)}, []string{
			told[0], strings.Replace(told[0], "costs", "d", 1)}},
		"Cost Explorer": {map[string]string{"costs.json": fmt.Sprintf(explorer,
			"NovaPro-input", token)}, told},
		"Cost Explorer, whole": {map[string]string{
			"costs.json": fmt.Sprintf(explorer, "NovaPro-input", token),
			"more.json":  fmt.Sprintf(explorer, "NovaPro-output", "")}, nil},
	} {
		differ(t, name, unfollowed(t, c.files), c.want)
	}
	run := runPriced(t, "", map[string]string{"costs.json": first})
	differ(t, "report", lines(t, run.db, `SELECT parse_filename(source_file), day, evidence,
		is_material FROM breaks WHERE cause = 'page_not_loaded'`), []string{told[0] +
		" | it says that another page follows, with the bill from 2026-10-06 00:00 UTC on, which " +
		"is not among the inputs | true"})
}

// unfollowed are the files after which a page is missing, and the day that it begins on.
func unfollowed(t *testing.T, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, "in", name), []byte(text))
	}
	r, _ := loadedRun(t, settingsIn(dir, filepath.Join(dir, "in")))
	if err := r.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.runStage(t.Context(), stageNamed("79_cut_off")); err != nil {
		t.Fatal(err)
	}
	return lines(t, r.store.db, `SELECT parse_filename(f.path),
			CAST(make_timestamp(c.next_us) AS DATE)
		FROM book.cut_off AS c INNER JOIN raw.source_file AS f ON c.file_id = f.file_id
		ORDER BY ALL`)
}
