#!/usr/bin/env python3
"""How well near-duplicates are recognised: made-up edits of real passages, and what recognising costs.

    scripts/near_duplicates_eval.py COLLECTIONS [--footnote .build/release/footnote] [--passages 150]

COLLECTIONS holds `scifact`, `cranfield` and `cmrc2018-zh` as `footnote eval retrieval` reads them. Passages of one chunk are
written to files, each beside copies with one kind of edit; the folder is indexed, and the database is asked which copies stand
in one group with the passage they were made from. Edits that leave the matter alone should be found, edits that change it
should not, and no two passages should meet. The cost is the time to enter all passages anew, as opening a database of version 3
does.
"""
import argparse, collections, gzip, json, os, random, re, shutil, sqlite3, subprocess, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("collections")
parser.add_argument("--footnote", default=".build/release/footnote")
parser.add_argument("--passages", type=int, default=150)
options = parser.parse_args()
rng = random.Random(5)


def passages(name, low, high, count):
    with gzip.open(os.path.join(options.collections, name, "corpus.jsonl.gz"), "rt", encoding="utf8") as file:
        texts = [" ".join(json.loads(line)["text"].split()) for line in file]
    if "zh" in name:  # Long paragraphs: whole sentences from the beginning of each.
        texts = [t[: t.rfind("。", 0, high) + 1] for t in texts]
    texts = [t for t in dict.fromkeys(texts) if low <= (len(t) if "zh" in name else len(t.split())) <= high]
    return rng.sample(texts, min(count, len(texts)))


def at_words(text, count, change, allowed=lambda w: w.isalpha() and w.islower() and len(w) > 4):
    """Changes so many words; None where there are too few."""
    words = text.split(" ")
    places = [i for i, w in enumerate(words) if allowed(w)]
    if len(places) < count:
        return None
    for place in rng.sample(places, count):
        words[place] = change(words[place])
    return " ".join(w for w in words if w)


def typo(word):
    i = rng.randrange(1, len(word) - 2)
    return word[:i] + word[i + 1] + word[i] + word[i + 2:]


def sub_once(pattern, replacement, text):
    new = re.sub(pattern, replacement, text, count=1)
    return new if new != text else None


OPPOSITES = [("increase", "decrease"), ("high", "low"), ("large", "small"), ("higher", "lower"), ("before", "after"), ("first", "last"), ("more", "less"), ("upper", "lower")]


def opposite(text):
    for a, b in OPPOSITES:
        for x, y in ((a, b), (b, a)):
            new = sub_once(rf"\b{x}\b", y, text)
            if new:
                return new


