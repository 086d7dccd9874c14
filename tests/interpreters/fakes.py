"""Pythons that are nothing but what lies on the disk: whoever starts one fails."""

from __future__ import annotations

from pathlib import Path

__all__ = ["fake_python"]

_ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + (62).to_bytes(2, "little") + bytes(44)


def fake_python(
    prefix: Path,
    version: str,
    *,
    implementation: str = "cpython",
    flags: str = "",
    headers: bool = True,
    size: int = 1 << 20,
) -> Path:
    """An installation of ``version`` in ``prefix``; the path of its `bin/python`.

    ``flags`` are those of the build (``t``, ``d``, ``td``). The program is the header of one, and so large
    that it needs no libpython.
    """
    minor = ".".join(version.split(".")[:2])
    stem = "pypy" if implementation == "pypy" else "python"
    programs = prefix / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    program = programs / (f"graalpy{minor}" if implementation == "graalpy" else f"{stem}{minor}{flags}")
    program.write_bytes(_ELF)
    with program.open("r+b") as file:
        file.truncate(size)
    program.chmod(0o755)
    for name in ("python", "python3"):
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(program.name)
    library = prefix / "lib" / f"{stem}{minor}{'t' if 't' in flags else ''}"
    library.mkdir(parents=True, exist_ok=True)
    (library / "os.py").touch()
    if headers:
        include = prefix / "include" / f"{stem}{minor}{flags}"
        include.mkdir(parents=True, exist_ok=True)
        (include / "patchlevel.h").write_text(
            f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION\t"{version}"\n'
        )
    return programs / "python"
