# Two commands for a newcomer: `make demo` shows it, `make test` proves it.  Both set up what they need.
.PHONY: demo test ordeal fuzz setup lint audit lock clean help
PY := .venv/bin/python

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

setup:           ## virtual environment, locked dependencies, a browser; leaves .venv/bin/clonewatch
	@sh tools/setup.sh

demo: setup      ## catch clones on this very machine and show the report
	@.venv/bin/clonewatch demo

# without compiled modules each child process would compile our own anew
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder --durations 20

test: setup      ## all tests but the ordeals
	@sh tools/setup.sh servers
	@$(PYTEST) -m 'not ordeal'

ordeal: setup    ## the tests that take long: many pages, kills, faults, a small year
	@sh tools/setup.sh servers
	@$(PYTEST) -m ordeal

SECONDS := 60
INPUTS := 0
fuzz: setup      ## try hostile inputs on every parser, SECONDS=60 each; what breaks one is kept in .fuzz/
	@$(PY) -m tests.fuzz.run all --seconds $(SECONDS) --inputs $(INPUTS)

lint: setup      ## style, types, import contracts, bandit
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m bandit --quiet --recursive --configfile pyproject.toml crawler detector

audit: setup     ## known vulnerabilities of the locked dependencies; says so where the database cannot be asked
	@$(PY) tools/audit_dependencies.py

lock:            ## write requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --extra dev --extra ocr --extra postgres --extra s3 --extra broker --upgrade --quiet pyproject.toml -o requirements.lock

clean:           ## remove what setup, the demo and the tests made
	rm -rf .venv demo-workspace .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
