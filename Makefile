# Each target does its own set-up: a virtual environment in .venv with the versions of requirements.lock.
PYTHON ?= python3
ARGS ?=
PREFIX ?= dist/vsopgw
BIN := .venv/bin
READY := .venv/.ready

.PHONY: kit install sbom demo test inside between beside nightly flows check lint types arch e2e interop hostile fuzz bench lock clean

demo: $(READY)  ## the whole lab: group, two provinces, all partners; one order of each section of 4.1, or --all
	$(BIN)/vsopgw demo $(ARGS)

test: inside between beside  ## every test; with `make -j2 test` two parts at once

inside: $(READY)  ## the tests that need no other process, with 200 seeds of the simulation
	$(BIN)/pytest --ignore=tests/e2e --ignore=tests/interop --ignore=tests/hostile --ignore=tests/fuzz --ignore=tests/partners --ignore=tests/deploy $(ARGS)

between: $(READY)  ## the tests between real processes, with the day's part of the kill sweep, clients of other languages, attackers, and the fuzz
	$(BIN)/pytest tests/e2e tests/interop tests/hostile tests/fuzz $(ARGS)

beside: $(READY)  ## what partners and operators use, as they would: stubs, kit, SoapUI projects, the wheel, docs/operations.md
	$(BIN)/pytest tests/partners tests/deploy $(ARGS)

nightly: $(READY)  ## ten thousand seeds of the simulation, kill -9 at every edge on both stores, the long forms of the other faults
	$(BIN)/vsopgw sim --seeds 10000 --jobs 2
	KILL_SHARE=all $(BIN)/pytest --nightly tests/e2e/test_kill_sweep.py tests/e2e/test_faults_*.py $(ARGS)
	$(BIN)/pytest --nightly tests/fuzz $(ARGS)

flows: $(READY)  ## the documents of the flows are fresh, and the last tests saw every step of the seed
	$(BIN)/vsopgw flows check
	$(BIN)/vsopgw flows coverage

check: lint types arch  ## what a machine can say of the code

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

arch: $(READY)
	$(BIN)/lint-imports

e2e: $(READY)
	$(BIN)/pytest tests/e2e $(ARGS)

interop: $(READY)  ## clients of other languages call every operation; what they need is installed where that can be done
	tests/interop/install.sh
	$(BIN)/pytest tests/interop $(ARGS)

hostile: $(READY)  ## the hostile corpus with what each case costs, writes bench/hostile.json; about five minutes
	$(BIN)/python tests/hostile/run_corpus.py $(ARGS)

fuzz: $(READY)  ## messages made from the schemas, and damaged bytes, against a real gateway; ARGS=--nightly for long
	$(BIN)/pytest tests/fuzz $(ARGS)

kit: $(READY)  ## the partner kit as one file for this Python and platform: dist/vsop-kit-VERSION-pyNNN-PLATFORM.pyz
	$(BIN)/python release/kit_file.py

install: $(READY)  ## the program with what it needs, in a new directory: make install PREFIX=/opt/vsopgw-0.1.0
	$(BIN)/python release/install.py $(PREFIX)

sbom: $(READY)  ## what is shipped, with versions, hashes and licences: dist/vsop-gateway-VERSION.cdx.json (CycloneDX 1.6)
	$(BIN)/python release/sbom.py

bench: $(READY)  ## side by side with peers, writes bench/results.json
	$(BIN)/python -m bench.run $(ARGS)

lock: $(READY)  ## write requirements.lock anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--no-header --extra dev --no-emit-package vsop-gateway pyproject.toml -o requirements.lock

clean:
	rm -rf .venv var build dist

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@echo "Setting up .venv with the versions of requirements.lock (once, under a minute)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)
