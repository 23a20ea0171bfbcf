// Package loaders turns the files that gateways, tracers and providers export into normalised
// rows: bytes in, Arrow record batches out.
//
// It promises that every record of a file ends as a row or as a reject with its line and reason,
// that token types are disjoint, that money keeps its text, and that prompts, responses and
// secrets never leave a file. It streams: a file is never held in memory as a whole.
//
// It knows formats. It knows no prices and no database, and it does not decide what a row means
// for a tenant or an invoice.
//
// # A new format
//
// A new format is one new file, its folder in testdata, and one line in Formats; nothing else
// moves. Where columns and key paths have but to be named, the file is mappings/toy.yaml and the
// line mapped("toy"):
//
//	format: toy.log
//	leg: gateway
//	about: the log of a toy gateway
//	recognise:
//	  keys: [call, at, toy_cost]
//	counts:
//	  prompt: includes_cache
//	fields:
//	  request_id: call
//	  started: at
//	  prompt: tokens_in
//	  completion: tokens_out
//	  spend: toy_cost
//
// Where that does not say enough, the file is named by leg first (gateway_toy.go) and the line is
// toyLog():
//
//	func toyLog() Format {
//		return Format{Name: "toy.log", Leg: LegGateway, About: "the log of a toy gateway",
//			recognise: func(h *Head) Match { return h.needsKeys("call", "at", "toy_cost") },
//			load: func(j *Job) error {
//				return j.eachRecord(func(w *worker) handler {
//					return func(v *fastjson.Value, line int64) error {
//						… // w.request(&row), w.ignored() or badRow(…)
//					}
//				})
//			},
//		}
//	}
//
// In testdata/toy lie examples of every dress that the format comes in; UPDATE_WANT=1 go test
// ./loaders -run TestFormats writes beside each what becomes of it, to be read before it is
// committed. FuzzEveryFormat feeds the new format with all of them.
package loaders

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// Legs of the tie-out.
const (
	LegGateway  = "gateway"
	LegTrace    = "trace"
	LegProvider = "provider"
	LegControl  = "control" // totals that a source states of itself

	LegApplication = "application" // what the callers of the gateway got
)

// Emit receives each full record batch of a table. It may be called from several goroutines and
// takes over the record.
type Emit func(Table, arrow.Record) error

// Format is one file format that can be read.
type Format struct {
	Name  string // as it stands in raw.source_file
	Leg   string
	About string

	recognise func(*Head) Match
	load      func(*Job) error
	onlyBare  bool // is not looked for inside of other records

	nests nesting           // nil: keys with dots are what they are
	lists []string          // keys that a document may have its records in
	ofRow func(*Head) Match // where there are lists: recognises a record

	// beside are the members, the first that is there, of the object info beside a list of spans
	// that tell of all of them; a span has them as the first of these.
	beside []string
}

// Formats lists every format in the order in which they are tried.
func Formats() []Format {
	return []Format{
		litellmJSON(), litellmCSV(), litellmPayload(), litellmPubSub(), litellmSummary(),
		litellmDaily(), vercelReport(), prometheusCounters(),
		otlpJSON(), otlpFrames(), otlpProto(), jaegerJSON(), zipkinJSON(), clickhouseJSON(),
		langfuseObservations(), sdkSpans(),
		clickhouseRows(), langfuseRows(),
		mapped("agentgateway_store"), mapped("agentgateway_log"), mapped("apisix"),
		mapped("bifrost"), mapped("cloudflare"), mapped("databricks"), mapped("envoy"),
		mapped("helicone"),
		mapped("higress"), kongLog(), mlflowSpans(), mapped("openrouter_generation"),
		mapped("portkey"), mapped("tensorzero"), truefoundrySpans(),
		mapped("cloudflare_logpush"),
		openaiUsageCSV(), openaiCostCSV(), openaiEmptyCSV(),
		openaiAPI(), openaiOtherCSV(), openaiActivityCSV(),
		anthropicTokensCSV(), anthropicCostCSV(), anthropicAPI(),
		awsCUR(), awsExplorer(), azureCostDetails(), googleBilling(),
		openrouterActivityCSV(), openrouterActivityAPI(), openrouterDayCSV(),
		deepseekAmountCSV(), deepseekCostCSV(),
		fireworksMetricsCSV(), fireworksSummary(), groqActivity(), mistralUsage(),
		xaiUsage(), xaiBalance(), litellmFocus(), focusCosts(), focusInvoices(),
		bedrockInvocations(),
		attributeMaps(), applicationHeaders(), emptyExport(),
	}
}

// Match says how well a format fits the head of a file.
type Match struct {
	Fits    bool
	Why     string   // what decided, for people
	Score   int      // how many of the format's signs were seen
	Missing []string // required columns or keys that were not seen
	carries bool     // what fits may carry records of another format
}

