"""The conda part of a lock as conda-lock, pixi and conda write it, out and in again; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given

from hutch.lock import (
    CondaLock,
    CondaTarget,
    InvalidLock,
    LockedConda,
    NewerLock,
    channel_without_credentials,
    export_conda_environment,
    export_conda_lock,
    export_explicit,
    export_pixi_lock,
    parse_conda_lock,
    parse_explicit,
    parse_pixi_lock,
)
from hutch.lock.foreign import format_of, parse_foreign
from hutch.project import parse_manifest
from hutch.spec import CondaRecord
from hutch.values import replace
from oracles.conda import ask_rattler, needs_rattler

from .conda_strategies import conda_parts

CHANNEL = "https://channel.example/main"
DIGEST = "ab" * 32
URL = f"{CHANNEL}/linux-64/numpy-2.3.5-py312h1_2.conda"
NUMPY = CondaRecord(
    name="numpy",
    version="2.3.5",
    build="py312h1_2",
    build_number=2,
    subdir="linux-64",
    channel=CHANNEL,
    filename="numpy-2.3.5-py312h1_2.conda",
    sha256=DIGEST,
    md5="cd" * 16,
    size=8213456,
    timestamp=1_760_000_000_000,
    depends=("libblas >=3.9.0,<4.0a0", "python >=3.12,<3.13.0a0", "__glibc >=2.17"),
    constrains=("numpy-base <0a0",),
    purls=("pkg:pypi/numpy@2.3.5",),
)
PURE = replace(NUMPY, name="pure", subdir="noarch", filename="pure-2.3.5-py312h1_2.conda", noarch="python")


def whole() -> CondaLock:
    return CondaLock(
        channels=(CHANNEL,),
        targets=(
            CondaTarget(name="linux-64", subdir="linux-64"),
            CondaTarget(name="win-64", subdir="win-64"),
        ),
        packages=(
            LockedConda(record=NUMPY, reached=(("group:dev", ("linux-64",)),)),
            LockedConda(record=PURE, reached=(("group:dev", ("win-64",)), ("project", ("linux-64",)))),
        ),
    )


def rows(part: CondaLock) -> list[tuple[object, ...]]:
    """What every form says of a part."""
    return sorted(
        (each.record.url, each.record.sha256, each.record.md5, where, target)
        for each in part.packages
        for where, targets in each.reached
        for target in targets
    )


def without_secrets(part: CondaLock) -> CondaLock:
    packages = [
        replace(each, record=replace(each.record, channel=channel_without_credentials(each.record.channel)))
        for each in part.packages
    ]
    # Of a place twice a group adds nothing, and other forms have no extras.
    plain = []
    for each in packages:
        own = dict(each.reached).get("project", ())
        kept = [
            (where, tuple(name for name in names if where == "project" or name not in own))
            for where, names in each.reached
            if not where.startswith("extra:")
        ]
        reached = tuple((where, names) for where, names in kept if names)
        if reached:
            plain.append(replace(each, reached=reached))
    targets = tuple(replace(target, world="") for target in part.targets)
    return replace(part, packages=tuple(plain), targets=targets, worlds=(), environments=())


def records_of(part: CondaLock) -> dict[tuple[str, str], list[str]]:
    """The files of each environment, by platform."""
    found = {}
    for each in part.environments:
        for target in part.targets:
            if target.world == each.world:
                records = part.on(target.name, frozenset(each.wheres))
                urls = sorted(
                    replace(record, channel=channel_without_credentials(record.channel)).url
                    for record in records
                )
                if urls:
                    found[each.name.lower(), target.name.removeprefix(f"{each.world}.")] = urls
    return found


@given(conda_parts())
def test_conda_lock_out_and_in(part: CondaLock) -> None:
    part = without_secrets(part)
    again = parse_conda_lock(export_conda_lock(part))
    assert rows(again) == rows(part)
    assert [target.name for target in again.targets] == [target.name for target in part.targets]


@given(conda_parts())
def test_pixi_lock_out_and_in(part: CondaLock) -> None:
    part = without_secrets(part)
    again = parse_pixi_lock(export_pixi_lock(part))
    assert rows(again) == rows(part)
    said = {each.record.url: each.record for each in part.packages}
    for each in again.packages:
        record = said[each.record.url]
        assert (each.record.depends, each.record.constrains) == (record.depends, record.constrains)
        assert (each.record.size, each.record.timestamp) == (record.size, record.timestamp)
        assert (each.record.purls or ()) == (record.purls or ())


@given(conda_parts())
def test_environments_in_a_pixi_lock_out_and_in(part: CondaLock) -> None:
    if not part.worlds:
        return
    text = export_pixi_lock(part)
    again = parse_pixi_lock(text)
    read = yaml.safe_load(text)["environments"]
    assert list(read) == ["default", "Py311"]
    own = dict(zip(("default", "Py311"), sorted(part.worlds, key=lambda world: world.name), strict=True))
    for name, world in own.items():
        said = [each["url"].rstrip("/") for each in read[name]["channels"] or ()]
        assert said == [channel_without_credentials(each) for each in world.channels or part.channels]
    if again.worlds:
        assert records_of(again) == records_of(part)
    else:  # as groups, which add to what the project has
        there = {
            ("py311" if where != "project" else "default", target): [
                record.url for record in again.on(target, frozenset(("project", where)))
            ]
            for where in ("project", "group:py311")
            for target in [each.name for each in again.targets]
        }
        for key, urls in records_of(part).items():
            assert sorted(there[key]) == urls


@pytest.mark.parametrize(
    ("digest", "mark"), [("md5", f"#{'cd' * 16}"), ("sha256", f"#sha256:{DIGEST}"), ("", "")]
)
def test_explicit_lists(digest: str, mark: str) -> None:
    text = export_explicit([NUMPY, PURE], "linux-64", digest=digest)
    assert text.splitlines()[2:5] == ["# platform: linux-64", "@EXPLICIT", f"{URL}{mark}"]
    found = parse_explicit(text)
    assert [each.label for each in found] == [NUMPY.label, PURE.label]
    assert [each.url for each in found] == [NUMPY.url, PURE.url]
    assert found[0].build_number == 2
    assert {each.sha256 for each in found} == ({DIGEST} if digest == "sha256" else {""})


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (URL, 1, "has no line @EXPLICIT: it is no list of files"),
        ("@EXPLICIT\n\nnumpy=2\n", 3, "numpy=2 is no address of a package"),
        (f"@EXPLICIT\n{URL}#xyz\n", 2, "should have 32 hexadecimal digits"),
        (
            "@EXPLICIT\nftp://channel.example/linux-64/a-1-0.conda\n",
            2,
            "ftp://channel.example/linux-64/a-1-0.con",
        ),
        ("@EXPLICIT\nhttps://channel.example/../a-1-0.conda\n", 2, "'..' is not a platform of conda"),
        (
            "@EXPLICIT\nhttps://channel.example/linux-64/numpy.conda\n",
            2,
            "https://channel.example/linux-64/numpy.con",
        ),
    ],
)
def test_what_is_wrong_in_a_list_is_told_at_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(InvalidLock) as caught:
        parse_explicit(text)
    fault = caught.value.faults[0]
    assert fault.line == line
    assert fault.reason.startswith(reason)


PIXI = f"""\
version: 6
environments:
  default:
    channels:
    - url: {CHANNEL}/
    packages:
      linux-64:
      - conda: {URL}
      - pypi: https://i.example/x-1-py3-none-any.whl
