"""A workspace of twice the members is checked in twice the lines, however many targets there are."""

from __future__ import annotations

from effort.counting import lines_run
from hutch.lock import Lock, LockedFile, LockedPackage, check_lock
from hutch.spec import Requirement, normalize, parse_metadata, parse_requirement, parse_target

TARGETS = tuple(
    parse_target(f"cp3{minor}-{system}")
    for minor in range(10, 15)
    for system in ("linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64")
)
PACKAGES = 60


def workspace(members: int) -> tuple[Lock, dict[str, list[Requirement]]]:
    """Each member asks for three of the packages, one of them on Windows alone; so a package has many."""
    roots: dict[str, list[Requirement]] = {}
    asked: dict[str, tuple[list[str], list[str]]] = {}
    for number in range(members):
        group = f"m{number:03}"
        for step in range(3):
            name = f"p{(number * 7 + step * 11) % PACKAGES:02}"
            on_windows = "; sys_platform == 'win32'" if step == 2 else ""
            roots.setdefault(f"group:{group}", []).append(parse_requirement(f"{name}>=1{on_windows}"))
            asked.setdefault(name, ([], []))[step == 2].append(f"'{group}' in dependency_groups")
    packages = [
        LockedPackage(
            name=normalize(name),
            version="1.0",
            marker=marker(*wheres),
            wheels=(
                LockedFile(
                    filename=f"{name}-1.0-py3-none-any.whl",
                    url=f"https://files.example/{name}-1.0-py3-none-any.whl",
                    hashes=(("sha256", "0" * 64),),
                ),
            ),
        )
        for name, wheres in sorted(asked.items())
    ]
    groups = tuple(sorted(where.partition(":")[2] for where in roots))
    return Lock(packages=tuple(packages), dependency_groups=groups), roots


def marker(everywhere: list[str], on_windows: list[str]) -> str:
    return f"{' or '.join(everywhere)} or sys_platform == 'win32' and ({' or '.join(on_windows)})"


def lines(members: int) -> int:
    lock, roots = workspace(members)
    found = []

    def check() -> None:
        found.extend(
            check_lock(
                lock,
                TARGETS,
                roots,
                lambda package: parse_metadata(
                    f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n"
                ),
            )
        )

    count = lines_run(check, "lock/", "spec/markers")
    assert found == []
    return count


def test_a_law_of_many_members() -> None:
    assert lines(240) / lines(120) < 2.3
