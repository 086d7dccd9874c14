"""A program ``keyring`` as the real one behaves, whose passwords lie in a file that tests can look into."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

__all__ = ["FakeKeyring"]

_PROGRAM = """\
#!{python} -IS
import json, os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
store, log, mood = (os.path.join(here, name) for name in ("store.json", "log.json", "mood"))
words = sys.argv[1:]
mode = words.pop(0) and words.pop(0) if words[:1] == ["--mode"] else "password"
entry = {{"words": sys.argv[1:], "variables": sorted(os.environ), "tty": os.isatty(0), "cwd": os.getcwd()}}
with open(log, "a") as file:
    file.write(json.dumps(entry) + "\\n")
mood = open(mood).read() if os.path.exists(mood) else ""
if mood == "hangs":
    if os.fork() == 0:
        time.sleep(600)
    time.sleep(600)
if mood == "breaks":
    sys.exit("no backend; the password is hunter2")
if mood == "babbles":
    os.write(1, b"\\xff\\xfe" * 100)
    sys.exit(0)
known = json.load(open(store)) if os.path.exists(store) else []
verb, service, *user = words
if verb == "get":
    for each in known:
        if each[0] == service and (each[1] == user[0] if user else mode == "creds"):
            print("warning: never shown hunter2", file=sys.stderr)
            print(each[2] if mode == "password" else each[1] + "\\n" + each[2])
            sys.exit(0)
    sys.exit(1)
rest = [each for each in known if each[:2] != [service, user[0]]]
if verb == "set" and mood != "forgets":
    rest.append([service, user[0], sys.stdin.read().removesuffix("\\n")])
elif verb == "del" and rest == known:
    sys.exit(1)
json.dump(rest, open(store, "w"))
"""


class FakeKeyring:
    """The program in ``folder``, which belongs on a ``PATH``. ``mood``: hangs, breaks, babbles, forgets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "keyring"
        program.write_text(textwrap.dedent(_PROGRAM).format(python=sys.executable))
        program.chmod(0o755)

    def put(self, service: str, username: str, password: str) -> None:
        """Have it know a password."""
        (self.folder / "store.json").write_text(json.dumps([*self.known(), [service, username, password]]))

    def known(self) -> list[list[str]]:
        """(service, user name, password) of all that it has."""
        path = self.folder / "store.json"
        return list(json.loads(path.read_text())) if path.exists() else []

    def mood(self, word: str) -> None:
        """How it behaves from here on."""
        (self.folder / "mood").write_text(word)

    def asked(self) -> list[dict[str, Any]]:
        """Every start: ``words``, names of ``variables``, whether stdin was a ``tty``, and ``cwd``."""
        path = self.folder / "log.json"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