packages:
- conda: {URL}
  sha256: {DIGEST}
- pypi: https://i.example/x-1-py3-none-any.whl
  name: x
  version: "1"
"""


def test_what_pixi_writes() -> None:
    part = parse_pixi_lock(PIXI)
    assert part.channels == (CHANNEL,)
    assert rows(part) == [(URL, DIGEST, "", "project", "linux-64")]


def test_platforms_with_names_of_their_own() -> None:
    text = PIXI.replace("version: 6\n", RICH).replace("      linux-64:\n", "      gpu:\n")
    part = parse_pixi_lock(text)
    assert part.targets == (
        CondaTarget(
            name="gpu", subdir="linux-64", virtual=(("__cuda", "12.9", "0"), ("__archspec", "0", "x86_64"))
        ),
    )
    assert rows(part) == [(URL, DIGEST, "", "project", "gpu")]
    kind = format_of("pixi.lock")
    assert kind is not None
    python = parse_foreign(kind, text, "pixi.lock", parse_manifest(TOML, filename="pixi.toml"))
    assert [each.name for each in python.packages] == ["x"]


RICH = """\
version: 7
platforms:
- name: gpu
  subdir: linux-64
  virtual-packages:
  - __cuda=12.9
  - __archspec=0=x86_64
- name: unused
  subdir: win-64
