"""Passwords: who is told them, and where they never are. Rows C of the threat table, over both transports."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.support import block, installed, manifest, shown
from fake_keyring import FakeKeyring
from faults.servers import Asked, answer, serving
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer

MakeProject = Callable[..., Any]
SECRET = "hunter2-and-more"
USER = "alice-of-corp"
BASIC = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()


def told(index: FakeIndex) -> set[str]:
    """What an index was told in ``Authorization`` (and whatever else could hold a password)."""
    found = set()
    for path, headers in index.log:
        found |= {
            headers[name] for name in ("authorization", "cookie", "proxy-authorization") if name in headers
        }
        if SECRET in path or SECRET in json.dumps(headers):
            found.add("in the open")
    return found


def with_user(url: str) -> str:
    return url.replace("//", f"//{USER}:{SECRET}@")


@pytest.fixture
def private(index: FakeIndex, transport: str) -> FakeIndex:
    """The index wants a password."""
    index.credentials = f"{USER}:{SECRET}"
    index.add_wheel("alpha", "1.0")
    return index


def everywhere(folder: Path, *words: str) -> list[str]:
    """The files below ``folder`` that hold one of the words, in the clear or in base64, by name or inside."""
    forms = [form for word in words for form in (word.encode(), base64.b64encode(word.encode()).rstrip(b"="))]
    found = []
    for path in folder.rglob("*"):
        named = os.fsencode(path)
        data = path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b""
        found += [str(path) for form in forms if form in named or form in data]
    return found


# -- ways to say a password --------------------------------------------------------------------------

WAYS = {
    "url": lambda made, index: {"HUTCH_INDEX_URL": with_user(index.url)},
    "variables": lambda made, index: {
        "HUTCH_INDEX_DEFAULT_USERNAME": USER,
        "HUTCH_INDEX_DEFAULT_PASSWORD": SECRET,
    },
    "netrc": lambda made, index: write_netrc(made, "127.0.0.1"),
}


def write_netrc(made: Any, *hosts: str, default: bool = False) -> dict[str, str]:
    lines = [f"machine {host} login {USER} password {SECRET}\n" for host in hosts]
    lines += [f"default login {USER} password {SECRET}\n"] if default else []
    (made.home / ".netrc").write_text("".join(lines))
    (made.home / ".netrc").chmod(0o600)
    return {}


@pytest.mark.parametrize("way", WAYS)
def test_c01_a_password_opens_the_index_and_is_kept_nowhere(
    way: str, private: FakeIndex, project: MakeProject
) -> None:
    made = project(manifest("alpha"))
    environ = WAYS[way](made, private)
    ran = made.run("sync -v", environ={**environ, "HUTCH_DEBUG": "1"}).ok()
    assert installed(made) == {"alpha": "1.0"}
    assert told(private) == {f"Basic {BASIC}"}
    (made.home / ".netrc").unlink(missing_ok=True)
    assert everywhere(made.path.parent, SECRET, f"{USER}:{SECRET}") == []
    assert everywhere(made.home, SECRET, f"{USER}:{SECRET}") == []
    assert SECRET not in ran.stdout + ran.stderr


def plant(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def _variables(pair: str) -> Callable[[Any, FakeIndex], dict[str, str]]:
    return lambda made, index: {f"{pair}_USERNAME": USER, f"{pair}_PASSWORD": SECRET}


def _file(place: str, text: str, variable: str = "") -> Callable[[Any, FakeIndex], dict[str, str]]:
    def way(made: Any, index: FakeIndex) -> dict[str, str]:
        said = {"url": index.url, "user": USER, "secret": SECRET, "signed": with_user(index.url)}
        path = plant(made.home / place, text.format(**said))
        return {variable: str(path)} if variable else {}

    return way


def _program(made: Any, index: FakeIndex) -> dict[str, str]:
    keyring = FakeKeyring(made.home / "bin")
    keyring.put(index.url, USER, SECRET)
    return {
        "PATH": f"{keyring.folder}{os.pathsep}{os.environ['PATH']}",
        "HUTCH_KEYRING_PROVIDER": "subprocess",
    }


def _log_in(store: str) -> Callable[[Any, FakeIndex], dict[str, str]]:
    def way(made: Any, index: FakeIndex) -> dict[str, str]:
        environ = _program(made, index)
        made.run(f"auth login pypi -u {USER} --stdin --store {store}", stdin=SECRET, environ=environ).ok()
        return environ if store == "keyring" else {}

    return way


# Every source that there is, for an index that is called pypi (which some variables are only for).
SOURCES: dict[str, Callable[[Any, FakeIndex], dict[str, str]]] = {
    **{name: _variables(name) for name in ("HUTCH_INDEX_PYPI", "UV_INDEX_PYPI", "PDM_PYPI")},
    "POETRY_HTTP_BASIC_PYPI": _variables("POETRY_HTTP_BASIC_PYPI"),
    "PIP_INDEX_URL": lambda made, index: {"PIP_INDEX_URL": with_user(index.url)},
    "pip.conf": _file("pip.conf", "[global]\nindex-url = {signed}\n", "PIP_CONFIG_FILE"),
    "hutch.toml": _file(".config/hutch/hutch.toml", 'index-url = "{signed}"\n'),
    "netrc": _file(".netrc", "machine 127.0.0.1 login {user} password {secret}\n"),
    "_netrc": _file("_netrc", "machine 127.0.0.1 login {user} password {secret}\n"),
    "uv": _file(
        ".local/share/uv/credentials/credentials.toml",
        '[[credential]]\nservice="{url}"\nusername="{user}"\nscheme="basic"\npassword="{secret}"\n',
    ),
    "poetry": _file(
        ".config/pypoetry/auth.toml",
        '[http-basic.pypi]\nusername="{user}"\npassword="{secret}"\n[repositories.pypi]\nurl="{url}"\n',
    ),
    "pdm": _file(
        ".config/pdm/config.toml", '[pypi.pypi]\nurl="{url}"\nusername="{user}"\npassword="{secret}"\n'
    ),
    "auth login, file": _log_in("file"),
    "auth login, keyring": _log_in("keyring"),
    "keyring": _program,
}
SEEN = (
    *("lock -v", "sync -v", "sync --json", "tree", "why alpha", "export", "outdated --json", "config show"),
    *("config show --json", "auth list", "auth list --json", "env history", "env history --json"),
    *(
        "lock --upgrade --refresh -v",
        "pip install --reinstall alpha -v",
        "pip list",
        "pip freeze",
        "pip check",
    ),
    *("pip inspect", "pip show -f alpha", "pip tree", "pip config list", "pip config debug", "pip debug"),
    *("pip index versions alpha", "pip download alpha -d ../down -v", "pip wheel alpha -w ../wheels -v"),
    *("pip lock alpha -o -", "pip compile requirements.in -v", "pip compile requirements.in -o ../pins.txt"),
    *("pip cache info", "pip cache list", "pip install -r requirements.in --dry-run --report -"),
)


def nobody_else_knows(made: Any, private: FakeIndex, output: str, files: Iterable[str]) -> None:
    """The index was told the password; no output has it, and no file but those that had it before."""
    assert told(private) == {f"Basic {BASIC}"}
    for word in (SECRET, f"{USER}:{SECRET}", BASIC):
        assert [line for line in output.splitlines() if word in line] == []
    found = everywhere(made.path, SECRET, f"{USER}:{SECRET}")
    assert {path for path in found if Path(path).name not in files} == set()
    assert everywhere(made.home, SECRET, f"{USER}:{SECRET}") == []


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("source", SOURCES)
def test_c07_c08_a_password_from_anywhere_is_told_to_its_host_and_is_nowhere_else(
    source: str, right: bool, index: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    """Planted in each place, looked for in all that is said and written."""
    index.credentials = f"{USER}:{SECRET}" if right else "somebody:else"
    index.add_wheel("alpha", "1.0")
    second.projects = index.projects
    entry = index.entries("alpha")[0]
    elsewhere = second.files_url.replace("127.0.0.1", "localhost")  # a netrc knows no ports
    where = (("Location", f"{elsewhere}{entry['filename']}"),)
    index.fault(f"/files/{entry['filename']}", status=302, headers=where)
    more = f'[[tool.hutch.index]]\nname = "pypi"\nurl = "{index.url}"\ndefault = true\n'
    more = "" if source in ("pip.conf", "hutch.toml") else more  # a project's word is the stronger
    files = {"pyproject.toml": manifest("alpha", more=more), "requirements.in": "alpha\n"}
    made = project(files, HUTCH_INDEX_URL=None, HUTCH_DEBUG="1")
    environ = SOURCES[source](made, index)
    planted = set(everywhere(made.home, SECRET))
    said = ""
    for command in SEEN:
        ran = made.run(command, environ=environ)
        assert ran.exit_code in ((0,) if right else (0, 1, 3)), f"{command}: {ran.stderr}"
        said += ran.stdout + ran.stderr
    assert told(index) == {f"Basic {BASIC}"}
    assert told(second) == set()
    for word in (SECRET, f"{USER}:{SECRET}", BASIC):
        assert word not in said
    assert everywhere(made.path.parent, SECRET, f"{USER}:{SECRET}") == []
    assert set(everywhere(made.home, SECRET, f"{USER}:{SECRET}")) == planted


# A password that somebody has put into the manifest of another tool, or had put in by variables.
MANIFESTS: dict[str, dict[str, str]] = {
    "Pipfile": {
        "Pipfile": '[[source]]\nurl = "{signed}"\nverify_ssl = true\nname = "corp"\n[packages]\nalpha = "*"\n'
    },
    "Pipfile, variables": {
        "Pipfile": '[[source]]\nurl = "{variables}"\nverify_ssl = true\nname = "corp"\n'
        '[packages]\nalpha = "*"\n'
    },
    "uv": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\ndependencies = ["alpha"]\n'
        '[[tool.uv.index]]\nname = "corp"\nurl = "{signed}"\ndefault = true\n[tool.uv]\npackage = false\n'
    },
    "poetry": {
        "pyproject.toml": '[tool.poetry]\nname = "demo"\nversion = "1"\npackage-mode = false\n'
        '[tool.poetry.dependencies]\npython = "^3.9"\nalpha = "*"\n'
        '[[tool.poetry.source]]\nname = "corp"\nurl = "{signed}"\n'
    },
    "pdm": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\n'
        'dependencies = ["alpha"]\n[tool.pdm]\ndistribution = false\n'
        '[[tool.pdm.source]]\nname = "pypi"\nurl = "{signed}"\n'
    },
    "pdm, variables": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\n'
        'dependencies = ["alpha"]\n[tool.pdm]\ndistribution = false\n'
        '[[tool.pdm.source]]\nname = "pypi"\nurl = "{variables}"\n'
    },
    "requirements": {"requirements.txt": "--index-url {signed}\nalpha\n"},
    "requirements, variables": {"requirements.txt": "--index-url {variables}\nalpha\n"},
    "requirements, address": {"requirements.txt": "--index-url {signed}\nalpha @ {file}\n"},
    "poetry, address": {
        "pyproject.toml": '[tool.poetry]\nname = "demo"\nversion = "1"\npackage-mode = false\n'
        '[tool.poetry.dependencies]\npython = "^3.9"\nalpha = {{ url = "{file}" }}\n'
        '[[tool.poetry.source]]\nname = "corp"\nurl = "{signed}"\n'
    },
}
FOREIGN = (
    *("lock -v", "sync -v", "sync --json", "tree", "tree --json", "why alpha", "export", "outdated"),
    *("config show", "config show --json", "auth list", "lock --upgrade --refresh", "why-not alpha==2"),
    *("import --dry-run", "import --dry-run --json", "export --format pylock"),
)


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("kind", MANIFESTS)
def test_c07_c08_a_password_in_the_manifest_of_another_tool(
    kind: str, right: bool, private: FakeIndex, project: MakeProject
) -> None:
    if not right:
        private.credentials = "somebody:else"
    file = with_user(private.files_url) + private.projects["alpha"][0].filename
    variables = private.url.replace("//", "//${PRIVATE_USER}:${PRIVATE_PASSWORD}@")
    said = {"signed": with_user(private.url), "variables": variables, "file": file}
    files = {name: text.format(**said) for name, text in MANIFESTS[kind].items()}
    made = project(files, HUTCH_INDEX_URL=None, HUTCH_DEBUG="1", PRIVATE_USER=USER, PRIVATE_PASSWORD=SECRET)
    output = ""
    for command in FOREIGN:
        ran = made.run(command)
        assert ran.exit_code in (0, 1, 2, 3), ran.stderr
        output += f"$ {command}\n" + ran.stdout + ran.stderr
    if right:
        assert installed(made) == {"alpha": "1.0"}
    nobody_else_knows(made, private, output, files)


# Locks that other tools have written with the password of whoever locked.
LOCKS: dict[str, dict[str, str]] = {
    "uv.lock": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\n'
        'dependencies = ["alpha"]\n[tool.uv]\npackage = false\n'
        '[[tool.uv.index]]\nname = "corp"\nurl = "{signed}"\ndefault = true\n',
        "uv.lock": 'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n[[package]]\nname = "alpha"\n'
        'version = "1.0"\nsource = {{ registry = "{signed}" }}\n'
        'wheels = [{{ url = "{file}", hash = "sha256:{sha256}" }}]\n[[package]]\nname = "demo"\n'
        'version = "1"\nsource = {{ virtual = "." }}\ndependencies = [{{ name = "alpha" }}]\n'
        '[package.metadata]\nrequires-dist = [{{ name = "alpha" }}]\n',
    },
    "poetry.lock": {
        "pyproject.toml": '[tool.poetry]\nname = "demo"\nversion = "1"\npackage-mode = false\n'
        '[tool.poetry.dependencies]\npython = "^3.9"\nalpha = "*"\n'
        '[[tool.poetry.source]]\nname = "corp"\nurl = "{signed}"\n',
        "poetry.lock": '[[package]]\nname = "alpha"\nversion = "1.0"\noptional = false\n'
        'python-versions = "*"\nfiles = [{{file = "{name}", hash = "sha256:{sha256}"}}]\n'
        '[package.source]\ntype = "legacy"\nurl = "{signed}"\nreference = "corp"\n'
        '[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\ncontent-hash = "0"\n',
    },
    "pdm.lock": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\n'
        'dependencies = ["alpha"]\n[tool.pdm]\ndistribution = false\n'
        '[[tool.pdm.source]]\nname = "pypi"\nurl = "{signed}"\n',
        "pdm.lock": '[metadata]\ngroups = ["default"]\nstrategy = ["static_urls"]\nlock_version = "4.4"\n'
        'content_hash = "sha256:0"\n[[package]]\nname = "alpha"\nversion = "1.0"\ngroups = ["default"]\n'
        'summary = ""\nfiles = [{{url = "{file}", hash = "sha256:{sha256}"}}]\n',
    },
    "Pipfile.lock": {
        "Pipfile": '[[source]]\nurl = "{signed}"\nverify_ssl = true\nname = "corp"\n'
        '[packages]\nalpha = "*"\n',
        "Pipfile.lock": '{{"_meta": {{"hash": {{"sha256": "0"}}, "pipfile-spec": 6, "requires": {{}}, '
        '"sources": [{{"name": "corp", "url": "{signed}", "verify_ssl": true}}]}}, '
        '"default": {{"alpha": {{"hashes": ["sha256:{sha256}"], "index": "corp", "version": "==1.0"}}}}, '
        '"develop": {{}}}}\n',
    },
    "requirements.txt": {
        "requirements.in": "alpha\n",
        "requirements.txt": "--index-url {signed}\nalpha==1.0 --hash=sha256:{sha256}\n",
    },
    "requirements.txt, address": {
        "requirements.txt": "--index-url {signed}\nalpha @ {file} --hash=sha256:{sha256}\n",
    },
}
FROZEN = (
    *("sync --frozen -v", "sync --frozen --json", "sync", "lock --check", "tree", "tree --json", "why alpha"),
    *("export --frozen", "export --frozen --format pylock", "export --frozen --format constraints"),
    *("export --frozen --format environment.yml", "export --frozen --format pipfile.lock", "run -- true"),
    *("outdated", "outdated --json", "env history", "import --dry-run", "add beta --dry-run", "lock -v"),
)


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("kind", LOCKS)
def test_c07_c08_a_password_in_the_lock_of_another_tool(
    kind: str, right: bool, private: FakeIndex, project: MakeProject
) -> None:
    if not right:
        private.credentials = "somebody:else"
    (entry,) = private.entries("alpha")
    name, sha256 = entry["filename"], entry["hashes"]["sha256"]
    file = with_user(private.files_url) + name
    said = {"signed": with_user(private.url), "file": file, "name": name, "sha256": sha256}
    files = {path: text.format(**said) for path, text in LOCKS[kind].items()}
    made = project(files, HUTCH_INDEX_URL=None, HUTCH_DEBUG="1")
    output = ""
    for command in FROZEN:
        ran = made.run(command)
        assert ran.exit_code in (0, 1, 2, 3), f"{command}: {ran.stderr}"
        output += ran.stdout + ran.stderr
        if command == "sync --frozen -v" and right:
            assert installed(made) == {"alpha": "1.0"}
    nobody_else_knows(made, private, output, files)


def test_c07_a_traceback_has_no_password(
    private: FakeIndex, project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks: what holds passwords does not show them."""
    import hutch.net.client

    def broken(self: Any, *_: Any) -> None:
        raise RuntimeError(f"{self._wallet._given} {self.options} {self._doorman._answers}")

    monkeypatch.setattr(hutch.net.client.Client, "_send", broken)
    made = project(manifest("alpha"))
    ran = made.run("lock", environ={"HUTCH_INDEX_URL": with_user(private.url), "HUTCH_DEBUG": "1"})
    assert ran.exit_code == 70
    assert "RuntimeError" in ran.stderr
    assert SECRET not in ran.stderr


