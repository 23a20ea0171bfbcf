package reconcile

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPage holds report.html to the figures of the month, and to loading nothing from anywhere.
func TestPage(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	text := string(readFile(t, filepath.Join(run.settings.Out, "report.html")))
	checkPage(t, run.Summary, text)
	for _, banned := range []string{"<script", "http://", "https://", "url(", "<img", "<link",
		"@import", "ZgotmplZ"} {
		if strings.Contains(text, banned) {
			t.Errorf("report.html holds %s", banned)
		}
	}
	anchors := map[string]bool{}
	for _, found := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if anchors[found[1]] {
			t.Errorf("report.html has two places #%s", found[1])
		}
		anchors[found[1]] = true
	}
	for _, link := range regexp.MustCompile(`href="#?([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !anchors[link[1]] {
			t.Errorf("report.html leads to #%s, which is not there", link[1])
		}
	}
}

func checkPage(t *testing.T, s *Summary, text string) {
	t.Helper()
	wanted := []string{s.SpendUSD, s.ChargeUSD, *s.BillUSD, s.Chargeback.AmountUSD,
		s.Chargeback.PayableUSD}
	for _, tenant := range s.Tenants {
		wanted = append(wanted, tenant.Tenant, tenant.AmountUSD)
	}
	for _, bridge := range s.Bridge {
		for _, step := range bridge.Steps {
			wanted = append(wanted, step.Cause, step.AmountUSD)
		}
	}
	for _, want := range wanted {
		if !strings.Contains(text, ">"+want+"<") && !strings.Contains(text, want) {
			t.Errorf("report.html lacks %s", want)
		}
	}
}

// TestPageInABrowser lets Chromium render the page, where there is one.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here")
	}
	run := monthRun(t)
	path, err := filepath.Abs(filepath.Join(run.settings.Out, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // a busy machine starts it late
	defer cancel()
	var said bytes.Buffer
	chromium := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--user-data-dir="+t.TempDir(), "--dump-dom",
		"file://"+path)
	chromium.Stderr, chromium.WaitDelay = &said, 10*time.Second
	rendered, err := chromium.Output()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, said.String())
	}
	checkPage(t, run.Summary, string(rendered))
	if !strings.Contains(string(rendered), "<svg") {
		t.Error("the page has no pictures")
	}
}

// TestPageEscapes shows names that are markup as they are.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	hostile := `<script>alert(1)</script>`
	bar, err := newBridgeChart(ProviderBridge{Provider: hostile, SpendUSD: "1", ChargeUSD: "3",
		Steps: []BridgeStep{{Cause: hostile + `"`, AmountUSD: "2"}}})
	if err != nil {
		t.Fatal(err)
	}
	page := htmlPage{Summary: &Summary{Tenants: []TenantTotal{{Tenant: hostile}},
		Rejects: []RejectTotal{{File: hostile, Reason: hostile}}}, Bridges: []bridgeChart{bar},
		Models: [][]string{{"", hostile, "", "", "", "", "", ""}},
		Causes: []causeRows{{Name: hostile, Anchor: causeAnchor(hostile),
			Rows: [][]string{{hostile, "", hostile, hostile}}}},
		Files: [][]string{{hostile, "", "", "", "", "", ""}}}
	html, err := page.html()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(html), "<script") {
		t.Errorf("markup from the data stands in the page:\n%s", html)
	}
	if !strings.Contains(string(html), "&lt;script&gt;") {
		t.Error("the names are not in the page")
	}
}
