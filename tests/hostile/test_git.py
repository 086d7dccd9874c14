"""Repositories, revisions and hosts that git or ssh would take for an order: rows G of the threat table.

Each of them would make the file ``marker`` if it reached a command line as it is.
"""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from commands.support import block, manifest, shown
from oracles.git import git, one_commit

MARKER = "marker"


def touch(made: Any) -> str:
    return str(made / MARKER)


def untouched(made: Any, ran: Any, *, asked: bool = False) -> None:
    """It did nothing; git was not even asked, or it was ``asked`` and said no."""
    assert ran.exit_code in (1, 2, 3), ran
    assert not (made / MARKER).exists()
    assert ran.stderr.startswith("error: ")
    assert "Traceback" not in ran.stderr
    assert ("git could not" in ran.stderr) is asked


LOCATIONS = {
    "G01 an option in place of a repository": "--upload-pack=touch {marker}",
    "G01 an option behind git+": "git+--upload-pack=touch {marker}",
    "G01 an option in place of a host": "https://--upload-pack=touch {marker}/x/y.git",
    "G03 an option of ssh in place of a host": "ssh://-oProxyCommand=touch {marker}/x",
    "G03 an option of ssh in place of a user": "ssh://-oProxyCommand=touch {marker}@host/x",
    "G03 an option of ssh in scp's spelling": "-oProxyCommand=touch {marker}:x/y",
    "G04 a protocol that runs a command": "ext::touch {marker}",
    "G04 the same as a URL": "ext://touch {marker}",
    "G04 a helper of another name": "fd::17",
    "G04 two lines": "https://host.example/x\n--upload-pack=touch {marker}",
}
REVISIONS = {
    "G02 an option": "--upload-pack=touch {marker}",
    "G02 a short option": "-otouch",
    "G02 an expression": "HEAD:{marker}",
    "G02 a refspec": "+refs/heads/*:refs/heads/*",
    "G02 two lines": "main\n--upload-pack=touch {marker}",
}


@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS)
def test_no_source_of_the_project_becomes_an_option(project, index, location):
    made = project(manifest("evil"))
    source = json.dumps(location.format(marker=touch(made)))
    made.write(
        {"pyproject.toml": manifest("evil", more=f"[tool.hutch.sources]\nevil = {{ git = {source} }}\n")}
    )
    untouched(made, made.run("lock"))


@pytest.mark.parametrize("revision", REVISIONS.values(), ids=REVISIONS)
@pytest.mark.parametrize("kind", ["rev", "branch", "tag"])
def test_no_revision_becomes_an_option(project, index, upstream, kind, revision):
    made = project(manifest("evil"))
    said = json.dumps(revision.format(marker=touch(made)))
    source = f"{{ git = {json.dumps(str(upstream))}, {kind} = {said} }}"
    made.write({"pyproject.toml": manifest("evil", more=f"[tool.hutch.sources]\nevil = {source}\n")})
    untouched(made, made.run("lock"))