# -- to whom it is not told --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_c01_a_redirect_to_another_origin_is_told_nothing(
    status: int, private: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    second.projects = private.projects
    private.fault("/simple/alpha/", status=status, headers=(("Location", f"{second.url}alpha/"),))
    made = project(manifest("alpha"))
    made.run("lock", environ={"HUTCH_INDEX_URL": with_user(private.url)}).ok()
    assert second.asked("/simple/alpha/")
    assert told(second) == set()


def test_c01_nor_is_a_redirect_that_names_our_user(
    private: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    second.projects = private.projects
    elsewhere = f"{second.url}alpha/".replace("//", "//somebody:else@")
    private.fault("/simple/alpha/", status=302, headers=(("Location", elsewhere),))
    made = project(manifest("alpha"))
    made.run("lock", environ={"HUTCH_INDEX_URL": with_user(private.url)}).ok()
    assert told(second) == set()


def test_c02_a_link_to_another_origin_is_told_nothing(
    private: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    second.projects = private.projects
    entries = [
        {**entry, "url": f"{second.files_url}{entry['filename']}"} for entry in private.entries("alpha")
    ]
    body = json.dumps({"files": entries}).encode()
    kind = ("Content-Type", "application/vnd.pypi.simple.v1+json")
    private.fault("/simple/alpha/", answer=Answer(headers=(kind,), body=body))
    made = project(manifest("alpha"))
    made.run("sync", environ={"HUTCH_INDEX_URL": with_user(private.url)}).ok()
    assert installed(made) == {"alpha": "1.0"}
    assert second.asked("*.whl")
    assert told(second) == set()


def test_c03_nor_is_a_base_elsewhere(private: FakeIndex, second: FakeIndex, project: MakeProject) -> None:
    second.projects = private.projects
    (entry,) = private.entries("alpha")
    link = f"{entry['filename']}#sha256={entry['hashes']['sha256']}"
    html = f'<html><base href="{second.files_url}"><a href="{link}">x</a></html>'
    private.fault(
        "/simple/alpha/", answer=Answer(headers=(("Content-Type", "text/html"),), body=html.encode())
    )
    made = project(manifest("alpha"))
    made.run("sync", environ={"HUTCH_INDEX_URL": with_user(private.url)}).ok()
    assert installed(made) == {"alpha": "1.0"}
    assert told(second) == set()


def test_c04_another_port_is_another_origin(
    private: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    """Of two indexes on one host, each is told what is its own."""
    second.credentials = "bob:other-word"
    second.add_wheel("beta", "1.0")
    made = project(manifest("alpha", "beta"))
    environ = {
        "HUTCH_INDEX_URL": with_user(private.url),
        "HUTCH_EXTRA_INDEX_URL": second.url.replace("//", "//bob:other-word@"),
    }
    made.run("sync", environ=environ).ok()
    assert told(private) == {f"Basic {BASIC}"}
    assert told(second) == {"Basic " + base64.b64encode(b"bob:other-word").decode()}


@pytest.mark.parametrize(
    "link",
    ["//127.0.0.1:{port}\\@evil.invalid/{name}", "http://127.0.0.1:{port}:@evil.invalid/{name}"],
)
def test_c05_an_address_that_two_readers_read_differently(
    link: str, private: FakeIndex, project: MakeProject
) -> None:
    """CVE-2024-47081: a host that looks like ours, and is another's."""
    port = private.url.split(":")[2].split("/")[0]
    (entry,) = private.entries("alpha")
    entry = {**entry, "url": link.format(port=port, name=entry["filename"])}
    kind = ("Content-Type", "application/vnd.pypi.simple.v1+json")
    body = json.dumps({"files": [entry]}).encode()
    private.fault("/simple/alpha/", answer=Answer(headers=(kind,), body=body))
    made = project(manifest("alpha"))
    ran = made.run("sync", environ=write_netrc(made, "127.0.0.1"))
    assert ran.exit_code in (1, 3)
    assert told(private) == {f"Basic {BASIC}"}


def test_c06_the_default_entry_of_a_netrc_is_told_to_no_index_of_a_project(
    private: FakeIndex, project: MakeProject
) -> None:
    """It is for every host, so it would be for those that a checkout names."""
    made = project(manifest("alpha", more=f'[tool.hutch]\nindex-url = "{private.url}"\n'))
    ran = made.run("lock", environ={"HUTCH_INDEX_URL": None, **write_netrc(made, "a.example", default=True)})
    assert ran.exit_code == 3
    ran = made.run(f"lock --index-url {private.url}", environ={"HUTCH_INDEX_URL": None})
    assert ran.exit_code == 3  # among the flags are those of requirements files
    assert told(private) == set()


def test_c06_the_default_entry_of_a_netrc_is_for_the_indexes_of_its_user(
    private: FakeIndex, second: FakeIndex, project: MakeProject
) -> None:
    second.projects = private.projects
    (entry,) = private.entries("alpha")
    private.fault(f"/files/{entry['filename']}", status=302, headers=(("Location", second.files_url),))
    made = project(manifest("alpha"))
    made.run("lock", environ=write_netrc(made, "corp.example", default=True)).ok()
    made.run("sync")
    assert told(private) == {f"Basic {BASIC}"}
    assert told(second) == set()


@pytest.mark.parametrize("text", ["machine", "machine x login", "\x00", "macdef x\n", "machine a password\n"])
def test_c06_a_netrc_that_cannot_be_read_knows_nobody(
    text: str, private: FakeIndex, project: MakeProject
) -> None:
    made = project(manifest("alpha"))
    (made.home / ".netrc").write_text(text)
    (made.home / ".netrc").chmod(0o600)
    assert made.run("lock").exit_code == 3
    assert told(private) == set()


def test_a_host_that_only_a_project_trusts_is_told_nothing(project: MakeProject, transport: str) -> None:
    """A checkout may call an index good without a certificate; it does not learn the password for it."""
    more = '[[tool.hutch.index]]\nname = "corp"\nurl = "http://corp.example/simple/"\nverify = false\n'
    made = project(manifest("alpha", more=more))
    write_netrc(made, "corp.example")

    def script(asked: Asked) -> list[object]:
        return [answer(401, b"who are you?")]

    with serving(script) as proxy:
        environ = {
            "HUTCH_INDEX_CORP_USERNAME": USER,
            "HUTCH_INDEX_CORP_PASSWORD": SECRET,
            "HTTP_PROXY": proxy.url,
        }
        ran = made.run("lock", environ=environ)
        assert shown(ran) == block("""
            exit 3
            error: the index corp (corp.example) answered 401 for alpha
              it was told no password: only the project says that corp.example needs no certificate
              later indexes are not asked, because they might hold another project of that name
            try: if you trust that network, name corp.example in trusted-host of a hutch.toml of your own
        """)
        assert [asked.headers.get("authorization") for asked in proxy.log] == [None]
        made.run("lock", environ={**environ, "HUTCH_TRUSTED_HOST": "corp.example"})
        assert proxy.log[-1].headers["authorization"] == f"Basic {BASIC}"


def test_the_keyring_is_asked_for_no_host_that_only_a_project_trusts(
    project: MakeProject, transport: str
) -> None:
    more = '[[tool.hutch.index]]\nname = "corp"\nurl = "http://corp.example/simple/"\nverify = false\n'
    made = project(manifest("alpha", more=more))
    keyring = FakeKeyring(made.home / "bin")
    keyring.put("http://corp.example/simple/", USER, SECRET)
    path = f"{keyring.folder}{os.pathsep}{os.environ['PATH']}"
    with serving(lambda asked: [answer(401)]) as proxy:
        environ = {"HTTP_PROXY": proxy.url, "PATH": path, "HUTCH_KEYRING_PROVIDER": "subprocess"}
        assert made.run("lock", environ=environ).exit_code == 3
        assert keyring.asked() == []
        made.run("lock", environ={**environ, "HUTCH_TRUSTED_HOST": "corp.example"})
        assert keyring.asked() != []
        assert proxy.log[-1].headers["authorization"] == f"Basic {BASIC}"


def test_the_keyring_is_asked_for_no_host_that_a_page_names(
    index: FakeIndex, second: FakeIndex, project: MakeProject, transport: str
) -> None:
    """Else a page could have it asked for anything, and a window come up for it."""
    second.credentials = f"{USER}:{SECRET}"
    second.projects = index.projects
    index.add_wheel("alpha", "1.0", sidecar="none")
    (entry,) = index.entries("alpha")
    link = f"{second.files_url}{entry['filename']}#sha256={entry['hashes']['sha256']}"
    html = f'<html><a href="{link}">x</a></html>'.encode()
    index.fault("/simple/alpha/", answer=Answer(headers=(("Content-Type", "text/html"),), body=html))
    made = project(manifest("alpha"))
    keyring = FakeKeyring(made.home / "bin")
    for service in (second.url, second.url.split("/")[2], second.files_url):
        keyring.put(service, USER, SECRET)
    path = f"{keyring.folder}{os.pathsep}{os.environ['PATH']}"
    ran = made.run("sync", environ={"PATH": path, "HUTCH_KEYRING_PROVIDER": "subprocess"})
    assert ran.exit_code == 3
    assert keyring.asked() == []
    assert told(second) == set()


# -- what is said and written ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 500, 302])
@pytest.mark.parametrize(
    "command", ["lock", "lock -v", "sync --json", "pip install alpha", "outdated --json"]
)
def test_c07_no_message_has_a_password(
    status: int, command: str, private: FakeIndex, project: MakeProject
) -> None:
    """Poetry prints it on a 403."""
    made = project(manifest("alpha"))
    (made.path / ".venv").mkdir()
    private.credentials = None
    where = (("Location", f"https://{USER}:{SECRET}@gone.invalid/?token={SECRET}"),) if status == 302 else ()
    private.fault("*", status=status, headers=where)
    environ = {"HUTCH_INDEX_URL": with_user(private.url), "HUTCH_DEBUG": "1"}
    if command.startswith("pip"):
        made.run("venv --clear").ok()
    ran = made.run(command, environ=environ)
    assert ran.exit_code in (1, 2, 3)
    assert SECRET not in ran.stderr + ran.stdout
    assert BASIC not in ran.stderr + ran.stdout
    assert everywhere(made.path, SECRET) == []


def test_c07_a_token_in_the_query_of_an_index(private: FakeIndex, project: MakeProject) -> None:
    """Its pages would not have it; and a query is shown and written where a password is not."""
    made = project(manifest("alpha"))
    ran = made.run("lock", environ={"HUTCH_INDEX_URL": f"{private.url}?token={SECRET}"})
    assert ran.exit_code == 1
    assert (
        "an index has no query (?…): what proves who you are belongs before its host, or into" in ran.stderr
    )
    assert SECRET not in ran.stderr


def test_c08_a_token_in_the_query_of_a_page_of_links(private: FakeIndex, project: MakeProject) -> None:
    private.credentials = None
    (entry,) = private.entries("alpha")
    link = f"{entry['url']}#sha256={entry['hashes']['sha256']}"
    html = f'<html><a href="{link}">x</a></html>'.encode()
    private.pages["/links"] = Answer(headers=(("Content-Type", "text/html"),), body=html)
    made = project(manifest("alpha"))
    address = private.url.replace("/simple/", f"/links?token={SECRET}")
    made.run("sync -v", environ={"HUTCH_FIND_LINKS": address, "HUTCH_NO_INDEX": "1"}).ok()
    assert installed(made) == {"alpha": "1.0"}
    assert everywhere(made.path, SECRET) == []
    assert everywhere(made.home, SECRET) == []


def test_c07_what_is_shown_of_the_configuration(private: FakeIndex, project: MakeProject) -> None:
    made = project(manifest("alpha"))
    environ = {
        "HUTCH_INDEX_URL": with_user(private.url),
        "HUTCH_EXTRA_INDEX_URL": f"https://{SECRET}@x.example/simple/",
        "HUTCH_PROXY": f"http://{USER}:{SECRET}@proxy.example:1",
        "HUTCH_INDEX_CORP_PASSWORD": SECRET,
    }
    for command in ("config show", "config show --json"):
        ran = made.run(command, environ=environ).ok()
        assert SECRET not in ran.stdout + ran.stderr


def test_c07_a_proxy_that_refuses(private: FakeIndex, project: MakeProject) -> None:
    made = project(manifest("alpha"))
    with serving(lambda asked: [answer(407, b"no")]) as proxy:
        for environ in ({"HTTP_PROXY": with_user(proxy.url)}, {"HTTPS_PROXY": with_user(proxy.url)}):
            https = {"HUTCH_INDEX_URL": "https://index.example/simple/"} if "HTTPS_PROXY" in environ else {}
            ran = made.run("lock -v", environ={**environ, **https, "HUTCH_DEBUG": "1"})
            assert ran.exit_code == 3
            assert SECRET not in ran.stderr


def test_c08_a_password_in_a_file_of_the_project_is_not_passed_on(
    private: FakeIndex, project: MakeProject
) -> None:
    """Of the URL of an index and of a file, the lock says what is no secret."""
    (file,) = private.projects["alpha"]
    url = with_user(private.files_url) + file.filename
    source = f'[tool.hutch]\nindex-url = "{with_user(private.url)}"\n'
    source += f'[tool.hutch.sources]\nalpha = {{ url = "{url}" }}\n'
    made = project(manifest("alpha", more=source), HUTCH_INDEX_URL=None)
    made.run("sync").ok()
    made.run("export --output-file requirements.txt").ok()
    assert installed(made) == {"alpha": "1.0"}
    found = [path for path in everywhere(made.path, SECRET) if not path.endswith("pyproject.toml")]
    assert found == []
    assert everywhere(made.home, SECRET) == []


def test_c08_neither_arguments_nor_the_list_of_processes_have_it(
    private: FakeIndex, project: MakeProject, tmp_path: Path
) -> None:
    """What a build starts sees the variables that it is allowed, and no password in its arguments."""
    marker = tmp_path / "seen"
    backend = (
        "import os, sys, pathlib\n"
        "def look():\n"
        "    text = repr(dict(os.environ)) + repr(sys.argv)\n"
        "    for each in ('self', str(os.getppid())):\n"
        "        try: text += pathlib.Path('/proc', each, 'cmdline').read_text('latin-1')\n"
        "        except OSError: pass\n"
        f"    print('SEEN', {SECRET!r} in text, file=sys.stderr)\n"
        f"    raise SystemExit('secret' if {SECRET!r} in text else 'clean')\n"
        "def build_wheel(*a, **k): look()\n"
        "def prepare_metadata_for_build_wheel(*a, **k): look()\n"
    )
    text = (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "lib"\ndynamic = ["version"]\n'
    )
    source = '[tool.hutch.sources]\nlib = { path = "lib" }\n'
    made = project(
        {
            "pyproject.toml": manifest("lib", more=source),
            "lib/pyproject.toml": text,
            "lib/backend.py": backend,
        }
    )
    environ = {
        "HUTCH_INDEX_URL": with_user(private.url),
        "HUTCH_INDEX_CORP_PASSWORD": SECRET,
        "PIP_INDEX_URL": with_user(private.url),
        "UV_INDEX_CORP_PASSWORD": SECRET,
        "POETRY_HTTP_BASIC_CORP_PASSWORD": SECRET,
        "POETRY_PYPI_TOKEN_CORP": SECRET,
        "PDM_PYPI_PASSWORD": SECRET,
        "PDM_PUBLISH_PASSWORD": SECRET,
        "TWINE_PASSWORD": SECRET,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "GITHUB_TOKEN": SECRET,
    }
    ran = made.run("lock", environ=environ)
    assert ran.exit_code == 1
    assert "clean" in ran.stderr, ran.stderr
    assert SECRET not in ran.stderr
    assert not marker.exists()


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=9, max_size=24
).filter(lambda word: word.strip() and "\\" not in word)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(user=WORDS, secret=WORDS, right=st.booleans())
def test_c07_c08_whatever_the_password_it_is_in_no_output_and_no_file(
    user: str, secret: str, right: bool, index: FakeIndex, project: MakeProject
) -> None:
    from urllib.parse import quote

    secret += "Zq7x"  # no part of a word that is said anyway
    index.projects.clear()
    index.log.clear()
    index.add_wheel("alpha", "1.0")
    index.credentials = f"{user}:{secret}" if right and ":" not in user else "somebody:else"
    made = project(manifest("alpha"))
    url = index.url.replace("//", f"//{quote(user, safe='')}:{quote(secret, safe='')}@")
    environ = {"HUTCH_INDEX_URL": url, "HUTCH_DEBUG": "1", "HUTCH_NO_CACHE": None}
    said = ""
    for command in ("sync -v", "sync --json", "tree", "export", "config show", "lock --upgrade --refresh -v"):
        ran = made.run(command, environ=environ)
        assert ran.exit_code != 70, ran.stderr
        said += ran.stdout + ran.stderr
    forms = {secret, quote(secret, safe=""), base64.b64encode(f"{user}:{secret}".encode()).decode()}
    assert not [form for form in forms if form in said]
    assert everywhere(made.path, *forms) == []
    assert everywhere(made.home, *forms) == []


def test_c08_nor_into_an_environment(private: FakeIndex, project: MakeProject) -> None:
    """PEP 610: ``direct_url.json`` has no password."""
    (file,) = private.projects["alpha"]
    made = project("")
    made.run("venv").ok()
    url = with_user(private.files_url) + file.filename
    for words in (f"install {url}", f"install --reinstall 'alpha @ {url}'"):
        ran = made.run(f"pip {words}").ok()
        assert SECRET not in ran.stdout + ran.stderr
    assert installed(made) == {"alpha": "1.0"}
    assert everywhere(made.path, SECRET, f"{USER}:{SECRET}") == []
    assert everywhere(made.home, SECRET, f"{USER}:{SECRET}") == []


def test_a_host_that_only_a_requirements_file_trusts_is_told_nothing(
    project: MakeProject, transport: str
) -> None:
    made = project(
        {"requirements.txt": "--index-url http://corp.example/simple/\n--trusted-host corp.example\nalpha\n"}
    )
    made.run("venv").ok()
    write_netrc(made, "corp.example")
    with serving(lambda asked: [answer(401)]) as proxy:
        environ = {"HTTP_PROXY": proxy.url, "HUTCH_INDEX_URL": None}
        ran = made.run("pip install -r requirements.txt", environ=environ)
        assert ran.exit_code == 3
        assert [asked.headers.get("authorization") for asked in proxy.log] == [None]
        own = {**environ, "HUTCH_TRUSTED_HOST": "corp.example"}
        made.run("pip install -r requirements.txt", environ=own)
        assert proxy.log[-1].headers["authorization"] == f"Basic {BASIC}"


def test_a_password_for_the_default_index_of_one_project_is_not_told_to_everybodys(
    index: FakeIndex, project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``HUTCH_INDEX_DEFAULT_PASSWORD`` without ``HUTCH_INDEX_URL``, in another project."""
    import hutch.net

    monkeypatch.setattr(hutch.net, "default_index_url", lambda: index.url, raising=False)
    index.add_wheel("alpha", "1.0")
    made = project(manifest("alpha"))
    variables = {"HUTCH_INDEX_DEFAULT_USERNAME": USER, "HUTCH_INDEX_DEFAULT_PASSWORD": SECRET}
    made.run("lock", environ={**variables, "HUTCH_INDEX_URL": None}).ok()
    assert index.log != []
    assert told(index) == set()
    made.run("lock --refresh --upgrade", environ=variables).ok()
    assert told(index) == {f"Basic {BASIC}"}
