# Everything a newcomer needs: `make demo` for a first answer, `make test` for the tests.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help setup build models demo test examples bench docs clean

SWIFT ?= swift
FOOTNOTE := .build/release/footnote

help:
	@echo "make demo    first cited answers, from nothing: system packages, build, models, index, questions"
	@echo "make test    everything set up, all tests"
	@echo "make build   the command line tool, .build/release/footnote"
	@echo "make models  the two default models, into the model folder"
	@echo "make bench   speed against other implementations (installs them into a virtual environment)"
	@echo "make docs    the command reference, from --help"
	@echo "make clean   what was built; models and knowledge bases stay"

setup:
	@scripts/setup.sh

build: setup
	$(SWIFT) build -c release --product footnote

models: build
	@$(FOOTNOTE) model pull

demo: models
	@scripts/demo.sh

test: models
	# Without testable imports the tests share the objects of the release build; with them everything is built twice.
	$(SWIFT) test -c release --disable-testable-imports
	@$(MAKE) --no-print-directory examples

examples: setup
	$(SWIFT) build --package-path Examples/AskService

bench: models
	@Benchmarks/run.sh

docs: build
	@scripts/command-reference.sh > docs/commands.md

clean:
	rm -rf .build Examples/*/.build Benchmarks/.build
