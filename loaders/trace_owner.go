package loaders

import "strings"

// The metadata that callers put on their spans says who pays, as that of LiteLLM's callers does: of
// it the same keys are kept, by which rules of the settings may ask.

// callerMetadata is what the names of attributes begin with that hold a caller's metadata: of
// OpenInference, OpenLLMetry, LiteLLM, Langfuse, LangSmith and the Vercel AI SDK.
func callerMetadata() []string {
	return []string{"metadata.$.", "metadata.", "traceloop.association.properties.",
		"metadata.spend_logs_metadata.$.", "langfuse.trace.metadata.",
		"langfuse.observation.metadata.", "langsmith.metadata.", "ai.telemetry.metadata.",
		"ai.settings.runtimeContext.", "ai.settings.context."}
}

// callerKeys lets what a caller says of tenant, run and session count under any such prefix, after
// the names that are listed for them.
func (n *attributeNames) callerKeys() {
	const last = 100 // no fact has as many names
	for i, key := range []string{"tenant_id", "tenantId", "tenant", "workflow_id", "workflowId",
		"session_id", "sessionId"} {
		of := factTenantTag
		switch {
		case strings.HasPrefix(key, "workflow"):
			of = factWorkflow
		case strings.HasPrefix(key, "session"):
			of = factSession
		}
		for _, prefix := range callerMetadata() {
			name := prefix + key
			_, isTaken := n.targets[name]
			if !isTaken && !strings.HasSuffix(prefix, ".$.") { // JSON, whose members are listed
				n.targets[name] = target{of: of, rank: uint8(last + i), isKnown: true,
					signs: signOf(name)}
			}
		}
	}
}

// keep tells which attributes are kept as they stand: some by their own names, and who pays by the
// key of the metadata alone, however the attribute is named, and whatever else it means.
func (n *attributeNames) keep() {
	add := func(name string) {
		meaning, isKnown := n.targets[name]
		if !isKnown {
			meaning = target{of: factKept, isKnown: true, signs: signOf(name)}
		}
		meaning.kept = uint8(len(n.kept))
		n.targets[name] = meaning
	}
	for _, name := range keptAttributes() {
		n.kept = append(n.kept, name)
		add(name)
	}
	for _, key := range ownerKeys() {
		n.kept = append(n.kept, key)
		for _, prefix := range callerMetadata() {
			add(prefix + key)
		}
	}
}

// flatten lets the members of a JSON text be attributes of their own, metadata.tenant_id, as
// Phoenix's API gives them.
func (n *attributeNames) flatten(text string) {
	for _, inner := range n.inner {
		for _, member := range inner.members {
			name := text + "." + member
			of, says := n.targets[text+".$."+member]
			if _, isTaken := n.targets[name]; inner.name == text && says && !isTaken {
				of.signs = signOf(name)
				n.targets[name] = of
			}
		}
	}
}
