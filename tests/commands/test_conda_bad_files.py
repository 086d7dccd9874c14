"""``hutch conda env create`` with files as they come: of other systems, of other tools, and meant to harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import HERE, alone, library, make_demo, python
from commands.support import shown

HEAD = "name: sci\nchannels: [./chan]\n"
SYSTEM = {"linux": "linux", "osx": "osx", "win": "win"}[HERE.partition("-")[0]]
OTHER = "win" if SYSTEM != "win" else "linux"
SELECTED = f"""{HEAD}dependencies:
  - alone  # [{SYSTEM}]
  - nope  # [{OTHER}]
  - sel({OTHER}): nope
  - sel({SYSTEM}): dep
"""
LAUGHS = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12))


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [python(), library(), alone(), alone("dep")])


MADE = {
    "line ends of Windows": (
        "name: sci\r\nchannels:\r\n  - ./chan\r\ndependencies:\r\n  - alone\r\n",
        "alone",
    ),
    "a byte order mark": (f"\ufeff{HEAD}dependencies: [alone]\n", "alone"),
    "an anchor": (f"{HEAD}x: &x [alone]\ndependencies: *x\n", "alone"),
    "what is merged": (
        "base: &b\n  name: sci\n  channels: [./chan]\n<<: *b\ndependencies: [alone]\n",
        "alone",
    ),
    "selectors": (
        SELECTED,
        "alone dep",
    ),
    "no dependencies": (HEAD, ""),
    "sections of nobody": (f"{HEAD}dependencies: [alone]\nfoo: {{bar: [1]}}\n", "alone"),
    "another place": (f"{HEAD}prefix: /etc/hutch-pwned\ndependencies: [alone]\n", "alone"),
}


@pytest.mark.parametrize("case", MADE)
def test_made(case: str, demo: Any) -> None:
    text, names = MADE[case]
    (demo / "environment.yml").write_bytes(text.encode())
    demo.run("conda env create").ok()
    found = sorted(path.name.partition("-")[0] for path in (demo.root / "conda-meta").glob("*.json"))
    assert found == names.split()
    assert not os.path.lexists("/etc/hutch-pwned")


def test_what_is_passed_over_is_told(demo: Any) -> None:
    text = "name: sci\nchannels: ['https://channel.example/t/canary-token/c', ./chan]\nfoo: bar\n"
    (demo / "environment.yml").write_text(f"{text}dependencies: [alone]\n")
    ran = demo.run("--offline conda env create")
    assert ran.exit_code == 3
    assert ran.stderr.startswith(
        "warning: environment.yml:2: the password in the address of a channel is passed over: "
        "`hutch auth login` keeps those\n"
        "warning: environment.yml:3: foo is nothing that hutch knows of an environment.yml\n"
    )
    assert "canary" not in ran.stderr


REFUSED = {
    "tabs": (f"{HEAD}dependencies:\n\t- alone\n", 4, "a tab stands where YAML takes blanks alone"),
    "a key twice": (f"{HEAD}dependencies: [alone]\ndependencies: [dep]\n", 4, "is there twice"),
    "a manager that nobody knows": (f"{HEAD}dependencies:\n  - alone\n  - npm: [x]\n", 5, "npm is no"),
    "pip without a list": (f"{HEAD}dependencies:\n  - alone\n  - pip: flask\n", 5, "pip should have a list"),
    "a bomb": (f"{HEAD}a: &a [x,x,x,x,x,x,x,x,x]\n{LAUGHS}dependencies: *m\n", 9, "its aliases stand for"),
    "an alias of itself": (f"{HEAD}dependencies: &d [alone, *d]\n", 3, "names nothing that is above it"),
    "an object": (
        f"{HEAD}dependencies: !!python/object/apply:os.system ['touch ran']\n",
        3,
        "stands for an object",
    ),
    "a text for a list": (f"{HEAD}dependencies: alone\n", 3, "dependencies should be a list"),
    "channels in a text": ("name: sci\nchannels: ./chan\ndependencies: [alone]\n", 2, "channels should be"),
    "numbers": (f"{HEAD}dependencies: [1, 2.0, null]\n", 3, "should be a package"),
    "no MatchSpec": (f"{HEAD}dependencies: ['!!!']\n", 3, "`!!!` names no package of conda"),
    "deep": (f"a: {'[' * 10000}", 1, "nested more than"),
    "nothing": ("", 1, "should be a table"),
    "a list": ("- alone\n", 1, "should be a table"),
    "zeros": ("\0\0", 1, "control characters are not allowed"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, demo: Any) -> None:
    text, line, reason = REFUSED[case]
    (demo / "environment.yml").write_bytes(text.encode())
    ran = demo.run("conda env create")
    assert ran.exit_code == 1, shown(ran)
    assert ran.stderr.startswith("error: environment.yml is not valid\n"), shown(ran)
    assert f"  environment.yml:{line}: " in ran.stderr, shown(ran)
    assert reason in ran.stderr, shown(ran)
    assert len(ran.stderr) < 1000
    assert not demo.root.exists()
    assert not (demo / "ran").exists()


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "base", "-n", "a\\b", "x\x1b[31m", "n" * 300])
def test_a_name_that_is_none(name: str, demo: Any) -> None:
    import json

    text = f"name: {json.dumps(name)}\nchannels: [./chan]\ndependencies: [alone]\n"
    (demo / "environment.yml").write_text(text)
    ran = demo.run("conda env create")
    assert ran.exit_code in (1, 2), shown(ran)
    assert "\x1b" not in ran.stderr
    assert not (demo.home / "data").exists()


@pytest.mark.parametrize("kind", ["bytes", "large", "pipe", "directory"])
def test_a_file_that_is_none(kind: str, demo: Any) -> None:
    path = demo / "environment.yml"
    if kind == "bytes":
        path.write_bytes(b"name: \xff\xfe\n")
    elif kind == "large":
        path.write_bytes(b"# x\n" * (2 << 20))
    elif kind == "pipe" and os.name != "nt":
        os.mkfifo(path)
    else:
        path.mkdir()
    ran = demo.run("conda env create")
    assert ran.exit_code in (1, 2), shown(ran)
    assert "environment.yml" in ran.stderr
    assert "Traceback" not in ran.stderr
