"""From an interpreter's answer to `spec`'s words for platforms and wheel tags.

Judged as `packaging.tags`, `_manylinux` and `_musllinux` judge the running interpreter, but from
outside: a 32-bit Python on a 64-bit kernel has the 32-bit machine's name, musl is told by the loader
that the executable names, and an ARM Python without hard floats takes no manylinux wheel.
"""

from __future__ import annotations

from hutch.spec import Platform, TagFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["musl_version", "platform_of", "probe_linux", "tag_facts_of"]

_HARD_FLOAT, _ARM, _EABI5 = 0x00000400, 40, 0x05000000
_LINUX_32 = {"x86_64": "i686", "aarch64": "armv8l"}
_WINDOWS = {"win-amd64": "x86_64", "win-arm64": "arm64", "win32": "x86"}
_TAG = str.maketrans("-. ", "___")
_MACOS_32 = {"x86_64": "i386", "ppc64": "ppc"}


def platform_of(facts: Mapping[str, object]) -> Platform:
    """The platform, from the answer's ``platform`` (`sysconfig.get_platform()`) and what qualifies it."""
    named = str(facts["platform"])
    markers = facts["markers"]
    assert isinstance(markers, dict)
    narrow = facts["pointer_bits"] == 32
    tag = named.translate(_TAG)
    if named.startswith("linux-"):
        machine = named[len("linux-") :].replace("-", "_")
        if narrow:
            machine = _LINUX_32.get(machine, machine)
        libc, version = _libc(facts)
        return Platform(os="linux", machine=machine, libc=libc, version=version)
    if named.startswith("macosx-"):
        # The name carries what the *build* supports (10.9, universal2); what counts is what runs here.
        machine = str(markers["platform_machine"])
        if narrow:
            machine = _MACOS_32.get(machine, machine)
        return Platform(os="macos", machine=machine, version=_two(str(facts["macos"])) or (0, 0))
    if named in _WINDOWS:
        return Platform(os="windows", machine=_WINDOWS[named])
    return Platform(
        os=str(markers["platform_system"]).lower() or "unknown",
        machine=str(markers["platform_machine"]),
        tag=tag,
    )


def tag_facts_of(facts: Mapping[str, object], platform: Platform) -> TagFacts:
    """What decides the wheel tags."""
    info, markers = facts["version_info"], facts["markers"]
    assert isinstance(info, list)
    assert isinstance(markers, dict)
    return TagFacts(
        implementation=str(markers["implementation_name"]),
        python=(int(info[0]), int(info[1])),
        platform=platform,
        free_threaded=bool(facts["free_threaded"]),
        debug=bool(facts["debug"]),
        ext_suffix=str(facts["ext_suffix"]),
    )


def _libc(facts: Mapping[str, object]) -> tuple[str, tuple[int, int]]:
    glibc = _two(str(facts["glibc"]))
    if glibc is not None and facts.get("hard_float") is not False:
        return "glibc", glibc
    musl = _two(str(facts.get("musl") or ""))
    return ("musl", musl) if musl is not None else ("", (0, 0))


def _two(text: str) -> tuple[int, int] | None:
    """``2.36``, ``2.20-2014.11`` → the first two numbers."""
    major, dot, rest = text.partition(".")
    minor = _digits(rest)
    if not (major.isascii() and major.isdigit()) or (dot and not minor):
        return None
    return int(major), int(minor or 0)


def _digits(text: str) -> str:
    """The ASCII digits that ``text`` begins with (`re` would cost every command its import)."""
    end = 0
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return text[:end]


def musl_version(said: str) -> str:
    """``1.2`` from what musl's loader says of itself; "" if this is not musl."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if len(lines) < 2 or not lines[0].startswith("musl"):
        return ""
    word, _, version = lines[1].partition(" ")
    two = _two(version)
    return f"{two[0]}.{two[1]}" if word == "Version" and "." in version and two else ""


def probe_linux(facts: dict[str, object], executable: str) -> None:
    """Add what only the executable's own file tells: ``musl`` and, on ARM, ``hard_float``."""
    from hutch.interpreters.elf import read_elf

    header = read_elf(executable)
    if header is None:
        return
    if header.machine == _ARM and header.bits == 32:
        eabi5 = header.flags & 0xFF000000 == _EABI5
        facts["hard_float"] = eabi5 and header.flags & _HARD_FLOAT == _HARD_FLOAT and header.little_endian
    if "musl" in header.loader:
        facts["musl"] = probe_musl(header.loader)


def probe_musl(loader: str) -> str:
    """musl's version, asked of its loader (the only way there is); "" if it does not say."""
    from hutch.interpreters.start import run_limited

    try:
        answer = run_limited([loader], environ={}, seconds=5.0, most=65536)
    except OSError:
        return ""
    return musl_version(answer.output.decode("utf-8", "replace"))
