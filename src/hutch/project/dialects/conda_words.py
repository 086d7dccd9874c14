"""What conda's files say, as far as Python's own words have something like it: versions, platforms.

A conda specification is ``channel::name version build`` or ``name=version=build``. ``=3.11`` means 3.11 and
all that begins with ``3.11.``; a version alone behind a space, or behind ``==``, means exactly that one.
"""

from __future__ import annotations

__all__ = ["PLATFORMS", "SYSTEMS", "plain_name", "python_versions", "split_spec"]

# Platform of conda → the words of hutch for its target, a marker for it, and one for everything else.
PLATFORMS = {
    name: (
        target,
        f"sys_platform == '{system}' and platform_machine == '{machine}'",
        f"(sys_platform != '{system}' or platform_machine != '{machine}')",
    )
    for name, target, system, machine in (
        ("linux-64", "linux-x86_64", "linux", "x86_64"),
        ("linux-aarch64", "linux-arm64", "linux", "aarch64"),
        ("osx-64", "macos-x86_64", "darwin", "x86_64"),
        ("osx-arm64", "macos-arm64", "darwin", "arm64"),
        ("win-64", "windows-x86_64", "win32", "AMD64"),
        ("win-arm64", "windows-arm64", "win32", "ARM64"),
    )
}
SYSTEMS = {
    "linux": ("sys_platform == 'linux'", "sys_platform != 'linux'"),
    "osx": ("sys_platform == 'darwin'", "sys_platform != 'darwin'"),
    "win": ("sys_platform == 'win32'", "sys_platform != 'win32'"),
    "unix": ("sys_platform != 'win32'", "sys_platform == 'win32'"),
}
_SIGNS = ("===", "==", ">=", "<=", "!=", "~=", ">", "<", "=")


def split_spec(text: str) -> tuple[str, str, str]:
    """Name, version and build of a specification, each as it is written; the version may have its signs."""
    plain, _, keys = text.partition("#")[0].partition("[")
    words = plain.strip().rpartition("::")[2]
    at = next((n for n, c in enumerate(words) if c in " =<>!~"), len(words))
    name, rest = words[:at].lower(), words[at:].strip()
    if not rest and "version" in keys:  # python[version='>=3.9,<3.12']
        rest = keys.partition("version")[2].partition("=")[2].strip(" ]").strip("'\"").partition("'")[0]
        return name, rest.partition('"')[0], ""
    if rest[:1] == "=" and rest[1:2] != "=":
        version, _, build = rest[1:].partition("=")
        return name, f"={version.strip()}", build.strip()
    version, _, build = rest.partition(" ") if rest[:1] not in "<>!~=" else (rest, "", "")
    return name, version, build.strip()


def python_versions(version: str) -> tuple[str | None, bool]:
    """The specifiers of packaging for the versions of Python that conda's ``version`` means, and whether it
    asked for one exactly, of which hutch takes all of that minor version. None: they cannot be said.
    """
    found: list[str] = []
    exact = False
    if "|" in version:
        return None, False
    for part in version.replace(" ", "").split(","):
        if part in ("", "*"):
            continue
        sign = next((each for each in _SIGNS if part.startswith(each)), "")
        number = part.removeprefix(sign)
        plain = number.removesuffix(".*").removesuffix("*").rstrip(".")
        if not plain.replace(".", "").isalnum() or not plain[:1].isdigit():
            return None, False
        if sign in (">=", ">", "<=", "<", "~="):
            found.append(f"{sign}{plain}")
        elif sign == "!=":
            found.append(f"!={number}")
        else:
            numbers = plain.split(".")
            series = ".".join(numbers[:2])
            exact = exact or len(numbers) > 2 or (sign in ("", "==") and number == plain)
            found.append(f"=={series}.*")
    return ",".join(found), exact


def plain_name(text: str) -> str:
    """The normalised name at the beginning of a requirement."""
    import re

    from hutch.spec import normalize

    found = re.match(r"\s*([A-Za-z0-9._-]+)", text)
    return normalize(found[1] if found else text)
