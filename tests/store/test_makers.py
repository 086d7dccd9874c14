"""The makers of wheels and sdists in ``hutch.testing``: same arguments, same bytes, and they are real."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile

from hutch.store import Store
from hutch.testing.wheels import make_sdist, make_wheel


def test_equal_arguments_give_equal_bytes():
    options = {"requires": ["b>=1"], "extras": {"x": ["c"]}, "console_scripts": {"a": "al_pha:main"}}
    assert make_wheel("Al.pha", "1.0", **options) == make_wheel("Al.pha", "1.0", **options)
    assert make_sdist("Al.pha", "1.0", **options) == make_sdist("Al.pha", "1.0", **options)
    assert make_wheel("Al.pha", "1.0")[0] == "al_pha-1.0-py3-none-any.whl"


def test_requirements_of_extras_keep_their_marker():
    _, data = make_sdist(
        "alpha", "1.0", extras={"x": ["c; python_version < '3.9'", "d @ https://index.example/d.whl"]}
    )
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        info = archive.extractfile("alpha-1.0/PKG-INFO").read().decode()
    assert "Requires-Dist: c; (python_version < '3.9') and extra == 'x'\n" in info
    assert "Requires-Dist: d @ https://index.example/d.whl ; extra == 'x'\n" in info


_BUILD = """
import sys
sys.path.insert(0, "_build")
import in_tree_backend as backend
print(backend.get_requires_for_build_wheel())
print(backend.build_wheel(sys.argv[1]))
"""


def test_an_sdist_builds_without_an_index_to_a_wheel_that_the_store_takes(tmp_path):
    filename, data = make_sdist(
        "Al.pha", "1.0", requires=["b>=1"], extras={"x": ["c"]}, dynamic=["Requires-Dist"],
        dynamic_build_requires=["helper"], console_scripts={"a": "al_pha:main"},
    )  # fmt: skip
    assert filename == "al_pha-1.0.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / "al_pha-1.0"
    assert "Requires-Dist: b" not in (tree / "PKG-INFO").read_text()
    result = subprocess.run(
        [sys.executable, "-I", "-c", _BUILD, str(tmp_path)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    requires, built = result.stdout.splitlines()
    assert requires == "['helper']"
    path = tmp_path / built
    wheel = Store(tmp_path / "store").wheels.publish(
        path, built, hashlib.sha256(path.read_bytes()).hexdigest()
    )
    metadata = (wheel.path / "files" / wheel.manifest.dist_info / "METADATA").read_text()
    assert "Requires-Dist: b>=1\nProvides-Extra: x\nRequires-Dist: c; extra == 'x'\n" in metadata
    assert "Dynamic" not in metadata
    assert [script.name for script in wheel.manifest.console_scripts] == ["a"]
