package loaders

// Many gateways write one id under several names, and an amount as its shortest decimal. Such a
// text is stored once: the row leaves out the others, and its kind says which. The view raw.request
// puts them back.

// repeats tells the texts that a request leaves out, since another column says the same.
type repeats struct {
	callID, responseID bool // the same as the request's id
	workflowID         bool // the same as the session's
	spend              bool // the amount's shortest decimal
}

// leaveOutRepeats empties the texts of a request that another of its columns tells.
func (r *Request) leaveOutRepeats() {
	r.repeats = repeats{
		callID:     r.CallID != "" && r.CallID == r.RequestID,
		responseID: r.ResponseID != "" && r.ResponseID == r.RequestID,
		workflowID: r.WorkflowID != "" && r.WorkflowID == r.SessionID,
		spend:      r.Spend.Known && r.Spend.USD.IsShortest(r.Spend.Text),
	}
	for _, left := range []struct {
		text *string
		out  bool
	}{
		{&r.CallID, r.repeats.callID}, {&r.ResponseID, r.repeats.responseID},
		{&r.WorkflowID, r.repeats.workflowID}, {&r.Spend.Text, r.repeats.spend},
	} {
		if left.out {
			*left.text = ""
		}
	}
}
