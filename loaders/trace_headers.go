package loaders

// What an HTTP client's span says of the headers that a gateway answered with
// (http.response.header.NAME) is the same evidence as headers that an application logs: it is
// delivered as an answer, whether or not the span itself is a call of a model. Other servers have
// request ids too: those stand for a call only where its span is around them.

// readHeaders lets the headers say which call the span is.
func (r *spanReader) readHeaders() {
	texts, a := &r.span.texts, &r.span.answer
	texts[factCallID] = firstText(texts[factCallID], a.CallID, a.TraceID)
	texts[factProviderRequestID] = firstText(texts[factProviderRequestID], a.ProviderRequestID)
}

// answered delivers what the headers say, if there are any. A cost that is none is left out: it is
// no reason to reject a span.
func (r *spanReader) answered() error {
	if r.span.signs&markHeader == 0 {
		return nil
	}
	a := r.span.answer
	if a.Gateway == "" {
		return nil
	}
	a.Line, a.AtUS = r.line, r.row.EndedUS
	if !a.AtUS.Known {
		a.AtUS = r.row.StartedUS
	}
	a.ResponseID = firstText(a.ResponseID, r.span.text(factResponseID))
	if a.CallID == "" {
		a.TraceID = firstText(a.TraceID, r.row.TraceID)
	}
	a.Spend, _, _ = parseMoney("x-litellm-response-cost", a.costText())
	a.hideSecrets()
	return r.w.answers.add(&a)
}

// gatewayVersion is the release of the gateway that wrote the span: service.version, where the
// service is a gateway.
func (r *spanReader) gatewayVersion() string {
	if own := firstText(r.span.text(factGatewayVersion),
		r.resource.text(factGatewayVersion)); own != "" {
		return releaseName(own)
	}
	version := r.resource.text(factServiceVersion)
	if version == "" || !isGateway(r.row.Service) {
		return ""
	}
	return releaseName(version)
}
