"""Checkouts that uv set up: ``hutch sync``, ``run``, ``tree``, ``lock``, ``add`` in a directory with a uv.lock."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import hashlib

import pytest

from commands.support import block, installed, locked, shown

MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["alpha[fast]"]  # as it was

[project.optional-dependencies]
old = ["delta <2"]
new = ["delta >=2"]

[dependency-groups]
dev = ["gamma"]

[tool.uv]
package = false
conflicts = [[{ extra = "old" }, { extra = "new" }]]
"""


def entry(index, name, version, more="", source="", **make):
    """A package of the lock, whose wheel is in the index."""
    file = index.add_wheel(name, version, **make)
    digest = hashlib.sha256(file.body).hexdigest()
    source = source or f'{{ registry = "{index.url}" }}'
    return f"""
[[package]]
name = "{name}"
version = "{version}"
source = {source}
{more}
wheels = [{{ url = "{index.files_url}{file.filename}", hash = "sha256:{digest}" }}]
"""


def own(name, lists, metadata, version="1.0", source='{ virtual = "." }'):
    return f"""
[[package]]
name = "{name}"
version = "{version}"
source = {source}
{lists}
[package.metadata]
{metadata}
"""


HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n'
WORDS = "extra == 'extra-4-demo-old'"


@pytest.fixture
def files(index):
    """alpha needs beta with its extra fast, and delta: an old one where the extra old is chosen."""
    lock = [
        HEAD,
        'conflicts = [[{ package = "demo", extra = "old" }, { package = "demo", extra = "new" }]]\n',
        entry(
            index,
            "alpha",
            "1.0",
            "dependencies = [\n"
            f'    {{ name = "delta", version = "1.0", source = {{ registry = "{index.url}" }}, marker = "{WORDS}" }},\n'
            f'    {{ name = "delta", version = "2.0", source = {{ registry = "{index.url}" }}, marker = "{WORDS.replace("==", "!=")}" }},\n'
            ']\noptional-dependencies = { fast = [{ name = "beta" }] }',
            requires=["delta"],
            extras={"fast": ["beta"]},
        ),
        entry(index, "beta", "1.0", files={"beta.py": "WORD = 'locked'\n"}),
        entry(index, "delta", "1.0"),
        entry(index, "delta", "2.0"),
        own(
            "demo",
            'dependencies = [{ name = "alpha", extra = ["fast"] }]\n'
            "[package.optional-dependencies]\n"
            f'old = [{{ name = "delta", version = "1.0", source = {{ registry = "{index.url}" }} }}]\n'
            f'new = [{{ name = "delta", version = "2.0", source = {{ registry = "{index.url}" }} }}]\n'
            '[package.dev-dependencies]\ndev = [{ name = "gamma" }]\n',
            'requires-dist = [\n    { name = "alpha", extras = ["fast"] },\n'
            """    { name = "delta", marker = "extra == 'old'", specifier = "<2" },\n"""
            """    { name = "delta", marker = "extra == 'new'", specifier = ">=2" },\n]\n"""
            'provides-extras = ["old", "new"]\n[package.metadata.requires-dev]\ndev = [{ name = "gamma" }]\n',
        ),
        entry(index, "gamma", "1.0"),
    ]
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "2.0")
    return {"pyproject.toml": MANIFEST, "uv.lock": "".join(lock)}


def untouched(made, files):
    return {name: made.read(name) for name in files} == files


@pytest.mark.parametrize("command", ["sync", "sync --frozen", "sync --locked"])
def test_what_the_lock_says_is_installed_and_the_checkout_stays_as_it_is(project, files, command):
    made = project(files)
    made.run(command).ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "delta": "2.0", "gamma": "1.0"}
    made.run(f"{command} --no-dev").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "delta": "2.0"}
    assert untouched(made, files)
    assert [path for path in made.tree() if not path.startswith(".venv")] == sorted(files)


def test_a_program_runs_in_it(project, files):
    made = project(files)
    ran = made.run("run python -c 'import beta; print(beta.WORD)'").ok()
    assert ran.stdout == "locked\n"
    assert made.run("run python -c 'import beta; print(beta.WORD)'").ok().stdout == "locked\n"
    assert untouched(made, files)


def test_extras_that_exclude_each_other(project, files):
    made = project(files)
    made.run("sync --extra old --no-dev").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "delta": "1.0"}
    made.run("sync --extra new --no-dev").ok()
    assert installed(made)["delta"] == "2.0"
    assert shown(made.run("sync --all-extras")) == block("""
        exit 1
        error: the extra new and the extra old cannot be installed together
          what they need contradicts, so the lock holds them apart
        try: --extra new
         or: --extra old
    """)


def test_the_tree_is_that_of_the_lock(project, files):
    assert project(files).run("tree").ok().stdout == block("""
        demo 1.0
        ├── alpha[fast] 1.0
        │   ├── delta 1.0 ('old' in extras)
        │   ├── delta 2.0 ('old' not in extras)
        │   └── beta 1.0 (extra == 'fast')
        ├── delta 2.0 (extra new)
        ├── delta 1.0 (extra old)
        └── gamma 1.0 (group dev)
    """)


