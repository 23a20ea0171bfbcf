package loaders

import (
	"strings"

	"tieout/pricing"
)

// keepGeography makes a region of the geography in the Bedrock id that a call was sent to, as in
// global.anthropic.claude: the price depends on it, and answers name their model without. A region
// that the row states tells more, but under a global profile, whose price is the same everywhere.
func (r *Request) keepGeography(sent ...string) {
	if !isBedrock(r.Provider) {
		return
	}
	for _, model := range sent {
		geography := pricing.Geography(model)
		if geography != "" && (r.Region == "" || geography == "global") {
			r.Region = geography
			return
		}
	}
}

// isBedrock reports whether a gateway's name of a provider is one of AWS Bedrock.
func isBedrock(provider string) bool {
	provider = strings.ToLower(provider)
	return strings.Contains(provider, "bedrock") || provider == "aws" || provider == "amazon"
}
