"""The small program in an archive of a conda prefix that makes it whole where there is no hutch.

A shell script that finds a Python, that of the prefix first, and a Python program that puts the place into
the files with the standard library: ``tar xf sci.tar.zst -C DIR; sh DIR/hutch-unpack``. Who was cut off
calls it again.
"""

from __future__ import annotations

__all__ = ["PREFIX_SCRIPT"]

PREFIX_SCRIPT = rb"""#!/bin/sh
''':'
# Makes the conda environment in this directory usable where it lies now:  sh hutch-unpack [PYTHON]
# Any Python from 3.8 on can do it; that of the environment is asked first.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
for python in "$@" "$here/bin/python3" "$here/bin/python" python3 python; do
    test='import sys; print(6 * 7 if sys.version_info >= (3, 8) else 0)'
    if [ "$("$python" -I -c "$test" 2>/dev/null)" = 42 ]; then
        exec "$python" -I "$here/hutch-unpack"
    fi
done
echo "hutch-unpack: there is no Python 3.8 or newer here; name one: sh hutch-unpack PYTHON" >&2
exit 1
':'''

import base64
import hashlib
import json
import os
import sys

here = os.path.dirname(os.path.realpath(__file__))
LONGEST = 512 if sys.platform == "darwin" else 127


def at(path):
    return os.path.join(here, *path.split("/"))


def read(path):
    with open(at(path), "rb") as file:
        return file.read()


def write(path, content):
    new = at(path) + ".hutch-new"
    with open(new, "wb") as file:
        file.write(content)
    os.chmod(new, os.stat(at(path)).st_mode & 0o777)
    os.replace(new, at(path))


with open(at("hutch-pack.json"), encoding="utf-8") as file:
    pack = json.load(file)
placed = {path: (mode, hold.encode()) for path, mode, hold in pack["placed"]}
records = {where + "/RECORD" for _, _, _, where in pack["wheels"]}
metas = {row[0] for row in pack["files"] if row[0].startswith("conda-meta/") and row[0].endswith(".json")}
prefix = os.fsencode(here)
marker = "conda-meta/hutch-unpacking"
again = os.path.exists(at(marker))
damaged = []
for path, size, digest, _ in pack["files"]:
    if path.endswith(".pyc") or (again and (path in placed or path in records or path in metas)):
        continue
    try:
        if hashlib.sha256(read(path)).hexdigest() != digest:
            damaged.append(path)
    except OSError:
        damaged.append(path)
if damaged:
    print("hutch-unpack: not as it was packed: " + ", ".join(damaged[:10]), file=sys.stderr)
    print("hutch-unpack: unpack the archive again, into an empty directory", file=sys.stderr)
    sys.exit(1)
room = min((len(hold) for mode, hold in placed.values() if mode == "binary"), default=len(prefix))
if room < len(prefix):
    sys.exit("hutch-unpack: this path has %d bytes, and there is room for %d" % (len(prefix), room))
open(at(marker), "wb").close()


def asking_env(line):
    words = line[2:].lstrip(b" ")
    if not words.startswith(b"/"):
        return line
    end = 0
    while end < len(words) and words[end : end + 1] not in (b" ", b"\t", b"\r"):
        end += 2 if words[end : end + 2] == b"\\ " else 1
    name = words[:end].rpartition(b"/")[2]
    return line if name == b"env" else b"#!/usr/bin/env " + name + words[end:]


def text(content, hold):
    if not content.startswith(b"#!"):
        return content.replace(hold, prefix)
    line, end, rest = content.partition(b"\n")
    if b" " in prefix:
        line = asking_env(line).replace(hold, prefix) if hold in line else line
    else:
        line = line.replace(hold, prefix)
        line = asking_env(line) if len(line) > LONGEST else line
    return line + end + rest.replace(hold, prefix)


def binary(content, hold):
    parts, done = [], 0
    while True:
        start = content.find(hold, done)
        if start < 0:
            return b"".join(parts + [content[done:]])
        end = content.find(b"\0", start)
        end = len(content) if end < 0 else end
        found = content[start:end].replace(hold, prefix)
        parts += [content[done:start], found, b"\0" * (end - start - len(found))]
        done = end


def word(path):
    pieces, plain = [], ""
    for each in path:
        if each in '$`"\\':
            pieces += ['"' + plain + '"'] if plain else []
            pieces.append("'" + each + "'")
            plain = ""
        elif each == "'" and plain.endswith("'"):
            pieces.append('"' + plain + '"')
            plain = each
        else:
            plain += each
    return "".join(pieces + (['"' + plain + '"'] if plain else []))


def command(content, hold, closing):
    line, end, rest = content.partition(b"\n")
    python = line[2:].strip()
    if not python.startswith(hold + b"/"):
        return content
    if b" " in python:
        return line.replace(hold, prefix, 1) + end + rest
    python = prefix + python[len(hold) :]
    longest = LONGEST - 2 if closing[:1] != b"\n" else 124
    if len(python) <= longest and b" " not in python:
        return b"#!" + python + b"\n" + rest
    quoted = os.fsencode(word(os.fsdecode(python)))
    return b"#!/bin/sh\n'''exec' " + quoted + b' "$0" "$@"' + closing + b"\n" + rest


now = {}
for path, (mode, hold) in placed.items():
    before = read(path)
    if mode == "binary":
        after = binary(before, hold)
    elif mode == "text":
        after = text(before, hold)
    else:
        after = command(before, hold, b" #'''" if mode == "command" else b"\n' '''")
    if after != before:
        write(path, after)
    now[path] = after
digests = {path: digest for path, _, digest, _ in pack["files"]}
for path in sorted(metas):
    data = json.loads(read(path))
    for entry in (data.get("paths_data") or {}).get("paths") or []:
        name = entry.get("_path")
        if entry.get("path_type") == "directory" and ".." not in name.split("/") and name[:1] != "/":
            os.makedirs(at(name), exist_ok=True)
        if name in now and entry.get("sha256_in_prefix") == digests[name]:
            digest = hashlib.sha256(now[name]).hexdigest()
            entry["sha256_in_prefix"], entry["size_in_bytes"] = digest, len(now[name])
            if not entry.get("prefix_placeholder"):
                entry["sha256"] = digest
    write(path, (json.dumps(data, indent=2, sort_keys=True) + "\n").encode())
for path in sorted(records & digests.keys()):
    lines = read(path).decode("utf-8", "surrogateescape").split("\n")
    site = os.path.dirname(os.path.dirname(path))
    for number, line in enumerate(lines):
        name = line.partition(",")[0]
        whole = os.path.normpath(os.path.join(site, name)).replace(os.sep, "/")
        if whole in now and placed[whole][0] == "wheel":
            code = base64.urlsafe_b64encode(hashlib.sha256(now[whole]).digest()).rstrip(b"=").decode()
            lines[number] = "%s,sha256=%s,%d" % (name, code, len(now[whole]))
    write(path, "\n".join(lines).encode("utf-8", "surrogateescape"))
os.unlink(at(marker))
print(here + " is ready")
"""
