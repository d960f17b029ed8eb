# `make help` lists the targets.

NODE_MODULES := js-tests/node_modules/.package-lock.json
RUNTIMES := js-tests/runtimes/node_modules/.package-lock.json
WASM := build/wasm/entra_device_code_bg.wasm
CRATE := Cargo.toml Cargo.lock $(shell find src -type f)
TEMPLATE := $(shell find pkg-template -type f) scripts/package.mjs LICENSE
BIN := $(CURDIR)/js-tests/node_modules/.bin
# The paths of whoever builds have no business in the wasm.
REMAP := --remap-path-prefix=$(HOME)= --remap-path-prefix=$(CURDIR)=

.PHONY: help build demo bench test test-rust test-wasm test-js conformance lint format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: pkg/package.json ## build the npm package into pkg/ and print its size

demo: pkg/package.json ## sign in to an OpenID provider on this machine; MANUAL=1 leaves the approval to you
	@cd js-tests && node demo/run.js

test: pkg/package.json $(RUNTIMES) ## run all lints and tests
	@node scripts/test.mjs

test-js: pkg/package.json ## run the suite on Node, against the packed tarball
	@cd js-tests && node runners/run.js node

conformance: pkg/package.json ## compare with azure-identity for Python, scenario by scenario
	@cd js-tests && node conformance/run.js

bench: pkg/package.json ## measure what it costs to keep many accounts in one store
	@cd js-tests && node bench/store.js

test-rust: ## run the tests of the core, natively
	@cargo test --quiet

test-wasm: | $(NODE_MODULES) ## run the tests of the WebAssembly shell, in Node
	@PATH="$$(scripts/tools.sh)$$PATH" wasm-pack test --node --mode no-install src/host

lint: | $(NODE_MODULES) ## check formatting, clippy, the JavaScript and the declarations
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --quiet -- -D warnings
	@cd js-tests && npm run --silent lint

format: | $(NODE_MODULES) ## format everything
	@cargo fmt --all
	@cd js-tests && npm run --silent format

clean: ## remove what was built
	@rm -rf build pkg target

# Not `npm ci`: it insists that the lock file name the optional packages of every other platform.
$(NODE_MODULES): js-tests/package-lock.json
	@echo "Installing the development dependencies from npm…"
	@cd js-tests && npm install --no-save --no-audit --no-fund --silent && touch node_modules/.package-lock.json

$(RUNTIMES): js-tests/runtimes/package-lock.json
	@echo "Installing Node, Deno and Bun, for the tests…"
	@cd js-tests/runtimes && npm install --no-save --no-audit --no-fund --silent && touch node_modules/.package-lock.json

$(WASM): $(CRATE) | $(NODE_MODULES)
	@PATH="$$(scripts/tools.sh)$(BIN):$$PATH" RUSTFLAGS="$(REMAP)" wasm-pack build src/host --release \
		--target bundler --no-pack --no-typescript --mode no-install \
		--out-dir ../../build/wasm --out-name entra_device_code
	@touch $@

pkg/package.json: $(WASM) $(TEMPLATE)
	@node scripts/package.mjs
