package loaders

import (
	"strconv"
	"strings"
	"time"
)

// What OpenAI's usage and cost exports share: buckets bounded by Unix seconds, and rows in which
// only the bounds are filled when nothing was used.

// openaiBounds are the columns that an empty bucket fills.
func openaiBounds() []string {
	return []string{"start_time", "end_time", "start_time_iso", "end_time_iso"}
}

// openaiEmptyCSV is the export of a window in which nothing was used: it has no other columns,
// and the usage and the cost export are the same bytes.
func openaiEmptyCSV() Format {
	return Format{
		Name: "openai.empty.csv", Leg: LegProvider,
		About: "OpenAI usage or cost export of a window without use: four columns of times",
		recognise: func(h *Head) Match {
			if len(h.Columns) != len(openaiBounds()) {
				return Match{}
			}
			return h.needs(openaiBounds()...)
		},
		load: func(j *Job) error {
			return j.eachRow(func(w *worker, row csvRow) error {
				_, err := openaiBucket(w, row)
				return err
			})
		},
	}
}

// openaiBucket reads the bounds of a row's bucket. An empty bucket is counted as seen, since it
// says that the export covers its time, and comes back without a line.
func openaiBucket(w *worker, row csvRow) (Bucket, error) {
	bucket, err := openaiSpan(row.text("start_time"), row.text("end_time"))
	if err != nil {
		return Bucket{}, err
	}
	if row.isBlank(openaiBounds()...) {
		w.ignored()
		w.tally.saw(bucket.FromUS)
		return Bucket{}, nil
	}
	bucket.Line, bucket.ProjectID = row.line, row.text("project_id")
	bucket.UserID, bucket.APIKeyID = row.text("user_id"), keyID(row.text("api_key_id"))
	return bucket, nil
}

// openaiSpan reads the bounds of a bucket.
func openaiSpan(start, end string) (Bucket, error) {
	from, err := parseUnixSeconds("start_time", start)
	if err != nil {
		return Bucket{}, err
	}
	to, err := parseUnixSeconds("end_time", end)
	if err != nil {
		return Bucket{}, err
	}
	if to.N <= from.N {
		return Bucket{}, badRow("end_time %s is not after start_time %s", quoted(end),
			quoted(start))
	}
	return Bucket{Provider: "openai", FromUS: from.N, ToUS: to.N,
		Grain: grainOf(to.N - from.N)}, nil
}

// parseUnixSeconds reads whole seconds since 1970, also where they are written "1791072000.0".
func parseUnixSeconds(field, text string) (Count, error) {
	seconds, err := parseCount(field, text)
	if err != nil || !seconds.Known {
		return Count{}, badRow("%s %s: not Unix seconds", field, quoted(text))
	}
	return checkInstant(field, text, time.Unix(seconds.N, 0).UTC())
}

// grainOf names the length of a bucket; one that was cut short keeps its unit. A local day may have
// an hour more.
func grainOf(us int64) string {
	switch length := time.Duration(us) * time.Microsecond; {
	case length <= time.Minute:
		return "minute"
	case length <= time.Hour:
		return "hour"
	case length <= 25*time.Hour:
		return "day"
	}
	return "month"
}

// named is a dimension of a bucket and its value.
type named struct{ name, value string }

// groupedBy lists the dimensions that a row is split by. A blank one means that the export was
// not grouped by it, or that the call had none: the file does not tell these apart.
func groupedBy(dimensions ...named) string {
	filled := make([]string, 0, len(dimensions))
	for _, d := range dimensions {
		if d.value != "" {
			filled = append(filled, d.name)
		}
	}
	return strings.Join(filled, ",")
}

// amountOf is a token type and its count in one source row.
type amountOf struct {
	tokenType string
	count     Count
	isRare    bool // a count of zero is not worth a row
}

// usageRows makes one row of each token type that the source row states.
func usageRows(bucket Bucket, requests Count, amounts ...amountOf) []Usage {
	rows := make([]Usage, 0, len(amounts))
	for _, a := range amounts {
		if !a.count.Known || (a.isRare && a.count.N == 0) {
			continue
		}
		row := Usage{Bucket: bucket, Quantity: a.count.N, Requests: requests}
		row.TokenType, requests = a.tokenType, Count{}
		rows = append(rows, row)
	}
	return rows
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }
