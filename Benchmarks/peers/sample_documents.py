"""Unpacks Debian's documentation packages and takes every n-th file of them: a mixed folder that all sides index.

usage: sample_documents.py FOLDER STEP
The packages are fetched with `apt-get download`, so this needs a Debian system. Pictures are left out.
"""
import pathlib
import shutil
import subprocess
import sys

PACKAGES = ["sqlite3-doc", "postgresql-doc-15", "python3.11-doc", "debian-handbook"]
PICTURES = {".png", ".gif", ".jpg", ".svg", ".xpm", ".odg"}


def main():
    target, step = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    unpacked = target.with_name(target.name + ".unpacked")
    unpacked.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=unpacked, check=True, stdout=sys.stderr)
    for package in sorted(unpacked.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, unpacked / "files"], check=True)
    root = unpacked / "files/usr/share/doc"
    files = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and p.suffix not in PICTURES)
    for path in files[::step]:
        copy = target / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    shutil.rmtree(unpacked)
    print(f"{len(files[::step])} of {len(files)} files", file=sys.stderr)


main()
