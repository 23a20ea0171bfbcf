package loaders

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// digest names a call whose gateway logged no id for it: by all that the row says, so that the same
// row in two exports has the same name. Such a row has no call id, by which it is told.
func (r *Request) digest() string {
	sum := sha256.New()
	for _, text := range []string{r.Gateway, r.ParentRequestID, r.OrganizationID, r.TeamID,
		r.ProjectID, r.CustomerID, r.UserID, r.APIKeyID, r.TenantTag, r.CallID, r.ResponseID,
		r.ProviderRequestID, r.TraceID, r.SpanID, r.SessionID, r.WorkflowID, r.Tags, r.Provider,
		r.Region, r.Operation, r.RequestedModel, r.ResponseModel, r.ServiceTier, r.Status,
		r.ErrorCode, r.Spend.Text, r.SpendStatus} {
		fmt.Fprintf(sum, "%q,", text)
	}
	fmt.Fprint(sum, r.Attempt, r.Tokens, r.PromptTokens, r.StartedUS, r.EndedUS)
	return "row-" + hex.EncodeToString(sum.Sum(nil)[:12])
}
