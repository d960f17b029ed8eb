#!/bin/sh
# Installs what builds the package, once per machine: wasm-pack and the wasm-bindgen that matches the crate; with the argument
# `cargo-deny`, that instead. Prints the folders to put on PATH. They are kept in the user's cache, one folder a version, so
# that no other project is disturbed.
set -eu
WASM_PACK=0.15.1
WASM_BINDGEN=0.2.129
CARGO_DENY=0.20.2
cache="${XDG_CACHE_HOME:-$HOME/.cache}/entra-device-code"

install() { # crate, version
  root="$cache/$1-$2"
  if [ ! -d "$root/bin" ]; then
    echo "Installing $1 $2 (once, a few minutes)…" >&2
    cargo install "$1" --version "$2" --locked --root "$root" >&2
  fi
  printf '%s:' "$root/bin"
}

if [ "${1-}" = cargo-deny ]; then
  install cargo-deny "$CARGO_DENY"
  exit
fi
rustup target list --installed 2>/dev/null | grep -q wasm32-unknown-unknown ||
  rustup target add wasm32-unknown-unknown >&2
install wasm-bindgen-cli "$WASM_BINDGEN"
install wasm-pack "$WASM_PACK"
