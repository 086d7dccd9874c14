"""An environment made by hand for the verbs of ``hutch pip`` that look: every oddity once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f".venv/lib/python{VERSION}/site-packages"


def put(site: Path, name: str, version: str, metadata: str = "", **files: str) -> Path:
    """A distribution as files: `dist-info` with METADATA, RECORD, INSTALLER and whatever is given."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata if metadata.startswith("Metadata") else head + metadata)
    files = {"INSTALLER": "pip\n", **files}
    for key, text in files.items():
        if text:
            (info / key.replace("_json", ".json").replace("_txt", ".txt")).write_text(text)
    module = site / f"{name.replace('-', '_')}.py"
    module.write_text("")
    rows = [module.name, *(f"{info.name}/{each.name}" for each in sorted(info.iterdir()))]
    (info / "RECORD").write_text("".join(f"{row},,\n" for row in (*rows, f"{info.name}/RECORD")))
    return info


def furnish(root: Path, site: Path) -> None:
    """Everything that pip has a word for, below ``root`` (which is the environment's home)."""
    put(
        site,
        "Web_Thing",
        "1.0.0rc1",
        "Metadata-Version: 2.4\nName: Web.Thing\nVersion: 1.0.0RC1\nSummary: Serves\n"
        "Author-email: A <a@b.example>\nLicense-Expression: MIT\nKeywords: a, b\n"
        "Project-URL: Home page, https://web.example/\n"
        'Requires-Dist: colour>=2,<3\nRequires-Dist: gone; python_version > "3"\n'
        'Requires-Dist: Late; extra == "x"\nRequires-Python: >=3.8\nClassifier: One :: Two\n'
        "Provides-Extra: x\n\nWords.\n",
        entry_points_txt="[console_scripts]\nweb = web:main\n",
        REQUESTED=" ",
    )
    put(site, "colour", "1.5", "Summary: Paints\nHome-page: https://colour.example\nLicense: BSD\n")
    put(
        site,
        "wheels",
        "3",
        "",
        WHEEL="Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\nBuild: 7\n",
    )
    put(
        site,
        "from-git",
        "2",
        direct_url_json='{"url": "https://user:word@code.example/x.git", "subdirectory": "py",'
        ' "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"}}',
    )
    put(
        site,
        "archived",
        "2",
        direct_url_json='{"url": "https://files.example/a.whl", "archive_info": {"hash": "sha256=00ff"}}',
    )
    put(site, "lies", "2", direct_url_json='{"url": "https://files.example/a.whl"}')
    put(site, "local", "2", direct_url_json='{"url": "file:///srv/local", "dir_info": {}}')
    put(
        site,
        "edited",
        "2",
        direct_url_json=f'{{"url": "file://{root}/my%20work", "dir_info": {{"editable": true}}}}',
    )
    (root / "my work").mkdir()
    develop = root / "develop"
    (develop / "Old_Style.egg-info").mkdir(parents=True)
    (develop / "Old_Style.egg-info/PKG-INFO").write_text(
        "Metadata-Version: 1.0\nName: Old-Style\nVersion: 0.9\nSummary: UNKNOWN\n"
    )
    (develop / "Old_Style.egg-info/requires.txt").write_text("colour\n\n[x]\nlate\n")
    (site / "Old-Style.egg-link").write_text(f"{develop}\n.\n")
    (site / "easy-install.pth").write_text(f"{develop}\n")
    egg = site / "legacy-1.2.post1-py3.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.1\nName: legacy\nVersion: 1.2.post1\n")
    (egg / "installed-files.txt").write_text("../legacy.py\n./PKG-INFO\n")
    (site / "distutils_made-0.1.egg-info").write_text(
        "Metadata-Version: 1.0\nName: distutils-made\nVersion: 0.1\n"
    )
    put(site, "other-world", "1", "", WHEEL="Wheel-Version: 1.0\nTag: cp36-cp36m-win32\n")
    put(site, "young", "1", "Requires-Python: >=4\n")
    leftover = site / "~oung-1.dist-info"
    leftover.mkdir()
    (leftover / "METADATA").write_text("Metadata-Version: 2.1\nName: oung\nVersion: 1\n")


def pip(
    python: str, *words: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The pip of whoever runs the tests, on another environment."""
    return subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, *words],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
