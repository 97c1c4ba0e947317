# `make` prints what there is. Everything works on a clean checkout with Go alone; race also needs a C compiler.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
SECONDS_PER_FUZZ ?= 30

.DEFAULT_GOAL := help
.PHONY: help check test browser race lint fmt fuzz bench golden notebooks pictures oracle determinism pgo

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

check: ## what must pass before a change is sent: formatting, vet, tests
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go test ./...

test: ## all tests
	go test ./...

browser: ## every kind of page in Chromium; fails where there is none, or with BROWSER=-nobrowser leaves it out
	go vet -tags browser ./internal/browser
	go test -tags browser -count=1 -timeout 20m ./internal/browser $(BROWSER)

# Goroutines are started in one place, by internal/study, and replications share nothing but their specification. Its tests
# that run the same thing on one core and on many, and random systems that have something of everything, meet every path;
# the others only judge figures, and would take the detector a quarter of an hour.
RACES = Parallel|Cores$$|AtOnce|Interrupted|TestLimitEndsTheRun|TestLawsHoldOnRandomTopologies
race: ## the race detector on what runs simulations in parallel
	go test -race -short ./sim/...
	go test -race -short -timeout 20m -run '$(RACES)' ./internal/study

lint: ## golangci-lint, built on the first call (minutes)
	go run $(GOLANGCI) run

fmt: ## gofmt in place
	gofmt -w .

fuzz: ## every fuzz target, SECONDS_PER_FUZZ=30 each
	.ci/fuzz $(SECONDS_PER_FUZZ)

bench: ## benchmarks, ten times, into bench.txt (for benchstat)
	go test -run '^$$' -bench . -benchmem -count 10 ./sim/... ./models/... ./internal/study/... | tee bench.txt

pgo: ## the profile that guides the compiler, from the benchmarks of the network
	go test ./models/node -run '^$$' -bench . -benchtime 6000000x -cpuprofile cmd/capsim/default.pgo -o /dev/null

golden: ## draws every golden file again, then shows what changed
	go test $$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -n 1 dirname | sort -u) -update
	@git diff --stat

# Debian's packages; another python3 that stands before Debian's would not see them.
NOTEBOOKS = python3-nbclient python3-ipykernel python3-pandas python3-matplotlib
notebooks: ## draws the data of the notebooks, then executes them where they stand; installs what it needs where it may
	@/usr/bin/python3 -c 'import nbclient, ipykernel, pandas, matplotlib' 2>/dev/null || \
	{ test "$$(id -u)" = 0 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(NOTEBOOKS); } || \
	{ echo "needs Debian's packages: sudo apt-get install $(NOTEBOOKS)"; exit 1; }
	go test ./cmd/capsim -run '^TestDataOfNotebooks' -count=1 -update
	cd notebooks && PYDEVD_DISABLE_FILE_VALIDATION=1 /usr/bin/python3 execute.py *.ipynb

pictures: ## draws the pictures and the transcripts of the README again
	go test ./cmd/capsim -run '^(TestPicturesOfTheReadme|TestReadmeShows)' -count=1 -update
	@git diff --stat -- README.md docs/pictures

oracle: ## the long comparisons with theory, and the coverage of intervals
	CAPSIM_LONG=1 go test ./internal/study -run 'Oracle|Coverage|StartUp|Laws' -v -timeout 120m

determinism: ## the same bytes on amd64 v1 and v3 and on arm64 (emulated), with one core and two
	.ci/determinism
