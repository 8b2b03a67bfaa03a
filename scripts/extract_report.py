#!/usr/bin/env python3
"""What `footnote extract` makes of every file of a folder, by format: text, none, failed and why; time and memory.

    scripts/extract_report.py FOLDER [--footnote .build/release/footnote] [--json report.json] [--only pdf,docx]

Each file is read by a process of its own, with a limit of 60 s; time is wall time, memory the largest resident set of the
process and those it starts. Members of archives and attachments are counted with their container.
"""
import argparse, collections, json, os, resource, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder")
parser.add_argument("--footnote", default=".build/release/footnote")
parser.add_argument("--json", help="write every file's result here")
parser.add_argument("--only", help="extensions, comma-separated")
parser.add_argument("--limit", type=float, default=60, help="seconds per file")
options = parser.parse_args()
only = set(options.only.split(",")) if options.only else None


def extract(path):
    """One process: its result, seconds, megabytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen([options.footnote, "extract", "--json", path], stdout=out, stderr=err)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > options.limit:
                process.kill()
                _, status, usage = os.wait4(process.pid, 0)
                return None, options.limit, usage.ru_maxrss / 1024, "timeout"
            time.sleep(0.003)
        process.returncode = 0
        seconds = time.monotonic() - start
        out.seek(0)
        try:
            return json.load(out), seconds, usage.ru_maxrss / 1024, None
        except ValueError:
            err.seek(0)
            why = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else err.read(300).decode("utf8", "replace")
            return None, seconds, usage.ru_maxrss / 1024, "crash: " + why


results = []
for folder, folders, names in os.walk(options.folder):
    folders.sort()
    for name in sorted(names):
        path = os.path.join(folder, name)
        suffix = os.path.splitext(name)[1][1:].lower()
        if only and suffix not in only:
            continue
        report, seconds, megabytes, problem = extract(path)
        row = {"file": os.path.relpath(path, options.folder), "suffix": suffix, "seconds": round(seconds, 3), "megabytes": round(megabytes)}
        if problem:
            row.update(status="crashed" if problem.startswith("crash") else "timeout", reason=problem)
        else:
            files = report["files"]
            first = files[0]
            row.update(status=first["status"], format=first.get("format"), reason=first.get("reason"), notices=first.get("notices", []),
                       members=len(files) - 1, failedMembers=[f["path"] + ": " + (f.get("reason") or "") for f in files[1:] if f["status"] == "failed"],
                       characters=sum(len(b["text"]) for f in files for b in f.get("blocks", [])))
            if row["status"] == "loaded" and not row["characters"]:
                row["status"] = "empty"
        results.append(row)

groups = collections.defaultdict(list)
for row in results:
    groups[row["suffix"] or "(none)"].append(row)
print(f"{'format':10} {'files':>5} {'text':>5} {'none':>5} {'skip':>5} {'fail':>5} {'crash':>5} {'median s':>9} {'most s':>7} {'most MB':>8}")
for suffix, rows in sorted(groups.items(), key=lambda item: -len(item[1])):
    count = collections.Counter(r["status"] for r in rows)
    times = sorted(r["seconds"] for r in rows)
    print(f"{suffix:10} {len(rows):5} {count['loaded']:5} {count['empty']:5} {count['skipped']:5} {count['failed']:5} "
          f"{count['crashed'] + count['timeout']:5} {times[len(times) // 2]:9.3f} {times[-1]:7.2f} {max(r['megabytes'] for r in rows):8}")
print()
for row in results:
    if row["status"] not in ("loaded", "skipped"):
        print(f"{row['status']:8} {row['file']}: {row.get('reason') or ''} {'; '.join(row.get('notices') or [])}")
    for member in row.get("failedMembers", []):
        print(f"failed   {member}")
if options.json:
    with open(options.json, "w") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
sys.exit(1 if any(r["status"] in ("crashed", "timeout") for r in results) else 0)
