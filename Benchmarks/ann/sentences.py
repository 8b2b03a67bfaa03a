#!/usr/bin/env python3
"""Sentences of HTML documentation, one a line, each once, in an order that a fixed seed shuffles.

usage: sentences.py FOLDER ... > sentences.txt

The folders of docs/benchmarks.md are those that Debian's sqlite3-doc, postgresql-doc-15, python3-doc and linux-doc install.
"""
import html.parser, pathlib, random, re, sys

BLOCKS = {'p', 'li', 'dd', 'dt', 'td', 'th', 'h1', 'h2', 'h3', 'h4', 'h5', 'div', 'section', 'tr', 'table', 'ul', 'ol', 'br', 'blockquote'}
SKIPPED = {'script', 'style', 'pre', 'nav', 'head', 'footer'}


class Blocks(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks, self.text, self.skipping = [], [], 0

    def flush(self):
        block = ' '.join(''.join(self.text).split())
        if block:
            self.blocks.append(block)
        self.text = []

    def handle_starttag(self, tag, attributes):
        if tag in BLOCKS:
            self.flush()
        self.skipping += tag in SKIPPED

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.flush()
        if tag in SKIPPED and self.skipping:
            self.skipping -= 1

    def handle_data(self, data):
        if not self.skipping:
            self.text.append(data)


def sentences(path):
    parser = Blocks()
    parser.feed(path.read_text(errors='replace'))
    parser.close()
    parser.flush()
    for block in parser.blocks:
        for sentence in re.split(r'(?<=[.!?:;])\s+(?=[A-Z(`"\d])', block):
            letters = sum(map(str.isalpha, sentence))
            if 30 <= len(sentence) <= 400 and letters * 3 > len(sentence) * 2 and sentence.count(' ') >= 4:
                yield sentence


def main():
    found = {}
    for folder in sys.argv[1:]:
        for path in sorted(pathlib.Path(folder).rglob('*.html')):
            if path.is_file():
                found.update(dict.fromkeys(sentences(path)))
    lines = list(found)
    random.Random(0).shuffle(lines)
    print('\n'.join(lines))
    print(f'{len(lines)} sentences', file=sys.stderr)


main()
