"""Checkouts that Pipenv set up: ``hutch sync``, ``run``, ``lock``, ``add`` in a directory with a Pipfile."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import hashlib
import json

import pytest

from commands.support import asks_nothing_again, block, installed, locked, shown
from hutch.lock.foreign.pipfile import pipfile_hashes
from hutch.testing.fake_index import FakeIndex

SOURCE = '[[source]]\nname = "public"\nurl = "https://index.example/simple/"\nverify_ssl = true\n\n'


def pin(file, version, **more):
    return {"hashes": [f"sha256:{hashlib.sha256(file.body).hexdigest()}"], "version": f"=={version}", **more}


def pipfile_lock(pipfile, default=(), develop=(), *, fresh=True, **categories):
    data = {
        "_meta": {
            "hash": {"sha256": pipfile_hashes(pipfile)[0] if fresh else "0" * 64},
            "pipfile-spec": 6,
            "requires": {},
            "sources": [{"name": "public", "url": "https://index.example/simple/", "verify_ssl": True}],
        },
        "default": dict(default),
        "develop": dict(develop),
        **categories,
    }
    return json.dumps(data, indent=4, sort_keys=True) + "\n"


def checkout(index, **more):
    """A Pipfile and its lock: alpha needs beta; pytest for development, furo for the docs."""
    beta = index.add_wheel("beta", "1.0", files={"beta.py": "WORD = 'locked'\n"})
    index.add_wheel("beta", "2.0")
    alpha = index.add_wheel("alpha", "1.0", requires=["beta"])
    index.add_sdist("alpha", "1.0")
    gamma = index.add_wheel("gamma", "1.0")
    furo = index.add_wheel("furo", "1.0")
    pipfile = SOURCE + '[packages]\nalpha = "*"\n\n[dev-packages]\ngamma = "*"\n\n[docs]\nfuro = "*"\n'
    lock = pipfile_lock(
        pipfile,
        {
            "alpha": pin(alpha, "1.0", index="public"),
            "beta": pin(beta, "1.0", markers="python_version >= '3'"),
        },
        {"gamma": pin(gamma, "1.0")},
        docs={"furo": pin(furo, "1.0")},
        **more,
    )
    return {"Pipfile": pipfile, "Pipfile.lock": lock}


@pytest.fixture(params=["sync", "sync --frozen", "sync --locked"])
def sync(request):
    return request.param


def test_what_the_lock_says_is_installed_and_the_checkout_stays_as_it_is(project, index, sync):
    files = checkout(index)
    made = project(files)
    made.run(sync).ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
    assert {name: made.read(name) for name in files} == files
    assert [path for path in made.tree() if not path.startswith(".venv")] == sorted(files)
    assert made.run("run python -c 'import beta; print(beta.WORD)'").stdout == "locked\n"


def test_categories_are_groups(project, index):
    made = project(checkout(index))
    made.run("sync --group docs --no-dev").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "furo": "1.0"}
    made.run("sync --only-group docs").ok()
    assert installed(made) == {"furo": "1.0"}


def test_a_second_time_nothing_is_asked(project, index):
    assert asks_nothing_again(project(checkout(index)), index)


def test_a_stale_lock(project, index):
    made = project(checkout(index, fresh=False))
    assert shown(made.run("sync")) == block("""
        exit 1
        error: Pipfile.lock is not up to date
          the Pipfile has changed since: it was locked with the hash 000000000000…
        try: pipenv lock makes it anew
         or: hutch lock starts from its versions and writes pylock.toml beside it; Pipfile.lock stays
         or: --frozen takes it as it is
    """)
    made.run("sync --frozen").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}


def test_moving_over_changes_no_version(project, index):
    made = project(checkout(index))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0", "beta": "1.0", "furo": "1.0", "gamma": "1.0"}
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}


def test_a_file_that_the_index_has_and_the_lock_does_not(project, index):
    files = checkout(index)
    data = json.loads(files["Pipfile.lock"])
    data["default"]["beta"]["hashes"] = [f"sha256:{'0' * 64}"]
    made = project({**files, "Pipfile.lock": json.dumps(data)})
    assert shown(made.run("sync --frozen")) == block("""
        exit 1
        error: Pipfile.lock has hashes for beta 1.0 that no file has
          the index default has one file for it, and none with sha256:0000000000000000…
        try: lock again with the tool that made it, or name the index that it was made from
    """)


def test_a_lock_that_is_none(project, index):
    files = checkout(index)
    made = project(
        {**files, "Pipfile.lock": '{\n  "_meta": {},\n  "default": {"alpha": {"version": "1.0 or so"}}'}
    )
    assert shown(made.run("sync --frozen")) == block("""
        exit 1
        error: Pipfile.lock is not a valid lock
          Pipfile.lock:3: it is not JSON: Expecting ',' delimiter
        try: take it from version control again
         or: delete Pipfile.lock and run `pipenv lock`
    """)


def test_faults_of_a_pipfile_are_told_all_at_once(project):
    made = project(
        {"Pipfile": '[packages]\nalpha = {git = "https://git.example/a.git", commit = "1"}\nbeta = "^1"\n'}
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: Pipfile is not valid: 2 faults
          Pipfile:2: packages.alpha.commit: Pipenv has no key 'commit' for a package
          Pipfile:3: packages.beta: `^1` is not a version, and Pipenv has no such operator
    """)


