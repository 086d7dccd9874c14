"""``hutch auth``: what is kept where, what is said of it, and that every command uses it."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from commands.support import block, installed, manifest, shown
from fake_keyring import FakeKeyring
from faults.transports import transport

__all__ = ["transport"]

SECRET = "hunter2-and-more"


@pytest.fixture
def corp(project, index):
    """A project whose index ``corp`` wants to know who asks."""
    index.credentials = f"bob:{SECRET}"
    index.add_wheel("alpha", "1.0")
    more = f'[[tool.hutch.index]]\nname = "corp"\nurl = "{index.url}"\ndefault = true\n'
    return project(manifest("alpha", more=more), HUTCH_INDEX_URL=None)


@pytest.fixture
def keyring(tmp_path):
    return FakeKeyring(tmp_path / "bin")


def with_keyring(keyring, provider="subprocess"):
    return {"PATH": f"{keyring.folder}{os.pathsep}{os.environ['PATH']}", "HUTCH_KEYRING_PROVIDER": provider}


def login(made, words="", secret=SECRET, **environ):
    return made.run(f"auth login {words} --stdin", stdin=f"{secret}\n", environ=environ)


# -- login, and what it opens ----------------------------------------------------------------------


def test_without_a_log_in_the_message_says_how(corp):
    assert shown(corp.run("lock")) == block("""
        exit 3
        error: the index corp (<index>) answered 401 for alpha
          it was told no password: none is known for it
          later indexes are not asked, because they might hold another project of that name
        try: `hutch auth login corp`
         or: set HUTCH_INDEX_CORP_USERNAME and HUTCH_INDEX_CORP_PASSWORD, or name 127.0.0.1 in ~/.netrc
    """)


def test_a_password_is_kept_in_a_file_where_there_is_no_keyring(corp):
    ran = login(corp, "corp --username bob", PATH="/nowhere")
    assert shown(ran) == block("""
        exit 0
        Kept the password for corp (http://<index>/simple/) in <home>/data/credentials.json,
          as plain text that nobody but you can read
          there is no program keyring on the PATH
    """)
    path = corp.home / "data" / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    corp.run("sync").ok()
    assert installed(corp) == {"alpha": "1.0"}
    corp.run("pip install --reinstall alpha").ok()
    assert shown(corp.run("auth list")) == block("""
        exit 0
        -- stdout --
        kept by hutch auth login:
          http://<index>/simple/  bob  in <home>/data/credentials.json

        indexes, and where their credentials come from:
          corp  http://<index>/simple/  hutch auth login
    """)
    assert shown(corp.run("auth logout corp")) == block("""
        exit 0
        Forgot the password for corp (http://<index>/simple/)
    """)
    assert SECRET not in path.read_text()
    assert corp.run("lock --refresh --upgrade").exit_code == 3


def test_a_password_is_kept_in_the_keyring_that_there_is(corp, index, keyring):
    environ = with_keyring(keyring)
    assert shown(login(corp, "corp --username bob", **environ)) == block("""
        exit 0
        Kept the password for corp (http://<index>/simple/) in the system's keyring
    """)
    assert keyring.known() == [[index.url, "bob", SECRET]]
    assert SECRET not in (corp.home / "data" / "credentials.json").read_text()
    asked = len(keyring.asked())
    corp.run("sync", environ=environ).ok()
    assert len(keyring.asked()) == asked + 1  # once a command, however many requests
    assert "hutch auth login, in the keyring" in corp.run("auth list", environ=environ).ok().stdout
    corp.run("auth logout corp", environ=environ).ok()
    assert keyring.known() == []
    assert json.loads((corp.home / "data" / "credentials.json").read_text())["credentials"] == []


def test_a_keyring_that_fails_gives_way_to_a_file_unless_it_was_asked_for(corp, keyring):
    keyring.mood("forgets")
    ran = login(corp, "corp --token", **with_keyring(keyring)).ok()
    assert "as plain text that nobody but you can read\n  the keyring did not keep it\n" in ran.stderr
    ran = login(corp, "corp --token --store keyring", **with_keyring(keyring))
    assert shown(ran) == block("""
        exit 1
        error: the password for corp (http://<index>/simple/) is not kept
          the keyring did not keep it
        try: --store file keeps it as plain text
    """)


def test_another_log_in_takes_the_place_of_the_first(corp, index, keyring):
    environ = with_keyring(keyring)
    login(corp, "corp --username eve", **environ).ok()
    login(corp, f"{index.url.rstrip('/')} --username bob --store file", **environ).ok()
    assert keyring.known() == []
    rows = json.loads(corp.run("auth list --json").ok().stdout)
    assert [(row["username"], row["kept"]) for row in rows["saved"]] == [("bob", "file")]
    corp.run("lock").ok()


def test_json_and_dry_runs(corp):
    said = json.loads(corp.run("auth login corp --dry-run --json", environ={"PATH": "/nowhere"}).ok().stdout)
    assert said == {
        "url": "http://<index>/simple/",
        "index": "corp",
        "kept": "file",
        "path": "<home>/data/credentials.json",
        "reason": "there is no program keyring on the PATH",
        "counts_before": None,
        "dry_run": True,
    }
    assert not (corp.home / "data").exists()
    login(corp, "corp --token").ok()
    assert json.loads(corp.run("auth logout --dry-run --json").ok().stdout)["kept"] == "file"
    said = json.loads(corp.run("auth list --json").ok().stdout)
    assert [row["username"] for row in said["saved"]] == ["__token__"]
    assert said["indexes"] == [
        {"name": "corp", "url": "http://<index>/simple/", "source": "hutch auth login"}
    ]


def test_a_variable_counts_before_a_log_in(corp):
    environ = {"HUTCH_INDEX_CORP_PASSWORD": "wrong", "PATH": "/nowhere"}
    assert (
        login(corp, "corp -u bob", **environ)
        .ok()
        .stderr.endswith("  HUTCH_INDEX_CORP_PASSWORD counts before it\n")
    )
    assert shown(corp.run("lock", environ=environ)) == block("""
        exit 3
        error: the index corp (<index>) answered 401 for alpha
          it did not take the user name and password of HUTCH_INDEX_CORP_PASSWORD
          later indexes are not asked, because they might hold another project of that name
        try: correct HUTCH_INDEX_CORP_PASSWORD, which counts before all else
    """)


def test_a_wrong_log_in(corp):
    login(corp, "corp -u bob", secret="wrong").ok()
    assert shown(corp.run("lock")) == block("""
        exit 3
        error: the index corp (<index>) answered 401 for alpha
          it did not take the user name and password of hutch auth login
          later indexes are not asked, because they might hold another project of that name
        try: `hutch auth login corp` once more
    """)


def test_403_says_that_this_user_may_not(corp, index):
    index.credentials = None
    index.fault("/simple/*", status=403)
    (corp.home / ".netrc").write_text(f"machine 127.0.0.1 login bob password {SECRET}\n")
    assert shown(corp.run("lock")) == block("""
        exit 3
        error: the index corp (<index>) answered 403 for alpha
          it was told who asks (as <home>/.netrc says), and does not allow it
          later indexes are not asked, because they might hold another project of that name
        try: ask whoever runs it for access, or `hutch auth login corp` as somebody else
    """)


def test_files_elsewhere_that_want_a_password(project, index):
    """The page is open, the file is not."""
    index.add_wheel("alpha", "1.0")
    index.fault("/files/*", status=401)
    ran = project(manifest("alpha")).run("sync")
    assert ran.exit_code == 3
    assert "try: `hutch auth login http://<index>/`\n or: name 127.0.0.1 in ~/.netrc\n" in ran.stderr


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        ("login other", 2, "no index is called other\n  configured here: corp"),
        ("login http://corp.example/", 3, "no password is kept for corp.example over plain http"),
        ("login https://a:b@corp.example/", 2, "a password does not belong into a URL on the command line"),
        ("login ftp://corp.example/", 2, "nobody is asked for a password at ftp://corp.example/"),
        ("login corp", 2, "hutch auth login asks questions, and there is no terminal to ask on"),
        ("login corp --token --username x", 2, "--username and --token exclude each other"),
        ("login https://x.example/ --from poetry", 2, "Poetry knows passwords by the names of indexes"),
        ("login corp --from pdm", 1, "PDM has no password for an index called corp"),
        ("logout", 1, "no log-in is kept for corp (http://<index>/simple/)\n  kept are: none"),
    ],
)
def test_wrong_words(words, code, expected, corp):
    ran = corp.run(f"auth {words}")
    assert ran.exit_code == code
    assert f"error: {expected}" in ran.stderr


@pytest.mark.parametrize(
    ("words", "typed", "expected"),
    [
        ("corp --stdin", "x\n", "--stdin needs a user name"),
        ("corp --token --stdin", "\n", "there is no password"),
        ("corp --token --stdin", "a\nb\n", "this is no password"),
        ("corp --token --stdin", "a\x1b[2J\n", "this is no password"),
    ],
)
def test_wrong_passwords(words, typed, expected, corp):
    ran = corp.run(f"auth login {words}", stdin=typed)
    assert (ran.exit_code, expected in ran.stderr) == (2, True)
    assert not (corp.home / "data" / "credentials.json").exists()


def test_a_damaged_file_of_log_ins(corp):
    (corp.home / "data").mkdir()
    (corp.home / "data" / "credentials.json").write_text("{")
    assert shown(login(corp, "corp --token", PATH="/nowhere")) == block("""
        exit 1
        error: cannot use <home>/data/credentials.json, where log-ins are kept
          it is not JSON
        try: delete it, and log in again
    """)
    assert corp.run("lock").exit_code == 3  # goes on without


def test_questions_on_a_terminal(corp):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    screen = b""
    process = corp.start("auth login corp --store file", stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    try:
        for question, typed in ((b"user name", b"bob\n"), (b"password: ", f"{SECRET}\n".encode())):
            while question not in screen.rpartition(b"\n")[2]:
                screen += os.read(ours, 1024)
            os.write(ours, typed)
        process.communicate(timeout=120)
        screen += os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 0
    assert SECRET.encode() not in screen
    corp.run("lock").ok()


# -- the keyring, after a refusal --------------------------------------------------------------------


@pytest.mark.parametrize("service", ["url", "host"])
def test_the_keyring_is_asked_after_a_refusal_alone(service, corp, index, keyring, transport):
    place = index.url if service == "url" else index.url.split("/")[2]
    keyring.put(place, "bob", SECRET)
    for name in ("beta", "gamma", "delta"):
        index.add_wheel(name, "1.0")
    text = corp.read("pyproject.toml").replace('["alpha"]', '["alpha", "beta", "gamma", "delta"]')
    corp.write({"pyproject.toml": text})
    environ = with_keyring(keyring)
    ran = corp.run("lock -v", environ=environ).ok()
    assert SECRET not in ran.stderr
    # Once for all who wait: by the address, with a slash and without, then by the host.
    asked = len(keyring.asked())
    assert asked == (1 if service == "url" else 3)
    index.credentials = None
    corp.run("lock --refresh --upgrade", environ=environ).ok()
    assert len(keyring.asked()) == asked


def test_a_user_name_in_the_url_is_what_the_keyring_is_asked_for(project, index, keyring, transport):
    index.credentials = f"bob:{SECRET}"
    index.add_wheel("alpha", "1.0")
    keyring.put(index.url, "eve", "wrong")
    keyring.put(index.url, "bob", SECRET)
    made = project(manifest("alpha"), HUTCH_INDEX_URL=index.url.replace("//", "//bob@"))
    made.run("sync", environ=with_keyring(keyring)).ok()
    assert [each["words"] for each in keyring.asked()] == [["get", index.url, "bob"]]


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("auto", "the keyring is not asked without a terminal (--keyring-provider subprocess asks it)"),
        ("subprocess", "the keyring gave no answer within 0.5 seconds"),
        ("disabled", None),
    ],
)
def test_a_keyring_that_would_hang(provider, said, corp, keyring):
    keyring.put("x", "y", "z")
    keyring.mood("hangs")
    environ = {**with_keyring(keyring, provider), "HUTCH_TIMEOUT": "0.5"}
    ran = corp.run("lock", environ=environ)
    assert ran.exit_code == 3
    assert bool(keyring.asked()) == (provider == "subprocess")
    why = "  it was told no password: none is known for it\n"
    told = f"  {said}\n" if said else ""
    assert why + told + "  later indexes" in ran.stderr


@pytest.mark.parametrize("ci", [False, True])
def test_where_somebody_sits_at_a_terminal_the_keyring_is_asked(ci, corp, index, keyring):
    pty = pytest.importorskip("pty")
    keyring.put(index.url, "bob", SECRET)
    corp.environ |= {"PATH": with_keyring(keyring)["PATH"], **({"CI": "true"} if ci else {})}
    ours, theirs = pty.openpty()
    try:
        process = corp.start("lock", stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
        process.communicate(timeout=120)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == (3 if ci else 0)
    assert bool(keyring.asked()) == (not ci)
    assert not any(each["tty"] for each in keyring.asked())


@pytest.mark.parametrize("way", ["flag", "PIP_KEYRING_PROVIDER", "UV_KEYRING_PROVIDER", "pip.conf"])
def test_who_says_that_the_keyring_is_asked(way, corp, index, keyring):
    keyring.put(index.url, "bob", SECRET)
    environ = {"PATH": with_keyring(keyring)["PATH"]}
    words = ""
    if way == "flag":
        words = " --keyring-provider subprocess"
    elif way == "pip.conf":
        (corp.home / "pip.conf").write_text("[global]\nkeyring-provider = import\n")
        environ["PIP_CONFIG_FILE"] = str(corp.home / "pip.conf")
    else:
        environ[way] = "subprocess"
    corp.run(f"lock{words}", environ=environ).ok()


def test_a_project_does_not_say_that_the_keyring_is_asked(corp, index, keyring):
    keyring.put(index.url, "bob", SECRET)
    corp.write({"hutch.toml": 'keyring-provider = "subprocess"\n'})
    ran = corp.run("lock", environ={"PATH": with_keyring(keyring)["PATH"]})
    assert ran.exit_code == 3
    assert keyring.asked() == []
    assert "keyring-provider" in ran.stderr


# -- what other tools know ----------------------------------------------------------------------------


def poetry(made, *, url=None, password=SECRET):
    folder = made.home / ".config" / "pypoetry"
    folder.mkdir(parents=True)
    if url:
        (folder / "config.toml").write_text(f'[repositories.corp]\nurl = "{url}"\n')
    secret = f'password = "{password}"\n' if password else ""
    (folder / "auth.toml").write_text(f'[http-basic.corp]\nusername = "bob"\n{secret}')


def test_a_password_of_poetry_is_used_where_its_user_says_the_address(corp, index):
    poetry(corp, url=index.url)
    corp.run("sync").ok()
    assert installed(corp) == {"alpha": "1.0"}


def test_a_name_alone_is_asked_about_once(corp, index):
    """A checkout says which address is called corp; its reader says whether that is right."""
    poetry(corp)
    assert shown(corp.run("lock")) == block("""
        exit 3
        error: the index corp (<index>) answered 401 for alpha
          it was told no password: none is known for it
          Poetry has one for the name corp; that <index> is called so, only this project says
          later indexes are not asked, because they might hold another project of that name
        try: if <index> is right: `hutch auth login corp --from poetry`
         or: `hutch auth login corp`
    """)
    assert not any("authorization" in headers for _, headers in index.log)
    assert "none: Poetry has one for this name, not for this address" in corp.run("auth list").stdout
    corp.run("auth login corp --from poetry", environ={"PATH": "/nowhere"}).ok()
    corp.run("lock").ok()


def test_the_users_own_index_of_that_name_says_the_address_as_well(corp, index):
    poetry(corp)
    folder = corp.home / ".config" / "hutch"
    folder.mkdir(parents=True)
    (folder / "hutch.toml").write_text(f'[[index]]\nname = "corp"\nurl = "{index.url}"\ndefault = true\n')
    corp.write({"pyproject.toml": manifest("alpha")})
    corp.run("lock").ok()


def test_what_poetry_keeps_in_the_keyring(corp, keyring):
    poetry(corp, password="")
    environ = with_keyring(keyring, "auto")
    ran = corp.run("auth login corp --from poetry", environ=environ)
    assert ran.exit_code == 1
    assert "auth.toml has the user name alone, and the keyring has no password for it" in ran.stderr
    keyring.put("poetry-repository-corp", "bob", SECRET)
    corp.run("auth login corp --from poetry", environ=environ).ok()
    corp.run("lock").ok()


def test_settings_of_pdm(corp, index):
    (corp.home / ".config" / "pdm").mkdir(parents=True)
    text = f'[pypi.corp]\nurl = "{index.url}"\nusername = "bob"\npassword = "{SECRET}"\n'
    (corp.home / ".config" / "pdm" / "config.toml").write_text(text)
    corp.run("lock").ok()
    assert corp.run("lock --no-config --refresh", environ={"HUTCH_INDEX_URL": index.url}).exit_code == 3


def test_a_log_in_of_uv(corp, index):
    folder = corp.home / ".local" / "share" / "uv" / "credentials"
    folder.mkdir(parents=True)
    rows = {"service": index.url, "username": "bob", "scheme": "basic", "password": SECRET}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())
    (folder / "credentials.toml").write_text(f"[[credential]]\n{lines}")
    corp.run("lock").ok()


def test_a_log_in_opens_addresses_and_requirements_files_as_well(project, index):
    index.credentials = f"bob:{SECRET}"
    (file,) = [index.add_wheel("alpha", "1.0")]
    made = project("")
    made.run("venv").ok()
    origin = index.url.removesuffix("simple/")
    login(made, f"{origin} -u bob").ok()
    made.run(f"pip install {index.files_url}{file.filename}").ok()
    assert installed(made) == {"alpha": "1.0"}


# -- git ----------------------------------------------------------------------------------------------


@pytest.fixture
def forge(tmp_path):
    """A repository that wants to know who asks, over http; ``told`` is what it was told."""
    source = tmp_path / "lib"
    source.mkdir()
    (source / "pyproject.toml").write_text('[project]\nname = "lib"\nversion = "1.0"\n')
    words = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
    for command in (["init", "-q"], ["add", "."], [*words, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=source, check=True)
    root = tmp_path / "forge"
    subprocess.run(["git", "clone", "-q", "--bare", str(source), str(root / "team" / "lib.git")], check=True)
    subprocess.run(["git", "update-server-info"], cwd=root / "team" / "lib.git", check=True)
    told = []
    expected = "Basic " + base64.b64encode(f"bob:{SECRET}".encode()).decode()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):
            told.append(self.headers.get("Authorization"))
            if told[-1] == expected:
                super().do_GET()
            else:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/team/lib.git", told
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("store", ["file", "keyring"])
def test_a_log_in_opens_repositories_below_it(store, project, forge, keyring):
    url, told = forge
    source = f'[tool.hutch.sources]\nlib = {{ git = "{url}" }}\n'
    made = project(manifest("lib", more=source))
    environ = with_keyring(keyring)
    assert made.run("lock", environ=environ).exit_code == 3
    login(made, f"{url.replace('/team/lib.git', '/tea')} -u bob --store {store}", **environ).ok()
    assert made.run("lock", environ=environ).exit_code == 3
    assert set(told) == {None}
    login(made, f"{url.replace('/lib.git', '')} -u bob --store {store}", **environ).ok()
    ran = made.run("lock -v", environ=environ).ok()
    assert SECRET not in ran.stderr + made.read("pylock.toml")
    for path in (made.home / "cache").rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes()


def test_the_index_that_nobody_configured_is_not_meant(project):
    made = project("", HUTCH_INDEX_URL=None)
    for words in ("login --token --stdin", "logout"):
        ran = made.run(f"auth {words}", stdin="x\n")
        assert (ran.exit_code, "error: which index is it for?" in ran.stderr) == (2, True)


def test_an_index_without_a_name_is_told_by_its_address(corp, index):
    """`default` is another index in the next command, and may be everybody's."""
    corp.run("venv").ok()
    ran = corp.run(f"pip install alpha --index-url {index.url}")
    assert "try: `hutch auth login http://<index>/simple/`\n" in ran.stderr
    assert "DEFAULT" not in ran.stderr


@pytest.mark.parametrize("status", [401, 403])
def test_a_requirements_file_that_wants_a_password(status, corp, index):
    corp.run("venv").ok()
    index.fault("/req.txt", status=status)
    ran = corp.run(f"pip install -r {index.url.removesuffix('simple/')}req.txt")
    assert "try: `hutch auth login http://<index>/`\n" in ran.stderr
