package loaders

import (
	"slices"
	"strings"
)

// What spans take from one another.

// usageContainer marks a container whose usage counts because no call of its trace has any.
const usageContainer = "container_only"

// ancestorsMax bounds how far up ancestors are looked for.
const ancestorsMax = 64

// ancestors visits the ancestors of a span from the nearest on, until visit has enough.
func (s *stretch) ancestors(of *spanLink, visit func(*spanLink) (isEnough bool)) {
	parent := of.parent
	for range ancestorsMax {
		if parent == (spanKey{}) {
			return
		}
		above := s.find(parent)
		if above == nil || above == of || visit(above) {
			return
		}
		parent = above.parent
	}
}

// taken is what a row takes over from its ancestors.
type taken struct {
	parentID, session, workflow, name, agent, user string
	owner                                          *Span
}

// inherit gives the row as it is delivered: its parent is the nearest span that is loaded, and
// what it does not say of itself its nearest ancestor says. The held row stays as it is, because
// others look at it; where it differs the copy is given.
func (s *stretch) inherit(held *Span, link *spanLink, copied *Span) *Span {
	took := taken{parentID: held.ParentSpanID, session: held.SessionID,
		workflow: held.WorkflowID, name: held.WorkflowName, agent: held.AgentName,
		user: held.UserID}
	if held.hasOwner() {
		took.owner = held
	}
	took.from(s, link)
	took.name = firstText(took.name, took.agent)
	if took.parentID == held.ParentSpanID && took.session == held.SessionID &&
		took.workflow == held.WorkflowID && took.name == held.WorkflowName &&
		took.agent == held.AgentName && took.user == held.UserID &&
		(took.owner == nil || took.owner == held) {
		return held
	}
	*copied = *held
	copied.ParentSpanID, copied.SessionID = took.parentID, took.session
	copied.WorkflowID, copied.WorkflowName = took.workflow, took.name
	copied.AgentName, copied.UserID = took.agent, took.user
	if took.owner != nil && took.owner != held {
		copied.belongTo(took.owner)
	}
	return copied
}

// from looks through the ancestors of a span.
func (took *taken) from(s *stretch, link *spanLink) {
	isSettled := false
	parent := link.parent
	for range ancestorsMax {
		if parent == (spanKey{}) {
			return
		}
		above := s.find(parent)
		if above == nil || above == link {
			return
		}
		switch {
		case isSettled:
		case above.isLoaded:
			isSettled = true
		default:
			took.parentID = above.parentID
		}
		if above.of != nil {
			took.gather(above.of)
		}
		parent = above.parent
	}
}

func (took *taken) gather(above *Span) {
	took.session = firstText(took.session, above.SessionID)
	took.workflow = firstText(took.workflow, above.WorkflowID)
	took.name = firstText(took.name, above.WorkflowName)
	took.agent = firstText(took.agent, above.AgentName)
	took.user = firstText(took.user, above.UserID)
	if took.owner == nil && above.hasOwner() {
		took.owner = above
	}
}

// belongTo takes over whose the call is, as one: the team of an ancestor must not stand beside
// the tenant of the span.
func (row *Span) belongTo(above *Span) {
	row.OrganizationID, row.ProjectID = above.OrganizationID, above.ProjectID
	row.TeamID, row.TeamName, row.TenantTag = above.TeamID, above.TeamName, above.TenantTag
	row.CustomerID = firstText(row.CustomerID, above.CustomerID)
	row.APIKeyID = firstText(row.APIKeyID, above.APIKeyID)
	row.APIKeyName = firstText(row.APIKeyName, above.APIKeyName)
}

func (row *Span) hasOwner() bool {
	return row.TeamID != "" || row.TenantTag != "" || row.ProjectID != "" ||
		row.OrganizationID != ""
}

