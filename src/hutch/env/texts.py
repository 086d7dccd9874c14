"""The texts that belong to an environment itself, as far as its `pyvenv.cfg` tells them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CACHEDIR_TAG", "mend_texts"]

CACHEDIR_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This directory can be made again, so backup programs need not keep it.
# See https://bford.info/cachedir/
"""


def mend_texts(root: str, settings: Mapping[str, str]) -> None:
    """Write those anew of which a lost power has left only a beginning, as far as that can be done.

    Only where hutch has made the environment; what somebody has edited is no beginning, and stays.
    """
    if "hutch" not in settings:
        return
    for name, text in _texts(root, settings).items():
        path = os.path.join(root, name)
        expected = text.encode("utf-8", "surrogateescape")
        try:
            with open(path, "rb") as file:
                content = file.read(len(expected) + 1)
        except FileNotFoundError:
            content = b""
        except OSError:
            continue
        if len(content) < len(expected) and expected.startswith(content):
            try:
                _put(root, path, expected)
            except OSError:
                continue


def _put(root: str, path: str, content: bytes) -> None:
    """Write a file, through no link: an environment may come with a checkout."""
    if os.path.islink(os.path.dirname(path)):
        return
    temporary = os.path.join(root, ".hutch", "new")
    if os.path.lexists(temporary):
        os.unlink(temporary)
    with open(temporary, "xb") as file:
        file.write(content)
    os.replace(temporary, path)


def _texts(root: str, settings: Mapping[str, str]) -> dict[str, str]:
    from hutch.shell import ActivationFacts, activation_scripts

    windows = os.path.isdir(os.path.join(root, "Scripts")) and not os.path.isdir(os.path.join(root, "bin"))
    scripts = "Scripts" if windows else "bin"
    facts = ActivationFacts(
        environment=root,
        prompt=settings.get("prompt", ""),
        scripts=scripts,
        relocatable=settings.get("relocatable", "") == "true",
        windows=windows,
    )
    files = {f"{scripts}/{name}": text for name, text in activation_scripts(facts).items()}
    return {**files, ".gitignore": "*\n", "CACHEDIR.TAG": CACHEDIR_TAG}
