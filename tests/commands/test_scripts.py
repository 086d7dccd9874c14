"""Scripts with inline metadata, and ``run --with``: environments that nobody has to look after."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import re
import subprocess
import tomllib

import pytest

from commands.support import block, installed, manifest, shown

REPORT = """\
#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "web<2",  # the old one
# ]
# ///
import sys
import web
print(web.__version__, *sys.argv[1:])
sys.exit(len(sys.argv) - 1)
"""


@pytest.fixture
def shop(index):
    """An index with packages whose modules know their version."""
    for version in ("1.0", "2.0"):
        index.add_wheel(
            "web", version, requires=["io-tools>=1"], files={"web.py": f"__version__ = '{version}'\n"}
        )
        index.add_wheel("io-tools", version, files={"io_tools.py": f"__version__ = '{version}'\n"})
        index.add_wheel("extra", version, files={"extra.py": f"__version__ = '{version}'\n"})
    return index


@pytest.fixture
def report(project, shop):
    """A directory with a script, and no project."""
    return project({"report.py": REPORT})


def environments(made):
    """The throw-away environments in the store."""
    place = made.home / "cache" / "envs-v1"
    return sorted(each.name for each in place.iterdir()) if place.is_dir() else []


# -- run -------------------------------------------------------------------------------------------


def test_a_script_runs_without_a_project(report):
    ran = report.run("run report.py a b")
    assert (ran.exit_code, ran.stdout) == (2, "1.0 a b\n")
    assert report.tree() == ["report.py"]


def test_the_second_run_makes_nothing_and_asks_nobody(report, shop):
    report.run("run report.py").ok()
    (made,) = environments(report)
    shop.log.clear()
    shop.add_wheel("web", "1.5", files={"web.py": "__version__ = '1.5'\n"})
    assert shown(report.run("run report.py")) == "exit 0\n-- stdout --\n1.0\n"
    report.write({"report.py": REPORT.replace("print(", "print('changed', ")})
    assert report.run("run report.py").ok().stdout == "changed 1.0\n"
    assert (shop.log, environments(report)) == ([], [made])


def test_refresh_looks_for_newer_versions(report, shop):
    report.run("run report.py").ok()
    shop.add_wheel("web", "1.5", files={"web.py": "__version__ = '1.5'\n"})
    assert report.run("run --refresh report.py").ok().stdout == "1.5\n"


def test_other_requirements_are_another_environment(report):
    report.run("run report.py").ok()
    report.write({"report.py": REPORT.replace("web<2", "web>=2")})
    assert report.run("run report.py").ok().stdout == "2.0\n"
    assert len(environments(report)) == 2


def test_a_script_in_a_project_leaves_the_project_alone(project, shop):
    made = project({"pyproject.toml": manifest("web>=2", "nonesuch"), "tools/report.py": REPORT})
    assert made.run("run tools/report.py").ok().stdout == "1.0\n"
    assert made.tree() == ["pyproject.toml", "tools/report.py"]
    assert not (made / ".venv").exists()


def test_a_script_without_metadata_belongs_to_the_project(project, shop):
    made = project({"pyproject.toml": manifest("web"), "plain.py": "import web; print(web.__version__)\n"})
    assert made.run("run plain.py").ok().stdout == "2.0\n"
    assert environments(made) == []


def test_an_environment_that_was_left_half_made_is_finished(report, shop):
    report.run("run report.py").ok()
    (name,) = environments(report)
    place = report.home / "cache" / "envs-v1" / name
    (place / ".hutch" / "state").unlink()
    next(place.glob("lib/python*/site-packages/web.py")).unlink()
    report.run("run --refresh report.py")
    assert (place / ".hutch" / "state").exists()


def test_the_cache_counts_and_removes_them(report):
    report.run("run report.py").ok()
    kinds = json.loads(report.run("cache size --json").ok().stdout)["kinds"]
    assert "envs" in [kind["kind"] for kind in kinds]
    report.run("cache clean").ok()
    assert environments(report) == []
    assert report.run("run report.py").ok().stdout == "1.0\n"


def test_no_cache(report):
    assert report.run("run --no-cache report.py x").exit_code == 1
    assert environments(report) == []


def test_settings_of_the_block_hold_and_those_of_a_project_around_do_not(project, shop):
    shop.add_wheel("dated", "1.0", upload_time="2025-01-01T00:00:00Z", files={"dated.py": "v = 1\n"})
    shop.add_wheel("dated", "2.0", upload_time="2026-01-01T00:00:00Z", files={"dated.py": "v = 2\n"})
    text = '# /// script\n# dependencies = ["dated"]\n# [tool.hutch]\n# exclude-newer = "2025-06-01"\n# ///\nimport dated; print(dated.v)\n'
    around = '[tool.hutch]\nexclude-newer = "2020-01-01"\n'
    made = project(
        {"pyproject.toml": manifest() + around, "a.py": text, "b.py": re.sub("# (.tool|excl).*\n", "", text)}
    )
    assert made.run("run a.py").ok().stdout == "1\n"
    assert made.run("run b.py").ok().stdout == "2\n"


def test_a_pin_around_it_does_not_count(project, shop):
    made = project({".python-version": "2.7\n", "report.py": REPORT}, HUTCH_PYTHON=None)
    assert made.run("run report.py").exit_code == 0


def test_a_script_of_another_encoding_runs_as_before(project, shop):
    made = project(
        {"pyproject.toml": manifest(), "a.py": "# coding: latin-1\nprint(len('é'))\n".encode("latin-1")}
    )
    assert made.run("run a.py").ok().stdout == "1\n"


def test_two_first_runs_at_a_time(report):
    runs = [report.start("run report.py", stdout=subprocess.PIPE) for _ in range(3)]
    assert [each.communicate(timeout=120)[0] for each in runs] == ["1.0\n"] * 3
    assert len(environments(report)) == 1


def test_a_python_that_the_script_does_not_admit(project, shop):
    made = project({"a.py": '# /// script\n# requires-python = ">=3.99"\n# dependencies = []\n# ///\n'})
    ran = made.run("run a.py")
    assert ran.exit_code == 1
    assert "3.99" in ran.stderr


def test_groups_are_not_for_scripts(report):
    assert shown(report.run("run --group dev report.py")) == block("""
        exit 2
        error: a script with inline metadata has no groups and no extras
    """)


# -- what can be wrong -----------------------------------------------------------------------------


def test_a_broken_block(project, shop):
    made = project({"a.py": '# /// script\n# dependencies = ["web", 3]\n# requires = "x"\n# ///\n'})
    assert shown(made.run("run a.py")) == block("""
        exit 1
        error: a.py is not valid
          a.py:3: requires: has no meaning in a script; there are dependencies, requires-python and [tool]
    """)
    made.write({"a.py": '# /// script\n# dependencies = ["web", 3, "io >"]\n# ///\n'})
    assert shown(made.run("lock --script a.py")) == block("""
        exit 1
        error: a.py is not valid: 2 faults
          a.py:2: dependencies[1]: should be a string, not a number
          a.py:2: dependencies[2]: `io >` is not a requirement; the version is missing after `>`
    """).replace("`io >` is not a requirement; the version is missing after `>`", _reason(made))


def _reason(made):
    """The words for the requirement itself, which other tests hold."""
    ran = made.run("lock --script a.py")
    return re.search(r"dependencies\[2\]: (.*)", ran.stderr)[1]


def test_a_block_that_is_not_closed_is_none(project, shop):
    made = project(
        {"pyproject.toml": manifest(), "a.py": '# /// script\n# dependencies = ["web"]\n\nprint(1)\n'}
    )
    ran = made.run("run a.py").ok()
    assert "warning: a.py:1: the block `# /// script` is not closed, and so it is no metadata" in ran.stderr
    assert shown(made.run("lock --script a.py")) == block("""
        exit 1
        error: a.py:1: the block `# /// script` is not closed
          its lines begin with `#` and a space, up to a line `# ///`; line 3 does not
        try: write a line `# ///` at its end
    """)


def test_a_conflict_has_the_lines_of_the_script(project, shop):
    made = project({"a.py": '# /// script\n# dependencies = [\n#   "web",\n#   "io-tools<1",\n# ]\n# ///\n'})
    ran = made.run("run a.py")
    assert ran.exit_code == 1
    assert "a.py:4" in ran.stderr


def test_no_metadata(project, shop):
    made = project({"a.py": "print(1)\n"})
    assert shown(made.run("lock --script a.py")) == block("""
        exit 1
        error: a.py has no inline metadata
          there is no block that begins with `# /// script`
        try: hutch init --script a.py writes one
    """)
    assert shown(made.run("add --script none.py web")).startswith(
        "exit 1\nerror: cannot read <project>/none.py\n"
    )


# -- init, add, remove, lock ------------------------------------------------------------------------


def test_from_nothing_to_a_run(project, shop):
    made = project({})
    assert shown(made.run("init --script tools/a.py --dry-run")) == block("""
        exit 0
        Would write the metadata of tools/a.py
    """)
    assert made.tree() == []
    assert shown(made.run("init --script tools/a.py")) == block("""
        exit 0
        Wrote the metadata of tools/a.py
        next: hutch add --script tools/a.py PACKAGE
    """)
    assert shown(made.run("add --script tools/a.py web")) == block("""
        exit 0
        Added web>=2.0 to tools/a.py
    """)
    assert made.tree() == ["tools/a.py"]
    assert made.run("run tools/a.py").ok().stdout == "Hello\n"
    assert shown(made.run("init --script tools/a.py")) == block("""
        exit 1
        error: tools/a.py has inline metadata already
        try: hutch add --script tools/a.py NAME adds a package to it
    """)


def test_adding_and_removing_leave_the_rest(report):
    said = json.loads(report.run("add --script report.py 'extra<2' --json").ok().stdout)
    assert (said["added"], said["script"], said["lock"], said["sync"]) == (
        ["extra<2"],
        "report.py",
        None,
        None,
    )
    assert report.read("report.py") == REPORT.replace('#   "web', '#   "extra<2",\n#   "web', 1)
    assert shown(report.run("remove --script report.py extra")) == block("""
        exit 0
        Removed extra from report.py
    """)
    assert report.read("report.py") == REPORT
    assert shown(report.run("remove --script report.py extra")) == block("""
        exit 1
        error: extra is not among the dependencies of report.py
    """)
    report.run("add --script report.py extra --frozen").ok()
    assert '#   "extra",\n' in report.read("report.py")


def test_an_index_goes_into_the_block(project, shop, index):
    text = REPORT.replace(
        "# ///\nimport sys",
        f'# [[tool.hutch.index]]\n# name = "own"\n# url = "{index.url}"\n# ///\nimport sys',
    )
    made = project({"report.py": text})
    made.run("add --script report.py extra --index own --bounds none").ok()
    after = made.read("report.py")
    assert '# [tool.hutch.sources]\n# extra = { index = "own" }\n' in after
    assert after.split("# ///")[-1] == text.split("# ///")[-1]
    assert made.run("run report.py").ok().stdout == "1.0\n"


def test_a_name_with_dots(project, shop):
    made = project({"a.b.py": REPORT.replace('# requires-python = ">=3.9"\n', "")})
    made.run("lock --script a.b.py").ok()
    assert made.tree() == ["a.b.py", "pylock.a-b.toml"]
    assert made.run("run --locked a.b.py").ok().stdout == "1.0\n"
    made.run("lock --script a.b.py -P io-tools --target cp312-linux-x86_64").ok()


def test_what_cannot_be_had_changes_nothing(report):
    assert report.run("add --script report.py 'web>=2'").exit_code == 0  # replaces web<2
    report.write({"report.py": REPORT})
    assert report.run("add --script report.py 'io-tools>9'").exit_code == 1
    assert report.read("report.py") == REPORT
    assert report.tree() == ["report.py"]


def test_a_lock_beside_the_script(report, shop):
    assert shown(report.run("lock --script report.py")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
         + io-tools 2.0
         + web 1.0
    """)
    text = report.read("pylock.report.toml")
    assert text.startswith("# Written by hutch from report.py: change that file")
    assert {p["name"]: p["version"] for p in tomllib.loads(text)["packages"]} == {
        "web": "1.0",
        "io-tools": "2.0",
    }
    shop.add_wheel("io-tools", "3.0", files={"io_tools.py": ""})
    assert report.run("run --refresh report.py").ok().stdout == "1.0\n"
    (name,) = environments(report)
    place = report.home / "cache" / "envs-v1" / name
    assert list(place.glob("lib/python*/site-packages/io_tools-2.0.dist-info"))
    assert shown(report.run("lock --script report.py --check")) == block("""
        exit 0
        The lock is up to date: 2 packages for 35 targets
    """)


