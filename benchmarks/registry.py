"""A package index on loopback that is as large as one likes: made from a number, always the same.

Package ``p0123`` needs a few packages of lower numbers, so those of the lowest numbers are needed by nearly
all, as ``typing-extensions`` is; some needs have markers or upper bounds, some packages have an extra, some
have a wheel for each platform. The wheels are real ones (``hutch.testing.wheels``) of six small files.
"""

from __future__ import annotations

import random

VERSIONS = 8
NATIVE = (
    "cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64",
    "cp39-abi3-musllinux_1_2_x86_64",
    "cp39-abi3-macosx_11_0_arm64",
    "cp39-abi3-macosx_10_12_x86_64",
    "cp39-abi3-win_amd64",
)
MARKERS = ("sys_platform == 'win32'", "python_version < '3.12'", "platform_machine == 'aarch64'")


def name_of(number: int) -> str:
    return f"p{number:04}"


def needs_of(number: int) -> list[int]:
    """The packages that package ``number`` needs, all of lower numbers."""
    count = min(number, random.Random(f"count {number}").choice((1, 2, 3, 3, 4)))
    return sorted(random.Random(f"needs {number}").sample(range(number), count))


def top_of(packages: int) -> list[int]:
    """Those of the first ``packages`` that none of them needs: who asks for these gets all."""
    needed = {below for number in range(packages) for below in needs_of(number)}
    return [number for number in range(packages) if number not in needed]


def requirements(number: int, version: int) -> list[str]:
    """What version ``version`` (0 is the oldest) of a package says that it needs."""
    found = []
    for below in needs_of(number):
        dice = random.Random(f"requirement {number} {below}")
        text = f"{name_of(below)}>=1.{dice.randrange(4) * version // VERSIONS}"
        if dice.random() < 0.02:
            text += f",<1.{VERSIONS - 1}"
        if dice.random() < 0.1:
            text += f"; {dice.choice(MARKERS)}"
        found.append(text)
    return found


def files_of(name: str, version: str) -> dict[str, str]:
    """What a wheel holds: modules of some hundred lines."""
    lines = "".join(f"def function_{n}():\n    return {n}\n\n\n" for n in range(40))
    modules = {f"{name}/{each}.py": f"# {name} {version}\n{lines}" for each in ("a", "b", "c", "d")}
    return {f"{name}/__init__.py": f"__version__ = {version!r}\n", f"{name}/py.typed": "", **modules}


def answers_for(packages: int) -> dict[str, tuple[str, bytes, str]]:
    """Path → (further headers, body, entity tag)."""
    from hutch.testing.fake_index import FakeIndex

    index = FakeIndex(links="path", files_url="https://index.example/files/")
    for number in range(packages):
        name, native = name_of(number), number % 9 == 4
        for version in range(VERSIONS):
            text = f"1.{version}"
            for tags in NATIVE if native else ("py3-none-any",):
                index.add_wheel(
                    name,
                    text,
                    tags=tags,
                    requires=requirements(number, version),
                    requires_python=">=3.9" if number % 10 == 3 and version == VERSIONS - 1 else ">=3.8",
                    extras={"fast": ["p0000"]} if number % 20 == 7 else None,
                    files=files_of(name, text),
                    upload_time=f"2026-0{version + 1}-01T00:00:00Z",
                )
    found = {}
    for name, files in index.projects.items():
        path = f"/simple/{name}/"
        answer = index.answer(path, {"accept": "json", "accept-encoding": "gzip"})
        assert answer is not None
        headers = dict(answer.headers)
        tag = headers.pop("ETag")
        headers["Cache-Control"] = "max-age=86400, public"
        found[path] = "".join(f"{key}: {value}\r\n" for key, value in headers.items()), answer.body, tag
        for file in files:
            found[f"/files/{file.filename}"] = "", file.body, ""
            found[f"/files/{file.filename}.metadata"] = "", file.metadata or b"", ""
    return found


if __name__ == "__main__":
    import sys

    # ``registry.py top 200``: what a project asks for to get the first 200.
    print(*(name_of(number) for number in top_of(int(sys.argv[2]))))
