package loaders

import (
	"strings"
	"testing"
)

// TestHeadersOfKnownFormats holds that an export is known and read alike with the line sep=;
// before its header, with its names in upper case, and put behind another whose columns stand in
// another order.
func TestHeadersOfKnownFormats(t *testing.T) {
	const kong = "started_at;request;latencies;ai\n1791187200000;{'id': 'k'};{};{'proxy': " +
		"{'meta': {'request_model': 'gpt-5'}, 'usage': {'prompt_tokens': 3}}}\n"
	const litellm = "request_id;spend;startTime;model;prompt_tokens\nk;1;2026-10-05;gpt-5;3\n"
	for _, export := range []string{kong, litellm} {
		header, row, _ := strings.Cut(export, "\n")
		for name, content := range map[string]string{"as it is": export,
			"sep=;":      "sep=;\r\n" + export,
			"upper case": strings.ToUpper(header) + "\n" + row,
			"twice":      header + "\n" + strings.ToUpper(header) + "\n" + row,
			"another order": "extra;" + header + "\n" + header + ";extra\n" +
				strings.TrimSpace(row) + ";\n",
		} {
			diffLines(t, name, mustLoad(t, content).texts(TableRequest, "request_id",
				"prompt_tokens"), []string{"request_id=k prompt_tokens=3"})
		}
	}
}
