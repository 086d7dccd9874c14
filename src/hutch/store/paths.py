"""Names inside archives: which are safe to become files, and which of them are one file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = ["DEEPEST", "clashes", "fault_of_name", "fold", "is_reserved_script"]

_DEVICES = frozenset(
    [
        *("con", "prn", "aux", "nul", "conin$", "conout$"),
        # With the digits that are raised as well: Windows takes them for the others.
        *(f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789\u00b9\u00b2\u00b3"),
    ]
)
_WINDOWS_FORBIDDEN = frozenset('<>:"|?*')
# No real wheel comes near: the longest path of a thousand has 238 bytes, the deepest 15 folders.
_LONGEST_NAME, _LONGEST_PATH, DEEPEST = 255, 1024, 64


def fault_of_name(name: str, *, windows: bool = False) -> str | None:
    """Why the path ``name`` (slashes, relative) must not be made, or None.

    ``windows`` adds what cannot be a file there, or would be another: devices, streams, trailing dots.
    """
    if not name:
        return "has no name"
    if not name.isprintable() and _has_control(name):
        return "has a control or formatting character in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name[0] == "/":
        return "has an absolute name"
    if name[1:2] == ":" and name[0].isalpha():
        return "has a drive letter in its name"
    components = name.split("/")
    if "" in components or "." in components or ".." in components:
        return "has an empty component, '.' or '..' in its name"
    # A letter takes four bytes at most, so the usual name need not be encoded to be measured.
    if len(name) > _LONGEST_NAME // 4:
        if max(len(each.encode("utf-8", "surrogatepass")) for each in components) > _LONGEST_NAME:
            return f"has a name longer than {_LONGEST_NAME} bytes"
        if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
            return f"has a path longer than {_LONGEST_PATH} bytes"
        if len(components) > DEEPEST:
            return f"has a path deeper than {DEEPEST} folders"
    if windows:
        for component in components:
            if not _WINDOWS_FORBIDDEN.isdisjoint(component) or component[-1] in ". ":
                return "has a name that Windows cannot keep"
            if component.partition(".")[0].rstrip(" ").lower() in _DEVICES:
                return "has the name of a Windows device"
    return None


def _has_control(name: str) -> bool:
    """Whether there is a control, format, private or unassigned character, or a line separator."""
    from unicodedata import category

    return any(category(each)[0] == "C" or category(each) in ("Zl", "Zp") for each in name)


def clashes(names: Iterable[str], *, fold_case: bool) -> list[str]:
    """Sentences about names that cannot be beside each other.

    A name given twice, a file that is also a folder, two spellings of one name in Unicode, and,
    where ``fold_case``, in letter case.
    """
    found: list[str] = []
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        key = name if not fold_case and name.isascii() else fold(name, case=fold_case)
        other = files.get(key)
        if other == name:
            found.append(f"'{name}' is in the archive twice")
        elif other is not None:
            found.append(f"'{other}' and '{name}' are the same file")
        files[key] = name
        parent, _, _ = name.rpartition("/")
        while parent:
            folded = parent if not fold_case and parent.isascii() else fold(parent, case=fold_case)
            known = folders.get(folded)
            if known == parent:
                break
            if known is not None:
                found.append(f"'{known}/' and '{parent}/' are the same folder")
                break
            folders[folded] = parent
            parent, _, _ = parent.rpartition("/")
    found.extend(f"'{files[key]}' is a file and a folder" for key in files.keys() & folders.keys())
    return found


def fold(name: str, *, case: bool) -> str:
    """What all spellings of a name have in common that some file system takes for one.

    Those of Unicode always, those in letter case with ``case``.
    """
    if not name.isascii():
        from unicodedata import normalize

        name = normalize("NFC", name)
        if case:
            return normalize("NFC", name.casefold())
    return name.lower() if case else name


def is_reserved_script(name: str) -> bool:
    """Whether a script of this name would replace what makes the environment an environment."""
    stem = name.lower()
    # `python._pth` beside `python`, on every system, says where the whole standard library is.
    stem = stem.removesuffix("._pth")
    for suffix in (".exe", ".dll", ".bat", ".cmd", ".com", ".ps1", ".fish", ".csh", ".nu", ".xsh", ".py"):
        stem = stem.removesuffix(suffix)
    if stem in ("activate", "deactivate", "activate_this", "pyvenv.cfg"):
        return True
    for interpreter in ("pythonw", "python", "pypyw", "pypy", "graalpy"):
        if stem.startswith(interpreter):
            # python, python3, python3.13t, python_d: but not python-config, nor pythonista.
            return not stem[len(interpreter) :].removesuffix("w").strip("0123456789.td_")
    return False
