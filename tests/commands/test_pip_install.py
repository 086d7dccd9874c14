"""``hutch pip install`` and ``sync``: environments, and what is left alone in them."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import json

import pytest

from commands.packages import package, write
from commands.support import block, installed, shown
from oracles.git import git


@pytest.fixture
def shop(index):
    for version in ("1.0", "1.5", "2.0"):
        index.add_wheel("web", version, requires=["io>=1"], extras={"quick": ["fast"]})
        index.add_wheel("io", version)
    index.add_wheel("fast", "1.0")
    index.add_wheel("color", "1.0")
    return index


@pytest.fixture
def place(project, shop):
    """A directory with an empty environment and no project."""

    def make(files=None, **environ):
        made = project({"notes.txt": "", **(files or {})}, **environ)
        made.run("venv").ok()
        return made

    return make


def digest(shop, name, number=0):
    return shop.projects[name][number].record["hashes"]["sha256"]


def test_install(place):
    made = place()
    assert shown(made.run("pip install 'web[quick]>1'")) == block("""
        exit 0
        Installed 3 packages in <time>
         + fast 1.0
         + io 2.0
         + web 2.0
    """)
    assert installed(made) == {"fast": "1.0", "io": "2.0", "web": "2.0"}
    info = next((made / ".venv").glob("lib/python*/site-packages/web-2.0.dist-info"))
    assert (info / "REQUESTED").exists()
    assert not (info.parent / "io-2.0.dist-info" / "REQUESTED").exists()


def test_what_fits_stays_and_needs_no_network(place, shop):
    made = place()
    made.run("pip install web==1.0 'io<2'").ok()
    shop.log.clear()
    assert shown(made.run("pip install web 'io>=1'")) == block("""
        exit 0
        Nothing to do: .venv is up to date
    """)
    assert shop.log == []
    made.run("pip install color").ok()
    assert installed(made) == {"color": "1.0", "io": "1.5", "web": "1.0"}
    assert made.run("pip install 'web>1'").ok().stderr == block("""
        Updated 1 package in <time>
         ~ web 1.0 → 2.0
    """)
    assert made.run("pip install web -P io --dry-run").ok().stderr == block("""
        Would update 1 package
         ~ io 1.5 → 2.0
    """)
    made.run("pip install -U --upgrade-strategy eager web").ok()
    assert installed(made) == {"color": "1.0", "io": "2.0", "web": "2.0"}
    assert made.run("pip install web --reinstall-package io").ok().stderr == block("""
        Reinstalled 1 package in <time>
         ~ io 2.0
    """)


def test_files_and_constraints(place):
    made = place(
        {"r.txt": "-r sub/more.txt\n-c limits.txt\n", "sub/more.txt": "web\n", "limits.txt": "io<2\n"}
    )
    made.run("pip install -r r.txt").ok()
    assert installed(made) == {"io": "1.5", "web": "2.0"}
    made.run("pip install io -U -c limits.txt").ok()
    assert installed(made)["io"] == "1.5"


def test_without_dependencies(place):
    made = place()
    made.run("pip install --no-deps 'web[quick]'").ok()
    assert installed(made) == {"web": "2.0"}
    made.run("pip install web").ok()
    assert installed(made) == {"io": "2.0", "web": "2.0"}


def test_hashes(place, shop):
    io, web = digest(shop, "io", 2), digest(shop, "web", 2)
    good = f"io==2.0 --hash=sha256:{io}\nweb==2.0 --hash=sha256:{web}\n"
    made = place({"good.txt": good, "part.txt": f"web==2.0 --hash=sha256:{web}\n"})
    assert shown(made.run("pip install -r part.txt")) == block("""
        exit 1
        error: not everything has a hash to be proven by
          io 2.0 is needed as well, and has no --hash
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)
    (made / "bad.txt").write_text(f"io==2.0 --hash=sha256:{'0' * 64}\nweb>=2\n")
    assert made.run("pip install -r bad.txt").stderr == block("""
        error: not everything has a hash to be proven by
          bad.txt:2: web>=2 names no version with ==
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)
    (made / "bad.txt").write_text(f"io==2.0 --hash=sha256:{'0' * 64}\n")
    assert made.run("pip install -r bad.txt").stderr == block("""
        error: not everything has a hash to be proven by
          io 2.0: no file of the index has one of its hashes
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)
    assert installed(made) == {}
    made.run("pip install -r good.txt").ok()
    assert installed(made) == {"io": "2.0", "web": "2.0"}
    assert made.run("pip install color --require-hashes").stderr == block("""
        error: not everything has a hash to be proven by
          this command: color names no version with ==
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)


def test_a_directory_and_an_editable_one(place):
    made = place()
    write(made.path / "lib", package("mylib", "io<2"))
    made.run("pip install ./lib").ok()
    assert installed(made) == {"io": "1.5", "mylib": "1.0"}
    made.run("pip install -e ./lib").ok()
    info = next((made / ".venv").glob("lib/python*/site-packages/mylib-1.0.dist-info"))
    assert json.loads((info / "direct_url.json").read_text())["dir_info"] == {"editable": True}
    # What was installed from a directory stays that, though an index may have the name.
    assert made.run("pip install mylib web").ok().stderr == block("""
        Installed 1 package in <time>
         + web 2.0
    """)
    assert shown(made.run("pip install -e web")) == block("""
        exit 2
        error: web cannot be editable
          this command: only a directory with sources is installed so that its files are used
        try: give the path of the directory: -e ./name
    """)


def test_the_environment_that_is_given_or_active(place):
    made = place()
    made.run("venv other").ok()
    made.run("pip install --python other color").ok()
    assert installed(made) == {}
    assert list((made / "other").glob("lib/python*/site-packages/color-1.0.dist-info"))
    made.run("pip install --python other/bin/python io").ok()
    assert installed(made) == {}
    made.environ["VIRTUAL_ENV"] = str(made / "other")
    assert made.run("pip install color io").ok().stderr == "Nothing to do: other is up to date\n"
    made.environ["VIRTUAL_ENV"] = str(made / "gone")
    assert made.run("pip install color").exit_code == 1


def test_no_environment(project, shop):
    made = project({"notes.txt": ""})
    assert shown(made.run("pip install color")) == block("""
        exit 1
        error: there is no environment to install into
          none is active, and neither this directory nor one above it has a .venv
        try: hutch venv && hutch pip install color
         or: --python PATH names another environment
    """)


def test_a_python_outside_of_environments_is_never_changed(project, shop):
    made = project({"notes.txt": ""})
    python = made.environ["HUTCH_PYTHON"]
    assert shown(made.run(f"pip install color --python {python}")) == block("""
        exit 1
        error: <interpreter> is in no environment
          hutch changes environments only; an installed Python with --system alone
        try: hutch venv --python <interpreter> && hutch pip install color
         or: --python PATH names another environment
    """)


def test_pep_668():
    """The marker file of a distribution: its package manager owns the packages (PEP 668)."""
    from types import SimpleNamespace

    from hutch.ops.pip_environment import ExternallyManaged

    problem = ExternallyManaged(SimpleNamespace(path="/usr/bin/python3", stdlib="/usr/lib/python3.12"))
    assert problem.what == "the packages of /usr/bin/python3 belong to the system"
    assert problem.why == (
        "/usr/lib/python3.12/EXTERNALLY-MANAGED says so: its package manager installs them",
    )


def test_nothing_to_install(place):
    assert shown(place().run("pip install")) == block("""
        exit 2
        error: there is nothing to install
          neither a requirement, nor -r FILE, nor -e PATH was given
        try: hutch pip install -r requirements.txt
    """)


def test_only_wheels(place, shop):
    shop.add_wheel("mixed", "1.0")
    shop.add_sdist("mixed", "2.0")
    made = place()
    made.run("pip install mixed --only-binary mixed,other").ok()
    assert installed(made)["mixed"] == "1.0"


# -- sync ---------------------------------------------------------------------------------------


def test_sync_makes_it_exact(place):
    made = place({"r.txt": "web==1.5\nio==1.0\n"})
    made.run("pip install color io").ok()
    assert shown(made.run("pip sync r.txt")) == block("""
        exit 0
        Installed 1 package, updated 1, removed 1 in <time>
         - color 1.0
         ~ io 2.0 → 1.0
         + web 1.5
    """)
    assert made.run("pip sync r.txt").ok().stderr == "Nothing to do: .venv is up to date\n"
    # Only what is named: a missing dependency is not looked for.
    (made / "r.txt").write_text("web==1.5\ncolor==1.0; python_version < '3'\n")
    made.run("pip sync r.txt").ok()
    assert installed(made) == {"web": "1.5"}


def test_sync_with_hashes(place, shop):
    made = place({"requirements.in": "web"})
    made.run("pip compile -o requirements.txt --generate-hashes").ok()
    made.run("pip sync requirements.txt").ok()
    assert installed(made) == {"io": "2.0", "web": "2.0"}


def test_sync_a_lock(place):
    made = place({"lock/pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["web"]\n'})
    made.run("lock --project lock").ok()
    made.run("pip install color").ok()
    assert made.run("pip sync lock/pylock.toml").ok().stderr == block("""
        Installed 2 packages, removed 1 in <time>
         - color 1.0
         + io 2.0
         + web 2.0
    """)
    assert made.run("pip sync lock/pylock.toml notes.txt").exit_code == 2
    assert shown(made.run("pip sync lock/pyproject.toml")) == block("""
        exit 2
        error: pyproject.toml holds no pins
        try: hutch sync, for a project
         or: hutch pip compile makes a file of pins of it
    """)


def test_sync_keeps_the_tools_of_the_environment(place, shop):
    shop.add_wheel("pip", "99.0")
    made = place({"r.txt": "color==1.0\n"})
    made.run("pip install pip io").ok()
    made.run("pip sync r.txt").ok()
    assert installed(made) == {"color": "1.0", "pip": "99.0"}


def test_json(place):
    outcome = json.loads(place().run("pip install color --json").ok().stdout)
    assert outcome["installed"] == [{"name": "color", "version": "1.0"}]


# -- places -------------------------------------------------------------------------------------


def wheel_file(made, name, version, **more):
    from hutch.testing.wheels import make_wheel

    filename, body = make_wheel(name, version, **more)
    (made.path / "dist").mkdir(exist_ok=True)
    (made.path / "dist" / filename).write_bytes(body)
    return f"dist/{filename}"


def test_a_wheel_by_its_path_with_and_without_a_hash(place):
    import hashlib

    made = place()
    wheel = wheel_file(made, "mine", "1.0")
    good = hashlib.sha256((made.path / wheel).read_bytes()).hexdigest()
    (made / "r.txt").write_text(f"./{wheel} --hash=sha256:{'0' * 64}\n")
    assert made.run("pip install -r r.txt").exit_code == 1
    assert installed(made) == {}
    (made / "r.txt").write_text(f"./{wheel} --hash=sha256:{good}\n")
    made.run("pip install -r r.txt").ok()
    assert installed(made) == {"mine": "1.0"}
    (made / "r.txt").write_text(f"./{wheel}\n")
    assert made.run("pip install -r r.txt --require-hashes").stderr == block("""
        error: not everything has a hash to be proven by
          r.txt:1: mine comes from a place of its own, and has no hash
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)


