# Needs Python 3.11 or newer, make and a package index. Everything else comes into .venv.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --require-hashes
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po locale/packages/*/LC_MESSAGES/django.po))

.DEFAULT_GOAL := help
.PHONY: help run test soak lint format audit bench openapi messages lock clean

help:  ## what there is
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: export DEBUG = 1
run: .venv/runtime $(CATALOGUES)  ## serve the tracker on this machine; PORT=8000
	@$(BIN)/python -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0 \
		and "Port $(PORT) is taken. Another: make run PORT=8001")'
	@$(BIN)/python manage.py migrate --skip-checks --verbosity 0
	@$(BIN)/python manage.py load_fixtures --if-empty
	@$(BIN)/python manage.py create_demo_users
	@echo
	@echo "  Admin     http://127.0.0.1:$(PORT)/admin/"
	@echo "  API       http://127.0.0.1:$(PORT)/api/v1/"
	@echo "  API docs  http://127.0.0.1:$(PORT)/api/docs/"
	@echo "  Ctrl-C ends."
	@echo
	@# Ctrl-C reaches granian's workers twice, from the terminal and from granian; some then need to be killed.
	@exec $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 2 --blocking-threads 4 \
		--workers-kill-timeout 1 --log-level error tracker.wsgi:application

test: .venv/development tests/contract/node_modules $(CATALOGUES)  ## everything that must hold, on SQLite and PostgreSQL
	@$(BIN)/python -m tests.check

soak: .venv/development  ## the long tests of reliability, some 20 minutes; ARGS="--kills 5 --seconds 10"
	$(BIN)/python -m bench.soak $(ARGS)

lint: .venv/development  ## ruff, types and the order of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	DEBUG=1 $(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/development  ## let ruff put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/development  ## measure list, detail, filter, total and CSV; ARGS="--programmes 20000"
	$(BIN)/python -m bench.run $(ARGS)

openapi: .venv/development  ## write tests/contract/openapi.json anew; says what that breaks for clients
	@$(BIN)/python -m tests.contract.store

audit: .venv/development  ## bandit, and known weaknesses of the libraries (needs the network)
	$(BIN)/bandit --quiet --recursive countries programmes tracker --severity-level medium --skip B608  # ruff's S608
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.txt

messages: .venv/runtime  ## collect the texts to translate into locale/ (needs GNU gettext)
	DEBUG=1 $(BIN)/python manage.py makemessages --locale es --no-obsolete --add-location file

lock:  ## choose versions anew and write both requirements.txt
	scratch=$$(mktemp -d) && trap "rm -r $$scratch" EXIT && \
	$(PYTHON) -m venv $$scratch && $$scratch/bin/pip install --quiet uv && \
	for name in requirements requirements-dev; do \
		UV_NO_CONFIG=1 $$scratch/bin/uv pip compile $$name.in --output-file $$name.txt --upgrade --quiet \
			--generate-hashes --universal --python-version 3.11 \
			--no-header --no-emit-index-url --no-emit-find-links || exit; \
	done

clean:  ## remove what make and the tools made; not the database
	rm -rf .venv tests/contract/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis staticfiles $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -r {} +

# The file says that .venv holds what the lock of that name asks for.

.venv/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@echo "Installing what the tracker runs on into .venv"
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(PIP) -r $<
	@touch $@

.venv/development: requirements-dev.txt .venv/runtime
	@echo "Installing what the tests need into .venv"
	@$(PIP) -r $<
	@touch $@

tests/contract/node_modules: tests/contract/package-lock.json .venv/development
	@echo "Installing other people's tools that the tests of the API's contract use"
	@$(BIN)/python -m tests.contract.install
	@touch $@

%.mo: %.po .venv/runtime
	@$(BIN)/pybabel compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $@)))
