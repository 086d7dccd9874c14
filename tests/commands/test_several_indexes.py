"""One package from several indexes: by marker, by extra, by group; and what is said where two count."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import tomllib

import pytest

from commands.support import block, installed, manifest, shown
from hutch.testing.fake_index import FakeIndex

LINUX = "sys_platform == 'linux'"
ELSEWHERE = "sys_platform != 'linux'"


@pytest.fixture
def cpu():
    fake = FakeIndex()
    with fake.serve():
        fake.add_wheel("torch", "2.0+cpu", requires=["numpy"])
        fake.add_wheel("torch", "1.0+cpu", requires=["numpy"])
        yield fake


@pytest.fixture
def cuda(index):
    fake = FakeIndex()
    with fake.serve():
        fake.add_wheel("torch", "2.0+cu121", requires=["numpy", "triton"])
        fake.add_wheel("torch", "1.0+cu121", requires=["numpy", "triton"])
        index.add_wheel("numpy", "1.0")
        index.add_wheel("triton", "1.0")
        index.add_wheel("torch", "3.0", requires=["numpy"])
        index.add_wheel("app", "1.0", requires=["torch"])
        yield fake


def indexes(cpu, cuda, *sources: str, more: str = "", explicit: bool = True) -> str:
    lines = []
    for name, fake in (("cpu", cpu), ("cu121", cuda)):
        lines += ["[[tool.hutch.index]]", f'name = "{name}"', f'url = "{fake.url}"']
        lines += ["explicit = true"] * explicit + [""]
    return "\n".join(
        [more, *lines, "[tool.hutch.sources]", "torch = [", *(f"  {s}," for s in sources), "]\n"]
    )


BY_MARKER = (
    f'{{ index = "cpu", marker = "{ELSEWHERE}" }}',
    f'{{ index = "cu121", marker = "{LINUX}" }}',
)
BY_EXTRA = ('{ index = "cpu", extra = "cpu" }', '{ index = "cu121", extra = "cu121" }')
EXTRAS = {"cpu": ["torch >=1"], "cu121": ["torch >=1"]}
APART = '[tool.hutch]\nconflicts = [[{ extra = "cpu" }, { extra = "cu121" }]]\n'


def entries(made, name: str) -> dict[str, tuple[str | None, str | None]]:
    lock = tomllib.loads(made.read("pylock.toml"))
    return {p["version"]: (p.get("marker"), p.get("index")) for p in lock["packages"] if p["name"] == name}


def test_each_target_has_the_index_of_its_marker(project, index, cpu, cuda):
    made = project(manifest("app", "torch >=1", more=indexes(cpu, cuda, *BY_MARKER)))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 5 packages for 35 targets in <time>
         + app 1.0
         + numpy 1.0
         + torch 2.0+cpu, 2.0+cu121
         + triton 1.0
    """)
    assert entries(made, "torch") == {
        "2.0+cpu": (ELSEWHERE, cpu.url),
        "2.0+cu121": (LINUX, cuda.url),
    }
    assert entries(made, "triton") == {"1.0": (LINUX, index.url)}
    made.run("lock --check").ok()
    made.run("sync").ok()
    assert installed(made)["torch"] == "2.0+cu121"
    assert not [path for path, _ in index.log if path.endswith("/torch/")]


def test_the_lock_stays_as_it_is_and_can_be_upgraded(project, index, cpu, cuda):
    made = project(manifest("torch ==1.0", more=indexes(cpu, cuda, *BY_MARKER)))
    made.run("lock").ok()
    assert set(entries(made, "torch")) == {"1.0+cpu", "1.0+cu121"}
    made.write({"pyproject.toml": made.read("pyproject.toml").replace("torch ==1.0", "torch >=1.0")})
    made.run("lock").ok()
    assert set(entries(made, "torch")) == {"1.0+cpu", "1.0+cu121"}
    assert shown(made.run("upgrade torch --no-sync")) == block("""
        exit 0
        Locked 4 packages for 35 targets in <time>
         ~ torch 1.0+cpu, 1.0+cu121 → 2.0+cpu, 2.0+cu121
    """)


def test_where_no_entry_holds_it_comes_from_the_usual_indexes(project, index, cpu, cuda):
    made = project(manifest("torch >=1", more=indexes(cpu, cuda, BY_MARKER[1])))
    made.run("lock").ok()
    assert entries(made, "torch") == {
        "2.0+cu121": (LINUX, cuda.url),
        "3.0": (ELSEWHERE, index.url),
    }
    made.run("lock --check").ok()


