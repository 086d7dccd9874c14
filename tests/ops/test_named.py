"""Names of environments, where they lie, what is believed of a file that says so, and who uses one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import UsageProblem
from hutch.ops.asked import Asked, read_asked, write_asked
from hutch.ops.env_places import beside, central_place, env_of, project_folder
from hutch.ops.env_users import processes_in
from hutch.ops.named import check_env_name, check_new_name, may_be_a_name
from hutch.ops.redirects import FORMS, targets, write_redirect

TEXTS = st.text(max_size=70) | st.text(alphabet="ab._-+/\\: \0\n.~$'\"", max_size=9)


@given(TEXTS)
def test_no_name_leads_anywhere_else(name: str) -> None:
    if not may_be_a_name(name):
        with pytest.raises(UsageProblem):
            check_env_name(name)
        return
    check_env_name(name)
    assert os.path.dirname(os.path.normpath(f"/data/envs/{name}")) == "/data/envs"
    assert os.path.basename(os.path.normpath(f"/p/.venv-{name}")) == f".venv-{name}"
    assert name[:1] not in ".-"
    assert name.isprintable()


@given(TEXTS)
def test_what_is_refused_is_refused_with_a_reason(name: str) -> None:
    context = cast(Any, SimpleNamespace(configuration=SimpleNamespace(data_dir="/nowhere")))
    try:
        assert check_new_name(context, name) == f"/nowhere/envs/{name}"
    except UsageProblem as problem:
        assert problem.why


def test_places() -> None:
    assert beside("/p/.venv", None) == "/p/.venv"
    assert beside("/x/v/", "train") == "/x/v-train"
    assert env_of("/p/.venv", "/p/.venv") is None
    assert env_of("/p/.venv", "/p/.venv-a-b") == "a-b"


@given(
    (
        st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60)
        | st.binary(min_size=1, max_size=60)
        .filter(lambda raw: b"/" not in raw and b"\0" not in raw)
        .map(os.fsdecode)
    ).filter(lambda name: name not in "...")
)
def test_the_central_place_is_of_letters_that_no_shell_changes(name: str) -> None:
    folder = project_folder("/data", f"/nowhere/{name}")
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")
    assert plain.issuperset(central_place("/data", f"/nowhere/{name}"))
    assert os.path.dirname(folder) == "/data/projects"
    assert folder != project_folder("/data", f"/elsewhere/{name}")


@given(st.binary(max_size=60) | st.text(alphabet="ab/.\\\r\n\0~ü", max_size=30).map(str.encode))
def test_whatever_is_in_such_a_file(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as home:
        Path(home, ".venv").write_bytes(content)
        Path(home, ".python-envs").write_bytes(content)
        for form in FORMS:
            for path in targets(home, form):
                assert os.path.isabs(path)
                assert "\0" not in path
                assert "\n" not in path


@given(st.lists(st.text(alphabet="ab/. ü", min_size=1, max_size=9).filter(str.strip), max_size=5))
def test_what_is_written_is_read_and_what_was_there_stays(lines: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as home:
        file = Path(home, ".python-envs")
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        before = targets(home, "python-envs")
        assert write_redirect(home, "/data/projects/p/p", "python-envs") == ""
        assert targets(home, "python-envs") == (*before, "/data/projects/p/p")
        assert os.listdir(home) == [".python-envs"]


OPTIONS = ["group", "dev", "extra", "package", "frozen", "link_mode"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "format": st.just(1) | JSON,
            "requirements": JSON,
            "python": JSON | st.sampled_from(["3.12", "/bin/sh", "./x", "~/x", "..\\x", "pypy3.10"]),
            "selection": JSON
            | st.dictionaries(
                st.sampled_from(["group", "dev", "extra", "package", "frozen", "link_mode"]), JSON
            ),
            "earlier": JSON,
        },
    )
)
def test_what_is_remembered_is_believed_only_in_part(value: dict[str, Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, ".hutch"))
        Path(root, ".hutch", "asked").write_text(json.dumps(value), encoding="utf-8")
        asked = read_asked(root)
        if asked is None:
            return
        assert asked.python is None or not set(asked.python) & set("/\\~")
        assert all(isinstance(line, str) for line in asked.requirements)
        for name, chosen in asked.selection:
            lists = ("group", "no_group", "only_group", "extra", "package")
            assert isinstance(chosen, tuple if name in lists else bool)
            assert name in (*lists, "all_groups", "dev", "only_dev", "all_extras", "all_packages")
        write_asked(root, asked)
        assert read_asked(root) == asked


def test_asked_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".hutch").mkdir()
    asked = Asked(
        requirements=("numpy<2",),
        python="3.12",
        selection=(("group", ("a",)), ("dev", False)),
        earlier=((1, ("x",)),),
    )
    write_asked(str(tmp_path), asked)
    assert read_asked(str(tmp_path)) == asked
    assert read_asked(str(tmp_path / "nowhere")) is None


def test_who_uses_one(tmp_path: Path) -> None:
    root = tmp_path / "envs" / "science"
    root.mkdir(parents=True)
    proc = tmp_path / "proc"
    cases = {
        "1000001": (f"{root}/bin/python\0-m\0http.server", "", ""),
        "1000002": (f"vim\0{root}/bin/activate", "", ""),  # who reads a file of it uses nothing
        "1000003": ("gunicorn", f"7f00 r-xp {root}/lib/x.so\n", ""),
        "1000004": ("bash", "", f"A=b\0VIRTUAL_ENV={root}\0"),
        "1000005": ("bash", "", f"VIRTUAL_ENV={root}-other\0"),
        "1000006": (f"{root}-other/bin/python", "", ""),
    }
    for number, (words, maps, variables) in cases.items():
        folder = proc / number
        folder.mkdir(parents=True)
        for name, text in (("cmdline", words), ("maps", maps), ("environ", variables)):
            (folder / name).write_text(text)
    (proc / "uptime").write_text("1")
    (proc / "1000007").mkdir()
    found = processes_in(str(root), str(proc))
    assert [number for number, _ in found] == [1000001, 1000003, 1000004]
    assert found[0][1] == f"{root}/bin/python -m http.server"
    assert processes_in(str(root), str(tmp_path / "no-proc")) == []