def test_pins_of_places_are_installed_as_they_are_written(place):
    made = place({"requirements.in": "-e ./lib\n./dist/mine-1.0-py3-none-any.whl\n"})
    write(made.path / "lib", package("mylib", "io<2"))
    wheel_file(made, "mine", "1.0", requires=["fast"])
    made.run("pip compile -o requirements.txt --no-header").ok()
    assert made.read("requirements.txt") == (
        "-e ./lib\n    # via -r requirements.in\nfast==1.0\n    # via mine\nio==1.5\n    # via mylib\n"
        "mine @ file:dist/mine-1.0-py3-none-any.whl\n    # via -r requirements.in\n"
    )
    made.run("pip sync requirements.txt").ok()
    assert installed(made) == {"fast": "1.0", "io": "1.5", "mine": "1.0", "mylib": "1.0"}
    assert made.run("pip sync requirements.txt").ok().stderr == "Nothing to do: .venv is up to date\n"


def test_a_commit_of_a_repository(place):
    made = place()
    write(made.path / "lib", package("mylib"))
    lib = made.path / "lib"
    git(lib, "init", "-q")
    git(lib, "add", "-A")
    git(lib, "commit", "-qm", "one")
    commit = git(lib, "rev-parse", "HEAD").strip()
    made.run(f"pip install 'git+file://{lib}@main#egg=mylib'").ok()
    assert installed(made) == {"mylib": "1.0"}
    info = next((made / ".venv").glob("lib/python*/site-packages/mylib-1.0.dist-info"))
    assert json.loads((info / "direct_url.json").read_text())["vcs_info"]["commit_id"] == commit


def test_a_path_that_leads_nowhere(place):
    made = place({"r.txt": "idna\n-e ./gone\n"})
    ran = made.run("pip install -r r.txt")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: cannot read ")
    assert "  r.txt:2 asks for -e ./gone, and nothing is there\n" in ran.stderr
