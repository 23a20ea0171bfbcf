package reconcile

import (
	"context"
	"io"
)

// Explain is filled below.
func Explain(ctx context.Context, out, requestID string, to io.Writer) error { return nil }