def test_the_lock_follows_the_script(report):
    report.run("lock --script report.py").ok()
    report.write({"report.py": REPORT.replace("web<2", "web>=2")})
    assert shown(report.run("run --locked report.py")) == block("""
        exit 1
        error: pylock.report.toml is not up to date
          report.py or the configuration asks for something else than when it was made
        try: run hutch lock
    """).replace("run hutch lock", "run hutch lock --script report.py")
    assert report.run("run --frozen report.py").ok().stdout == "1.0\n"
    assert report.run("run report.py").ok().stdout == "2.0\n"
    assert 'version = "2.0"' in report.read("pylock.report.toml")
    report.run("run --locked report.py").ok()


def test_an_edit_brings_the_lock_up_to_date(report):
    report.run("lock --script report.py").ok()
    assert shown(report.run("add --script report.py extra")) == block("""
        exit 0
        Added extra>=2.0 to report.py
        Locked 3 packages for 35 targets in <time>
         + extra 2.0
    """)
    report.run("lock --script report.py --check").ok()
    report.run("remove --script report.py extra").ok()
    report.run("lock --script report.py --check").ok()
    assert report.read("report.py") == REPORT


def test_upgrade_and_outdated(report, shop):
    assert shown(report.run("upgrade --script report.py")) == block("""
        exit 1
        error: there is no pylock.report.toml
          <project>/pylock.report.toml does not exist
        try: run hutch lock --script report.py
    """)
    report.run("lock --script report.py").ok()
    shop.add_wheel("web", "1.5", requires=["io-tools"], files={"web.py": "__version__ = '1.5'\n"})
    assert shown(report.run("outdated --script report.py")) == block("""
        exit 0
        hutch upgrade takes newer versions of 1 package
        -- stdout --
        package  locked  upgrade  newest  held back by
        web      1.0     1.5      2.0     web<2 (report.py:5)
    """)
    assert shown(report.run("upgrade --script report.py --bump")) == block("""
        exit 0
        Raised web<2 → web>=1.5,<2 (report.py:5)
        Locked 2 packages for 35 targets in <time>
         ~ web 1.0 → 1.5
    """)
    assert report.read("report.py") == REPORT.replace('"web<2"', '"web>=1.5,<2"')
    assert report.run("run --locked report.py").ok().stdout == "1.5\n"


