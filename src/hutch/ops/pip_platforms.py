"""``--platform``, ``--python-version``, ``--implementation``, ``--abi``: the Python that files are for.

pip takes these words one by one; here they name a target, as everywhere in hutch. A system that is given
accepts all that it can run: ``manylinux_2_28_x86_64`` takes what was built for older ones too.
"""

from __future__ import annotations

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.spec import Platform, Target

__all__ = ["asked_target", "platform_of"]

_NAMES = {"cp": "cpython", "pp": "pypy", "py": "cpython", "cpython": "cpython", "pypy": "pypy"}


def asked_target(
    interpreter: Interpreter,
    platforms: tuple[str, ...],
    python_version: str | None,
    implementation: str | None,
    abis: tuple[str, ...],
) -> tuple[Target, dict[str, int]]:
    """The target, and the tags that it accepts with their ranks."""
    from hutch.spec import TagFacts, Target, supported_tags

    if not (platforms or python_version or implementation or abis):
        return interpreter.target(), supported_tags(interpreter.tag_facts)
    own = interpreter.target()
    python, low, high = own.python, own.low, own.high
    if python_version is not None:
        python, patch = _version(python_version)
        low, high = (patch, patch + 1) if patch is not None else (0, 1)
    name = own.implementation
    if implementation is not None:
        if implementation.lower() not in _NAMES:
            raise UsageProblem(
                f"--implementation: hutch knows nothing of {implementation}",
                hint="cp, pp, or py for what runs on every one",
            )
        name = _NAMES[implementation.lower()]
    elif python_version is not None and not abis:
        name = own.implementation
    native = [platform_of(text) for text in platforms if text != "any"]
    platform = _joined(native) if native else own.platform
    free = own.free_threaded and python_version is None
    free = any(abi.startswith("cp") and abi.endswith("t") for abi in abis) if abis else free
    target = Target(
        implementation=name, python=python, low=low, high=high, free_threaded=free, platform=platform
    )
    suffix = interpreter.tag_facts.ext_suffix if (name, python) == (own.implementation, own.python) else ""
    facts = TagFacts(
        implementation=name, python=python, platform=platform, free_threaded=free, ext_suffix=suffix
    )
    ranks = {
        tag: rank
        for tag, rank in supported_tags(facts).items()
        if _fits(tag, bool(native) or not platforms, implementation == "py", abis)
    }
    return target, ranks


def _fits(tag: str, native: bool, pure: bool, abis: tuple[str, ...]) -> bool:
    python, abi, platform = tag.split("-", 2)
    if pure and not python.startswith("py"):
        return False
    if not native and platform != "any":
        return False
    return not abis or abi in abis or (abi == "none" and platform == "any")


def _version(text: str) -> tuple[tuple[int, int], int | None]:
    """``3``, ``3.12``, ``312``, ``3.12.4``."""
    parts = text.strip().split(".")
    if len(parts) == 1 and len(text) > 1 and text.isdecimal():
        parts = [text[0], text[1:]]
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() for part in parts):
        raise UsageProblem(
            f"--python-version: {text} is not a version of Python", hint="--python-version 3.12, or 3.12.4"
        )
    numbers = [int(part) for part in parts]
    python = (numbers[0], numbers[1] if len(numbers) > 1 else 0)
    return python, numbers[2] if len(numbers) == 3 else None


def platform_of(text: str) -> Platform:
    """The platform of a platform tag (``manylinux2014_x86_64``, ``win_amd64``), or of a name of hutch's."""
    from hutch.spec import Platform, parse_platform

    tag = text.strip().lower().replace("-", "_").replace(".", "_")
    windows = {"win_amd64": "x86_64", "win32": "x86", "win_arm64": "arm64"}
    if tag in windows:
        return Platform(os="windows", machine=windows[tag])
    kind, _, rest = tag.partition("_")
    if kind in ("manylinux1", "manylinux2010", "manylinux2014") and rest:
        return parse_platform(f"{rest}-{kind}")
    if kind == "linux" and rest and "glibc" not in rest and "musl" not in rest:
        return Platform(os="linux", machine=rest, libc="glibc", version=(2, 17))
    first, _, rest = rest.partition("_")
    second, _, machine = rest.partition("_")
    if first.isdecimal() and second.isdecimal() and machine:
        if kind in ("manylinux", "musllinux"):
            return parse_platform(f"{machine}-{kind}_{first}_{second}")
        if kind == "macosx":
            machine = {"universal2": "arm64", "intel": "x86_64"}.get(machine, machine)
            return Platform(os="macos", machine=machine, version=(int(first), int(second)))
    return parse_platform(text)


def _joined(platforms: list[Platform]) -> Platform:
    """Of several platforms the newest, which takes the files of all: they have to be of one system."""
    kinds = {(each.os, each.machine, each.libc) for each in platforms}
    if len(kinds) > 1:
        raise UsageProblem(
            "the platforms are of different systems",
            why="one solve is for one system and machine",
            hint="run it once for each of them",
        )
    return max(platforms, key=lambda each: each.version)
