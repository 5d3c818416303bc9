# What a person does here. One profile (release) serves run, test, bench and CI, so dependencies compile once.
CARGO ?= cargo
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR
BINARY = $(CARGO_TARGET_DIR)/release/cloudtally

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

build: ## the binary
	$(CARGO) build --release --locked

run: build ## the whole pipeline on sample-data
	$(BINARY) run --config sample-data/cloudtally.toml --out out --lake .cloudtally
	@echo "open out/latest/index.html"

test: ## every test
	$(CARGO) test --release --locked

spark: ## cloudtally-spark, the companion for --engine spark://host:port, beside the binary (needs protoc)
	$(CARGO) build --release --locked --manifest-path src/engine/spark/companion/Cargo.toml --target-dir $(CARGO_TARGET_DIR)/companion
	cp $(CARGO_TARGET_DIR)/companion/release/cloudtally-spark $(CARGO_TARGET_DIR)/release/

CLUSTER_ROWS ?= 1000000
GENERATED ?= $(CARGO_TARGET_DIR)/cluster-bills/$(CLUSTER_ROWS)
cluster-test: build spark ## both engines on a Spark cluster of its own (Java 17, Python): sample bills, CLUSTER_ROWS rows, a lost worker
	$(CARGO) bench --locked --bench night -- --generate-only --only csv.gz --rows $(CLUSTER_ROWS) --machines 0 --folder $(GENERATED)
	python3 tests/cluster/run.py cluster $(BINARY) $(BINARY)-spark --generated $(GENERATED)

sail-test: build spark ## the same on the sample bills with Sail, which speaks Spark Connect without Java
	python3 tests/cluster/run.py sail $(BINARY) $(BINARY)-spark

conformance: build ## what the FOCUS validator and an independent oracle say
	python3 tests/conformance/run.py $(BINARY)

lint: ## formatting, clippy with warnings denied
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path src/engine/spark/companion/Cargo.toml
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

golden: ## rewrite the golden files; the diff is the review
	CLOUDTALLY_GOLDEN=write $(CARGO) test --release --locked --test main

sample-data: ## rewrite sample-data byte for byte
	$(CARGO) run --release --locked --example sample-data

ROWS ?= 1000000
FILES ?= 2
MONTHS ?= 4
MACHINES ?= 2000
bench: ## measure runs, metrics, the floor, DuckDB and Polars: benches/RESULTS.md (ROWS=1000000,10000000 FILES= MONTHS= MACHINES=)
	$(CARGO) bench --locked --bench night -- --rows $(ROWS) --files $(FILES) --months $(MONTHS) --machines $(MACHINES)

accuracy: ## how often anomalies, forecasts and advised sizes are right: accuracy.md (INVENTORY= METRICS= of your own)
	$(CARGO) run --release --locked --example accuracy

dist: ## what users download
	$(CARGO) build --profile dist --locked

install: ## into ~/.cargo/bin
	$(CARGO) install --path . --locked

clean: ## reports and lake of `make run`
	rm -rf out .cloudtally

.PHONY: help build run test spark cluster-test sail-test conformance lint golden sample-data bench accuracy dist install clean
