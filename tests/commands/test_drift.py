"""``hutch env verify`` and the lock: what is missing, extra, of another version, file or commit."""

from __future__ import annotations

import json
import shutil

import pytest

from commands.support import block, manifest, shown


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"])
    index.add_wheel("web", "2.0", requires=["io"])
    index.add_wheel("io", "1.0")
    index.add_wheel("extra", "1.0")
    index.add_wheel("docs", "1.0")
    made = project(manifest("web<2", groups={"docs": ["docs"]}))
    made.run("sync").ok()
    return made


def drift(made, options=""):
    ran = made.run(f"env verify --json {options}")
    told = json.loads(ran.stdout)
    found = [
        (each["kind"], each["package"], each["installed"], each["locked"]) for each in told["lock"]["drift"]
    ]
    assert ran.exit_code == int(bool(found)) == int(told["drifted"])
    return found


def test_after_a_sync_there_is_none(demo):
    assert drift(demo) == []
    ran = demo.run("env verify").ok()
    assert "It is what pylock.toml says: 2 packages\n" in ran.stderr
    assert json.loads(demo.run("env verify --json").stdout)["lock"]["unknown"] == []


def test_what_pip_does_is_found(demo):
    demo.run("pip install extra web==2.0").ok()
    demo.run("pip uninstall -y io").ok()
    assert drift(demo) == [
        ("extra", "extra", "1.0", ""),
        ("missing", "io", "", "1.0"),
        ("version", "web", "2.0", "1.0"),
    ]
    assert shown(demo.run("env verify")) == block("""
        exit 1
        error: <project>/.venv is not what pylock.toml says
          extra is not in the lock
          io is not installed
          web is 2.0 instead of 1.0
        try: hutch sync makes it what the lock says
        """)
    assert "is sound" in demo.run("env verify --no-lock").ok().stderr
    demo.run("sync").ok()
    assert drift(demo) == []


def test_another_tool_is_named(demo):
    info = next((demo / ".venv").glob("lib/python*/site-packages/web-1.0.dist-info"))
    info.rename(info.with_name("web-1.5.dist-info"))
    text = (info.with_name("web-1.5.dist-info") / "METADATA").read_text().replace("1.0", "1.5", 1)
    (info.with_name("web-1.5.dist-info") / "METADATA").write_text(text)
    (info.with_name("web-1.5.dist-info") / "INSTALLER").write_text("pip\n")
    ran = demo.run("env verify --json")
    found = json.loads(ran.stdout)["lock"]["drift"]
    assert [each["detail"] for each in found] == ["is 1.5 instead of 1.0, put in by pip"]


def test_what_was_chosen_at_the_last_sync_counts(demo):
    demo.run("sync --group docs").ok()
    assert drift(demo) == []
    shutil.rmtree(next((demo / ".venv").glob("lib/python*/site-packages/docs-1.0.dist-info")))
    assert drift(demo) == [("missing", "docs", "", "1.0")]
    assert "try: hutch sync --group docs makes it what the lock says\n" in demo.run("env verify").stderr
    demo.run("sync --allow-clobber docs").ok()
    assert drift(demo) == []


def test_with_inexact_what_is_more_is_no_drift(demo):
    demo.run("pip install extra").ok()
    demo.run("sync --inexact").ok()
    assert drift(demo) == [("extra", "extra", "1.0", "")] or drift(demo) == []


def test_another_file_of_the_same_version(demo, index):
    before = demo.read("pylock.toml")
    digest = before.split('name = "io"', 1)[1].split('sha256 = "', 1)[1][:64]
    demo.write({"pylock.toml": before.replace(digest, "0" * 64)})
    assert drift(demo) == [("file", "io", "1.0", "1.0")]


def test_a_lock_that_has_moved_on(demo):
    demo.write({"pyproject.toml": manifest("web>=2", "extra")})
    demo.run("lock").ok()
    assert drift(demo) == [("missing", "extra", "", "1.0"), ("version", "web", "1.0", "2.0")]


def test_what_was_rolled_back_is_meant_so(demo):
    demo.run("add extra").ok()
    demo.run("env rollback").ok()
    ran = demo.run("env verify").ok()
    assert "note: it was rolled back, and is not what pylock.toml says\n" in ran.stderr
    told = json.loads(demo.run("env verify --json").ok().stdout)
    assert told["rolled_back"] is True
    assert [each["package"] for each in told["lock"]["drift"]] == ["extra"]


def test_faults_come_first(demo):
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    shutil.rmtree(site / "web")
    demo.run("pip install extra").ok()
    ran = demo.run("env verify")
    assert ran.exit_code == 1
    assert "not as installed in" in ran.stderr


def test_without_a_lock_or_with_a_broken_one_files_are_looked_at(demo):
    demo.write({"pylock.toml": "no = lock ["})
    ran = demo.run("env verify").ok()
    assert "warning: it was not compared with the lock: " in ran.stderr
    (demo / "pylock.toml").unlink()
    told = json.loads(demo.run("env verify --json").ok().stdout)
    assert told["lock"] is None