def test_any_version_is_the_newest(project, index):
    for version in ("1.0", "2.0", "3.0a1"):
        index.add_wheel("alpha", version)
    pipfile = SOURCE + '[packages]\nalpha = "*"\n'
    made = project({"Pipfile": pipfile, "Pipfile.lock": pipfile_lock(pipfile, {"alpha": {"version": "*"}})})
    made.run("sync --frozen").ok()
    assert installed(made) == {"alpha": "2.0"}


def test_of_two_versions_the_one_that_pipenv_installs_last(project, index):
    old, new = index.add_wheel("alpha", "1.0"), index.add_wheel("alpha", "2.0")
    pipfile = SOURCE + '[packages]\nalpha = "*"\n\n[dev-packages]\nalpha = "*"\n'
    lock = pipfile_lock(pipfile, {"alpha": pin(old, "1.0")}, {"alpha": pin(new, "2.0")})
    made = project({"Pipfile": pipfile, "Pipfile.lock": lock})
    made.run("sync").ok()
    assert installed(made) == {"alpha": "2.0"}
    made.run("sync --no-dev").ok()
    assert installed(made) == {"alpha": "1.0"}


def test_add_and_remove_write_into_the_pipfile(project, index):
    files = checkout(index)
    index.add_wheel("delta", "1.5")
    made = project(files)
    made.run("add delta").ok()
    assert made.read("Pipfile") == files["Pipfile"].replace('alpha = "*"\n', 'alpha = "*"\ndelta = ">=1.5"\n')
    assert made.read("Pipfile.lock") == files["Pipfile.lock"]
    made.run("add --dev 'delta<2'").ok()
    assert 'gamma = "*"\ndelta' in made.read("Pipfile") or 'delta = "<2"\ngamma' in made.read("Pipfile")
    made.run("remove delta").ok()
    made.run("remove --dev delta").ok()
    assert made.read("Pipfile") == files["Pipfile"]


# --- where packages come from ---


def variables(index, url):
    host = index.url.partition("://")[2]
    return (
        f'[[source]]\nname = "public"\nurl = "{index.url}"\nverify_ssl = false\n\n'
        f'[[source]]\nname = "private"\nurl = "{url}{host}"\nverify_ssl = false\n\n'
        '[packages]\nalpha = {version = "*", index = "private"}\n'
    )


