package pricing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Images of one model are priced by size and quality, and LiteLLM's map names each of them as a
// model of its own: 1024-x-1024/dall-e-2, hd/1024-x-1792/dall-e-3, low/1024-x-1024/gpt-image-1.

// Picture is what an image call asked for, where the usage says it.
type Picture struct{ Size, Quality string }

// AnswersInImages reports a model whose answers are images, but for a few words: OpenAI's, by its
// name. The usage of the Images API may not say which of its output tokens are of images.
func AnswersInImages(model string) bool {
	return strings.Contains(strings.ToLower(model), "gpt-image")
}

// ReadAs reads what a usage object leaves open by the model that answered: output tokens that are
// not told apart are of images where the model makes images.
func (u *Usage) ReadAs(model string) {
	n := u.Counts[Output]
	if n == 0 || u.IsAnswerSplit || !AnswersInImages(model) ||
		u.Shape != "openai_chat" && u.Shape != "openai_responses" {
		return
	}
	delete(u.Counts, Output)
	u.Counts[ImageOut] += n
	u.Notes = append(u.Notes, fmt.Sprintf("output is not told apart: read as %d image tokens", n))
}

// sizedName matches what stands before the model in such a name.
func sizedName() *regexp.Regexp {
	return regexp.MustCompile(`^([a-z]+/)?(\d+|max)-x-(\d+|max)/(\d+-steps/|max-steps/)?$`)
}

// names lists the names that a picture of a model may be listed under, what says most first: as
// LiteLLM asks its map, where a call without a quality has the standard one, and one of a quality
// without a size the square of 1024.
func (p Picture) names(model string) []string {
	if isSizeOpen := p.Size == "" || strings.EqualFold(p.Size, "auto"); isSizeOpen {
		if p.Quality == "" || strings.EqualFold(p.Quality, "auto") {
			return nil
		}
		return []string{strings.ToLower(p.Quality) + "/1024-x-1024/" + model}
	}
	width, height, isSize := strings.Cut(strings.ReplaceAll(strings.ToLower(p.Size), "-", ""), "x")
	if !isSize || !isDigits(width) || !isDigits(height) {
		return nil
	}
	size := width + "-x-" + height + "/"
	quality := strings.ToLower(p.Quality)
	if quality == "" || quality == "auto" {
		quality = "standard"
	}
	return []string{quality + "/" + size + model, size + model}
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// pictured gives a query the name under which the list prices the picture that a call asked for;
// a model that is listed without a size keeps its name.
func (b *Book) pictured(q Query, p Picture, at time.Time) (named Query, step string) {
	if p == (Picture{}) {
		return q, ""
	}
	r := b.resolve(q, at)
	for _, name := range p.names(r.model) {
		if _, _, ok := b.names.lookup(r.provider, name, at); ok {
			q.Model = name
			return q, "an image of " + cmp.Or(p.Size, "no size") + ": " + r.model + " -> " + name
		}
	}
	return q, ""
}

// sizes lists the names under which a provider's model is priced by size and quality.
func (n names) sizes(provider, model string) []string {
	var found []string
	isSized := sizedName()
	add := func(id string) {
		name, ours := strings.CutPrefix(id, provider+"/")
		before, ends := strings.CutSuffix(name, model)
		if ours && ends && isSized.MatchString(before) {
			found = append(found, name)
		}
	}
	for id := range n.models {
		add(id)
	}
	for id := range n.fromUser {
		add(id)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// asPictures reads an entry of LiteLLM's for models that make images: what it calls the input's
// price is that of an image which is made, by the piece before by the pixel.
func (in *importer) asPictures(entry *litellmEntry, fields map[string]any) {
	mode, _ := fields["mode"].(string)
	if mode != "image_generation" && mode != "image_edit" || entry.hasTokens() {
		return
	}
	for _, unit := range []string{"image", "pixel"} {
		from := cell{tokenType: "other_input_" + unit, tier: standardTier,
			region: plainRegion(entry.region)}
		to := from
		to.tokenType = "other_output_" + unit
		perUnit, isThere := entry.cells[from]
		if !isThere {
			continue
		}
		key := entry.keys[from]
		delete(entry.cells, from)
		delete(entry.keys, from)
		if made, stated := entry.cells[to]; stated && !made.IsZero() {
			in.skip(entry.key, key, "the image that is made has a price of its own")
			continue
		} else if stated {
			in.skip(entry.key, entry.keys[to], "0 beside "+key+", which is what is charged")
		}
		entry.cells[to], entry.keys[to] = perUnit, key
	}
	entry.dropPixels(in)
}

// hasTokens reports that the entry prices tokens, by which its images are then billed.
func (e *litellmEntry) hasTokens() bool {
	for c, perUnit := range e.cells {
		isText := c.tokenType == string(Input) || c.tokenType == string(Output)
		if isText && !perUnit.IsZero() {
			return true
		}
	}
	return false
}

// dropPixels takes out the price of a pixel where an image has one: LiteLLM charges the image.
func (e *litellmEntry) dropPixels(in *importer) {
	image := cell{tokenType: "other_output_image", tier: standardTier,
		region: plainRegion(e.region)}
	pixel := image
	pixel.tokenType = "other_output_pixel"
	if _, both := e.cells[image]; !both || e.keys[pixel] == "" {
		return
	}
	in.skip(e.key, e.keys[pixel], "an image has a price of its own, "+e.keys[image])
	delete(e.cells, pixel)
	delete(e.keys, pixel)
}
