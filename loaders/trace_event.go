package loaders

import "github.com/valyala/fastjson"

// Instrumentations may write to an event of a span what others write to the span itself: the
// event gen_ai.client.inference.operation.details of the GenAI conventions has the same
// attributes. An event speaks where its span is silent; the two are never added up.

// event is where the attributes of the events of the span in hand are noted.
func (r *spanReader) event() *facts {
	if !r.hasEvents {
		r.events.reset()
		r.hasEvents = true
	}
	return &r.events
}

// noteEvents takes in a list of events, each with an attribute map under key.
func (r *spanReader) noteEvents(events []*fastjson.Value, key string) {
	for _, event := range events {
		r.noteMap(r.event(), event.Get(key))
	}
}

// takeEvents lets the events say what the span does not.
func (f *facts) takeEvents(said *facts) {
	f.signs |= said.signs & dataSigns
	for _, of := range [...]fact{factOperation, factProvider, factRequestModel, factResponseModel,
		factResponseID, factResponseTier, factFinish, factErrorType} {
		f.inherit(of, said)
	}
	if f.counts[factInput].Known || f.counts[factOutput].Known {
		return
	}
	for of := range said.counts {
		if !f.counts[of].Known {
			f.counts[of], f.texts[of], f.ranks[of] = said.counts[of], said.texts[of], said.ranks[of]
		}
	}
	f.conflict = f.conflict || said.conflict
	if f.problem == nil {
		f.problem = said.problem
	}
}
