"""Files of environment variables: ``NAME=value`` lines, as ``python-dotenv`` and Docker read them."""

from __future__ import annotations

import re

from hutch.errors import Problem

__all__ = ["InvalidEnvFile", "parse_env_file"]

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$"}


class InvalidEnvFile(Problem):
    """A line of the file is not ``NAME=value``."""

    code = "invalid-env-file"

    def __init__(self, filename: str, line: int, text: str) -> None:
        self.line = line
        super().__init__(
            f"{filename}:{line} is not NAME=value",
            why=f"it reads {text[:60]!r}",
            hint="comments begin with #",
        )


def parse_env_file(text: str, filename: str) -> dict[str, str]:
    """The variables of the file, the last of equal names counting. Nothing is expanded."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise InvalidEnvFile(filename, number, stripped)
        found[match[1]] = _value(match[2].strip())
    return found


def _value(text: str) -> str:
    if text[:1] == "'" and (end := text.find("'", 1)) > 0:
        return text[1:end]
    if text[:1] == '"' and (quoted := re.match(r'"((?:[^"\\]|\\.)*)"', text)):
        return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), quoted[1])
    return re.split(r"\s#", text, maxsplit=1)[0].rstrip()