"""
TOML = """\
[workspace]
name = "d"
channels = []
platforms = [{ name = "gpu", platform = "linux-64", cuda = "12" }]
[pypi-dependencies]
x = "*"
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (f"  sha256: {DIGEST}", "  sha256: abc", "packages[0].sha256: should have 64 hexadecimal digits"),
        (f"- conda: {URL}\n  sha", "- conda: 'https://h.example/x/a b-1-0.conda'\n  sha", "packages[0]: "),
        (f"- conda: {URL}\n  sha", f"- conda: {URL}x\n  sha", "packages[0]: "),
        (
            f"- conda: {URL}\n  sha",
            f"- conda: {URL}\n  depends: ['a ===']\n  sha",
            "packages[0]: `a ===` names no",
        ),
        ("packages:\n- conda", "packages:\n- text\n- conda", "packages[0]: should be a table"),
        (
            f"      - conda: {URL}",
            f"      - conda: {CHANNEL}/linux-64/b-1-0.conda",
            "environments.default.packages",
        ),
    ],
)
def test_what_is_wrong_in_a_lock_is_told_with_its_place(old: str, new: str, reason: str) -> None:
    assert old in PIXI
    with pytest.raises(InvalidLock) as caught:
        parse_pixi_lock(PIXI.replace(old, new))
    assert caught.value.why[0].startswith(reason)


def test_locks_of_the_future() -> None:
    with pytest.raises(NewerLock):
        parse_pixi_lock(PIXI.replace("version: 6", "version: 99"))
    with pytest.raises(NewerLock):
        parse_conda_lock("version: 2\npackage: []\n")


class TestEnvironmentYml:
    def test_with_builds_and_without(self) -> None:
        text = export_conda_environment("d", [CHANNEL], [NUMPY], pip=["rich==14"], variables=[("A", "b: c")])
        assert yaml.safe_load(text) == {
            "name": "d",
            "channels": [CHANNEL],
            "dependencies": ["numpy=2.3.5=py312h1_2", {"pip": ["rich==14"]}],
            "variables": {"A": "b: c"},
        }
        plain = yaml.safe_load(export_conda_environment("d", [], [NUMPY, "scipy >=1.11"], builds=False))
        assert plain["dependencies"] == ["numpy=2.3.5", "scipy >=1.11"]

    def test_hutch_reads_what_it_writes(self) -> None:
        text = export_conda_environment("d", [CHANNEL], [NUMPY], pip=["rich==14"])
        manifest = parse_manifest(text, filename="environment.yml")
        assert manifest.settings.conda is not None
        assert [each.spec for each in manifest.settings.conda.dependencies] == ["numpy=2.3.5=py312h1_2"]
        assert [each.text for each in manifest.dependencies] == ["rich==14"]

    def test_no_secret_of_a_channel(self) -> None:
        text = export_conda_environment("d", ["https://me:pw@channel.example/t/tk-1/x"], [])
        assert yaml.safe_load(text)["channels"] == ["https://channel.example/x"]


@needs_rattler
def test_rattler_reads_what_is_written_for_pixi(tmp_path: Path) -> None:
    (tmp_path / "pixi.lock").write_text(export_pixi_lock(whole()), encoding="utf-8")
    said = ask_rattler("pixi_lock", path=str(tmp_path / "pixi.lock"))
    assert {key: urls for key, urls in said.items() if urls} == {
        "default linux-64": [PURE.url],
        "dev linux-64": sorted([NUMPY.url, PURE.url]),
        "dev win-64": [PURE.url],
    }
