package pricing

import (
	"fmt"
	"slices"
	"strings"
)

// plainRegion normalises a region's name; "" asks for the provider's default rows. "regional"
// is how AWS price lists call everything that is not the global endpoint.
func plainRegion(raw string) string {
	region := strings.ToLower(strings.TrimSpace(raw))
	switch region {
	case "not_available", "default", "none", "null", "regional", "unknown":
		return ""
	}
	return region
}

// chooseRegion picks the region of the rows, or says why none can be picked. A region that is
// listed is taken, the geography of a Bedrock id before it. What is not listed:
//
//   - Bedrock: see bedrockDefault.
//   - Azure: the default rows are Global Standard, "us" and "eu" are data zones, dearer by a
//     tenth, so they must be listed; an Azure region does not change the price.
//   - Elsewhere: "" and "global" are the default rows unless "global" is listed apart (Vertex
//     lists its default as non-global for some models). Any other region takes the default rows
//     of a model whose price does not depend on the region, or does on its being global or not,
//     and is unpriced otherwise.
func chooseRegion(r *resolved, listed []string) (region, hint string) {
	for _, region := range wantedRegions(r) {
		if region != "" && slices.Contains(listed, region) {
			r.step("region " + quote(region) + ": listed")
			return region, ""
		}
	}
	asked := strings.TrimSpace(r.geo + " " + r.region)
	isDefault := asked == ""
	switch r.provider {
	case "bedrock":
		isDefault = isDefault || bedrockDefault(r.geo, r.region, listed)
	case "azure":
		isDefault = isDefault || asked != "us" && asked != "eu"
	default:
		isDefault = isDefault || asked == "global" || len(listed) == 0 ||
			len(listed) == 1 && listed[0] == "global"
	}
	switch {
	case !isDefault:
		return "", fmt.Sprintf("the price of %s/%s depends on the region, and %s is not listed "+
			"(listed: %s)", r.provider, r.model, quote(asked), strings.Join(listed, ", "))
	case asked != "" && len(listed) == 0:
		r.step("region " + quote(asked) + ": the price does not depend on it")
	case asked != "":
		r.step("region " + quote(asked) + ": the default rows")
	}
	return "", ""
}

// isGeography reports whether a word is one that Bedrock writes in front of a profile's model.
func isGeography(word string) bool {
	switch word {
	case "us", "eu", "apac", "au", "jp", "in", "ca", "global", govCloud:
		return true
	}
	return false
}

// Geography returns the geography in front of a Bedrock id, also at the end of a path or an ARN:
// us, eu, global ...; "" for any other name. As the region of a query it prices the same call where
// the model is named without it.
func Geography(model string) string {
	model = strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	geo, _, ok := strings.Cut(model, ".")
	if !ok || !isGeography(geo) || !LooksLikeBedrock(model) {
		return ""
	}
	return geo
}

// govCloud is the geography of AWS GovCloud, whose prices are their own.
const govCloud = "us-gov"

// wantedRegions returns the regions to look for, the most telling first.
func wantedRegions(r *resolved) []string {
	switch {
	case r.geo == "global":
		return []string{r.geo}
	case r.provider == "bedrock" && strings.HasPrefix(r.region, govCloud):
		return []string{r.geo, r.region, govCloud}
	case r.geo == govCloud:
		return []string{r.geo, r.region, "us-gov-west-1"}
	}
	return []string{r.geo, r.region}
}

// bedrockDefault reports whether the default rows, which are US regions and geographic profiles,
// hold for a geography and region that have no rows of their own. GovCloud has other prices
// always. Where the list has rows of AWS regions, the price depends on the region that the call
// is made from: then one of another continent, or one that is not listed, is not known.
func bedrockDefault(geo, region string, listed []string) bool {
	if geo == govCloud || strings.HasPrefix(region, govCloud) {
		return false
	}
	isPriced := func(prefix string) bool {
		return slices.ContainsFunc(listed, func(name string) bool {
			return strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, govCloud) &&
				strings.Contains(name, "-")
		})
	}
	switch geo {
	case "", "us", "global":
	case "eu", "ca":
		return !isPriced(geo + "-")
	default: // apac, jp, au, in
		return !isPriced("ap-")
	}
	return !strings.Contains(region, "-") || strings.HasPrefix(region, "us-") || !isPriced("")
}
