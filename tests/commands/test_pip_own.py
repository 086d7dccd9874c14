"""``hutch pip index versions``, ``cache``, ``config``, ``lock`` and ``debug``, as scripts read them."""

from __future__ import annotations

import json
import stat
import tomllib

import pytest

from commands.pip_compile_shop import stock
from commands.support import block, shown


@pytest.fixture
def place(project, index):
    stock(index)

    def make(files=None, **environ):
        return project(files or {}, **environ)

    return make


# -- index versions ----------------------------------------------------------------------------------


def test_versions_as_pip_prints_them(place):
    made = place()
    assert shown(made.run("pip index versions io")) == block("""
        exit 0
        -- stdout --
        io (2.0)
        Available versions: 2.0, 1.5, 1.0
    """)
    assert made.run("pip index versions IO --pre --json").ok().stdout == (
        '{"name": "IO", "versions": ["3.0b1", "2.0", "1.5", "1.0"], "latest": "3.0b1"}\n'
    )


def test_versions_and_what_is_installed(place):
    made = place()
    made.run("venv").ok()
    made.run("pip install io==1.5").ok()
    assert made.run("pip index versions io").ok().stdout == block("""
        io (2.0)
        Available versions: 2.0, 1.5, 1.0
          INSTALLED: 1.5
          LATEST:    2.0
    """)
    assert made.run("pip index versions io --pre").ok().stdout.splitlines()[-1] == (
        "  LATEST:    3.0b1 (pre-release; install with `pip install --pre`)"
    )
    assert json.loads(made.run("pip index versions io --json").ok().stdout)["installed_version"] == "1.5"


def test_versions_that_fit(place):
    made = place()
    run = "pip index versions --json"

    def versions(words):
        return json.loads(made.run(f"{run} {words}").ok().stdout)["versions"]

    assert versions("yank") == ["1.0"]
    assert versions("young") == ["1.0"]
    assert versions("young --python-version 3.99") == ["2.0", "1.0"]
    assert versions("native --only-binary native --platform win_amd64") == ["1.0"]


def test_versions_that_there_are_not(place):
    made = place()
    assert shown(made.run("pip index versions nothing")) == block("""
        exit 1
        error: no matching distribution found for nothing
          no index has it (asked: default)
    """)
    assert shown(made.run("pip index versions early")) == block("""
        exit 1
        error: no matching distribution found for early
          no version has a file that fits and is no pre-release (--pre takes those too)
    """)
    assert made.run("pip index versions").exit_code == 2
    assert made.run("pip index versions a b").exit_code == 2
    assert made.run("pip index").exit_code == 2


# -- cache -------------------------------------------------------------------------------------------


def test_the_cache_in_pip_s_words(place):
    made = place()
    assert made.run("pip cache dir").ok().stdout == made.run("cache dir").ok().stdout
    assert made.run("pip cache list").ok().stdout == "No wheels cached.\n"
    made.run("venv").ok()
    made.run("pip install web Mixed.Name.pkg --link-mode copy").ok()
    listed = made.run("pip cache list").ok().stdout
    assert listed.startswith("Cache contents:\n\n - color-1.1.post1-py3-none-any.whl (")
    assert " - mixed_name_pkg-1.0-py3-none-any.whl (" in listed
    assert " - web-2.0-py3-none-any.whl (" in listed
    for pattern in ("web", "web-2*", "w*", "web-2.0-py3-none-any.whl"):
        assert made.run(f"pip cache list '{pattern}'").ok().stdout.count(" - ") == 1
    assert made.run("pip cache list mixed-name-pkg").ok().stdout.count(" - ") == 1
    (path,) = made.run("pip cache list web --format abspath").ok().stdout.splitlines()
    assert path.startswith(("/", "<"))
    assert len(json.loads(made.run("pip cache list --json").ok().stdout)["wheels"]) == 4
    assert "wheels" in made.run("pip cache info").ok().stdout


