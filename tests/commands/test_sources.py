"""Packages that come from directories, archives and repositories instead of an index."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import json
import os
import shutil
import tomllib

import pytest

from commands.packages import BACKEND, commit, package, sources, word, write
from commands.support import block, installed, locked, manifest, shown
from hutch.testing.wheels import make_sdist, make_wheel
from oracles.git import git


def entry(made, name: str) -> dict:
    lock = tomllib.loads(made.read("pylock.toml"))
    return next(package for package in lock["packages"] if package["name"] == name)


def direct_url(made, name: str) -> dict:
    found = next((made / ".venv").glob(f"lib/python*/site-packages/{name}-*.dist-info/direct_url.json"))
    return json.loads(found.read_text())


# -- directories -----------------------------------------------------------------------------------


def test_a_directory_is_locked_by_its_path_and_installed(project, index):
    index.add_wheel("alpha", "1.0")
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib", "alpha"))
    assert shown(made.run("sync")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + lib 1.0
    """)
    assert entry(made, "lib")["directory"] == {"path": "lib"}
    assert "version" not in entry(made, "lib")  # PEP 751: what lies there may change it
    assert direct_url(made, "lib")["dir_info"] == {}
    assert word(made, "lib") == "this is lib"


def test_a_changed_directory_is_built_and_installed_again(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib"))
    made.run("sync")
    assert shown(made.run("sync")).startswith("exit 0\nNothing to do")
    write(made / "lib", {"src/lib.py": "WORD = 'another word'\n"})
    assert " ~ lib 1.0" in shown(made.run("sync"))
    assert word(made, "lib") == "another word"
    write(made / "lib", {"src/lib.py": "WORD = 'this is lib'\n"})  # built before: found again
    assert made.run("run python -c 'import lib; print(lib.WORD)'").stdout.strip() == "this is lib"


def test_an_editable_directory_is_used_where_it_lies(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib", editable = true }')))
    write(made / "lib", package("lib"))
    made.run("sync")
    assert entry(made, "lib")["directory"] == {"path": "lib", "editable": True}
    assert direct_url(made, "lib")["dir_info"] == {"editable": True}
    write(made / "lib", {"src/lib.py": "WORD = 'at once'\n"})
    assert word(made, "lib") == "at once"
    assert shown(made.run("sync")).startswith("exit 0\nNothing to do")


def test_the_lock_is_outdated_when_a_directory_asks_for_something_else(project, index):
    index.add_wheel("alpha", "1.0")
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib"))
    made.run("sync")
    write(made / "lib", {"src/lib.py": "WORD = 'no matter'\n"})
    assert made.run("lock --check").exit_code == 0
    write(made / "lib", {"pyproject.toml": package("lib", "alpha")["pyproject.toml"]})
    assert made.run("lock --check").exit_code == 1
    made.run("sync")
    assert installed(made) == {"alpha": "1.0", "lib": "1.0"}


def test_sources_of_a_local_library_are_followed(project):
    made = project(manifest("lib", more=sources(lib='{ path = "libs/lib" }')))
    write(made / "libs/lib", package("lib", "base", more="\n" + sources(base='{ path = "../base" }')))
    write(made / "libs/base", package("base"))
    made.run("sync")
    assert entry(made, "base")["directory"] == {"path": "libs/base"}
    assert installed(made) == {"base": "1.0", "lib": "1.0"}
    write(made / "libs/base", package("base", version="2.0"))
    assert made.run("lock --check").exit_code == 1
    made.run("sync")
    assert installed(made)["base"] == "2.0"


def test_a_direct_reference_to_a_directory(project):
    made = project()
    write(made / "lib", package("lib"))
    write(made.path, {"pyproject.toml": manifest(f"lib @ {(made.path / 'lib').as_uri()}")})
    made.run("sync")
    assert entry(made, "lib")["directory"] == {"path": "lib"}
    assert word(made, "lib") == "this is lib"


def test_a_source_for_some_targets_only(project, index):
    index.add_wheel("lib", "0.5")
    made = project(
        manifest("lib", more=sources(lib="""{ path = "lib", marker = "sys_platform != 'win32'" }"""))
    )
    write(made / "lib", package("lib"))
    made.run("sync")
    lock = tomllib.loads(made.read("pylock.toml"))
    found = {package.get("version", "directory"): package["marker"] for package in lock["packages"]}
    assert found == {"0.5": "sys_platform == 'win32'", "directory": "sys_platform != 'win32'"}
    assert word(made, "lib") == "this is lib"
    assert made.run("lock --check").exit_code == 0


def test_a_directory_that_is_not_there(project):
    made = project(manifest("lib", more=sources(lib='{ path = "../lib" }')))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "error: pyproject.toml:8 names a directory that is not there: ../lib" in ran.stderr


def test_a_directory_with_another_project(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("other"))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "error: pyproject.toml:8 asks for lib, and finds another project" in ran.stderr
    assert "is other" in ran.stderr


def test_a_version_that_a_directory_does_not_have(project):
    made = project(manifest("lib>=2", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib"))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "lib" in ran.stderr
    assert ">=2" in ran.stderr


def test_two_libraries_that_disagree(project):
    made = project(manifest("one", "two", more=sources(one='{ path = "one" }', two='{ path = "two" }')))
    for name in ("one", "two"):
        write(made / name, package(name, "base", more="\n" + sources(base=f'{{ path = "../base-{name}" }}')))
        write(made / f"base-{name}", package("base"))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "error: base is asked for from two places" in ran.stderr
    write(
        made.path,
        {
            "pyproject.toml": manifest(
                "one",
                "two",
                more=sources(one='{ path = "one" }', two='{ path = "two" }', base='{ path = "base-two" }'),
            )
        },
    )
    assert made.run("lock").exit_code == 0
    assert entry(made, "base")["directory"] == {"path": "base-two"}


# -- archives --------------------------------------------------------------------------------------


def test_a_wheel_by_its_path_and_by_its_url(project, index):
    _, wheel = make_wheel("lib", "1.5", files={"lib.py": "WORD = 'wheel'\n"})
    made = project(manifest("lib", more=sources(lib='{ path = "lib-1.5-py3-none-any.whl" }')))
    (made / "lib-1.5-py3-none-any.whl").write_bytes(wheel)
    made.run("sync")
    archive = entry(made, "lib")["archive"]
    assert archive["path"] == "lib-1.5-py3-none-any.whl"
    assert archive["size"] == len(wheel)
    assert entry(made, "lib")["version"] == "1.5"
    assert word(made, "lib") == "wheel"
    assert direct_url(made, "lib")["archive_info"]["hashes"] == archive["hashes"]

    index.add_wheel("lib", "2.0")
    url = next(each["url"] for each in index.entries("lib"))
    place = url if "://" in url else index.url.rstrip("/").rsplit("/", 1)[0] + "/" + url.lstrip("./")
    write(made.path, {"pyproject.toml": manifest(f"lib @ {place}")})
    assert shown(made.run("lock")).startswith("exit 0"), (url, place)
    assert entry(made, "lib")["archive"]["url"] == place
    made.run("sync")
    assert installed(made) == {"lib": "2.0"}


def test_a_wrong_hash_in_a_direct_reference(project):
    made = project()
    (made / "lib-1.5-py3-none-any.whl").write_bytes(make_wheel("lib", "1.5")[1])
    url = (made.path / "lib-1.5-py3-none-any.whl").as_uri()
    write(made.path, {"pyproject.toml": manifest(f"lib @ {url}#sha256={'0' * 64}")})
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "sha256:000000" in ran.stderr


def test_a_source_archive_is_built_once(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib-1.0.tar.gz" }')))
    (made / "lib-1.0.tar.gz").write_bytes(make_sdist("lib", "1.0")[1])
    made.run("sync")
    assert installed(made) == {"lib": "1.0"}
    assert entry(made, "lib")["archive"]["path"] == "lib-1.0.tar.gz"


# -- repositories ----------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    commit(folder, package("lib"))
    return folder


def test_a_repository_is_locked_by_its_commit(project, repository):
    made = project(manifest(f"lib @ git+{repository.as_uri()}@main"))
    first = git(repository, "rev-parse", "HEAD")
    assert made.run("sync").exit_code == 0
    vcs = entry(made, "lib")["vcs"]
    assert (vcs["type"], vcs["commit-id"], vcs["requested-revision"]) == ("git", first, "main")
    assert entry(made, "lib")["version"] == "1.0"
    assert word(made, "lib") == "this is lib"
    assert direct_url(made, "lib")["vcs_info"] == {
        "vcs": "git",
        "commit_id": first,
        "requested_revision": "main",
    }
    second = commit(repository, {"src/lib.py": "WORD = 'second'\n"})
    write(
        made.path, {"pyproject.toml": manifest(f"lib @ git+{repository.as_uri()}@main", groups={"dev": []})}
    )
    made.run("lock")
    assert entry(made, "lib")["vcs"]["commit-id"] == first  # a branch that moved is no reason
    made.run("lock --upgrade-package lib")
    assert entry(made, "lib")["vcs"]["commit-id"] == second
    made.run("sync")
    assert word(made, "lib") == "second"


def test_branch_tag_rev_and_subdirectory(project, repository):
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "--annotate", "v1", "--message", "one")
    git(repository, "branch", "stable")
    commit(repository, {f"packages/lib/{name}": text for name, text in package("lib", version="2.0").items()})
    where = json.dumps(str(repository))
    for source, version in (
        ('tag = "v1"', "1.0"),
        ('branch = "stable"', "1.0"),
        (f'rev = "{first}"', "1.0"),
        (f'rev = "{first[:9]}"', "1.0"),
        ('subdirectory = "packages/lib"', "2.0"),
    ):
        made = project(manifest("lib", more=sources(lib=f"{{ git = {where}, {source} }}")))
        assert shown(made.run("lock")).startswith("exit 0")
        assert locked(made)["lib"] == version, source
        assert version == "2.0" or entry(made, "lib")["vcs"]["commit-id"] == first


def test_a_package_of_a_repository_finds_its_sister_there(project, tmp_path):
    folder = tmp_path / "mono"
    files = package("lib", "base", more="\n" + sources(base='{ path = "../base" }'))
    files = {f"lib/{name}": text for name, text in files.items()}
    head = commit(folder, files | {f"base/{name}": text for name, text in package("base").items()})
    made = project(manifest(f"lib @ git+{folder.as_uri()}#subdirectory=lib"))
    assert shown(made.run("sync")).startswith("exit 0")
    vcs = entry(made, "base")["vcs"]
    assert (vcs["commit-id"], vcs["subdirectory"]) == (head, "base")
    assert installed(made) == {"base": "1.0", "lib": "1.0"}


def test_a_commit_that_is_there_needs_no_repository(project, repository):
    made = project(manifest(f"lib @ git+{repository.as_uri()}"))
    made.run("sync")
    repository.rename(repository.with_name("elsewhere"))
    made.remove(".venv") if hasattr(made, "remove") else None
    assert made.run("sync --reinstall --offline").exit_code == 0
    assert word(made, "lib") == "this is lib"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{ git = "--upload-pack=touch x" }', "begins with '-'"),
        ('{ git = "ext::sh -c touch% x" }', "ext is not a protocol"),
        ('{ git = "ext://host/x" }', "ext is not a protocol"),
        ('{ git = "ssh://-oProxyCommand=x/y" }', "the name of its host begins with '-'"),
        ('{ git = "https://index.example/x", branch = "--orphan" }', "is no name of a branch"),
        ('{ git = "https://index.example/x", rev = "a b" }', "has a character"),
        ('{ git = "https://index.example/x", subdirectory = "../x" }', "leads out of its source"),
        ('{ git = "https://index.example/x\\u0007" }', "control characters"),
    ],
)
def test_what_git_could_misunderstand_is_refused(project, source, reason):
    made = project(manifest("lib", more=sources(lib=source)))
    ran = made.run("lock")
    assert (ran.exit_code, reason in ran.stderr) == (1, True), ran.stderr


def test_offline_without_the_commit(project):
    made = project(manifest("lib @ git+https://me:secret@index.example/lib.git@v1"))
    assert shown(made.run("lock --offline")) == block("""
        exit 3
        error: v1 of https://index.example/lib.git is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)


def test_a_branch_that_is_not_there(project, repository):
    made = project(
        manifest("lib", more=sources(lib=f'{{ git = {json.dumps(str(repository))}, branch = "gone" }}'))
    )
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "has no branch gone" in ran.stderr


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="there is no git-lfs")
def test_files_in_lfs_come_along_where_the_source_says_so(project, repository):
    git(repository, "lfs", "install", "--local")
    git(repository, "lfs", "track", "src/*.py")
    write(repository, {"src/lib.py": "WORD = 'this is large'\n"})
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "large")
    source = f"{{ git = {json.dumps(str(repository))}, lfs = true }}"
    made = project(manifest("lib", more=sources(lib=source)))
    made.run("sync").ok()
    assert entry(made, "lib")["tool"]["hutch-git"] == {"lfs": True}
    assert word(made, "lib") == "this is large"


def test_submodules_come_along_unless_they_are_not_wanted(project, repository, tmp_path):
    inner = tmp_path / "inner"
    commit(inner, {"word.txt": "inner\n"})
    git(repository, "submodule", "--quiet", "add", str(inner), "inner")
    git(repository, "commit", "--quiet", "--message", "inner")
    made = project(manifest("lib", more=sources(lib=f"{{ git = {json.dumps(str(repository))} }}")))
    assert shown(made.run("sync")).startswith("exit 0")
    bare = sources(lib=f"{{ git = {json.dumps(str(repository))}, submodules = false }}")
    write(made.path, {"pyproject.toml": manifest("lib", more=bare)})
    assert shown(made.run("sync")).startswith("exit 0")
    assert entry(made, "lib")["tool"]["hutch-git"] == {"submodules": False}


# -- add and remove --------------------------------------------------------------------------------


def test_add_a_directory_by_its_path(project):
    made = project(manifest())
    write(made / "lib", package("Lib"))
    assert shown(made.run("add ./lib")) == block("""
        exit 0
        Added lib to pyproject.toml
        Locked 1 package for 35 targets in <time>
        Made the environment .venv
        Installed 1 package in <time>
         + lib 1.0
    """)
    document = tomllib.loads(made.read("pyproject.toml"))
    assert document["project"]["dependencies"] == ["lib"]
    assert document["tool"]["hutch"]["sources"] == {"lib": {"path": "lib"}}
    assert made.run("lock --check").exit_code == 0
    assert made.run("remove lib").exit_code == 0
    assert "lib" not in made.read("pyproject.toml")
    assert installed(made) == {}


def test_add_an_editable_directory_with_an_extra_to_a_group(project, tmp_path, index):
    index.add_wheel("alpha", "1.0")
    made = project(manifest())
    write(tmp_path / "lib", package("lib", more='\n[project.optional-dependencies]\nfast = ["alpha"]\n'))
    path = os.path.relpath(tmp_path / "lib", made.path)
    assert made.run(f"add --editable '{path}[fast]' --group dev").exit_code == 0
    document = tomllib.loads(made.read("pyproject.toml"))
    assert document["dependency-groups"] == {"dev": ["lib[fast]"]}
    assert document["tool"]["hutch"]["sources"] == {"lib": {"path": path, "editable": True}}
    assert installed(made) == {"alpha": "1.0", "lib": "1.0"}


def test_add_from_a_repository(project, repository):
    git(repository, "tag", "v1")
    made = project(manifest())
    assert made.run(f"add --git {repository.as_uri()} --tag v1").exit_code == 0
    document = tomllib.loads(made.read("pyproject.toml"))
    assert document["project"]["dependencies"] == ["lib"]
    assert document["tool"]["hutch"]["sources"] == {"lib": {"git": repository.as_uri(), "tag": "v1"}}
    made = project(manifest())
    assert made.run(f"add git+{repository.as_uri()}@v1").exit_code == 0
    source = tomllib.loads(made.read("pyproject.toml"))["tool"]["hutch"]["sources"]["lib"]
    assert source["rev"] == "v1"
    assert word(made, "lib") == "this is lib"


def test_add_an_archive_by_a_url_with_a_hash(project):
    made = project(manifest())
    _, wheel = make_wheel("lib", "1.5")
    (made / "lib-1.5-py3-none-any.whl").write_bytes(wheel)
    assert made.run("add lib-1.5-py3-none-any.whl").exit_code == 0
    assert tomllib.loads(made.read("pyproject.toml"))["tool"]["hutch"]["sources"] == {
        "lib": {"path": "lib-1.5-py3-none-any.whl"}
    }


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("./lib", "error: <project>/lib is not there"),
        ("--editable lib", "error: <project>/lib is no directory"),
        ("lib --tag v1", "error: --tag is about a repository"),
        (
            "--editable lib --git https://index.example/lib",
            "error: a repository cannot be installed as editable",
        ),
        ("git+https://me:secret@index.example/lib", "error: a user name or password does not belong into"),
        ("", "error: nothing is named that could be added"),
    ],
)
def test_what_cannot_be_added(project, words, what):
    made = project(manifest())
    ran = made.run(f"add {words}")
    assert (ran.exit_code, what in ran.stderr) == (2, True), ran.stderr
    assert "secret" not in ran.stderr


def test_a_failed_add_of_a_directory_changes_nothing(project):
    made = project(manifest())
    before = made.read("pyproject.toml")
    write(made / "lib", package("lib", "nowhere"))
    assert made.run("add ./lib").exit_code == 1
    assert made.read("pyproject.toml") == before


# -- what is told of them --------------------------------------------------------------------------


def test_tree_and_why_tell_where_a_package_lies(project, index):
    index.add_wheel("alpha", "1.0")
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib", "alpha"))
    made.run("sync")
    assert made.run("tree").stdout == "demo 1.0\n└── lib (lib)\n    └── alpha 1.0\n"
    assert "  demo → lib (lib) → alpha 1.0\n" in made.run("why alpha").stdout
    assert "lib\n" in made.run("export --format requirements").stdout


def test_upgrade_of_a_package_that_has_no_version_in_the_lock(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib"))
    made.run("lock")
    assert made.run("lock --upgrade-package lib").exit_code == 0


def test_a_wheel_for_another_system_leaves_targets_out(project):
    name, wheel = make_wheel("lib", "1.5", tags="cp312-cp312-win_amd64")
    made = project(manifest("lib; sys_platform == 'win32'", more=sources(lib=f'{{ path = "{name}" }}')))
    (made / name).write_bytes(wheel)
    ran = made.run("lock")
    assert ran.exit_code == 0
    assert "cp312-windows-x86_64" in made.read("pylock.toml")
    assert "cp313-windows-x86_64" not in made.read("pylock.toml")


def test_files_that_setuptools_reads_requirements_from_count(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    files = package("lib")
    files["pyproject.toml"] += '\n[tool.setuptools.dynamic]\nreadme = { file = ["notes.txt"] }\n'
    files["pyproject.toml"] = files["pyproject.toml"].replace('version = "1.0"', 'dynamic = ["version"]')
    files["backend/mine.py"] = BACKEND.replace(
        'tomllib.load(file)["project"]', '{"name": "lib", "version": "3"}'
    )
    write(made / "lib", files)
    assert shown(made.run("sync")).startswith("exit 0")
    assert installed(made) == {"lib": "3"}
    assert made.run("lock --check").exit_code == 0
    write(made / "lib", {"notes.txt": "six\n"})
    assert made.run("lock --check").exit_code == 1


def test_a_password_reaches_git_and_nobody_else(project):
    import base64
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"git+http://me:p%40ss@127.0.0.1:{server.server_port}/lib.git"
        ran = project(manifest(f"lib @ {url}")).run("lock")
    finally:
        server.shutdown()
        server.server_close()
    assert ran.exit_code == 3
    assert "p%40ss" not in ran.stderr
    assert "p@ss" not in ran.stderr
    assert seen[0] == "Basic " + base64.b64encode(b"me:p@ss").decode()


def test_a_build_may_ask_for_a_direct_reference(project):
    _, wheel = make_wheel("helper", "1.0", files={"helper.py": "WORD = 'helped'\n"})
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    (made / "helper-1.0-py3-none-any.whl").write_bytes(wheel)
    files = package("lib")
    url = (made.path / "helper-1.0-py3-none-any.whl").as_uri()
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        "requires = []", f'requires = ["helper @ {url}"]', 1
    )
    files["backend/mine.py"] = "import helper\n" + BACKEND
    write(made / "lib", files)
    assert shown(made.run("sync")).startswith("exit 0")
    assert installed(made) == {"lib": "1.0"}


def test_another_file_at_a_locked_url_is_an_error_and_no_update(project, index):
    index.add_wheel("lib", "2.0")
    url = f"{index.files_url}lib-2.0-py3-none-any.whl"
    made = project(manifest("lib", more=sources(lib=f'{{ url = "{url}" }}')))
    assert made.run("lock").exit_code == 0
    first = entry(made, "lib")["archive"]
    assert first["url"] == url
    index.projects["lib"][0].body = make_wheel("lib", "2.0", files={"lib.py": "WORD = 'evil'\n"})[1]
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert "the hash of lib-2.0-py3-none-any.whl is wrong" in ran.stderr
    write(made.path, {"pyproject.toml": manifest("lib>=1", more=sources(lib=f'{{ url = "{url}" }}'))})
    assert made.run("lock").exit_code == 1
    assert made.run("lock --upgrade-package lib").exit_code == 0
    assert entry(made, "lib")["archive"]["hashes"] != first["hashes"]


def test_a_package_of_an_index_may_not_name_a_url(project, index):
    index.add_wheel("alpha", "1.0", requires=["lib @ https://index.example/lib-1.0-py3-none-any.whl"])
    ran = project(manifest("alpha")).run("lock")
    assert ran.exit_code == 1
    assert "asks for a file at a URL" in ran.stderr


def test_a_repository_may_not_name_what_lies_here(project, tmp_path):
    folder = tmp_path / "mono"
    commit(folder, package("lib", "base", more="\n" + sources(base='{ path = "../../secrets" }')))
    ran = project(manifest(f"lib @ git+{folder.as_uri()}")).run("lock")
    assert ran.exit_code == 1
    assert "names a path that is not in its repository" in ran.stderr


def test_json_and_dry_run_of_an_add_by_a_path(project):
    made = project(manifest())
    write(made / "lib", package("lib"))
    before = made.read("pyproject.toml")
    ran = made.run("add ./lib --dry-run --json")
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["added"] == ["lib"]
    assert made.read("pyproject.toml") == before


def test_an_editable_directory_whose_backend_cannot(project):
    made = project(manifest("lib", more=sources(lib='{ path = "lib", editable = true }')))
    files = package("lib")
    files["backend/mine.py"] = BACKEND.replace("def build_editable", "def build_nothing")
    write(made / "lib", files)
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert "error: lib cannot be installed as editable\n" in ran.stderr
    assert " or: install it without editable;" in ran.stderr