URLS = {
    "G01": "git+https://--upload-pack=touch%20{marker}/x/y",
    "G02": "git+file://{upstream}@--upload-pack=touch",
    "G03": "git+ssh://-oProxyCommand=touch%20{marker}/x",
    "G04": "git+ext::touch%20{marker}",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_no_direct_reference_becomes_an_option(project, index, upstream, url):
    made = project(manifest())
    asked = f"evil @ {url.format(marker=touch(made), upstream=upstream)}"
    made.write({"pyproject.toml": manifest(asked)})
    untouched(made, made.run("lock"))
    made.write({"requirements.txt": asked + "\n"})
    untouched(made, made.run("pip compile requirements.txt"))


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_no_dependency_of_a_package_becomes_an_option(project, index, upstream, url):
    made = project(manifest("lib", more='[tool.hutch.sources]\nlib = { path = "lib" }\n'))
    asked = f"evil @ {url.format(marker=touch(made), upstream=upstream)}"
    made.write({"lib/pyproject.toml": manifest(asked, name="lib")})
    untouched(made, made.run("lock"))


@pytest.mark.parametrize("row", ["G01", "G02", "G03", "G04"])
def test_no_entry_of_a_lock_becomes_an_option(project, index, upstream, row):
    made = project(manifest())
    marker = touch(made)
    url = {
        "G01": f"--upload-pack=touch {marker}",
        "G02": upstream.as_uri(),
        "G03": f"ssh://-oProxyCommand=touch {marker}/x",
        "G04": f"ext::touch {marker}",
    }[row]
    commit = f"--upload-pack=touch {marker}" if row == "G02" else "0123456789" * 4
    vcs = f'[packages.vcs]\ntype = "git"\nurl = {json.dumps(url)}\ncommit-id = {json.dumps(commit)}\n'
    entry = f'[[packages]]\nname = "evil"\nversion = "1.0"\n{vcs}'
    made.write({"pylock.toml": f'lock-version = "1.0"\ncreated-by = "somebody"\n\n{entry}'})
    untouched(made, made.run("sync --frozen"))


@pytest.mark.parametrize("words", ["--git '{location}'", "'evil @ git+{location}'"])
@pytest.mark.parametrize(
    "location", ["--upload-pack=touch {marker}", "ext::touch {marker}"], ids=["G01", "G04"]
)
def test_add_gives_git_no_options(project, index, words, location):
    made = project(manifest())
    words = words.format(location=location.format(marker=touch(made)))
    untouched(made, made.run(f"add {words.replace('--git ', '--git=')}"))
    assert "evil" not in made.read("pyproject.toml")


def test_what_a_revision_must_not_be_is_said(project, index, upstream):
    source = f'{{ git = "{upstream}", branch = "--upload-pack=x" }}'
    made = project(manifest("evil", more=f"[tool.hutch.sources]\nevil = {source}\n"))
    assert shown(made.run("lock")).replace(str(upstream), "<upstream>") == block("""
        exit 1
        error: cannot use the repository <upstream>
          '--upload-pack=x' is no name of a branch, tag or commit
    """)


def test_a_submodule_does_not_run_anything(project, index, upstream, tmp_path):
    """G03 in ``.gitmodules``: CVE-2017-1000117, CVE-2018-17456."""
    made = project(manifest("evil", more=f'[tool.hutch.sources]\nevil = {{ git = "{upstream}" }}\n'))
    marker = touch(made)
    (upstream / "pyproject.toml").write_text(manifest(name="evil"))
    for path, url in (
        ("a", f"ssh://-oProxyCommand=touch {marker}/x"),
        ("b", f"-u./touch {marker}"),
        ("c", f"ext::touch {marker}"),
    ):
        with open(upstream / ".gitmodules", "a") as file:
            file.write(f'[submodule "{path}"]\n\tpath = {path}\n\turl = "{url}"\n')
        commit = git(upstream, "rev-parse", "HEAD")
        git(upstream, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    git(upstream, "add", "--all", ".gitmodules", "pyproject.toml")
    git(upstream, "commit", "--quiet", "--message", "submodules")
    untouched(made, made.run("lock"), asked=True)


def test_settings_and_hooks_of_a_repository_run_nothing(project, index, upstream):
    """G04 by a filter, a file system monitor, a hook or an attribute of the repository itself."""
    made = project(manifest("evil", more=f'[tool.hutch.sources]\nevil = {{ git = "{upstream}" }}\n'))
    marker = touch(made)
    (upstream / "pyproject.toml").write_text(manifest(name="evil"))
    (upstream / ".gitattributes").write_text("* filter=evil\n* diff=evil\n")
    (upstream / ".lfsconfig").write_text(f'[filter "evil"]\n\tsmudge = touch {marker}\n')
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "--message", "attributes")
    for hook in ("post-checkout", "post-upload-pack", "reference-transaction", "pre-auto-gc"):
        path = upstream / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {marker}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    for name, value in (
        ("core.fsmonitor", f"touch {marker}"),
        ("uploadpack.packObjectsHook", f"touch {marker}"),
    ):
        git(upstream, "config", name, value)
    made.run("lock").ok()
    assert not (made / MARKER).exists()


@pytest.fixture
def upstream(tmp_path):
    return one_commit(tmp_path / "upstream")
