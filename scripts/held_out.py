#!/usr/bin/env python3
"""Writes those questions of files that the reader was not trained on.

usage: held_out.py [--half 0|1] FILE.jsonl.gz … > questions.jsonl

--half keeps every other title of what is left: one half to fit the models of evidence on, one to report.
"""
import argparse
import gzip
import json
import sys
import zlib

from train_reader import is_held_out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    for file in arguments.files:
        rows = [json.loads(line) for line in gzip.open(file, "rt")]
        if "squadshifts" not in file:
            rows = [row for row in rows if is_held_out(row)]
        keys = sorted({row["title"] or row["context"] for row in rows}, key=lambda key: zlib.crc32(key.encode()))
        half = {key: place % 2 for place, key in enumerate(keys)}
        for row in rows:
            if arguments.half is None or half[row["title"] or row["context"]] == arguments.half:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
