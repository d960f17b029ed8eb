# `make help` lists the targets.

NODE_MODULES := js-tests/node_modules/.package-lock.json
RUNTIMES := js-tests/base/runtimes/node_modules/.package-lock.json
WASM := build/wasm/entra_device_code_bg.wasm
TOOLCHAIN := build/wasm/toolchain.txt
CRATE := Cargo.toml Cargo.lock $(shell find src -type f)
TEMPLATE := $(shell find pkg-template -type f) $(addprefix scripts/, build-note.mjs glue.mjs package.mjs unread.mjs short-names.mjs sizes.mjs third-party.mjs) LICENSE
BIN := $(CURDIR)/js-tests/node_modules/.bin
# The paths of whoever builds have no business in the wasm. The last that fits prevails.
REMAP := --remap-path-prefix=$(HOME)= --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=.cargo --remap-path-prefix=$(CURDIR)=
# How readily LLVM puts a function into its callers. Less, and it doesn't see that some branches are never taken, for which
# serde_json brings in tables and text; more, and there are too many copies. Then what makes loops and branches faster for more
# code: values that are computed early, and addresses that are counted up beside the counter.
SMALL := $(addprefix -Cllvm-args=, -inline-threshold=15 -inline-call-penalty=40 -enable-pre=0 -enable-load-pre=0 \
	-disable-lsr -disable-licm-promotion -hoist-common-insts)

FUZZ_SECONDS ?= 60
FUZZ ?= 100000
SOAK ?= 100000

.PHONY: help model fuzz soak build demo bench pictures test test-rust test-wasm test-js conformance lint format docs deny reproduce clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: pkg/package.json ## build the npm package into pkg/ and print its size

demo: pkg/package.json ## sign in to an OpenID provider on this machine; MANUAL=1 leaves the approval to you
	@cd js-tests && node demo/run.js

test: pkg/package.json $(RUNTIMES) ## run all lints and tests
	@node scripts/test.mjs

test-js: pkg/package.json ## run the suite on Node, against the packed tarball
	@cd js-tests && node base/runners/run.js node

conformance: pkg/package.json ## compare with azure-identity for Python, scenario by scenario
	@cd js-tests && node peers/conformance/run.js

bench: pkg/package.json $(RUNTIMES) ## measure this package beside what one could pick instead; ROW=cached for a row alone
	@cd js-tests && node bench/run.js $(if $(ROW),--row $(ROW),--out ../build/bench.json)
	@$(if $(ROW),,cd js-tests && node bench/chart.js ../build/bench.json ../docs/pictures/benchmark.svg)

pictures: pkg/package.json ## take the pictures that the READMEs show
	@cd js-tests && node hosts/browser/pictures.js && node cli/pictures.js

test-rust: ## run the tests of the core, natively
	@cargo test --quiet

# With a nightly toolchain, as coverage needs one: `cargo install cargo-fuzz`.
fuzz: pkg/package.json ## fuzz each target for FUZZ_SECONDS, by coverage, keeping findings in fuzz/artifacts; then the package
	@for target in arguments replies retry_after redaction cache flow records machine; do \
		cargo +nightly fuzz run "$$target" -- -max_total_time=$(FUZZ_SECONDS) -max_len=65536 || exit 1; \
	done
	@cd js-tests && FUZZ=$(FUZZ) node hosts/faults/fuzz.js

model: ## check the machine's promises in every state, a step or two deeper than the tests do (minutes)
	@MODEL_DEPTH=$(or $(DEPTH),5) cargo test --release --test model -- --nocapture

soak: pkg/package.json ## sign in SOAK times, ten times as often as the tests do (minutes), and look what is left of it
	@cd js-tests && SOAK=$(SOAK) node hosts/faults/soak.js

test-wasm: | $(NODE_MODULES) ## run the tests of the class that the wasm exports, in Node
	@$(BIN)/esbuild pkg-template/lib/boundary.js --bundle --format=cjs --platform=node --log-level=warning \
		--outfile=build/test-lib/entra-device-code-lib.js
	@NODE_PATH="$(CURDIR)/build/test-lib" PATH="$$(scripts/tools.sh)$$PATH" wasm-pack test --node --mode no-install src/host

lint: | $(NODE_MODULES) ## check formatting, clippy, the JavaScript and its types
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --quiet -- -D warnings
	@cargo clippy --quiet --package entra-device-code-wasm --no-deps --target wasm32-unknown-unknown --all-targets -- -D warnings
	@cd js-tests && npm run --silent lint

format: | $(NODE_MODULES) ## format everything
	@cargo fmt --all
	@cd js-tests && npm run --silent format

docs: | docs/api/node_modules/.package-lock.json ## write the API's pages into build/docs and target/doc; fails on a warning
	@cd docs/api && node_modules/.bin/typedoc
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
	@cargo test --doc --quiet

deny: ## check the crates with cargo-deny; CHECKS="bans licenses sources" needs no network
	@PATH="$$(scripts/tools.sh cargo-deny)$$PATH" cargo deny check $(CHECKS)

reproduce: | $(NODE_MODULES) ## build the package in two folders and compare; TARBALL=FILE: with that, too
	@node scripts/reproduce.mjs $(TARBALL)

clean: ## remove what was built
	@rm -rf build pkg target

# Not `npm ci`: it insists that the lock file name the optional packages of every other platform.
$(NODE_MODULES): js-tests/package-lock.json
	@echo "Installing the development dependencies from npm…"
	@cd js-tests && npm install --no-save --no-audit --no-fund --silent && touch node_modules/.package-lock.json

$(RUNTIMES): js-tests/base/runtimes/package-lock.json
	@echo "Installing Node, Deno and Bun, for the tests…"
	@cd js-tests/base/runtimes && npm install --no-save --no-audit --no-fund --silent && touch node_modules/.package-lock.json

$(WASM): $(CRATE) | $(NODE_MODULES)
	@PATH="$$(scripts/tools.sh)$(BIN):$$PATH" RUSTFLAGS="$(REMAP) $(SMALL)" wasm-pack build src/host --release \
		--target bundler --no-pack --no-typescript --mode no-install \
		--out-dir ../../build/wasm --out-name entra_device_code
	@touch $@

$(TOOLCHAIN): $(WASM)
	@PATH="$$(scripts/tools.sh)$(BIN):$$PATH" && { rustc --version --verbose | sed -n '1p; /^host/p' && \
		wasm-bindgen --version && wasm-pack --version && wasm-opt --version; } >$@

docs/api/node_modules/.package-lock.json: docs/api/package-lock.json
	@echo "Installing typedoc from npm…"
	@cd docs/api && npm install --no-save --no-audit --no-fund --silent && touch node_modules/.package-lock.json

pkg/package.json: $(WASM) $(TOOLCHAIN) $(TEMPLATE) $(NODE_MODULES)
	@node scripts/package.mjs
