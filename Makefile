# Foreseal: `make demo` shows it, `make test` proves it. Both make their own environment on the first run.
# Arguments pass through: make demo ARGS="--script"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check study fmt conformance soak soak-kit plugin-matrix pictures constraints clean

VENV ?= .venv
ARGS ?=
ROUNDS ?= 200
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
# The compiled core: an environment is installed again when it has changed.
CORE := $(wildcard matcher/foreseal_matcher/core/*.[ch])
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input

help:
	@echo "make demo   show it (ARGS=\"--script\" for plain text)"
	@echo "make test   everything: style, types, walls, tests"
	@echo "make soak   for a night: longer games, and relays killed again and again (ROUNDS=200)"
	@echo "make check  style, types and walls alone"
	@echo "make conformance   all named flows against our own client"
	@echo "make soak-kit      flows in any order under seeds of their own (FLOWS=1000)"
	@echo "make plugin-matrix the plugin on pytest 8 and 9, alone and beside others"
	@echo "make study  a small study of painted pictures, and its report"
	@echo "make pictures   the README's picture anew, from the program"
	@echo "make fmt    put the code into its form"

demo: $(VENV)/.installed-demo
	@$(VENV)/bin/foreseal demo $(ARGS)

test: check
	$(VENV)/bin/pytest -n auto --dist worksteal $(ARGS)

check: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

# All of the flows, in this process and then a few with each client in a process of its own.
conformance: $(VENV)/.installed-dev
	$(VENV)/bin/foreseal conformance $(ARGS)
	$(VENV)/bin/foreseal conformance text held group relay-down --client-cmd \
	  '$(VENV)/bin/foreseal rpc --stdio --test-methods --profiles {folder}'

# For a night: the whole suite with every property tried far more often, longer games of publishers, endorsers, a log
# and devices, and relays killed
# with -9 at named and at random points, what they accepted counted each time.
soak: $(VENV)/.installed-dev
	FORESEAL_EXAMPLES=2000 FORESEAL_GAMES=100 $(VENV)/bin/pytest -n auto --dist worksteal $(ARGS)
	$(VENV)/bin/python tests/relay_soak.py $(ROUNDS)

# Flows that fail once in a thousand are defects; their transcripts stay in build/soak-kit.
soak-kit: $(VENV)/.installed-dev
	$(VENV)/bin/python tests/kit_soak.py $(FLOWS)

# Fetches the packages of four environments, which stay in build/plugin-matrix.
plugin-matrix: $(VENV)/.installed-dev
	$(VENV)/bin/python tests/plugin_matrix.py

# Painted pictures are alike by their making: the figures try the program, and say nothing of the world.
study: $(VENV)/.installed-dev
	$(VENV)/bin/python tests/painted_photographs.py build/painted 64
	$(VENV)/bin/foreseal study run --photos build/painted --quick --out build/study $(ARGS)

# After a change to a card. A test holds that the picture in the repository is the one that this makes.
pictures: $(VENV)/.installed-dev
	PYTHONPATH=tests $(VENV)/bin/python tests/readme_picture.py docs/pictures/held-card.svg

fmt: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check --fix-only
	$(VENV)/bin/ruff format

# A stamp is older than pyproject.toml, constraints.txt or the core when one of them has changed: then pip runs again.
$(VENV)/.installed-demo: $(VENV)/.created pyproject.toml constraints.txt $(CORE)
	@echo "Installing Foreseal into $(VENV). This happens once and takes a minute or two." >&2
	@$(call install,-c constraints.txt,demo)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml constraints.txt $(CORE)
	@echo "Installing Foreseal and what its tests need into $(VENV). This happens once." >&2
	@$(call install,-c constraints.txt,dev)
	@touch $(VENV)/.installed-demo $@

# The build backend comes first and from the same pins, and pip builds with it instead of fetching the newest one:
# constraints given by -c do not reach pip's own build environment, in a manner that differs between its versions.
define install
$(PIP) install --quiet $(1) setuptools && $(PIP) install --quiet --no-build-isolation $(1) -e '.[$(2)]'
endef

$(VENV)/.created:
	@found=; lacking=; \
	for python in $(CANDIDATES); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
	  lacking=$$python; \
	done; \
	if [ -z "$$found$$lacking" ]; then \
	  echo "Foreseal needs Python 3.11 or newer, and none was found on PATH." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "$$lacking cannot make environments: its modules venv and ensurepip are missing." >&2; \
	  echo "On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
	fi; \
	"$$found" -m venv $(VENV)
	@touch $@

# New pins: the newest releases that pyproject.toml allows, in an environment of their own. Run `make test` afterwards.
constraints:
	@rm -rf .venv-constraints
	@$(MAKE) --no-print-directory VENV=.venv-constraints .venv-constraints/.created
	@$(MAKE) --no-print-directory VENV=.venv-constraints .newest
	@sed -n '/^#/p' constraints.txt > .venv-constraints/constraints.txt
	@.venv-constraints/bin/python -m pip --disable-pip-version-check freeze --all --exclude-editable \
	  --exclude pip --exclude wheel | grep -v '^#' >> .venv-constraints/constraints.txt
	@mv .venv-constraints/constraints.txt constraints.txt
	@rm -rf .venv-constraints

.PHONY: .newest
.newest:
	@$(call install,--upgrade,dev)

clean:
	rm -rf $(VENV) matcher/foreseal_matcher/core/*.so build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
