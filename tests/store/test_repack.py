"""An unpacked wheel becomes an archive again, which the store itself takes for a sound wheel."""

from __future__ import annotations

import hashlib
import zipfile

from hutch.store import Store, repack_wheel
from hutch.testing.wheels import make_wheel


def test_what_is_packed_again_is_the_same_wheel(tmp_path):
    filename, body = make_wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "x = 1\n", 'alpha/a, "b".txt': "ü", "alpha/run.sh": "#!/bin/sh\n"},
        data={"scripts/tool": "#!python\n", "headers/alpha.h": "int x;\n"},
        console_scripts={"alpha": "alpha:main"},
        executables=["alpha/run.sh"],
    )
    store = Store(tmp_path / "store")
    (tmp_path / filename).write_bytes(body)
    wheel = store.wheels.publish(tmp_path / filename, filename, hashlib.sha256(body).hexdigest())
    (tmp_path / "out").mkdir()
    packed = repack_wheel(wheel, str(tmp_path / "out"))
    data = (tmp_path / "out" / filename).read_bytes()
    with zipfile.ZipFile(tmp_path / filename) as old, zipfile.ZipFile(packed) as new:
        assert set(new.namelist()) == set(old.namelist())
        for name in old.namelist():
            if not name.endswith("RECORD"):
                assert new.read(name) == old.read(name)
        assert new.getinfo("alpha/run.sh").external_attr >> 16 & 0o111
    # Its RECORD is proven when it is unpacked again.
    again = store.wheels.publish(packed, filename, hashlib.sha256(data).hexdigest())
    assert again.manifest.console_scripts == wheel.manifest.console_scripts
    assert [row[4] for row in again.manifest.files] == [row[4] for row in wheel.manifest.files]
    # The same wheel gives the same bytes.
    (tmp_path / "two").mkdir()
    repack_wheel(wheel, str(tmp_path / "two"))
    assert (tmp_path / "two" / filename).read_bytes() == data