def test_a_lock_that_is_out_of_date_is_told_with_the_ways_out(project, files):
    made = project({**files, "pyproject.toml": MANIFEST.replace('"gamma"', '"gamma", "beta >=1"')})
    assert shown(made.run("sync")) == block("""
        exit 1
        error: uv.lock is not up to date
          beta>=1 of the group dev is new
        try: uv lock makes it anew
         or: hutch lock starts from its versions and writes pylock.toml beside it; uv.lock stays
         or: --frozen takes it as it is
    """)
    made.run("sync --frozen").ok()
    assert made.read("uv.lock") == files["uv.lock"]


def test_moving_over_changes_no_version(project, files):
    made = project(files)
    made.run("lock").ok()
    assert locked(made).items() >= {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}.items()
    assert untouched(made, files)
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "delta": "2.0", "gamma": "1.0"}


def test_a_file_that_is_another_one_now_is_refused(project, files):
    digest = hashlib.sha256(b"").hexdigest()
    lines = [
        line.replace(line.rpartition("sha256:")[2][:64], digest) if "beta-1.0" in line else line
        for line in files["uv.lock"].splitlines(True)
    ]
    made = project({**files, "uv.lock": "".join(lines)})
    ran = made.run("sync --frozen")
    assert ran.exit_code != 0
    assert "beta-1.0-py3-none-any.whl" in ran.stderr
    assert digest in ran.stderr


def test_add_and_remove_write_into_the_manifest(project, files, index):
    index.add_wheel("omega", "1.0")
    made = project(files)
    made.run("add omega").ok()
    made.run("remove --dev gamma").ok()
    assert made.read("pyproject.toml") == MANIFEST.replace(
        '["alpha[fast]"]  # as it was', '["alpha[fast]", "omega>=1.0"]  # as it was'
    ).replace('["gamma"]', "[]")
    assert made.read("uv.lock") == files["uv.lock"]


def test_older_dev_dependencies_and_sources_are_written_in_uvs_words(project, index, tmp_path):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    library = tmp_path / "library"
    library.mkdir()
    (library / "pyproject.toml").write_text('[project]\nname = "library"\nversion = "1.0"\n')
    text = '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = []\n'
    made = project({"pyproject.toml": f'{text}\n[tool.uv]\ndev-dependencies = ["alpha"]\n'})
    made.run("add --dev beta --no-sync").ok()
    made.run(f"add {library} --no-sync").ok()
    changed = made.read("pyproject.toml")
    assert 'dev-dependencies = ["alpha", "beta>=1.0"]' in changed
    assert '[tool.uv.sources]\nlibrary = { path = "../library" }' in changed
    made.run("remove --dev alpha --no-sync").ok()
    made.run("remove library --no-sync").ok()
    left = f'{text}\n[tool.uv]\ndev-dependencies = ["beta>=1.0"]'
    assert made.read("pyproject.toml").rstrip() == left


