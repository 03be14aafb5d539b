# Every target makes .venv ready first; a second call finds it so.
# Another Python: make course PYTHON=python3.12

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

.PHONY: help course test lab build book clean environment

help:
	@echo "make course   execute every notebook, write pages to read into build/course/"
	@echo "make test     run every test there is"
	@echo "make lab      open JupyterLab at the first notebook"
	@echo "make build    make the notebooks anew from notebooks/sources/"
	@echo "make book     pages of the notebooks as they are stored, without executing them"
	@echo "make clean    delete .venv and build/"

environment:
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "cnncourse: there is no $(PYTHON): install Python 3.11, 3.12 or 3.13 and run make again." >&2; exit 1; }
	@"$(PYTHON)" -I cnncourse/bootstrap.py

course: environment
	@$(VENV_PYTHON) -m cnncourse run

test: environment
	@$(VENV_PYTHON) -m pytest

lab: environment
	@$(VENV_PYTHON) -m jupyter lab notebooks/01_limits_of_fully_connected_layers.ipynb

build: environment
	@$(VENV_PYTHON) -m cnncourse build

book: environment
	@$(VENV_PYTHON) -m cnncourse book

clean:
	rm -rf .venv build
