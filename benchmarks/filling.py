"""Put wheels into a store: ``python filling.py FOLDER COUNT``."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))

from registry import files_of

from hutch.store import Store
from hutch.testing.wheels import make_wheel


def fill(folder: str, count: int) -> None:
    """Publish ``count`` small wheels, the way a sync does."""
    store = Store(folder)
    store.prepare()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(count):
            name = f"s{number:05}"
            filename, body = make_wheel(name, "1.0", files=files_of(name, "1.0"))
            path = os.path.join(scratch, filename)
            with open(path, "wb") as file:
                file.write(body)
            store.wheels.publish(path, filename, hashlib.sha256(body).hexdigest())
            os.unlink(path)
    store.close()


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