def test_an_extra_chooses_the_index(project, index, cpu, cuda):
    more = indexes(cpu, cuda, *BY_EXTRA, more=APART)
    made = project(manifest("numpy", extras=EXTRAS, more=more))
    made.run("lock").ok()
    assert entries(made, "torch") == {
        "2.0+cpu": ("'cpu' in extras", cpu.url),
        "2.0+cu121": ("'cu121' in extras", cuda.url),
    }
    assert entries(made, "triton") == {"1.0": ("'cu121' in extras", index.url)}
    made.run("lock --check").ok()
    made.run("sync --extra cu121").ok()
    assert installed(made)["torch"] == "2.0+cu121"
    made.run("sync --extra cpu").ok()
    assert installed(made)["torch"] == "2.0+cpu"
    assert "triton" not in installed(made)


def test_an_extra_that_excludes_nobody_chooses_too(project, index, cpu, cuda):
    made = project(
        manifest(
            "app", extras={"gpu": ["torch"]}, more=indexes(cpu, cuda, '{ index = "cu121", extra = "gpu" }')
        )
    )
    made.run("lock").ok()
    assert entries(made, "torch") == {
        "2.0+cu121": ("'gpu' in extras", cuda.url),
        "3.0": ("'gpu' not in extras", index.url),
    }
    made.run("lock --check").ok()


def test_one_version_from_two_indexes_is_two_entries(project, index, cpu, cuda):
    for fake, word in ((cpu, "cpu"), (cuda, "cuda")):
        fake.add_wheel("torch", "4.0", requires=["numpy"], files={"torch.py": f"WORD = '{word}'\n"})
    made = project(manifest("torch ==4.0", more=indexes(cpu, cuda, *BY_MARKER)))
    made.run("lock").ok()
    lock = tomllib.loads(made.read("pylock.toml"))
    found = {p["index"]: p["marker"] for p in lock["packages"] if p["name"] == "torch"}
    assert found == {cpu.url: ELSEWHERE, cuda.url: LINUX}
    made.run("lock --check").ok()
    made.run("sync").ok()
    assert made.run("run --frozen python -c 'import torch; print(torch.WORD)'").stdout == "cuda\n"
    assert "torch 4.0" in made.run("tree").ok().stdout


def test_two_entries_that_hold_at_once_are_refused_with_their_lines(project, cpu, cuda):
    made = project(
        manifest(
            "torch",
            more=indexes(cpu, cuda, '{ index = "cpu", marker = "sys_platform != \'win32\'" }', BY_MARKER[1]),
        )
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: torch has two sources for Linux
          pyproject.toml:20: index `cpu` where sys_platform != 'win32'
          pyproject.toml:21: index `cu121` where sys_platform == 'linux'
        try: give each a marker, an extra or a group, so that one of them counts at a time
    """)


def test_extras_that_may_be_chosen_together_are_refused(project, cpu, cuda):
    made = project(manifest(extras=EXTRAS, more=indexes(cpu, cuda, *BY_EXTRA)))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: torch has two sources for the same targets
          pyproject.toml:24: index `cpu` with the extra cpu
          pyproject.toml:25: index `cu121` with the extra cu121
        try: declare that they exclude each other: conflicts = [[{ extra = "cpu" }, { extra = "cu121" }]] in [tool.hutch]
    """)


