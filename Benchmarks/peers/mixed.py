"""The text of a folder's documents for peers that read none themselves: HTML, plain text and gzipped text.

Used by llamaindex_index.py and txtai_index.py, so that both are spared the same work.
"""
import gzip
import pathlib

from bs4 import BeautifulSoup


def documents(folder):
    """Path and visible text of each document below a folder."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file():
            continue
        name = path.name.removesuffix(".gz")
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if name.endswith((".html", ".htm")):
            yield str(path), BeautifulSoup(data, "html.parser").get_text()
        elif b"\0" not in data[:8000] and not name.endswith((".svg", ".css", ".js", ".xpm")):
            yield str(path), data.decode("utf-8", "replace")
