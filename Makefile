# Two commands do everything: `make run` and `make test`. Neither asks a question, nor needs standard input.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The queries are checked against `.sqlx`, which is committed: compiling needs no database.
export SQLX_OFFLINE := true
# Tools built for this project go first; they stay in target/, hence out of the user's own.
export PATH := $(CURDIR)/target/tools/bin:$(PATH)

CPOM := ./target/release/cpom

.PHONY: help run test checks bench torture attack fuzz prepare fmt lint postgresql compiler browser spreadsheet wrk sqlx-cli cargo-deny cargo-fuzz

help: ## affiche cette aide
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# `demo` does nothing when its database is there, and refuses (1) one that holds something else: both are served.
run: compiler postgresql ## installe ce qui manque, construit, charge la démonstration et sert l’application
	@cargo build --release --locked
	@$(CPOM) demo || [ $$? -eq 1 ]
	@exec $(CPOM) serve

test: compiler postgresql browser spreadsheet node_modules/.package-lock.json sqlx-cli cargo-deny ## installe ce qui manque et vérifie tout
	cargo fmt --check
	cargo deny --log-level error --all-features --locked check bans licenses sources
	tests/with-postgres $(MAKE) --no-print-directory checks

# Needs the DATABASE_URL that tests/with-postgres gives. Clippy first: it says most in the least time.
checks:
	cargo clippy --locked --all-targets -- -D warnings
	cargo sqlx migrate run --source migrations
	SQLX_OFFLINE=false cargo sqlx prepare --check -- --locked --all-targets
	cargo test --locked
	node torture/run.mjs --only=crowd --short --binary=target/debug/cpom --json=target/torture-short.json

torture: compiler postgresql ## éprouve les promesses : serveur et base tués, pannes, foule, sauvegardes (12 min)
	cargo build --release --locked
	node torture/run.mjs --write

bench: compiler postgresql wrk ## mesure les pages, à côté de la base seule (docs/proof.md), en une vingtaine de minutes
	cargo build --release --locked
	@mkdir -p target/bench
	node --test bench/*.test.mjs
	node bench/run.mjs

prepare: compiler postgresql sqlx-cli ## refait .sqlx après un changement de requête ou de migration
	tests/with-postgres bash -c 'cargo sqlx migrate run --source migrations && SQLX_OFFLINE=false cargo sqlx prepare -- --all-targets'

fmt: ## met le code en forme
	cargo fmt

lint: compiler ## clippy, tout avertissement étant une erreur
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

# Outside `make test`: minutes, not seconds. Both work on this machine alone; docs/proof.md keeps what they last found.
attack: compiler postgresql ## attaque la démonstration avec wapiti et sqlmap, en une douzaine de minutes
	@command -v node >/dev/null || { echo "Il manque Node : voir le README." >&2; exit 1; }
	node --test attack/*.test.mjs
	@cargo build --release --locked
	@node attack/run.mjs $(ATTACK)

# The fuzzer's own flags are stable ones without a sanitizer: no nightly compiler. Unsafe code is forbidden in this
# program, so what is looked for is a panic, an overflow, a broken property, a slow or a greedy input.
FUZZ_SECONDS := 60
fuzz: compiler cargo-fuzz ## nourrit d’octets hostiles la lecture des chiffres, des documents et des formulaires
	@for target in figure document form; do \
		fuzz/run $$target $(FUZZ_SECONDS); \
	done

# ─────────────────────────────────────────────────────── what may be missing ──
# Each looks first, so that nothing is asked of a package server when all is there.

compiler:
	@command -v cc >/dev/null || scripts/apt-install gcc libc6-dev
	@command -v cargo >/dev/null || { echo "Il manque Rust (cargo) : voir le README." >&2; exit 1; }

postgresql:
	@[ -n "$${CPOM_PG_BINDIR:-}" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null \
		|| scripts/apt-install postgresql

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || scripts/apt-install chromium chromium-driver fonts-liberation
	@command -v pdftotext >/dev/null || scripts/apt-install poppler-utils

# Opens the files that people download: Calc alone, without its windows.
spreadsheet:
	@command -v soffice >/dev/null || scripts/apt-install libreoffice-calc-nogui

wrk:
	@command -v wrk >/dev/null || scripts/apt-install wrk

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Il manque Node (npm) : voir le README." >&2; exit 1; }
	npm ci --no-progress
	@touch $@

# Its major version must be sqlx's own: `.sqlx` is theirs to agree on.
sqlx-cli:
	@cargo sqlx --version 2>/dev/null | grep -q ' 0\.9\.' \
		|| cargo install sqlx-cli --version '^0.9' --locked --no-default-features --features postgres,rustls --root target/tools

cargo-deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --version '^0.20' --locked --root target/tools

cargo-fuzz:
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --version '^0.13' --locked --root target/tools