def test_an_extra_that_is_not_there_is_a_fault_of_the_file(project, cpu, cuda):
    made = project(manifest("torch", more=indexes(cpu, cuda, *BY_EXTRA)))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid: 2 faults
          pyproject.toml:20: tool.hutch.sources.torch[0].extra: there is no extra 'cpu'
          pyproject.toml:21: tool.hutch.sources.torch[1].extra: there is no extra 'cu121'
    """)


def test_what_one_index_lacks_is_told_for_its_targets(project, cpu, cuda):
    cuda.add_wheel("torch", "9.0+cu121")
    made = project(manifest("torch >=9", more=indexes(cpu, cuda, *BY_MARKER)))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 1 package for 14 targets in <time>
        note: left out cp39-macos-arm64, cp310-macos-arm64, cp311-macos-arm64, cp312-macos-arm64 and 17 more: torch 1.0+cu121 and later is in the index cu121, which is for other targets
         + torch 9.0+cu121
    """)
    cpu.add_wheel("torch", "9.0+cpu")
    del cuda.projects["torch"][:]
    made = project(manifest("torch >=9", more=indexes(cpu, cuda, *BY_MARKER)))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 1 package for 14 targets in <time>
        note: left out cp39-macos-arm64, cp310-macos-arm64, cp311-macos-arm64, cp312-macos-arm64 and 17 more: torch 1.0+cu121 and later is in the index cu121, which is for other targets
         + torch 9.0+cu121
    """)


def test_pins_with_a_local_version_hold_where_their_index_does(project, index, cpu, cuda):
    asked = (f"torch ==2.0+cpu ; {ELSEWHERE}", f"torch ==2.0+cu121 ; {LINUX}")
    made = project(manifest(*asked, more=indexes(cpu, cuda, *BY_MARKER)))
    made.run("lock").ok()
    assert set(entries(made, "torch")) == {"2.0+cpu", "2.0+cu121"}
    made = project(manifest("torch ==2.0", "app", more=indexes(cpu, cuda, *BY_MARKER)))
    made.run("lock").ok()
    assert set(entries(made, "torch")) == {"2.0+cpu", "2.0+cu121"}


def test_add_writes_an_entry_for_each_place_that_asks(project, index, cpu, cuda):
    made = project(manifest("numpy", extras={"cpu": [], "cu121": []}, more=indexes(cpu, cuda, more=APART)))
    made.run("add torch --optional cpu --index cpu --no-sync").ok()
    assert 'torch = { index = "cpu" }' in made.read("pyproject.toml")
    made.run("add torch --optional cu121 --index cu121 --no-sync").ok()
    assert made.read("pyproject.toml").endswith(
        block("""
        torch = [
            { index = "cpu", extra = "cpu" },
            { index = "cu121", extra = "cu121" },
        ]
    """)
    )
    assert set(entries(made, "torch")) == {"2.0+cpu", "2.0+cu121"}
    before = made.read("pyproject.toml")
    made.run("add torch --optional cu121 --index cu121 --no-sync").ok()
    assert made.read("pyproject.toml") == before


def test_add_writes_an_entry_for_each_marker(project, index, cpu, cuda):
    made = project(manifest(more=indexes(cpu, cuda).replace("torch = [\n]\n", "")))
    made.run(f'add "torch; {ELSEWHERE}" --index cpu --no-sync').ok()
    made.run(f'add "torch; {LINUX}" --index cu121 --no-sync').ok()
    assert made.read("pyproject.toml").endswith(
        block("""
        torch = [
            { index = "cpu", marker = "sys_platform != 'linux'" },
            { index = "cu121", marker = "sys_platform == 'linux'" },
        ]
    """)
    )
    assert set(entries(made, "torch")) == {"2.0+cpu", "2.0+cu121"}


def test_outdated_and_why_not_know_both_indexes(project, index, cpu, cuda):
    made = project(manifest("torch ==1.0", more=indexes(cpu, cuda, *BY_MARKER)))
    made.run("lock").ok()
    assert shown(made.run("outdated")) == block("""
        exit 0
        -- stdout --
        package  locked              upgrade  newest     held back by
        torch    1.0+cpu, 1.0+cu121  -        2.0+cu121  torch ==1.0 (pyproject.toml:5)
    """)
    assert shown(made.run("why-not torch==2.0+cu121")) == block("""
        exit 0
        -- stdout --
        torch 2.0+cu121 does not fit:
          torch ==1.0 is asked for in pyproject.toml:5
        try: torch ==2.0+cu121, in pyproject.toml:5
    """)


def test_pip_takes_the_sources_of_the_extras_that_are_chosen(project, index, cpu, cuda):
    made = project(manifest("numpy", extras=EXTRAS, more=indexes(cpu, cuda, *BY_EXTRA)))
    assert "torch==2.0+cpu" in made.run("pip compile pyproject.toml --extra cpu").ok().stdout
    assert "torch==2.0+cu121" in made.run("pip compile pyproject.toml --extra cu121").ok().stdout
    assert shown(made.run("pip compile pyproject.toml --all-extras")) == block("""
        exit 1
        error: torch has two sources for the same targets
          pyproject.toml:24: index `cpu`
          pyproject.toml:25: index `cu121`
        try: give each a marker, an extra or a group, so that one of them counts at a time
    """)


def test_two_names_may_be_given_to_one_address(project, index, cpu, cuda):
    extras = {"cpu": ["torch ==1.0+cpu"], "cu121": ["torch ==2.0+cpu"]}
    made = project(manifest("numpy", extras=extras, more=indexes(cpu, cpu, *BY_EXTRA, more=APART)))
    made.run("lock").ok()
    assert set(entries(made, "torch")) == {"1.0+cpu", "2.0+cpu"}
    made.run("lock --check").ok()
    made.run("sync --extra cu121").ok()
    assert installed(made)["torch"] == "2.0+cpu"