def test_variables_of_a_source_come_from_the_environment_and_go_nowhere_else(project, index):
    index.credentials = "me:se/cret@1"
    index.add_wheel("alpha", "1.0")
    made = project(
        {"Pipfile": variables(index, "http://${PRIVATE_USER}:${PRIVATE_PASSWORD}@")},
        HUTCH_INDEX_URL=None,
        PRIVATE_USER="me",
        PRIVATE_PASSWORD="se/cret@1",
    )
    ran = made.run("sync -v").ok()
    assert installed(made) == {"alpha": "1.0"}
    for text in (ran.stderr, ran.stdout, made.read("pylock.toml"), made.read("Pipfile")):
        assert "se/cret" not in text
        assert "se%2Fcret" not in text


def test_a_variable_that_is_not_there(project, index):
    index.credentials = "me:secret"
    index.add_wheel("alpha", "1.0")
    made = project(
        {"Pipfile": variables(index, "http://${PRIVATE_USER}:${PRIVATE_PASSWORD}@")}, HUTCH_INDEX_URL=None
    )
    ran = made.run("lock")
    assert ran.exit_code == 3
    words = "the environment has no PRIVATE_PASSWORD and PRIVATE_USER, so the index private is asked without a password"
    assert words in ran.stderr
    made = project({"Pipfile": variables(index, "http://${HOST_OF_OURS}.example/")}, HUTCH_INDEX_URL=None)
    assert (
        "the environment has no HOST_OF_OURS, which the URL of the index 'private' needs"
        in made.run("lock").stderr
    )


def test_the_first_source_is_the_default_index_which_a_variable_may_replace(project, index):
    index.add_wheel("alpha", "1.0")
    pipfile = SOURCE + '[packages]\nalpha = {version = "*", index = "public"}\n'
    made = project({"Pipfile": pipfile})  # HUTCH_INDEX_URL is that of the fake index
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0"}


def test_two_archives_without_hashes_are_not_one(project, index):
    """Pipenv writes no hash of its own for ``file``; what was built of one is not taken for another."""
    from hutch.testing.wheels import make_sdist

    made, found = project({}), []
    for version in ("1.0", "2.0"):
        name, body = make_sdist("alpha", version)
        index.add_file("elsewhere", name, body)
        url = f"{index.files_url}elsewhere/{name}"
        pipfile = SOURCE + f'[packages]\nalpha = {{file = "{url}"}}\n'
        made.write({"Pipfile": pipfile, "Pipfile.lock": pipfile_lock(pipfile, {"alpha": {"file": url}})})
        made.run("sync --frozen").ok()
        found.append(installed(made)["alpha"])
    assert found == ["1.0", "2.0"]


def test_pre_releases_where_the_pipfile_wants_them(project, index):
    for version in ("1.0", "2.0b1"):
        index.add_wheel("alpha", version)
    made = project({"Pipfile": SOURCE + '[packages]\nalpha = "*"\n'})
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0"}
    made.write({"Pipfile": made.read("Pipfile") + "\n[pipenv]\nallow_prereleases = true\n"})
    assert made.run("lock --check").exit_code == 1
    made.run("lock --upgrade").ok()
    assert locked(made) == {"alpha": "2.0b1"}


