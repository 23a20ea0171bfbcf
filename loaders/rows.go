package loaders

import "tieout/pricing"

// Count is a number of tokens or calls that a source may leave out: missing is not zero.
type Count struct {
	N     int64
	Known bool
}

// Counted is a Count that the source stated.
func Counted(n int64) Count { return Count{N: n, Known: true} }

// Money is an amount with the text that the source wrote it in.
type Money struct {
	USD   pricing.USD
	Text  string
	Known bool
}

// Tokens holds the disjoint counts of one call or bucket: each token stands in one field.
type Tokens struct {
	Input, CacheRead, CacheWrite5m, CacheWrite1h, CacheWrite Count
	Output, Reasoning                                        Count
	AudioIn, AudioCachedIn, AudioOut                         Count
	ImageIn, ImageCachedIn, ImageOut                         Count
	WebSearch                                                Count
}

// Usage conventions: whether the source's input count held the cached tokens.
const (
	IncludesCache     = "includes_cache"
	ExcludesCache     = "excludes_cache"
	ConventionUnknown = "unknown"
)

// Evidence for the response model of a call.
const (
	ModelReported      = "reported"       // the provider's response named it
	ModelEqualsRequest = "equals_request" // what was sent, by the gateway or a span
	ModelMissing       = "missing"
)

// What a source can show that it withholds. What is left out may be so in some rows only, because
// there was nothing to say: in all rows of a file it is what the export leaves out.
const (
	BodyLeftOut     = "body_left_out"
	MetadataLeftOut = "metadata_left_out"
	BodyRedacted    = "body_redacted"
)

// Counting is how a source's inclusive or exclusive counts were made disjoint.
type Counting struct {
	Tokens
	PromptTokens Count  // the provider's whole prompt, which decides price tiers
	Convention   string // IncludesCache, ExcludesCache or ConventionUnknown
	How          string // what decided the convention
	Problem      string // counts that cannot be, in words; the tokens are then as far as known
	Other        string // counts of what is billed by other units: NAME=COUNT, blanks between
}

// Identity is who a call belongs to and which ids it carries; gateway rows and spans share it.
type Identity struct {
	OrganizationID, TeamID, TeamName, ProjectID string
	CustomerID, UserID, APIKeyID, APIKeyName    string
	TenantTag                                   string
	RequestID                                   string // the gateway's row id
	CallID                                      string // the gateway's call id
	ResponseID, ProviderRequestID               string
	TraceID, SpanID, SessionID, WorkflowID      string
}

// hideSecrets puts a hash in the place of any key that stands where an id or a name belongs.
func (i *Identity) hideSecrets() {
	for _, field := range []*string{&i.OrganizationID, &i.TeamID, &i.TeamName, &i.ProjectID,
		&i.CustomerID, &i.UserID, &i.APIKeyID, &i.APIKeyName, &i.TenantTag, &i.RequestID, &i.CallID,
		&i.ResponseID, &i.ProviderRequestID, &i.SessionID, &i.WorkflowID} {
		if isSecret(*field) {
			*field = keyID(*field)
		}
	}
}

// Request is one row of raw.request: an LLM call as a gateway logged it.
type Request struct {
	Line int64
	Identity
	Gateway, ParentRequestID      string
	GatewayVersion                string // the release that wrote the row, where it says so
	Withheld                      string // what the row was stripped of: some of the words below
	Attempt                       Count
	Tags                          string
	Provider, Region, Operation   string
	RequestedModel, ResponseModel string
	ModelEvidence                 string
	ServiceTier                   string
	PricedModel, PricedTier       string // by which it was priced, where the row names others
	IsStreamed                    bool
	Status, ErrorCode             string
	GatewayCache                  string
	Counting
	UsageOrigin        string
	Spend, SpendOrig   Money
	Stated             Money // what the provider's answer states, where spend is another amount
	SpendUnit          string
	SpendOrigin        string // as the "provider" states, the "caller" told, the row's "rates" are
	SpendStatus        string
	ToolCost           string // what of spend is for tools, or "none", where the row says it
	StartedUS, EndedUS Count
	repeats            repeats
}

// Span is one row of raw.span: a trace's record of a call, an agent, a tool or a workflow.
type Span struct {
	Line, Item int64 // Item tells the spans of one line apart
	Identity
	ParentSpanID, Name, Service, Scope string
	GatewayVersion                     string // of a gateway that wrote the span itself
	Dialect, Role, Operation           string
	Provider                           string
	RequestedModel, ResponseModel      string
	ModelEvidence                      string
	ServiceTier                        string
	IsStreamed                         bool
	Status, ErrorType                  string
	WorkflowName, AgentName            string
	Counting
	UsageQuality       string
	TotalTokens        Count
	Cost               Money
	Attributes         Count
	VersionUS          Count // when a store wrote it that keeps several versions of a span
	Attrs              string
	StartedUS, EndedUS Count
}

// Bucket is what raw.usage and raw.bill rows have in common: whose use, when, and grouped how.
type Bucket struct {
	Line                                        int64
	Provider, AccountID, ProjectID, WorkspaceID string
	APIKeyID, UserID, RequestID                 string
	ModelRaw, ServiceTier, ContextTier, Region  string
	FromUS, ToUS                                int64
	Grain                                       string // request, minute, hour, day or month
	GroupedBy                                   string // dimensions the row is split by: a,b,c
	Correction                                  string // bill that corrects an earlier one, or ""
	TokenType                                   string // a token type, or "" when not split by type
}

// hideSecrets puts a hash in the place of any key that stands where an id or a name belongs.
func (b *Bucket) hideSecrets() {
	for _, field := range []*string{&b.Provider, &b.AccountID, &b.ProjectID, &b.WorkspaceID,
		&b.APIKeyID, &b.UserID, &b.RequestID, &b.ModelRaw, &b.ServiceTier, &b.Region} {
		*field = keyID(*field)
	}
}

// Usage is one row of raw.usage: a count of one token type in one bucket.
type Usage struct {
	Bucket
	Quantity int64
	Requests Count // calls in the bucket, on the first row of a source row only
}

// Bill is one row of raw.bill: an amount that the provider states.
type Bill struct {
	Bucket
	InvoiceID, LineItem, ChargeCategory string
	Amount                              Money
	Priced                              Money // the row's own price times its quantity
	Currency                            string
	AmountQuantum                       Money // the source's smallest step
	Quantity                            Count
	IsEstimated                         bool
}

// Control is one row of raw.control: a total that a source states of itself, to be compared with
// the rows and never counted with them.
type Control struct {
	Line      int64
	Statement string // what is totalled: litellm.daily_team.prompt_tokens
	Scope     string // of what: date="2026-10-14",team_id="search"
	Quantity  Count
	Amount    Money
}

// Answer is one row of raw.answer: the headers of a response, as an application logged them.
type Answer struct {
	Line                         int64
	Gateway, GatewayVersion      string
	CallID, ProviderRequestID    string
	ResponseID, TraceID, ModelID string // ModelID is a deployment's
	Spend                        Money
	AtUS                         Count
}

// Reject is one row of raw.reject: an input record that could not be read.
type Reject struct {
	Line            int64
	Reason, Excerpt string
}