// settle gives the gifts of a stretch and of the one behind it, and decides which of its
// containers count.
func (s *stretch) settle() {
	for _, of := range []*stretch{s, s.next} {
		if of == nil {
			continue
		}
		left := of.gifts[:0]
		for _, g := range of.gifts {
			if !s.give(g) {
				left = append(left, g)
			}
		}
		of.gifts = left
	}
	s.promote()
}

// give hands a gift to the span that its giver stands in, when that is a call whose row is still
// held; there is nothing to wait for when it is none.
func (s *stretch) give(g gift) (isDone bool) {
	above := s.find(g.from.parent)
	if above == nil || s.before.lookUp(above.key) == above {
		return false
	}
	row := above.of
	if !above.isLoaded || !row.isCall() {
		return true
	}
	row.ProviderRequestID = firstText(row.ProviderRequestID, g.providerRequestID)
	row.CallID = firstText(row.CallID, g.callID)
	if g.own != nil && !row.adopt(g.own, row.PromptTokens, row.completion()) {
		row.UsageQuality = usageConflict
	}
	return true
}

func (row *Span) isCall() bool { return row.Role == roleCall || row.Role == roleGateway }

// completion is all that was answered.
func (row *Span) completion() Count {
	return Count{N: row.Output.N + row.Reasoning.N + row.AudioOut.N + row.ImageOut.N,
		Known: row.Output.Known}
}

func (row *Span) hasUsage() bool { return row.PromptTokens.Known || row.Output.Known }

// promote lets a container count when no call of its trace has usage: it is the only record.
// Of containers within each other the innermost counts.
func (s *stretch) promote() {
	var alone []*spanLink
	for _, part := range s.parts {
		for _, link := range part.loaded {
			if link.of.Role == roleContainer && link.of.hasUsage() && !s.hasCalls(link.trace) {
				alone = append(alone, link)
			}
		}
	}
	if len(alone) > 0 && s.isTornApart() {
		alone = slices.DeleteFunc(alone, func(link *spanLink) bool {
			return link.parent == spanKey{} && isAroundSDKCalls(link.of.Operation)
		})
	}
	outer := map[*spanLink]bool{}
	for _, of := range []*stretch{s, s.next} {
		if of == nil || len(alone) == 0 {
			continue
		}
		for _, part := range of.parts {
			for _, link := range part.loaded {
				if link.of.Role != roleContainer || !link.of.hasUsage() {
					continue
				}
				of.ancestors(link, func(above *spanLink) bool {
					outer[above] = true
					return false
				})
			}
		}
	}
	for _, link := range alone {
		if !outer[link] {
			link.of.Role, link.of.UsageQuality = roleCall, usageContainer
		}
	}
}

// isTornApart reports that the calls of the AI SDK lost their parents, so that each is a trace of
// its own and the span around it another: that one is then not the only record.
func (s *stretch) isTornApart() bool {
	for _, of := range []*stretch{s, s.next, s.before} {
		if of == nil {
			continue
		}
		for _, part := range of.parts {
			for _, link := range part.loaded {
				if link.parent == (spanKey{}) && link.of.isCall() && link.of.hasUsage() &&
					strings.HasPrefix(link.of.Operation, "ai.") &&
					strings.Contains(link.of.Operation, ".do") {
					return true
				}
			}
		}
	}
	return false
}

// hasCalls reports that a call of the trace has usage, here or beside.
func (s *stretch) hasCalls(trace uint64) bool {
	for _, of := range []*stretch{s, s.next, s.before} {
		if of != nil && of.callTraces()[trace] {
			return true
		}
	}
	return false
}

// callTraces is the set of traces with a call that has usage.
func (s *stretch) callTraces() map[uint64]bool {
	if s.calls != nil {
		return s.calls
	}
	s.calls = map[uint64]bool{}
	for _, part := range s.parts {
		for _, link := range part.loaded {
			if link.of.isCall() && link.of.hasUsage() {
				s.calls[link.trace] = true
			}
		}
	}
	return s.calls
}
