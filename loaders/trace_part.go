package loaders

import "hash/maphash"

// tracer reads the spans of one worker.
type tracer struct {
	w       *worker
	names   *attributeNames
	recent  recentNames
	lineage *lineage
	part    *spanPart // of the block in hand
	copied  Span
}

// spanKey names a span by hashes of its trace id and its span id, seeded anew for each file.
type spanKey struct{ a, b uint64 }

// spanLink is what is remembered of a span, loaded or passed over, for its descendants.
type spanLink struct {
	key, parent spanKey // parent is zero at a root
	trace       uint64
	parentID    string
	of          *Span // what the span says, nil when a span passed over says nothing
	isLoaded    bool
}

// gift is what a span says of the call around it: LiteLLM's copy of the provider's answer, and
// the ids in the headers that an HTTP client saw.
type gift struct {
	from              *spanLink
	own               *ownUsage
	providerRequestID string
	callID            string
}

// rowsPerChunk is how many rows are held together; a row never moves, since links point to it.
const rowsPerChunk = 128

type rowChunk [rowsPerChunk]Span

// spanPart holds the spans of one block until enough of the file around it is known.
type spanPart struct {
	chunks []*rowChunk
	rows   int
	loaded []*spanLink // of each row
	links  []*[]spanLink
	count  int // of links
	gifts  []gift
	texts  textArena
}

// slot is where the next row is built; it is taken by keepRow.
func (p *spanPart) slot(l *lineage) *Span {
	if p.rows == len(p.chunks)*rowsPerChunk {
		p.chunks = append(p.chunks, l.takeChunk())
	}
	return &p.chunks[p.rows/rowsPerChunk][p.rows%rowsPerChunk]
}

// link makes room for one more link, whose place does not change.
func (p *spanPart) link() *spanLink {
	const linksPerList = 512
	if p.count%linksPerList == 0 {
		list := make([]spanLink, 0, linksPerList)
		p.links = append(p.links, &list)
	}
	list := p.links[len(p.links)-1]
	*list = append(*list, spanLink{})
	p.count++
	return &(*list)[len(*list)-1]
}

// textArena copies short texts into large pieces of memory.
type textArena struct{ free []byte }

const arenaBytes = 64 << 10

// keep copies a text that would otherwise end with the record it was read from.
func (a *textArena) keep(text *string) {
	n := len(*text)
	if n == 0 {
		return
	}
	if n > cap(a.free)-len(a.free) {
		a.free = make([]byte, 0, max(n, arenaBytes))
	}
	from := len(a.free)
	a.free = append(a.free, *text...)
	*text = view(a.free[from : from+n])
}

// keepRow keeps the texts of a row that came from the file; the others are the program's own.
func (a *textArena) keepRow(row *Span) {
	id := &row.Identity
	for _, text := range [...]*string{
		&id.OrganizationID, &id.TeamID, &id.TeamName, &id.ProjectID, &id.CustomerID, &id.UserID,
		&id.APIKeyID, &id.APIKeyName, &id.TenantTag, &id.RequestID, &id.CallID, &id.ResponseID,
		&id.ProviderRequestID, &id.TraceID, &id.SpanID, &id.SessionID, &id.WorkflowID,
		&row.ParentSpanID, &row.Name, &row.Service, &row.Scope, &row.GatewayVersion,
		&row.Operation, &row.Provider, &row.RequestedModel, &row.ResponseModel, &row.ServiceTier,
		&row.ErrorType, &row.WorkflowName, &row.AgentName, &row.Cost.Text, &row.Attrs,
	} {
		a.keep(text)
	}
}

// keySeeds hash ids so that nobody who writes a file can make two spans look like one.
type keySeeds [4]maphash.Seed

func newKeySeeds() keySeeds {
	return keySeeds{maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed()}
}

// keys gives the key of a span and of its parent.
func (s *keySeeds) keys(row *Span) (key, parent spanKey, trace uint64) {
	trace = maphash.String(s[0], row.TraceID)
	second := maphash.String(s[1], row.TraceID)
	of := func(id string) spanKey {
		// Rotated, so that a trace and a span of one id do not cancel out.
		a, b := maphash.String(s[2], id), maphash.String(s[3], id)
		return spanKey{a: trace ^ (a<<17 | a>>47), b: second + b*0x9e3779b97f4a7c15}
	}
	key = of(row.SpanID)
	if row.ParentSpanID != "" && row.ParentSpanID != row.SpanID {
		parent = of(row.ParentSpanID)
	}
	return key, parent, trace
}
