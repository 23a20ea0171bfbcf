package loaders

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
