// Command tieout ties out AI spend: what a gateway claims, what the prices say, what the provider
// bills.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tieout/reconcile"
)

func main() {
	if reconcile.JudgeStore() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}
