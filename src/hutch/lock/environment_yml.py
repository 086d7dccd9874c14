"""A lock as conda's ``environment.yml``: the Python, and all the rest in the list that pip installs.

conda gives pip the lines of that list as a requirements file. They are exact versions with their markers;
hashes are left out, for conda knows no mode in which all lines have one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.spec import Specifiers

__all__ = ["export_environment_yml", "quoted"]


def export_environment_yml(
    requirements: str, *, name: str, python: Specifiers | str, header: str | None = None
) -> str:
    """The text of an ``environment.yml`` for the lines of a requirements file.

    ``python`` is a version such as ``3.12``, or what the project admits.
    """
    lines = [f"# {line}".rstrip() for line in header.splitlines()] if header else []
    lines += [f"name: {quoted(name)}", "channels:", "  - conda-forge", "dependencies:"]
    lines.append(f"  - {quoted(_python(python))}")
    asked = [line for line in requirements.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    lines.append("  - pip")
    if asked:
        lines.append("  - pip:")
        lines += [f"      - {quoted(line)}" for line in asked]
    return "\n".join(lines) + "\n"


def _python(python: Specifiers | str) -> str:
    if isinstance(python, str):
        return f"python={python}"
    # conda has no ~=, and reads == with two numbers as exactly that release.
    found = []
    for sign, version in python:
        if sign == "~=":
            found += [f">={version}", f"{version.rpartition('.')[0]}.*"]
        elif sign in ("==", "==="):
            found.append(version)
        else:
            found.append(f"{sign}{version.removesuffix('.*') if sign != '!=' else version}")
    return f"python {','.join(found)}" if found else "python"


def quoted(text: str) -> str:
    """A plain scalar where YAML takes the text for nothing else, else one in quotes."""
    plain = text.replace(" ", "").replace(".", "").replace("-", "").replace("_", "").replace("=", "")
    is_word = plain.isascii() and plain.isalnum() and text[:1].isalpha()
    if is_word and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "y", "n"):
        return text
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    letters = (each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)
    return f'"{"".join(letters)}"'