// Options bound what a load may use.
type Options struct {
	Threads        int
	RecordBytesMax int   // longest record; a longer one is a reject
	FileBytesMax   int64 // most bytes a file may decompress to
	LastKind       int64 // the highest kind_id that is taken

	// Mappings are mapping files of the user's, tried before our own formats, or names of ours
	// that are read only when asked for.
	Mappings []string
}

// Result is what became of one file.
type Result struct {
	Format, Leg, Why string
	SHA256           string
	Bytes            int64
	Hashes           map[int64]string // of what the file begins with, by the Marks
	Pages            []Page
	Tally
}

// Tally counts the records of a file. Read = Loaded + Rejected; Ignored records (spans of
// databases and HTTP servers, empty buckets) are no data of ours and stand beside.
type Tally struct {
	Read, Loaded, Rejected, Ignored int64
	RoundedAmounts                  int64 // amounts with more digits than MoneyScale
	FirstUS, LastUS                 Count
}

func (t *Tally) add(other Tally) {
	t.Read += other.Read
	t.Loaded += other.Loaded
	t.Rejected += other.Rejected
	t.Ignored += other.Ignored
	t.RoundedAmounts += other.RoundedAmounts
	for _, us := range []Count{other.FirstUS, other.LastUS} {
		if us.Known {
			t.saw(us.N)
		}
	}
}

func (t *Tally) saw(us int64) {
	if !t.FirstUS.Known || us < t.FirstUS.N {
		t.FirstUS = Counted(us)
	}
	if !t.LastUS.Known || us > t.LastUS.N {
		t.LastUS = Counted(us)
	}
}

// FileError is a file that cannot be used, with what to try next.
type FileError struct {
	Path, Problem, Hint string
	Resembles           bool // it looks like a known format, so passing over it would lose data
}

// Error names what is wrong.
func (e *FileError) Error() string { return e.Path + ": " + e.Problem }

// Recognise names the format of a file by its content.
func Recognise(path string) (Format, Match, error) {
	loader, err := NewLoader(Options{}, nil)
	if err != nil {
		return Format{}, Match{}, err
	}
	return loader.Recognise(path)
}

// recogniseHead takes the first format that fits. Of a file that fits none it names the two that
// fit best and what they lack.
func recogniseHead(path string, head *Head, formats []Format) (Format, Match, error) {
	var near [2]Match
	var nearest [2]string
	if kind := foreignJSON(path, head); kind != nil {
		return Format{}, Match{}, kind
	}
	for _, format := range formats {
		match := format.recognise(head)
		switch {
		case match.Fits:
			return format, match, nil
		case match.Score > near[0].Score:
			near[1], nearest[1] = near[0], nearest[0]
			near[0], nearest[0] = match, format.Name
		case match.Score > near[1].Score:
			near[1], nearest[1] = match, format.Name
		}
	}
	for _, later := range head.laterRecords() {
		for _, format := range formats {
			if match := format.recognise(later); match.Fits {
				return format, match, nil
			}
		}
	}
	if kind := foreignFile(path, head.Bytes); kind != nil {
		return Format{}, near[0], kind
	}
	if head.Problem != "" {
		return Format{}, Match{}, &FileError{Path: path, Problem: head.Problem, Resembles: true,
			Hint: "export the file again"}
	}
	return Format{}, near[0], unknownFormat(path, head, near, nearest)
}

// unknownFormat says what a file lacks to be one of the two formats that it is nearest to.
func unknownFormat(path string, head *Head, near [2]Match, nearest [2]string) *FileError {
	var lacks []string
	for i, match := range near {
		if match.Score >= 2 {
			lacks = append(lacks, nearest[i]+" but lacks "+strings.Join(match.Missing, ", "))
		}
	}
	if near[0].resembles() {
		return &FileError{Path: path, Resembles: true,
			Problem: "looks like " + strings.Join(lacks, "; or like "),
			Hint:    "export it again with these columns; seen: " + head.describe()}
	}
	problem := "not a known format (" + head.describe() + ")"
	if len(lacks) > 0 {
		problem += "; nearest is " + strings.Join(lacks, "; then ")
	}
	return &FileError{Path: path, Problem: problem, Hint: "tieout formats lists what can be read"}
}

// resembles reports a match so near that the file must be an export that lost something.
func (m Match) resembles() bool {
	lacking := len(m.Missing)
	return m.Score >= 2 && (lacking*4 <= m.Score+lacking || (lacking == 1 && m.Score >= 3))
}

// Load reads a single file into rows of the given file id.
func Load(
	ctx context.Context, path string, fileID int64, options Options, emit Emit,
) (Result, error) {
	loader, err := NewLoader(options, emit)
	if err != nil {
		return Result{}, err
	}
	result, err := loader.Load(ctx, path, fileID)
	if err != nil {
		return result, err
	}
	return result, loader.Close()
}

func (o Options) withDefaults() Options {
	if o.Threads <= 0 {
		o.Threads = 1
	}
	if o.RecordBytesMax <= 0 {
		o.RecordBytesMax = 64 << 20
	}
	if o.FileBytesMax <= 0 {
		o.FileBytesMax = 1 << 42
	}
	return o
}
