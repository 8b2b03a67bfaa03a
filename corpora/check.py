#!/usr/bin/env python3
"""Check the question files of the collections in this folder.

For every collection: each line of questions.jsonl is a JSON object of the right
shape, ids are unique, the file it names exists, the quote is literally in it (for
HTML: in its visible text), and at least one accepted answer is in the quote.
Prints a summary and exits with status 1 if anything is wrong.

    python3 corpora/check.py
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

FIELDS = {"id": str, "question": str, "answer": str, "answers": list, "kind": str}
ANSWERABLE = ("fact", "how", "list")
MINIMUM = {"answerable": 22, "unanswerable": 6, "near-miss": 4}
MINIMUM_FILES = 45
QUESTIONS = "questions.jsonl"


class VisibleText(HTMLParser):
    """Collects the text of a page without scripts, styles and tags."""

    INLINE = {"a", "b", "code", "em", "i", "q", "samp", "small", "span", "strong", "sub", "sup"}
    HIDDEN = {"script", "style", "title"}

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in self.HIDDEN
        if tag not in self.INLINE:
            self.parts.append(" ")

    def handle_endtag(self, tag):
        self.hidden -= tag in self.HIDDEN
        if tag not in self.INLINE:
            self.parts.append(" ")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def collapse(text):
    return re.sub(r"\s+", " ", text).strip()


def searchable(path):
    """The text in which a quote from `path` has to occur."""
    raw = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return raw
    parser = VisibleText()
    parser.feed(raw)
    return collapse("".join(parser.parts))


def shape_problems(entry):
    for name, kind in FIELDS.items():
        if not isinstance(entry.get(name), kind):
            yield f"{name} is missing or not a {kind.__name__}"
    if entry.get("kind") not in (*ANSWERABLE, "unanswerable", "near-miss"):
        yield f"unknown kind {entry.get('kind')!r}"


def source_problems(entry, folder):
    """Problems with the file, the quote and the answers of one question."""
    if entry["kind"] not in ANSWERABLE:
        if entry.get("file") is not None or entry.get("quote") or entry["answers"]:
            yield "a question without an answer names a source"
        return
    path = folder / (entry.get("file") or "")
    if not path.is_file():
        yield f"no such file: {entry.get('file')}"
        return
    quote = entry.get("quote") or ""
    if not quote or quote not in searchable(path):
        yield f"the quote is not in {entry['file']}: {quote[:60]!r}"
    if not any(answer.casefold() in quote.casefold() for answer in entry["answers"]):
        yield f"none of the accepted answers is in the quote: {entry['answers']}"


def check_collection(folder):
    """Check one collection; returns its problems, a summary line and the number of files."""
    problems, kinds, ids, used = [], Counter(), set(), set()
    for number, line in enumerate((folder / QUESTIONS).read_text(encoding="utf-8").splitlines(), 1):
        where = f"{folder.name}/{QUESTIONS}:{number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            problems.append(f"{where}: not JSON: {error}")
            continue
        found = list(shape_problems(entry)) or list(source_problems(entry, folder))
        if entry.get("id") in ids:
            found.append(f"id {entry['id']} is used twice")
        problems += [f"{where}: {problem}" for problem in found]
        ids.add(entry.get("id"))
        kinds["answerable" if entry.get("kind") in ANSWERABLE else entry.get("kind")] += 1
        used.add(entry.get("file"))
    problems += [f"{folder.name}: {kinds[kind]} {kind} questions, at least {least} are wanted"
                 for kind, least in MINIMUM.items() if kinds[kind] < least]
    files = documents(folder)
    problems += [f"{folder.name}: no question about {name}" for name in sorted(files - used)]
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in MINIMUM)
    words = sum(count_words(folder / name) for name in files)
    return problems, f"{folder.name}: {len(files)} files, {words} words; {counts}", len(files)


def documents(folder):
    return {unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            for path in folder.rglob("*") if path.is_file() and path.name != QUESTIONS and not path.name.startswith(".")}


def count_words(path):
    """Words in alphabetic scripts plus one for every two Chinese characters."""
    text = searchable(path)
    chinese = len(re.findall(r"[\u4e00-\u9fff]", text))
    return len(re.findall(r"[^\W\u4e00-\u9fff]+", text)) + chinese // 2


def main():
    root = Path(__file__).resolve().parent
    problems, total = [], 0
    for questions in sorted(root.glob(f"*/{QUESTIONS}")):
        found, summary, files = check_collection(questions.parent)
        problems += found
        total += files
        print(summary)
    if total < MINIMUM_FILES:
        problems.append(f"only {total} files in all, at least {MINIMUM_FILES} are wanted")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{total} files in all, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
