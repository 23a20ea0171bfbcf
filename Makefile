# tieout: make run shows the fixture month tied out, make test proves it.

GO ?= go
BIN := bin/tieout
MONTH := fixtures/2026-10

.PHONY: build run test lint fuzz bench bench-large eval golden ci soak

build:
	$(GO) build -o $(BIN) ./cmd/tieout

# Breaks are what the fixture month is made of, so exit 1 is the result that is wanted.
run: build
	$(BIN) run --quiet --period 2026-10 --as-of 2026-11-23 --prices $(MONTH)/prices.csv \
	  --store bin/tieout.duckdb --out bin/report \
	  $(MONTH)/gateway $(MONTH)/traces $(MONTH)/provider $(MONTH)/application $(MONTH)/control \
	  || [ $$? -eq 1 ]

# Many tests wait for runs of their own process and for the disk: three at a time for two processors.
PROCESSORS := $(shell getconf _NPROCESSORS_ONLN || echo 2)
test:
	$(GO) test -timeout 30m -parallel $$(( ($(PROCESSORS) * 3 + 1) / 2 )) ./...

lint:
	@test -z "$$(gofmt -l cmd reconcile loaders pricing sql fixtures)" \
	  || { gofmt -l cmd reconcile loaders pricing sql fixtures; echo "gofmt would change these"; exit 1; }
	$(GO) vet -tags bench ./...
	$(GO) mod tidy -diff

FUZZTIME ?= 20s
fuzz:
	@set -e; for package in ./loaders ./pricing; do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "fuzz $$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; \
	  done; done

# bench measures loaders, rating and stages, and then the whole job beside the script that an
# analyst would write (BENCH_ANALYST=FILE takes another one). BENCH_README=README.md writes the
# result into the README.
BENCH_ROWS ?= 1000000
BENCH_TIMES ?= 3
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./loaders ./pricing ./reconcile
	BENCH_ROWS=$(BENCH_ROWS) BENCH_TIMES=$(BENCH_TIMES) $(GO) test -tags bench ./reconcile \
	  -run '^TestAgainstScript$$' -v -count 1 -timeout 3h

# bench-large is ten times the month beside the month, tieout alone; it wants 50 GB of disk.
bench-large:
	BENCH_ROWS=10000000 BENCH_TIMES=1 BENCH_GROWTH=10 BENCH_ANALYST=none \
	  $(GO) test -tags bench ./reconcile -run '^TestAgainstScript$$' -v -count 1 -timeout 3h

# eval plants every cause in generated months and scores what is found: precision and recall a cause.
# A test of a small month is part of make test.
EVAL_SEEDS ?= 20
EVAL_REQUESTS ?= 100000
eval:
	EVAL_SEEDS=$(EVAL_SEEDS) EVAL_REQUESTS=$(EVAL_REQUESTS) \
	  $(GO) test ./reconcile -run '^TestEval$$' -count 1 -timeout 6h -v

# golden writes the expected reports of the fixture month anew; read the diff before you commit it.
golden:
	$(GO) test ./reconcile -run TestMonth -update

# soak kills thousands of runs at random moments and tries many sequences of nights; it takes hours.
soak:
	TIEOUT_SOAK=1 $(GO) test ./reconcile -run 'TestKilledAtAnyMoment|TestNights' -timeout 24h -v

ci: lint test
