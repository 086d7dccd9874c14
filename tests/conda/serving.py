"""A channel on loopback: files of a folder with validators, faults where a test wants them, and a log."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hutch.store import zstd


def _msgpack() -> Any:
    """What writes shards; a test that needs it is skipped where `hutch[conda]` is not installed."""
    return pytest.importorskip("msgpack", reason="shards are MessagePack: hutch[conda] is not installed")


class Served:
    """What a server has and does: ``faults`` by the end of a path, as a status or as other bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.log: list[str] = []
        self.faults: dict[str, int | bytes] = {}
        self.headers: dict[str, str] = {}
        self.login: tuple[str, str] | None = None
        self.token = ""

    def asked(self) -> list[str]:
        """The paths since the last time this was asked, each with its status."""
        found, self.log = self.log, []
        return found


@contextmanager
def serve(folder: Path) -> Iterator[Served]:
    served = Served(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            served.log.append(f"{status} {self.path}")
            self.send_response(status)
            for key, value in {**served.headers, **headers}.items():
                self.send_header(key.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = self.path
            if served.login is not None:
                pair = base64.b64encode(":".join(served.login).encode()).decode()
                if self.headers.get("Authorization") != f"Basic {pair}":
                    return self.answer(401, WWW_Authenticate="Basic")
            if served.token:
                if not path.startswith(f"/t/{served.token}/"):
                    return self.answer(403)
                path = path.removeprefix(f"/t/{served.token}")
            for end, fault in served.faults.items():
                if path.endswith(end):
                    return self.answer(fault) if isinstance(fault, int) else self.answer(200, fault)
            file = served.folder / path.lstrip("/")
            if not file.is_file():
                return self.answer(404)
            body = file.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == tag:
                return self.answer(304, ETag=tag)
            return self.answer(200, body, ETag=tag)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # who asked has gone: hutch gives up what it does not need any more

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def records(*rows: str) -> dict[str, dict[str, Any]]:
    """``NAME VERSION BUILD`` rows as the ``packages.conda`` of a repodata."""
    found = {}
    for row in rows:
        name, version, build = row.split()
        found[f"{name}-{version}-{build}.conda"] = {
            "name": name, "version": version, "build": build, "build_number": 0, "depends": [], "size": 1,
            "sha256": hashlib.sha256(row.encode()).hexdigest(), "timestamp": 1_700_000_000_000,
        }  # fmt: skip
    return found


def write_channel(folder: Path, subdirs: Mapping[str, Sequence[str]], *forms: str) -> None:
    """A channel in these forms: ``json``, ``zst``, ``shards``."""
    for subdir, rows in subdirs.items():
        target = folder / subdir
        target.mkdir(parents=True, exist_ok=True)
        whole = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": records(*rows)}
        data = json.dumps(whole).encode()
        if "json" in forms:
            (target / "repodata.json").write_bytes(data)
        if "zst" in forms:
            (target / "repodata.json.zst").write_bytes(zstd().compress(data))
        if "shards" in forms:
            write_shards(target, records(*rows))


def write_shards(target: Path, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """The records of a ``packages.conda`` as shards, beside what else is in the folder of a subdir."""
    shards: dict[str, bytes] = {}
    by_name: dict[str, dict[str, Any]] = {}
    for filename, record in rows.items():
        raw = {key: bytes.fromhex(each) if key in ("md5", "sha256") else each for key, each in record.items()}
        by_name.setdefault(record["name"], {})[filename] = raw
    for name, packages in by_name.items():
        shard = zstd().compress(_msgpack().packb({"packages": {}, "packages.conda": packages}))
        digest = hashlib.sha256(shard)
        (target / f"{digest.hexdigest()}.msgpack.zst").write_bytes(shard)
        shards[name] = digest.digest()
    index = {"info": {"subdir": target.name, "base_url": "", "shards_base_url": ""}, "shards": shards}
    (target / "repodata_shards.msgpack.zst").write_bytes(zstd().compress(_msgpack().packb(index)))
