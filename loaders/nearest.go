package loaders

import (
	"maps"
	"slices"
	"strings"
)

// nearest suggests what was meant by a name that is not known, as the end of a message.
func nearest(name string, known []string) string {
	best, least := "", len(name)/3+2
	var within []string
	for _, candidate := range known {
		if distance := edits(name, candidate); distance < least {
			best, least = candidate, distance
		}
		if slices.Contains(strings.Split(candidate, "_"), name) {
			within = append(within, candidate)
		}
	}
	switch {
	case best != "":
		return "; did you mean " + best + "?"
	case len(within) > 0:
		return "; did you mean " + strings.Join(within, " or ") + "?"
	}
	if len(known) <= 10 {
		return "; it can have " + strings.Join(known, ", ")
	}
	return ""
}

// edits is how many letters must be changed, added, dropped or swapped with their neighbour to
// make one word the other.
func edits(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func sortedKeys[V any](of map[string]V) []string {
	return slices.Sorted(maps.Keys(of))
}