def test_each_package_from_the_index_that_its_entry_names(project, index):
    """The public index has an ``internal`` too, of somebody else: it is not asked for it."""
    with (private := FakeIndex()).serve():
        index.add_wheel("internal", "1.0", files={"internal.py": "WORD = 'a stranger'\n"})
        index.add_wheel("alpha", "1.0")
        ours = private.add_wheel("internal", "1.0", files={"internal.py": "WORD = 'ours'\n"})
        pipfile = (
            f'[[source]]\nname = "public"\nurl = "{index.url}"\nverify_ssl = false\n\n'
            f'[[source]]\nname = "our own"\nurl = "{private.url}"\nverify_ssl = false\n\n'
            '[packages]\ninternal = {version = "*", index = "our own"}\nalpha = "*"\n'
        )
        lock = json.loads(pipfile_lock(pipfile, {"internal": pin(ours, "1.0", index="our own")}))
        lock["default"]["alpha"] = {"version": "==1.0", "index": "public"}
        lock["_meta"]["sources"].append({"name": "our own", "url": private.url, "verify_ssl": False})
        made = project({"Pipfile": pipfile, "Pipfile.lock": json.dumps(lock)}, HUTCH_INDEX_URL=None)
        made.run("sync").ok()
        assert made.run("run python -c 'import internal; print(internal.WORD)'").stdout == "ours\n"
        assert index.asked("*internal*") == []
        made.run("lock").ok()
        assert locked(made) == {"alpha": "1.0", "internal": "1.0"}
        assert index.asked("*internal*") == []


def test_a_package_without_a_hash_is_taken_from_no_other_index(project, index):
    index.add_wheel("internal", "1.0")
    pipfile = SOURCE + '[packages]\ninternal = "*"\n'
    lock = pipfile_lock(pipfile, {"internal": {"version": "==1.0", "index": "private"}})
    made = project({"Pipfile": pipfile, "Pipfile.lock": lock})
    assert shown(made.run("sync --frozen")) == block("""
        exit 1
        error: internal is in the lock, and on no index
          asked: none
        try: name the index that the lock was made from
    """)
    assert index.asked("*internal*") == []


def pylock(*packages):
    lines = ['lock-version = "1.0"\nextras = []\ndependency-groups = ["dev"]\ndefault-groups = ["default"]\n']
    lines.append('created-by = "pipenv"\n')
    for name, file, url, marker in packages:
        digest = hashlib.sha256(file.body).hexdigest()
        lines.append(f'\n[[packages]]\nname = "{name}"\nversion = "1.0"\n')
        lines.append(f'marker = "{marker}"\n' if marker else "")
        lines.append(
            f'wheels = [{{name = "{file.filename}", url = "{url}{name}/{file.filename}",'
            f' hashes = {{sha256 = "{digest}"}}}}]\n'
        )
    return "".join(lines) + '\n[tool.pipenv]\ngenerated_from = "Pipfile.lock"\n'


def test_a_pylock_that_pipenv_keeps_stays_as_it_is(project, index):
    """``use_pylock = true``: Pipenv writes ``pylock.toml``, beside ``Pipfile.lock`` or alone."""
    files = checkout(index)
    alpha, beta, gamma = (index.projects[name][0] for name in ("alpha", "beta", "gamma"))
    text = pylock(
        ("alpha", alpha, index.files_url, ""),
        ("beta", beta, index.files_url, "python_version >= '3'"),
        ("gamma", gamma, index.files_url, "('dev' in dependency_groups) and (python_version >= '3')"),
    )
    pipfile = files["Pipfile"].replace('[docs]\nfuro = "*"\n', "")
    lock = {**json.loads(files["Pipfile.lock"])}
    lock["_meta"]["hash"]["sha256"] = pipfile_hashes(pipfile)[0]
    del lock["docs"]
    both = {"Pipfile": pipfile, "Pipfile.lock": json.dumps(lock), "pylock.toml": text}
    for given in (both, {"Pipfile": pipfile, "pylock.toml": text}):
        made = project(given)
        made.run("sync").ok()
        assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
        made.run("sync --no-dev").ok()
        assert installed(made) == {"alpha": "1.0", "beta": "1.0"}
        assert made.read("pylock.toml") == text
    made.write({"Pipfile": pipfile.replace('alpha = "*"', 'alpha = ">=2"')})
    assert shown(made.run("sync")) == block("""
        exit 1
        error: pylock.toml is not up to date
          Pipfile:7 asks for alpha>=2, and it has 1.0
        try: pipenv lock makes it anew
         or: hutch lock starts from its versions and takes its place
         or: --frozen takes it as it is
    """)
