#!/usr/bin/env python3
"""Upload a prepared, already encrypted snapshot through the HTTP API.

The example shows the three steps of an upload (open, parts, commit) and how a
well-behaved client deals with rate limits and interrupted connections. It does
no cryptography: the folder named on the command line must hold the parts as
`tide export --parts` writes them, together with a file `manifest.json`.

    TIDE_TOKEN=twt_... ./upload_snapshot.py https://backup.example.net:8740 vlt_7hq2m0c4 ./export
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PART_LIMIT = 16 * 1024 * 1024   # the server refuses larger parts
PARALLEL_PARTS = 8              # more at once are answered with 429
ATTEMPTS = 5
RETRY_STATUS = {423, 429, 502, 503, 504}


class UploadError(Exception):
    """An answer that trying again will not change."""


class Client:
    def __init__(self, base: str, token: str) -> None:
        self.base = base.rstrip("/")
        self.token = token

    def call(self, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> dict:
        """Send one request; repeat it when the server asks us to wait."""
        for attempt in range(1, ATTEMPTS + 1):
            request = urllib.request.Request(self.base + path, data=body or None, method=method)
            request.add_header("Authorization", f"Bearer {self.token}")
            for name, value in (headers or {}).items():
                request.add_header(name, value)
            try:
                with urllib.request.urlopen(request, timeout=90) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as error:
                if error.code not in RETRY_STATUS or attempt == ATTEMPTS:
                    raise UploadError(describe(error)) from error
                wait = float(error.headers.get("Retry-After") or backoff(attempt))
            except urllib.error.URLError as error:
                if attempt == ATTEMPTS:
                    raise UploadError(f"cannot reach {self.base}: {error.reason}") from error
                wait = backoff(attempt)
            time.sleep(wait)
        raise AssertionError("not reached")


def backoff(attempt: int) -> float:
    """1, 2, 4, 8 ... seconds, each with up to half a second of jitter."""
    return 2 ** (attempt - 1) + random.random() / 2


def describe(error: urllib.error.HTTPError) -> str:
    """The error code and request id of a problem+json body, if there is one."""
    try:
        problem = json.loads(error.read())
        return f"{problem['code']}: {problem['detail']} (request {problem['request_id']})"
    except (ValueError, KeyError):
        return f"HTTP {error.code}"


def send_part(client: Client, upload: str, number: int, path: Path, digest: str) -> None:
    data = path.read_bytes()
    if len(data) > PART_LIMIT:
        raise UploadError(f"{path.name} has {len(data)} bytes, the limit is {PART_LIMIT}")
    client.call("PUT", f"/v2/uploads/{upload}/parts/{number}", data, {"Tide-Part-Hash": digest})


def upload(client: Client, vault: str, folder: Path) -> str:
    """Send the exported snapshot in `folder` and return its snapshot id."""
    manifest = json.loads((folder / "manifest.json").read_text())
    opened = client.call("POST", f"/v2/vaults/{vault}/uploads")
    with ThreadPoolExecutor(max_workers=PARALLEL_PARTS) as pool:
        jobs = [
            pool.submit(send_part, client, opened["id"], number, folder / part["file"], part["hash"])
            for number, part in enumerate(manifest["parts"], start=1)
        ]
        for job in jobs:
            job.result()
    body = json.dumps({"parts": [part["hash"] for part in manifest["parts"]]}).encode()
    # Committing twice is harmless: the server answers with the same snapshot id.
    return client.call("POST", f"/v2/uploads/{opened['id']}/commit", body)["snapshot"]


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    token = os.environ.get("TIDE_TOKEN", "")
    if not token.startswith("twt_"):
        print("TIDE_TOKEN is not set to an access token", file=sys.stderr)
        return 2
    try:
        print(upload(Client(sys.argv[1], token), sys.argv[2], Path(sys.argv[3])))
    except UploadError as error:
        print(f"upload failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
