# make test   the simulation, every test of every module, and a shorter run with the race detector
# make bench  the promised ratios, in tables: of calls, of calls that are stored, and of calls over SIP
# make simulate plays what a release must have seen beside make test: two faults with gift cards, 2,000,000 calls by chance
# make walk   tries every input in every state of the dialogue, and tells how many there are
# make model checks the models of the payment and of the callback with spin
# make lint   gofmt, go vet, staticcheck, and govulncheck where its database can be reached
# make fuzz   each fuzz target for FUZZTIME
# make docs   golden calls and generated pages anew; look at the difference before you commit it

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK ?= golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME    ?= 10s
MODULES      = $(shell $(GO) list -m -f '{{.Dir}}')

.PHONY: test bench simulate walk model lint fuzz docs deps

# Calls in which everything goes wrong come first, without the race detector: the processes of a run take turns.
test: deps
	$(GO) run ./examples/simulate -exhaustive 2 -calls 200000 -complete
	$(GO) test -timeout 25m work
	$(GO) test -race -short -timeout 25m work

bench:
	@bad=0; for table in ./internal/benchtable ./flow/sqlitestore/internal/benchtable ./ivr/sip/internal/benchtable; do \
		$(GO) run $$table || bad=1; done; exit $$bad

simulate:
	$(GO) run ./examples/simulate -calls 2000000 -seed 2 -complete
	$(GO) run ./examples/simulate -exhaustive 2 -tender gifts
	$(GO) run ./examples/simulate -exhaustive 2 -tender gifts-now

walk:
	$(GO) test -run TestWalk -v ./flow

model:
	@if ! command -v spin >/dev/null || ! command -v gcc >/dev/null; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get update -q && $$sudo apt-get install -yq spin gcc libc6-dev; fi
	docs/model/check.sh

lint:
	@bad=$$(git ls-files '*.go' | xargs gofmt -l); if [ -n "$$bad" ]; then echo "gofmt would change: $$bad"; exit 1; fi
	$(GO) vet work
	@for m in $(MODULES); do (cd $$m && echo "staticcheck $$m" && $(GO) run $(STATICCHECK) ./...) || exit 1; done
	@$(GO) mod verify >/dev/null
	@if curl -fs -o /dev/null -m 10 https://vuln.go.dev/index/db.json; then \
		for m in $(MODULES); do (cd $$m && $(GO) run $(GOVULNCHECK) ./...) || exit 1; done; \
	else echo "govulncheck skipped: its database cannot be reached from here"; fi

fuzz:
	@for pkg in $$($(GO) list work); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

docs:
	$(GO) test ./flow -run 'TestGolden$$|TestStatesPage' -update
	UPDATE_DOCS=1 $(GO) test -run Documentation ./ivr/...

# The race detector needs a C compiler, and the tests of flow/pgstore the server of a PostgreSQL of 15 or newer: Debian's is
# 15, Ubuntu's package postgresql is newer. DIALPAY_TEST_PG, a URL, names another. npm's twilio judges the TwiML of
# ivr/twiml. sipp and baresip call ivr/sip; its voice is espeak-ng, and its detector of keys listens to people whom Debian
# has recorded.
deps:
	@sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); want=; \
	command -v gcc >/dev/null || want="gcc libc6-dev"; \
	ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | grep -qE '/(1[5-9]|[2-9][0-9])/' || [ -n "$$DIALPAY_TEST_PG" ] || \
		want="$$want postgresql"; \
	command -v espeak-ng >/dev/null || want="$$want espeak-ng"; \
	command -v sipp >/dev/null || want="$$want sip-tester"; \
	command -v baresip >/dev/null || want="$$want baresip"; \
	ls /usr/share/asterisk/sounds/*/*.wav >/dev/null 2>&1 || want="$$want asterisk-core-sounds-en-wav"; \
	{ command -v node && command -v npm; } >/dev/null || want="$$want nodejs npm"; \
	if [ -n "$$want" ]; then $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq $$want; fi
	@cd ivr/twiml/testdata/npm && cmp -s package-lock.json node_modules/installed || \
		{ npm ci --no-audit --no-fund --ignore-scripts && cp package-lock.json node_modules/installed; }