# Kind of edit, whether it leaves the matter alone, the edit; None where a passage has nothing to edit.
ENGLISH = [
    ("copied whole", True, lambda t: t),
    ("other line ends and spaces", True, lambda t: re.sub(r"((?:\S+ ){9}\S+) ", r"\1\n", t)),
    ("other punctuation", True, lambda t: t.replace(",", " –").replace(";", ",")),
    ("one letter pair exchanged", True, lambda t: at_words(t, 1, typo)),
    ("three words with letters exchanged", True, lambda t: at_words(t, 3, typo)),
    ("a word more", True, lambda t: at_words(t, 1, lambda w: w + " indeed")),
    ("two small words dropped", True, lambda t: at_words(t, 2, lambda w: "", lambda w: w in ("the", "of", "a", "and", "in"))),
    ("a sentence more", True, lambda t: t + " this page was kept for those who look for it later."),
    ("a number changed", False, lambda t: sub_once(r"\b\d+\b", lambda m: str(int(m.group()) + 3), t)),
    ("denied", False, lambda t: sub_once(r"\b(is|are|was|were)\b", r"\1 not", t)),
    ("turned to its opposite", False, opposite),
    ("a name exchanged", False, lambda t: sub_once(r"(?<=[a-z] )[A-Z][a-z]{3,}", "Lindqvist", t)),
    ("the second half missing", False, lambda t: t[: len(t) // 2]),
    ("another word of matter", None, lambda t: at_words(t, 1, lambda w: "harbours")),
]
CHINESE = [
    ("zh: copied whole", True, lambda t: t),
    ("zh: punctuation of another width", True, lambda t: t.replace("，", ",").replace("。", ".")),
    ("zh: a particle more", True, lambda t: sub_once("是", "也是", t)),
    ("zh: a particle dropped", True, lambda t: sub_once("的", "", t)),
    ("zh: a number changed", False, lambda t: sub_once(r"\d+", lambda m: str(int(m.group()) + 3), t)),
    ("zh: denied", False, lambda t: sub_once("是", "不是", t)),
    ("zh: a name exchanged", False, lambda t: sub_once(r"[一-鿿]{2}(?=[是在于])", "龙鳞", t)),
    ("zh: the second half missing", False, lambda t: t[: len(t) // 2]),
]

folder = tempfile.mkdtemp(prefix="near-")
count = 0
for texts, edits in ((passages("scifact", 70, 130, options.passages) + passages("cranfield", 70, 130, options.passages), ENGLISH),
                     (passages("cmrc2018-zh", 90, 180, options.passages), CHINESE)):
    for text in texts:
        count += 1
        with open(os.path.join(folder, f"{count:04}-0.txt"), "w", encoding="utf8") as file:
            file.write(text)
        for number, (_, _, edit) in enumerate(edits, 1):
            new = edit(text)
            if new:
                with open(os.path.join(folder, f"{count:04}-{number}.txt"), "w", encoding="utf8") as file:
                    file.write(new)
    if edits is ENGLISH:
        english = count

database = os.path.join(folder, "kb", "knowledge.sqlite")
os.mkdir(os.path.dirname(database))
subprocess.run([options.footnote, "index", folder, "--db", database], check=True, capture_output=True)
db = sqlite3.connect(database)
groups = collections.defaultdict(set)
for path, group in db.execute("SELECT d.path, n.group_id FROM documents d JOIN chunks c ON c.document_id = d.id LEFT JOIN near_duplicates n ON n.chunk_id = c.id"):
    groups[os.path.basename(path)[:-4]].add(group)
chunks, = db.execute("SELECT count(*) FROM chunks").fetchone()
documents, = db.execute("SELECT count(*) FROM documents").fetchone()
sizes = {t: s for t, s in db.execute("SELECT name, sum(pgsize) FROM dbstat WHERE name LIKE 'near_dup%' GROUP BY name")} if "ENABLE_DBSTAT_VTAB" in [o for o, in db.execute("PRAGMA compile_options")] else {}

together = right = 0
by_origin = collections.defaultdict(set)
for name, own in groups.items():
    for group in own - {None}:
        by_origin[group].add(name[:4])
mixed = sum(len(origins) - 1 for origins in by_origin.values())
print(f"{count} passages, {documents} files, {chunks} passages in the database\n\n| edit | should be found | found | of |\n|---|---|---|---|")
for first, last, edits in ((1, english, ENGLISH), (english + 1, count, CHINESE)):
    for number, (kind, wanted, _) in enumerate(edits, 1):
        made = [i for i in range(first, last + 1) if os.path.exists(os.path.join(folder, f"{i:04}-{number}.txt"))]
        # All that the edited file says stands in the original; a few passages make two chunks.
        found = sum(groups[f"{i:04}-{number}"] <= groups[f"{i:04}-0"] - {None} for i in made)
        if wanted is not None:
            together += found
            right += found if wanted else 0
        print(f"| {kind} | {'yes' if wanted else 'no' if wanted is False else '–'} | {found / max(1, len(made)):.3f} | {len(made)} |")
print(f"\nprecision {right / max(1, together):.4f} of {together} pairs with their original; different passages in one group: {mixed}")

db.executescript("DROP TABLE near_duplicates; DROP TABLE near_duplicate_bands; PRAGMA user_version = 3")
size = os.path.getsize(database)
db.execute("VACUUM")
db.close()
before = os.path.getsize(database)
start = time.time()
subprocess.run([options.footnote, "status", "--db", database], check=True, capture_output=True)
first = time.time() - start
start = time.time()
subprocess.run([options.footnote, "status", "--db", database], check=True, capture_output=True)
spent = first - (time.time() - start)
db = sqlite3.connect(database)
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.execute("VACUUM")
print(f"entering {chunks} passages anew: {spent:.2f} s, {1e6 * spent / chunks:.0f} µs a passage; {(os.path.getsize(database) - before) / chunks:.0f} bytes a passage")
db.close()
shutil.rmtree(folder)