def test_packages_leave_the_cache(place):
    made = place()
    made.run("venv").ok()
    made.run("pip install io==1.0 color --link-mode copy").ok()
    made.run("pip install io==2.0 --link-mode copy").ok()
    assert made.run("pip cache remove nothing").ok().stdout == "Files removed: 0 (0 B)\n"
    assert shown(made.run("pip cache remove 'io-1*'")) == block("""
        exit 2
        error: io-1* fits some of the wheels of io only
          the cache is cleaned package by package
        try: hutch pip cache remove io
    """)
    assert (
        made.run("pip cache remove io --dry-run").ok().stdout.startswith("Files that would be removed: 2 (")
    )
    assert made.run("pip cache remove io").ok().stdout.startswith("Files removed: ")
    assert made.run("pip cache list").ok().stdout.count(" - ") == 1
    made.run("pip cache purge").ok()
    assert made.run("pip cache list").ok().stdout == "No wheels cached.\n"
    assert made.run("pip cache remove").exit_code == 2


# -- config ------------------------------------------------------------------------------------------


@pytest.fixture
def configured(place):
    """A project whose user has a home, and pip a configuration there."""
    made = place(PIP_CONFIG_FILE=None)
    home = made.path / "home"
    (home / ".config/pip").mkdir(parents=True)
    made.environ.update(HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"), PIP_TIMEOUT="9")
    (home / ".config/pip/pip.conf").write_text(
        "[global]\nindex-url = https://me:secret@index.example/simple/\n[install]\nNo_Deps = yes\n"
    )
    return made


def test_what_is_configured(configured):
    listed = configured.run("pip config list").ok().stdout
    assert "global.index-url='https://index.example/simple/'\n" in listed
    assert "install.no-deps='yes'\n" in listed
    assert ":env:.timeout='9'\n" in listed
    assert "secret" not in listed
    debug = configured.run("pip config debug").ok().stdout
    assert "env_var:\n" in debug
    assert "  PIP_TIMEOUT='9'\n" in debug
    assert "home/.config/pip/pip.conf, exists: True\n" in debug
    assert "    global.index-url: https://index.example/simple/\n" in debug
    assert "secret" not in debug
    assert "secret" not in configured.run("pip config list --json").ok().stdout


def test_one_value(configured):
    assert configured.run("pip config get install.no-deps").ok().stdout == "yes\n"
    conf = configured.path / "home/.config/pip/pip.conf"
    text = conf.read_text()
    conf.write_text("[global]\nfind-links =\n    /a\n    https://me:secret@b.example/\n")
    run = "pip config"
    assert (
        configured.run(f"{run} get global.find-links").ok().stdout == "\n/a\nhttps://me:secret@b.example/\n"
    )
    debug = configured.run(f"{run} debug").ok().stdout
    assert "    global.find-links: \n    /a\n    https://b.example/\n" in debug
    conf.write_text(text)
    assert configured.run("pip config get global.index_url").ok().stdout == (
        "https://me:secret@index.example/simple/\n"
    )
    ran = configured.run("pip config get global.nothing")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: pip's configuration does not have global.nothing\n")
    assert shown(configured.run("pip config get nothing")) == block("""
        exit 2
        error: nothing has no section
        try: is global.nothing meant?
    """)


def test_values_are_written_where_pip_writes_them(configured):
    conf = configured.path / "home/.config/pip/pip.conf"
    conf.chmod(0o600)
    said = configured.run("pip config set global.timeout 60").ok()
    assert said.stdout == ""
    assert said.stderr.startswith("Writing to ")
    assert configured.run("pip config get global.timeout").ok().stdout == "60\n"
    assert stat.S_IMODE(conf.stat().st_mode) == 0o600
    configured.run("pip config unset install.no-deps").ok()
    assert conf.read_text() == (
        "[global]\nindex-url = https://me:secret@index.example/simple/\ntimeout = 60\n\n"
    )
    assert configured.run("pip config unset install.no-deps").exit_code == 1
    configured.run("pip config set --dry-run global.timeout 99").ok()
    assert configured.run("pip config get global.timeout").ok().stdout == "60\n"


def test_the_file_of_an_environment(configured):
    configured.run("venv").ok()
    configured.run("pip config set --site global.timeout 5").ok()
    assert (configured / ".venv/pip.conf").read_text() == "[global]\ntimeout = 5\n\n"
    # Once there is one, it is where things go, as with pip; but not if it only lies about.
    configured.run("pip config set global.retries 7").ok()
    assert "retries" not in (configured / ".venv/pip.conf").read_text()
    active = {"VIRTUAL_ENV": str(configured / ".venv")}
    configured.run("pip config set global.retries 1", environ=active).ok()
    assert "retries = 1" in (configured / ".venv/pip.conf").read_text()
    assert configured.run("pip config list --site").ok().stdout.startswith("global.retries='1'\n")


def test_a_named_file_stands_for_the_user_s(configured):
    configured.environ["PIP_CONFIG_FILE"] = str(configured.path / "named.conf")
    (configured / "named.conf").write_text("")
    configured.run("pip config set global.timeout 7").ok()
    assert (configured / "named.conf").read_text() == "[global]\ntimeout = 7\n\n"
    configured.environ["PIP_CONFIG_FILE"] = "/dev/null"
    assert configured.run("pip config set global.timeout 7").exit_code == 2


def test_an_editor(configured):
    ran = configured.run("pip config edit", environ={"EDITOR": None, "VISUAL": None})
    assert shown(ran) == block("""
        exit 2
        error: there is no editor
          neither VISUAL nor EDITOR is set
        try: --editor vi
    """)
    configured.run("pip config edit --editor 'sh -c \"echo [global] > $0\"'").ok()
    assert (configured.path / "home/.config/pip/pip.conf").read_text() == "[global]\n"
    assert configured.run("pip config edit --editor false").exit_code == 2


def test_words_about_two_files(configured):
    assert configured.run("pip config list --user --site").exit_code == 2
    (configured.path / "home/.config/pip/pip.conf").write_text("what\n")
    assert configured.run("pip config list").exit_code in (1, 2)


# -- lock and debug ----------------------------------------------------------------------------------


def test_a_lock_for_here(place):
    made = place({"requirements.in": "web\n", "limits.txt": "io<2\n"})
    assert shown(made.run("pip lock -r requirements.in -c limits.txt color")) == block("""
        exit 0
        Locked 3 packages in pylock.toml in <time>
    """)
    text = made.read("pylock.toml")
    assert text.startswith("# Written by `hutch pip lock`, for one Python and system\n")
    lock = tomllib.loads(text)
    assert lock["lock-version"] == "1.0"
    assert [(one["name"], one["version"]) for one in lock["packages"]] == [
        ("color", "1.1.post1"),
        ("io", "1.5"),
        ("web", "2.0"),
    ]
    assert all(one["wheels"][0]["hashes"] for one in lock["packages"])
    made.run("venv").ok()
    made.run("pip sync pylock.toml").ok()
    assert made.run("pip freeze").ok().stdout == "color==1.1.post1\nio==1.5\nweb==2.0\n"
    made.run("pip download -r pylock.toml -d got").ok()
    assert len(list((made / "got").iterdir())) == 3
    assert '\nname = "io"\n' in made.run("pip lock io -o -").ok().stdout


def test_locks_of_others_stay(place):
    made = place({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\ndependencies = ["io"]\n'})
    made.run("lock").ok()
    before = made.read("pylock.toml")
    assert shown(made.run("pip lock color")) == block("""
        exit 2
        error: pylock.toml here is the lock of a project
          hutch lock writes it, for all targets of the project
        try: hutch lock
         or: name another one: -o pylock.NAME.toml
    """)
    assert made.read("pylock.toml") == before
    made.run("pip lock color -o pylock.paint.toml").ok()
    assert shown(made.run("pip lock color -o paint.lock")) == block("""
        exit 2
        error: paint.lock is no name of a lock
          installers know one by its name (PEP 751)
        try: pylock.toml, or pylock.NAME.toml
    """)
    assert made.run("pip lock").exit_code == 2
    assert made.run("pip lock -r pylock.paint.toml -o pylock.x.toml").exit_code == 2


def test_tags(place):
    made = place()
    few = made.run("pip debug --platform win_amd64 --python-version 3.12 --implementation cp").ok().stdout
    assert "  cp312-cp312-win_amd64\n" in few
    assert few.endswith("  [First 10 tags shown. Pass --verbose to show all.]\n")
    every = (
        made.run("pip debug -v --platform win_amd64 --python-version 3.12 --implementation cp").ok().stdout
    )
    assert every.endswith("  py30-none-any\n")
    outcome = json.loads(made.run("pip debug --json --platform win_amd64").ok().stdout)
    assert outcome["environment"]["sys_platform"] == "win32"
