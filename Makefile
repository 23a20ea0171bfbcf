# tieout: make run shows the fixture month tied out, make test proves it.

GO ?= go
BIN := bin/tieout
MONTH := fixtures/2026-10

.PHONY: build run test lint fuzz bench golden ci

build:
	$(GO) build -o $(BIN) ./cmd/tieout

# Breaks are what the fixture month is made of, so exit 1 is the result that is wanted.
run: build
	$(BIN) run --quiet --period 2026-10 --as-of 2026-11-23 --prices $(MONTH)/prices.csv \
	  --store bin/tieout.duckdb --out bin/report \
	  $(MONTH)/gateway $(MONTH)/traces $(MONTH)/provider || [ $$? -eq 1 ]

test:
	$(GO) test ./...

lint:
	@test -z "$$(gofmt -l cmd reconcile loaders pricing sql fixtures)" \
	  || { gofmt -l cmd reconcile loaders pricing sql fixtures; echo "gofmt would change these"; exit 1; }
	$(GO) vet ./...
	$(GO) mod tidy -diff

FUZZTIME ?= 20s
fuzz:
	@set -e; for package in ./loaders ./pricing; do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "fuzz $$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; \
	  done; done

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./loaders ./pricing ./reconcile

# golden writes the expected reports of the fixture month anew; read the diff before you commit it.
golden:
	$(GO) test ./reconcile -run TestMonth -update

ci: lint test