def test_beside_a_uv_lock_sources_are_uvs_in_a_plain_manifest_too(project, files, tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    (library / "pyproject.toml").write_text('[project]\nname = "library"\nversion = "1.0"\n')
    plain = MANIFEST[: MANIFEST.index("[project.optional")]
    made = project({**files, "pyproject.toml": plain})
    made.run(f"add {library} --no-sync").ok()
    assert "[tool.uv.sources]" in made.read("pyproject.toml")


def test_settings_of_uv_toml_count_for_the_project(project, index):
    index.add_wheel("alpha", "1.0")
    text = '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["alpha"]\n'
    other = 'index-url = "https://index.example/simple/"\n'
    made = project(
        {"pyproject.toml": text, "uv.toml": f'[[index]]\nurl = "{index.url}"\ndefault = true\n'},
        HUTCH_INDEX_URL=None,
    )
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0"}
    made.write({"uv.toml": other})
    ran = made.run("config show").ok()
    assert "uv.toml:1" in next(line for line in ran.stdout.splitlines() if line.startswith("index-url"))


# --- workspaces ---

ROOT = """\
[project]
name = "root"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["core[fast]"]

[tool.uv.workspace]
members = ["packages/*"]

[tool.uv.sources]
core = { workspace = true }
"""
CORE = """\
[project]
name = "core"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["alpha"]

[project.optional-dependencies]
fast = ["beta"]

[tool.uv]
package = false
"""
APP = """\
[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["gamma"]

[dependency-groups]
dev = ["delta"]
"""


@pytest.fixture
def workspace(index):
    lock = [
        HEAD,
        '[manifest]\nmembers = ["app", "core", "root"]\n',
        *(entry(index, name, "1.0") for name in ("alpha", "beta", "gamma", "delta")),
        own(
            "app",
            'dependencies = [{ name = "gamma" }]\n[package.dev-dependencies]\ndev = [{ name = "delta" }]\n',
            'requires-dist = [{ name = "gamma" }]\n[package.metadata.requires-dev]\ndev = [{ name = "delta" }]\n',
            source='{ virtual = "packages/app" }',
        ),
        own(
            "core",
            'dependencies = [{ name = "alpha" }]\n'
            '[package.optional-dependencies]\nfast = [{ name = "beta" }]\n',
            'requires-dist = [{ name = "alpha" }, '
            """{ name = "beta", marker = "extra == 'fast'" }]\nprovides-extras = ["fast"]\n""",
            source='{ virtual = "packages/core" }',
        ),
        own(
            "root",
            'dependencies = [{ name = "core", extra = ["fast"] }]\n',
            'requires-dist = [{ name = "core", extras = ["fast"], virtual = "packages/core" }]\n',
        ),
    ]
    return {
        "pyproject.toml": ROOT,
        "packages/core/pyproject.toml": CORE,
        "packages/app/pyproject.toml": APP,
        "uv.lock": "".join(lock),
    }


def test_a_workspace_is_that_of_uv(project, workspace):
    made = project(workspace)
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0"}
    made.run("sync --package app").ok()
    assert installed(made) == {"gamma": "1.0", "delta": "1.0"}
    made.run("sync --all-packages --no-dev").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
    assert untouched(made, workspace)


def test_whoever_stands_in_a_member_means_it(project, workspace):
    made = project(workspace)
    made.run("sync", cwd="packages/app").ok()
    assert installed(made) == {"gamma": "1.0", "delta": "1.0"}


def test_a_member_that_has_changed_makes_the_lock_old(project, workspace):
    made = project(workspace)
    made.write({"packages/app/pyproject.toml": APP.replace('"gamma"', '"gamma >=1"')})
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert "what is asked of gamma has changed: gamma>=1 (app)" in ran.stderr


def test_a_library_beside_that_has_changed_makes_the_lock_old(project, index, tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    words = '[project]\nname = "library"\nversion = "1.0"\ndependencies = ["alpha"]\n'
    (library / "pyproject.toml").write_text(words)
    lock = [
        HEAD,
        entry(index, "alpha", "1.0"),
        own(
            "demo",
            'dependencies = [{ name = "library" }]\n',
            'requires-dist = [{ name = "library", virtual = "../library" }]\n',
        ),
        own(
            "library",
            'dependencies = [{ name = "alpha" }]\n',
            'requires-dist = [{ name = "alpha" }]\n',
            source='{ virtual = "../library" }',
        ),
    ]
    text = (
        '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["library"]\n'
    )
    sources = '\n[tool.uv.sources]\nlibrary = { path = "../library", package = false }\n'
    made = project({"pyproject.toml": text + sources, "uv.lock": "".join(lock)})
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0"}
    made.run("lock --check").ok()
    (library / "pyproject.toml").write_text(words.replace('"alpha"', '"alpha", "beta"'))
    ran = made.run("lock --check")
    assert ran.exit_code == 1
    assert "beta is new (library)" in ran.stderr
    (library / "pyproject.toml").write_text(words.replace("1.0", "1.1"))
    assert "it has library 1.0, and the version is now 1.1" in made.run("lock --check").stderr
    (library / "pyproject.toml").write_text(words + "# nothing new\n")
    made.run("lock --check").ok()


def test_pythons_of_members_are_told_as_one_bound(project, workspace):
    made = project(workspace)
    made.write({"packages/app/pyproject.toml": APP.replace(">=3.9", ">=3.10")})
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert "it is for Python >=3.9, and requires-python is now >=3.10" in ran.stderr


def test_what_was_installed_as_it_is_does_not_count_as_looked_at(project, files):
    made = project({**files, "pyproject.toml": MANIFEST.replace('"gamma"', '"gamma", "beta"')})
    made.run("sync --frozen").ok()
    made.run("sync --frozen").ok()
    assert made.run("sync").exit_code == 1
    assert made.run("run python -c 1").exit_code == 1


def test_an_index_of_a_member_is_where_its_sources_are(project, workspace, index):
    table = f'\n[[tool.uv.index]]\nname = "inner"\nurl = "{index.url}"\nexplicit = true\n'
    app = APP + '\n[tool.uv.sources]\ngamma = { index = "inner" }\n' + table
    told = '{ name = "gamma" }'
    lock = workspace["uv.lock"].replace(
        f"requires-dist = [{told}]", f'requires-dist = [{{ name = "gamma", index = "{index.url}" }}]'
    )
    made = project({**workspace, "packages/app/pyproject.toml": app, "uv.lock": lock})
    made.run("sync --package app").ok()
    assert installed(made) == {"gamma": "1.0", "delta": "1.0"}
    made.write({"packages/app/pyproject.toml": app.replace(index.url, "https://index.example/simple/")})
    assert "where gamma comes from has changed (app)" in made.run("sync --package app").stderr
