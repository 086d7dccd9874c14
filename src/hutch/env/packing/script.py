"""The small program in every archive that makes the environment whole where there is no hutch.

It is a shell script that finds a Python, and a Python program that does the rest with the standard library's
`venv`: ``tar xf env.tar.zst; sh hutch-unpack [PYTHON]``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.packing.manifest import PackManifest

__all__ = ["unpack_script"]

SCRIPT_TEXT = r"""#!/bin/sh
''':'
# Makes the environment in this directory usable where it lies now:  sh hutch-unpack [PYTHON]
# It wants the Python that hutch-pack.json names: given, in the archive, or on PATH.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
for python in "$@" "$here/__BUNDLED__" __NAMES__; do
    case "$python" in
        "$here/") continue ;;
    esac
    if command -v "$python" >/dev/null 2>&1 && "$python" -I -c "__TEST__" 2>/dev/null; then
        exec "$python" -I "$here/hutch-unpack" "$@"
    fi
    if [ $# -gt 0 ]; then break; fi
done
if [ $# -gt 0 ]; then
    echo "hutch-unpack: $1 is not __DESCRIBED__" >&2
else
    echo "hutch-unpack: there is no __DESCRIBED__ here; name one: sh hutch-unpack PYTHON" >&2
fi
exit 1
':'''

import hashlib
import json
import os
import sys
import venv

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "hutch-pack.json"), encoding="utf-8") as file:
    pack = json.load(file)
wanted = pack["python"]
major, minor = wanted["version"].split(".")[:2]
threads = bool(__import__("sysconfig").get_config_var("Py_GIL_DISABLED"))
fits = sys.version_info[:2] == (int(major), int(minor)) and threads == wanted["free_threaded"]
if not fits or sys.implementation.name != wanted["implementation"]:
    sys.exit("hutch-unpack: this environment is for __DESCRIBED__, and this is " + sys.version)
damaged = []
for path, size, digest, _ in pack["files"]:
    try:
        with open(os.path.join(here, *path.split("/")), "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() != digest and not path.endswith(".pyc"):
                damaged.append(path)
    except OSError:
        if not path.endswith(".pyc"):
            damaged.append(path)
if damaged:
    print("hutch-unpack: not as it was packed: " + ", ".join(damaged[:10]), file=sys.stderr)
    print("hutch-unpack: unpack the archive again, into an empty directory", file=sys.stderr)
    sys.exit(1)
builder = venv.EnvBuilder(
    system_site_packages=pack["environment"]["system_site_packages"],
    symlinks=os.name != "nt",
    prompt=pack["environment"]["prompt"] or None,
)
builder.create(here)
print(here + " is ready for Python " + ".".join(map(str, sys.version_info[:3])))
"""


def unpack_script(manifest: PackManifest) -> bytes:
    """The program for this archive."""
    major, minor = manifest.minor
    program = {"cpython": "python", "pypy": "pypy", "graalpy": "graalpy"}[manifest.implementation]
    names = [f"{program}{major}.{minor}{'t' if manifest.free_threaded else ''}", f"{program}{major}.{minor}"]
    names += [f"{program}3", program]
    test = (
        "import sys, sysconfig; sys.exit(sys.implementation.name != "
        f"'{manifest.implementation}' or sys.version_info[:2] != ({major}, {minor})"
        f" or bool(sysconfig.get_config_var('Py_GIL_DISABLED')) != {manifest.free_threaded})"
    )
    text = SCRIPT_TEXT.replace("__BUNDLED__", manifest.bundled).replace("__TEST__", test)
    text = text.replace("__NAMES__", " ".join(dict.fromkeys(names)))
    return text.replace("__DESCRIBED__", manifest.describe()).encode("ascii")
