"""A conda prefix with a real Python and a real pip in it, and wheels: what pip does to packages of conda.

pip is the one that the Python brings for `ensurepip`, made a package of conda as in its channels; its index
is a folder of wheels.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from conda.real import HERE, other_python, same_tree, the_python
from hutch.testing.conda import PLACEHOLDER, CondaPackage, index_channel
from hutch.testing.conda_real import RealPython, c_library
from hutch.testing.wheels import make_wheel

__all__ = [
    "WHEELS",
    "Prefix",
    "as_conda_installs",
    "as_conda_removes",
    "make_mixing_channel",
    "make_prefix",
    "pip_package",
    "pure",
    "wheel_folder",
]

WHEELS: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
    (
        "vector",
        version,
        {
            "vector/__init__.py": f"__version__ = {version!r}\n",
            f"vector/new_{version[0]}.py": "",
            "vector/only_wheel.py": "",
        },
        {},
    )
    for version in ("1.0", "2.0")
]
"""What the index has: name, version, files, and more that `make_wheel` takes."""
WHEELS += [
    ("vector-headless", "3.0", {"vector/__init__.py": "__version__ = 'headless'\n"}, {}),
    ("extra", "1.0", {"extra/__init__.py": "__version__ = '1.0'\n"}, {}),
    ("tensor", "2.0", {"tensor/__init__.py": "__version__ = '2.0'\n", "tensor/big.py": "# of pip\n"}, {}),
    ("needs-tensor", "1.0", {"needs_tensor.py": ""}, {"requires": ["tensor>=1"]}),
    ("needs-old-vector", "1.0", {"needs_old_vector.py": ""}, {"requires": ["vector<2"]}),
    (
        "converter",
        "0.1",
        {"converter.py": "def main():\n    print('another thing')\n"},
        {"console_scripts": {"converter": "converter:main"}},
    ),
    ("ahead", "1.0", {"ahead.py": ""}, {"requires": ["missing-everywhere>=1"]}),
]


def pure(
    name: str,
    version: str,
    *,
    module: str = "",
    distribution: str = "",
    depends: tuple[str, ...] = (),
    text: str = "",
    more: dict[str, str] | None = None,
    **index: Any,
) -> CondaPackage:
    """A noarch package as conda-build makes them: with a `dist-info` that has RECORD and INSTALLER.

    ``module`` is what is imported, ``distribution`` what pip calls it, both ``name`` unless they are said.
    """
    module, distribution = module or name, distribution or name
    info = f"{distribution.replace('-', '_')}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": text or f"__version__ = {version!r}\n",
        f"{module}/old_{version.partition('.')[0]}.py": "",
        **(more or {}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
        f"{info}/INSTALLER": "conda\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    return CondaPackage(
        name,
        version,
        "py_0",
        noarch="python",
        depends=["python >=3.8", *depends],
        files={f"site-packages/{path}": content for path, content in files.items()},
        **{"purls": [f"pkg:pypi/{distribution}"], **index},
    )


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def pip_package(python: RealPython) -> CondaPackage:
    """The pip that comes with the Python, as a package of conda."""
    path, wheel = next(
        (path, data)
        for path, data in python.files.items()
        if "/ensurepip/_bundled/pip-" in path and path.endswith(".whl")
    )
    version = os.path.basename(path).split("-")[1]
    files: dict[str, bytes | str] = {}
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                files[f"site-packages/{name}"] = archive.read(name)
    files[f"site-packages/pip-{version}.dist-info/INSTALLER"] = "conda\n"
    return CondaPackage(
        "pip",
        version,
        "py_0",
        noarch="python",
        depends=["python >=3.8"],
        files=files,
        entry_points=["pip = pip._internal.cli.main:main"],
    )


def library(version: str) -> CondaPackage:
    """``libvec``: files with the prefix in text and binary."""
    return CondaPackage(
        "libvec",
        version,
        subdir=HERE,
        files={
            "lib/libvec.so.1": b"\x7fELF\0"
            + version.encode()
            + b"\0"
            + PLACEHOLDER.encode()
            + b"/share/vec\0end\0",
            "etc/vec.conf": f"prefix = {PLACEHOLDER}\n",
            "share/vec/words.txt": f"of {version}\n",
        },
    )


def as_conda_removes(root: Path, name: str) -> None:
    """What conda does of its own: every path of the record, then the record."""
    import json

    (where,) = (root / "conda-meta").glob(f"{name}-*-*.json")
    for path in json.loads(where.read_text())["files"]:
        place = root / path
        if place.is_symlink() or place.exists():
            place.unlink()
        for parent in place.parents:
            if parent == root or (parent.is_dir() and any(parent.iterdir())):
                break
            if parent.is_dir():
                parent.rmdir()
    where.unlink()


def as_conda_installs(root: Path, package: CondaPackage, site: str) -> None:
    """What conda does of its own: every file over what lies there, then the record."""
    import json

    paths = []
    for path, content in package.files.items():
        where = path.replace("site-packages", site, 1)
        place = root / where
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(content.replace(PLACEHOLDER.encode(), os.fspath(root).encode()))
        place.chmod(package.modes.get(path, 0o644))
        paths.append(where)
    for path, target in package.links.items():
        (root / path).unlink(missing_ok=True)
        (root / path).symlink_to(target)
        paths.append(path)
    record = {**package.index, "files": paths, "fn": package.filename, "url": "", "channel": ""}
    (root / "conda-meta" / f"{package.stem}.json").write_text(json.dumps(record))


def make_mixing_channel(folder: Path, python: RealPython) -> Path:
    """What the eight bugs want: see `test_conda_mixing.py`."""
    packages = [python.package(), python.package(python.version_after())]
    other = other_python()
    if other is not None:
        packages.append(other.package())
    packages += [
        pip_package(python),
        c_library("1.0", HERE),
        library("1.0"),
        library("2.0"),
        pure("vector", "1.0", depends=("libvec 1.*",)),
        pure("vector", "1.1", depends=("libvec >=1",)),
        pure("vector", "2.1", depends=("libvec 2.*",)),
        # As packages of conda that are made of sources: no `dist-info` says whose modules they are.
        CondaPackage(
            "pytensor-core",
            "2.0",
            "py_0",
            noarch="python",
            depends=["python"],
            files={"site-packages/tensor/__init__.py": "__version__ = 'of conda'\n"},
            purls=["pkg:pypi/tensor"],
        ),
        CondaPackage(
            "converter",
            "3.0",
            subdir=HERE,
            files={"bin/converter": "#!/bin/sh\necho converted\n"},
            modes={"bin/converter": 0o755},
        ),
    ]
    index_channel(folder, packages)
    wheel_folder(folder)
    return folder


def wheel_folder(folder: Path) -> Path:
    """The wheels, beside the channel."""
    wheels = folder / "wheels"
    if wheels.is_dir():
        return wheels
    wheels.mkdir(parents=True)

    for name, version, files, more in WHEELS:
        filename, data = make_wheel(name, version, files=files, **more)
        (wheels / filename).write_bytes(data)
    return wheels


class Prefix:
    """An environment ``day`` of the channel, as hutch has made it, and what is done in it."""

    def __init__(self, made: Any, root: Path, channel: Path) -> None:
        self.made, self.root, self.channel = made, root, channel
        self.wheels = wheel_folder(channel)

    @property
    def site(self) -> Path:
        """The ``site-packages`` of the Python that it has now."""
        return next(iter(sorted((self.root / "lib").glob("python3.*[0-9]/site-packages"), reverse=True)))

    def run(self, command: str, **more: Any) -> Any:
        """One of hutch's commands."""
        return self.made.run(command, **more)

    def _run(self, words: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": f"{self.root}/bin:/usr/bin:/bin",
            "HOME": os.environ["HOME"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": os.fspath(self.wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_COMPILE": "1",
            # conda's own prefixes have no note that keeps pip out.
            "PIP_BREAK_SYSTEM_PACKAGES": "1",
            **environ,
        }
        return subprocess.run(
            words, capture_output=True, text=True, env=given, cwd=self.made.path, check=False
        )

    def python(self, *words: str, **environ: str) -> str:
        """What the Python of the prefix prints."""
        done = self._run([os.fspath(self.root / "bin/python"), *words], **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def pip(self, *words: str, **environ: str) -> str:
        """pip, as the Python of the prefix runs it."""
        return self.python("-m", "pip", *words, **environ)

    def pip_fails(self, *words: str, **environ: str) -> str:
        """The same where it comes to nothing: what it says."""
        done = self._run([os.fspath(self.root / "bin/python"), "-m", "pip", *words], **environ)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def pip_check(self) -> str:
        """What `pip check` says, whatever it is."""
        return self._run([os.fspath(self.root / "bin/python"), "-m", "pip", "check"]).stdout

    def version(self, module: str) -> str:
        """What is imported under this name."""
        return self.python("-c", f"import {module}; print({module}.__version__)")

    def conda(self) -> dict[str, str]:
        """What conda says that there is."""
        import json

        rows = json.loads(self.run("conda list -n day --json").ok().stdout)
        return {row["name"]: row["version"] for row in rows if row.get("channel") != "pypi"}

    def tree(self) -> dict[str, str]:
        """All of it by hash, but for what Python writes when hutch asks it what it is."""
        return {path: what for path, what in same_tree(self.root).items() if "__pycache__" not in path}


def make_prefix(
    project: Any, folder: Path, channel: Path, cache: Path, words: str = "vector=1.0 libvec=1.0"
) -> Prefix:
    """An environment named ``day`` with Python, pip, and these."""
    python = the_python()
    assert python is not None
    made = project(
        {},
        HUTCH_DATA_DIR=os.fspath(folder / "data"),
        HUTCH_CACHE_DIR=os.fspath(cache),
        CONDA_PREFIX=None,
        HUTCH_FIND_LINKS=os.fspath(wheel_folder(channel)),
        HUTCH_NO_INDEX="1",
    )
    chan = f"-c {channel.as_uri()} --override-channels"
    made.run(f"conda create -n day {chan} python={python.version} pip {words}").ok()
    return Prefix(made, folder / "data" / "envs" / "day", channel)