def test_a_lock_for_other_machines(report):
    report.run("lock --script report.py --target cp39-windows-x86_64").ok()
    ran = report.run("run --frozen report.py")
    assert ran.exit_code == 1
    assert "it was made for cp39-windows-x86_64" in ran.stderr
    assert "try: run hutch lock --script report.py, with [tool.hutch] targets that cover" in ran.stderr
    assert report.run("run report.py").ok().stdout == "1.0\n"  # which locks again, for all


def test_there_is_no_lock_to_go_by(report):
    assert shown(report.run("run --frozen report.py")) == block("""
        exit 1
        error: there is no pylock.report.toml
          <project>/pylock.report.toml does not exist
        try: run hutch lock --script report.py
    """)


# -- with ------------------------------------------------------------------------------------------


def test_with_alone(project, shop):
    made = project({})
    code = "'import extra, sys; print(extra.__version__)'"
    assert made.run(f"run --with 'extra<2' python -c {code}").ok().stdout == "1.0\n"
    shop.log.clear()
    assert made.run(f"run --with 'extra<2' python -c {code}").ok().stdout == "1.0\n"
    assert (shop.log, made.tree()) == ([], [])


def test_with_above_a_project(project, shop):
    made = project(manifest("web<2", "io-tools<2"))
    code = "'import extra, web, io_tools; print(extra.__version__, web.__version__, io_tools.__version__)'"
    assert made.run(f"run --with extra python -c {code}").ok().stdout == "2.0 1.0 1.0\n"
    assert installed(made) == {"web": "1.0", "io-tools": "1.0"}
    assert made.run(f"run --with extra --with 'io-tools>=2' python -c {code}").ok().stdout == "2.0 1.0 2.0\n"
    assert made.run("run python -c 'import extra'").exit_code == 1  # which leaves the project in place
    assert made.run(f"run --with extra python -c {code}").ok().stdout == "2.0 1.0 1.0\n"


