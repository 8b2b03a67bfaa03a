#!/usr/bin/env python3
"""How well the text that `footnote extract` gives agrees with what is expected.

    scripts/extract_quality.py DOCUMENTS [--footnote .build/release/footnote] [--only readability,commonmark,pdf]

DOCUMENTS holds `readability/*/source.html` with `expected.html`, `commonmark/spec.txt`, and PDF files anywhere below.
- readability: token F1 of the text against the expected page's text, mean over pages.
- commonmark: examples whose expected HTML's words are all there, once markup is taken out of both.
- pdf: words against `pdftotext -layout` and, where it is installed, `pypdf`: how many of the words of either are in the
  other (bags of words, so that order does not count), and where they differ most.
"""
import argparse, collections, glob, html, html.parser, json, os, re, statistics, subprocess, sys, tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("documents")
parser.add_argument("--footnote", default=".build/release/footnote")
parser.add_argument("--only", default="readability,commonmark,pdf")
parser.add_argument("--verbose", action="store_true")
options = parser.parse_args()


def extract(paths):
    run = subprocess.run([options.footnote, "extract", "--json", *paths], capture_output=True, timeout=600)
    return json.loads(run.stdout)["files"]


def text(file, hidden=False):
    return "\n".join(b["text"] for b in file.get("blocks", []) if hidden or not b.get("isHidden", b.get("hidden")))


words = lambda string: re.findall(r"[\w]+", string.lower())


class Visible(html.parser.HTMLParser):
    """Text of HTML; images by their alternative text where asked for."""
    def __init__(self, alternatives=False):
        super().__init__()
        self.parts, self.skip, self.alternatives = [], 0, alternatives

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style"):
            self.skip += 1
        if tag in ("p", "div", "li", "br", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure", "section", "article"):
            self.parts.append(" ")
        if self.alternatives and tag == "img":
            self.parts.append(dict(attributes).get("alt") or "")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.skip = max(0, self.skip - 1)
        if tag in ("p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"):
            self.parts.append(" ")

    def handle_data(self, data):
        if not self.skip:
            self.parts.append(data)


def visible(source, alternatives=False):
    page = Visible(alternatives)
    page.feed(source)
    return "".join(page.parts)


def f1(got, expected):
    got, expected = collections.Counter(got), collections.Counter(expected)
    common = sum((got & expected).values())
    return 2 * common / max(1, sum(got.values()) + sum(expected.values()))


def readability():
    scores = []
    for source in sorted(glob.glob(os.path.join(options.documents, "readability/*/source.html"))):
        with open(os.path.join(os.path.dirname(source), "expected.html"), encoding="utf8") as file:
            expected = words(visible(file.read()))
        got = words(text(extract([source])[0]))
        scores.append((f1(got, expected), os.path.basename(os.path.dirname(source)), len(got), len(expected)))
    print(f"readability: {len(scores)} pages, mean token F1 {statistics.mean(s[0] for s in scores):.3f}, median {statistics.median(s[0] for s in scores):.3f}, "
          f"below 0.9: {sum(s[0] < 0.9 for s in scores)}")
    for score, name, got, expected in sorted(scores)[: 25 if options.verbose else 8]:
        print(f"  {score:.3f} {name}: {got} words, expected {expected}")


def commonmark():
    with open(os.path.join(options.documents, "commonmark/spec.txt"), encoding="utf8") as file:
        spec = file.read()
    examples = re.findall(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", spec, re.S | re.M)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, (source, _) in enumerate(examples):
            paths.append(os.path.join(folder, f"{index:04}.md"))
            with open(paths[-1], "w", encoding="utf8") as file:
                file.write(source.replace("→", "\t"))
        files = []
        for start in range(0, len(paths), 100):
            files += extract(paths[start:start + 100])
    agree, wrong = 0, []
    for index, (source, expected) in enumerate(examples):
        # Marks of emphasis vanish from both; entities count as read or as written, since code keeps them.
        plain = lambda string: words(re.sub(r"[*_~`\\]", "", string))
        want, source_text = plain(visible(expected.replace("→", "\t"), True)), text(files[index])
        got = plain(html.unescape(source_text))
        if set(want) - set(got):
            got = plain(source_text)
        good = True
        for word in want:
            if word not in got:
                good = False
                break
        agree += good
        if not good:
            wrong.append((index + 1, want, got))
    print(f"commonmark: {agree} of {len(examples)} examples have all the words of the expected HTML")
    for index, want, got in wrong[: 60 if options.verbose else 10]:
        print(f"  example {index}: expected {' '.join(want)[:80]!r}, got {' '.join(got)[:80]!r}")


def pdf():
    try:
        import logging, pypdf
        logging.disable(logging.CRITICAL)
    except ImportError:
        pypdf = None
    rows = []
    for path in sorted(glob.glob(os.path.join(options.documents, "**/*.pdf"), recursive=True)):
        file = extract([path])[0]
        if file["status"] != "loaded" or any("recognised" in n for n in file.get("notices", [])):
            continue
        ours = collections.Counter(words(text(file, hidden=True)))
        layout = collections.Counter(words(subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, timeout=60).stdout.decode("utf8", "replace")))
        other = None
        if pypdf:
            try:
                other = collections.Counter(words("\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)))
            except Exception:
                pass
        rows.append((os.path.relpath(path, options.documents), ours, layout, other))
    share = lambda a, b: sum((a & b).values()) / max(1, sum(b.values()))
    for name, column in (("pdftotext -layout", 2), ("pypdf", 3)):
        pairs = [(r[0], r[1], r[column]) for r in rows if r[column] and sum(r[column].values()) >= 20]
        if not pairs:
            continue
        print(f"pdf against {name}: {len(pairs)} files; of its words we have {statistics.mean(share(o, t) for _, o, t in pairs):.3f}, of ours it has "
              f"{statistics.mean(share(t, o) for _, o, t in pairs):.3f} (means)")
        for label, values in (("its words that we lack", sorted((share(o, t), n) for n, o, t in pairs)), ("our words that it lacks", sorted((share(t, o), n) for n, o, t in pairs))):
            print(f"  {label}: " + ", ".join(f"{n} {1 - s:.2f}" for s, n in values[: 12 if options.verbose else 5]))


for part in options.only.split(","):
    {"readability": readability, "commonmark": commonmark, "pdf": pdf}[part]()
