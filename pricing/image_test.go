package pricing

import (
	"strings"
	"testing"
	"time"
)

// pictureMap is how LiteLLM prices images: a model a size and quality, by the piece or the pixel.
const pictureMap = `{
	"hd/1024-x-1792/dall-e-3": {"litellm_provider": "openai", "mode": "image_generation",
		"input_cost_per_pixel": 6.539e-08, "output_cost_per_pixel": 0.0},
	"256-x-256/dall-e-2": {"litellm_provider": "openai", "mode": "image_generation",
		"input_cost_per_pixel": 2.4414e-07, "output_cost_per_pixel": 0.0},
	"high/1024-x-1536/gpt-image-1": {"litellm_provider": "openai", "mode": "image_generation",
		"input_cost_per_image": 0.25, "input_cost_per_pixel": 1.58945719e-07},
	"low/1024-x-1024/draw-9": {"litellm_provider": "xai", "mode": "image_generation",
		"input_cost_per_image": 0.04},
	"draw-9": {"litellm_provider": "xai", "mode": "image_generation",
		"input_cost_per_image": 0.06},
	"runwayml/gen4": {"litellm_provider": "runwayml", "mode": "image_generation",
		"input_cost_per_image": 0.05, "output_cost_per_image": 0.05}}`

// TestPicturesArePricedBySize: a call for images is priced under the name that says its size and
// quality, once, and where the call does not say them the hint names those that there are.
func TestPicturesArePricedBySize(t *testing.T) {
	book, err := builtin(t).Bare().With("litellm.json@2026-08-01", strings.NewReader(pictureMap))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ provider, model, usage, want string }{
		{"openai", "dall-e-3", `{"images":2,"size":"1024x1792","quality":"hd"}`,
			"rated 0.23998234624"},
		{"openai", "dall-e-2", `{"images":1,"size":"256x256"}`, "rated 0.01599995904"},
		{"openai", "gpt-image-1", `{"images":1,"size":"1024-x-1536","quality":"high"}`,
			"rated 0.25"},
		{"openai", "hd/1024-x-1792/dall-e-3", `{"images":1,"size":"1024x1792"}`,
			"rated 0.11999117312"},
		{"xai", "draw-9", `{"images":1,"quality":"low"}`, "rated 0.04"},
		{"xai", "draw-9", `{"images":1,"quality":"low","size":"auto"}`, "rated 0.04"},
		{"xai", "draw-9", `{"images":1,"quality":"high"}`, "rated 0.06"},
		{"xai", "draw-9", `{"images":1}`, "rated 0.06"},
		{"runwayml", "gen4", `{"images":3,"size":"1024x1024"}`, "rated 0.15"},
		{"openai", "dall-e-3", `{"images":1,"size":"512x512"}`, "unpriced 0 " +
			`"dall-e-3" is not listed for openai but by size and quality: name the call's as ` +
			"one of hd/1024-x-1792/dall-e-3"},
	} {
		usage, err := ReadUsage(c.provider, []byte(c.usage))
		if err != nil {
			t.Fatal(err)
		}
		rating := book.Rate(Call{Query: Query{Provider: c.provider, Model: c.model},
			At:     time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC),
			Counts: usage.Counts, Other: usage.Other, Picture: usage.Picture})
		got := strings.TrimSpace(rating.Status + " " + rating.Total.String() + " " + rating.Hint)
		if got != c.want || len(rating.NotRated) > 0 {
			t.Errorf("%s %s: %s %v, want %s", c.model, c.usage, got, rating.NotRated, c.want)
		}
	}
}