def test_with_prefers_what_the_project_has(project, shop):
    shop.add_wheel("plugin", "1.0", requires=["io-tools"], files={"plugin.py": ""})
    made = project(manifest("io-tools<2"))
    code = "'import plugin, io_tools; print(io_tools.__version__)'"
    assert made.run(f"run --with plugin python -c {code}").ok().stdout == "1.0\n"


def test_commands_of_the_project_see_what_is_above(project, shop):
    shop.add_wheel(
        "tool",
        "1.0",
        files={
            "tool.py": "def main():\n    import extra, sys\n    print(extra.__version__, *sys.argv[1:])\n"
        },
        console_scripts={"tool": "tool:main"},
    )
    made = project(manifest("tool"))
    assert made.run("run --with extra tool -x y").ok().stdout == "2.0 -x y\n"


def test_with_above_a_script(report):
    report.write({"report.py": REPORT.replace("import web", "import web, extra")})
    assert report.run("run report.py").exit_code == 1
    assert report.run("run --with extra report.py").ok().stdout == "1.0\n"


def test_with_what_cannot_be_had(project, shop):
    made = project({})
    ran = made.run("run --with 'web>=2' --with 'io-tools<1' python")
    assert ran.exit_code == 1
    assert "--with" in ran.stderr
    assert made.run("run --with 'web >' python").exit_code == 1
