"""Where passwords come from, in which order, and who is told which."""

from __future__ import annotations

import netrc as stdlib_netrc
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_keyring import FakeKeyring
from hutch.net.certificates import certificates_by_origin
from hutch.net.credentials import Credential, KnownIndex, Wallet, index_credential, tool_logins_for
from hutch.net.keyring import KeyringOptions, KeyringProgram, clean
from hutch.net.netrc import NetrcEntry, parse_netrc
from hutch.net.options import NetOptions
from hutch.net.saved import CannotKeep, SavedCredential, acl_command, read_saved, write_saved
from hutch.net.tool_logins import read_tool_logins

URL = "https://index.example/simple/"


def pair(found: Credential | None) -> tuple[str, str] | None:
    return found and (found.username, found.password)


# -- variables and URLs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"UV_INDEX_CORP_USERNAME": "u", "UV_INDEX_CORP_PASSWORD": "p"}, ("u", "p")),
        ({"POETRY_HTTP_BASIC_CORP_USERNAME": "u", "POETRY_HTTP_BASIC_CORP_PASSWORD": "p"}, ("u", "p")),
        ({"HUTCH_INDEX_CORP_PASSWORD": "h", "UV_INDEX_CORP_PASSWORD": "p"}, ("__token__", "h")),
        ({"UV_INDEX_CORP_PASSWORD": "v", "POETRY_HTTP_BASIC_CORP_PASSWORD": "p"}, ("__token__", "v")),
        ({"HUTCH_INDEX_CORP_USERNAME": "token-alone"}, ("token-alone", "")),
        ({"HUTCH_INDEX_CORP_USERNAME": "", "HUTCH_INDEX_CORP_PASSWORD": "p"}, ("", "p")),
        # A secret that a fork's CI does not have is empty, and says nothing.
        ({"HUTCH_INDEX_CORP_USERNAME": "", "HUTCH_INDEX_CORP_PASSWORD": ""}, None),
        ({"PDM_PYPI_PASSWORD": "p"}, None),
        ({"UV_INDEX_OTHER_PASSWORD": "p"}, None),
    ],
)
def test_variables(environ: dict[str, str], expected: tuple[str, str] | None) -> None:
    assert pair(index_credential("corp", URL, environ)) == expected


def test_variables_of_pdm_are_for_the_index_that_it_calls_pypi() -> None:
    environ = {"PDM_PYPI_USERNAME": "u", "PDM_PYPI_PASSWORD": "p"}
    assert pair(index_credential("pypi", URL, environ)) == ("u", "p")


def test_variables_come_before_the_url_and_take_from_it_what_they_leave_out() -> None:
    url = "https://bob:old@index.example/simple/"
    assert pair(index_credential("corp", url, {"UV_INDEX_CORP_PASSWORD": "new"})) == ("bob", "new")
    assert pair(index_credential("corp", url, {})) == ("bob", "old")
    found = index_credential("corp", url, {}, "the URL in pip.conf")
    assert found is not None
    assert found.source == "the URL in pip.conf"
    assert "old" not in repr(found)


# -- netrc -------------------------------------------------------------------------------------------

FORMS = [
    "machine a login u password p",
    "machine A\n  login u\n  password p\n\nmachine b login v password q\n",
    'machine a login "u v" password "p\\"q"',
    "machine a login u password p\\ q",
    "# machine x login y\nmachine a login u password p # machine c login d\nmachine b login v password q",
    "machine a login u password #p",
    "machine a user u account n password p",
    "machine a account n password p",
    "default login u password p",
    "macdef init\ncd /\nls\n\nmachine a login u password p",
    "machine a\nmachine b login u password p",
    "\r\nmachine a login u password p\r\n",
    "",
    "machine",
    "machine a login",
    "machine a what u",
    "macdef x\n",
    "nonsense",
]


@pytest.mark.parametrize("text", FORMS)
def test_a_netrc_means_what_it_means_to_the_standard_library(text: str, tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text(text, newline="")
    try:
        hosts = stdlib_netrc.netrc(str(path)).hosts
    except stdlib_netrc.NetrcParseError:
        hosts = {}
    expected = {
        None if host == "default" else host.lower(): (login or account or "", password or "")
        for host, (login, account, password) in hosts.items()
    }
    assert {each.host: (each.username, each.password) for each in parse_netrc(text)} == expected


@given(st.text(st.sampled_from('machinedefault logpsw#"\\\n ') | st.characters(), max_size=80))
def test_no_text_is_too_much(text: str) -> None:
    parse_netrc(text)


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\#'), min_size=1)


@given(st.lists(st.tuples(st.sampled_from("abc"), WORD, WORD), max_size=6))
def test_several_logins_of_a_host_are_all_kept(rows: list[tuple[str, str, str]]) -> None:
    text = "".join(f"machine {host} login {user} password {word}\n" for host, user, word in rows)
    assert parse_netrc(text) == tuple(NetrcEntry(*row) for row in rows)


def test_the_user_name_of_a_url_says_which_login_of_a_netrc(tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine index.example login a password 1\nmachine index.example login b password 2\n")
    origin = "https://index.example"

    def told(*given: Credential) -> tuple[str, str] | None:
        return pair(Wallet(given, netrc=str(path)).find(origin, "index.example", "/simple/x/"))

    assert told() == ("b", "2")  # as for pip and uv: the last
    assert told(Credential(origin=origin, username="a")) == ("a", "1")
    assert told(Credential(origin=origin, username="c")) == ("c", "")  # may be a token
    assert told(Credential(origin=origin, username="a", password="0")) == ("a", "0")


# -- the order ---------------------------------------------------------------------------------------


def test_the_first_that_says_something_counts(tmp_path: Path) -> None:
    home = {name: tmp_path / name for name in ("netrc", "saved", "uv", "poetry", "pdm")}
    home["netrc"].write_text("machine index.example login n password netrc\ndefault login d password default")
    row = "http-basic.corp.username='p'\nhttp-basic.corp.password='poetry'\n"
    home["poetry"].write_text(row + f"repositories.corp.url='{URL}'\n")
    home["pdm"].write_text(f"[pypi.corp]\nurl='{URL}'\nusername='d'\npassword='pdm'\n")
    home["uv"].write_text(
        "[[credential]]\nservice='https://index.example/'\nusername='v'\nscheme='basic'\npassword='uv'\n"
    )
    write_saved(str(home["saved"]), [SavedCredential(url=URL, username="s", password="saved")])

    def told(*names: str, given: tuple[Credential, ...] = (), host: str = "index.example") -> object:
        wallet = Wallet(
            given,
            saved=str(home["saved"]) if "saved" in names else None,
            tools=tuple((name, str(home[name])) for name in ("uv", "poetry", "pdm") if name in names),
            netrc=str(home["netrc"]) if "netrc" in names else None,
            indexes=(KnownIndex(name="corp", url=f"https://{host}/simple/"),),
        )
        found = wallet.find(f"https://{host}", host, "/simple/x/")
        return found and found.password

    given = (Credential(origin="https://index.example", username="g", password="given"),)
    assert told("saved", "uv", "poetry", "pdm", "netrc", given=given) == "given"
    assert told("saved", "uv", "poetry", "pdm", "netrc") == "saved"
    assert told("poetry", "pdm", "netrc") == "poetry"
    assert told("pdm", "netrc") == "pdm"
    assert told("uv", "netrc") == "uv"
    assert told("netrc") == "netrc"
    # Nobody else is told any of it: not by the name alone, nor by the default entry.
    assert told("saved", "uv", "poetry", "pdm", "netrc", given=given, host="evil.example") is None


def test_passwords_by_name_are_for_addresses_that_their_user_says(tmp_path: Path) -> None:
    path = tmp_path / "auth.toml"
    path.write_text("[http-basic.corp]\nusername='u'\npassword='p'\n[pypi-token]\ncorp='upload'\n")
    logins = read_tool_logins([("poetry", str(path)), ("pdm", str(tmp_path / "none"))])
    assert [(each.name, each.password) for each in logins] == [("corp", "p")]
    assert "'p'" not in repr(logins)
    found, by_name = tool_logins_for(logins, [KnownIndex(name="corp", url=URL, own=True)])
    assert [pair(each) for each in found] == [("u", "p")]
    assert by_name == {}
    found, by_name = tool_logins_for(logins, [KnownIndex(name="corp", url=URL)])
    assert found == ()
    assert list(by_name) == [URL]


@pytest.mark.parametrize(
    "text",
    ["", "x", "http-basic = 1", "[http-basic]\ncorp = 1", "credential = [1, {}]", "pypi = []", "\x00",
     "[pypi.x]\nurl = 3\nusername = 'u'", "[repositories]\nx = 1\n[http-basic.x]\npassword = []",
     "credential = [{service = 'ftp://x', password = 'p'}]", "[" * 5000],
)  # fmt: skip
def test_a_file_of_another_tool_that_is_not_as_it_should_be_says_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    logins = read_tool_logins([(tool, str(path)) for tool in ("uv", "poetry", "pdm")])
    found, _ = tool_logins_for(logins, [KnownIndex(name="x", url=URL)])
    assert found == ()


# -- what is kept ------------------------------------------------------------------------------------


def test_the_file_of_log_ins_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "credentials.json"
    before = os.umask(0)
    try:
        write_saved(str(path), [SavedCredential(url=URL, username="ü", password='p"\\')])
        write_saved(
            str(path), [*read_saved(str(path)), SavedCredential(url="https://a.example/", username="u")]
        )
    finally:
        os.umask(before)
    assert [(each.url, each.username, each.password) for each in read_saved(str(path))] == [
        ("https://a.example/", "u", None),
        (URL, "ü", 'p"\\'),
    ]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["credentials.json"]
    assert 'p"' not in repr(read_saved(str(path)))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\xff"])
def test_a_damaged_file_of_log_ins_is_a_problem_for_who_looks_and_nothing_for_others(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "credentials.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CannotKeep):
        read_saved(str(path))
    assert Wallet(saved=str(path)).find("https://index.example", "index.example", "/") is None


@pytest.mark.parametrize("text", ["[]", "{}", '{"credentials": 1}', '{"credentials": [1, {"url": 2}]}'])
def test_a_file_of_log_ins_of_another_shape_has_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(text)
    assert read_saved(str(path)) == ()


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(CannotKeep, match=r"credentials\.json"):
        write_saved(str(tmp_path / "data" / "credentials.json"), [])


def test_on_windows_everybody_but_the_owner_is_taken_off_the_file() -> None:
    environ = {"SYSTEMROOT": "C:\\Windows", "USERDOMAIN": "CORP", "USERNAME": "alice"}
    assert acl_command("C:\\x", environ) == [
        "C:\\Windows\\System32\\icacls.exe", "C:\\x", "/inheritance:r", "/grant:r", "CORP\\alice:F"
    ]  # fmt: skip


# -- the keyring -------------------------------------------------------------------------------------


@pytest.fixture
def keyring(tmp_path: Path) -> FakeKeyring:
    return FakeKeyring(tmp_path / "bin")


def options(keyring: FakeKeyring, **more: object) -> KeyringOptions:
    environ = {"PATH": f"relative{os.pathsep}{keyring.folder}", "HOME": "/h"}
    said = {"provider": "subprocess", "timeout": 30.0, "environ": environ, **more}
    return KeyringOptions(**said)  # type: ignore[arg-type]


def test_a_keyring_knows(keyring: FakeKeyring) -> None:
    keyring.put("index.example", "bob", "hunter2")
    program = KeyringProgram(options(keyring))
    found = program.get((URL, "index.example"), "bob")
    assert (found.username, found.password, found.missing) == ("bob", "hunter2", "")
    found = program.get((URL, "index.example"), None)
    assert (found.username, found.password) == ("bob", "hunter2")
    assert "hunter2" not in repr(found)
    assert program.get(("index.example",), "eve").missing == "the keyring has no password for it"
    assert all(not each["tty"] for each in keyring.asked())


def test_a_keyring_keeps_and_forgets(keyring: FakeKeyring) -> None:
    program = KeyringProgram(options(keyring))
    assert program.set(URL, "bob", "pass word") == ""
    assert keyring.known() == [[URL, "bob", "pass word"]]
    assert program.delete(URL, "bob") == ""
    assert program.delete(URL, "bob") == "the keyring did not forget it"
    assert not any("pass word" in word for each in keyring.asked() for word in each["words"])
    keyring.mood("forgets")
    assert program.set(URL, "bob", "p") == "the keyring did not keep it"


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        ("hangs", "the keyring gave no answer within 0.5 seconds"),
        ("breaks", "the keyring has no password for it"),
        ("babbles", "the keyring's answer is not text"),
    ],
)
def test_a_keyring_that_does_not_do(mood: str, expected: str, keyring: FakeKeyring) -> None:
    keyring.mood(mood)
    assert KeyringProgram(options(keyring, timeout=0.5)).get((URL,), "bob").missing == expected


@pytest.mark.parametrize(
    ("more", "unusable"),
    [
        ({"provider": "auto"}, "the keyring is not asked without a terminal"),
        ({"provider": "auto", "terminal": True}, ""),
        ({"provider": "import"}, ""),
        ({"provider": "disabled", "terminal": True}, "the keyring is switched off"),
        ({"environ": {"PATH": "relative"}}, "there is no program keyring on the PATH"),
    ],
)
def test_when_a_keyring_is_asked(more: dict[str, object], unusable: str, keyring: FakeKeyring) -> None:
    program = KeyringProgram(options(keyring, **more))
    assert program.unusable.startswith(unusable) if unusable else program.unusable == ""
    program.get((URL,), "bob")
    assert bool(keyring.asked()) == (not unusable)


def test_a_program_of_the_checkout_is_not_the_keyring(keyring: FakeKeyring, tmp_path: Path) -> None:
    inside = FakeKeyring(tmp_path / "project" / ".venv" / "bin")
    link = tmp_path / "link"
    link.mkdir()
    (link / "keyring").symlink_to(inside.folder / "keyring")
    path = os.pathsep.join(map(str, (inside.folder, link, keyring.folder)))
    said = options(keyring, environ={"PATH": path}, apart=(str(tmp_path / "project"),))
    KeyringProgram(said).get((URL,), "bob")
    assert inside.asked() == []
    assert keyring.asked()


def test_the_keyring_sees_what_it_may_need_and_no_passwords_of_indexes() -> None:
    environ = dict.fromkeys(
        ["HOME", "PATH", "DBUS_SESSION_BUS_ADDRESS", "AWS_PROFILE", "PYTHON_KEYRING_BACKEND", "PYTHONPATH",
         "PYTHONHOME", "HUTCH_INDEX_X_PASSWORD", "UV_INDEX_X_PASSWORD", "PIP_INDEX_URL", "VIRTUAL_ENV",
         "POETRY_HTTP_BASIC_X_PASSWORD", "PDM_PYPI_PASSWORD"], "x"
    )  # fmt: skip
    kept = set(clean(environ)) - {"PYTHONSAFEPATH", "PYTHONIOENCODING", "PYTHONUTF8"}
    assert kept == {"HOME", "PATH", "DBUS_SESSION_BUS_ADDRESS", "AWS_PROFILE", "PYTHON_KEYRING_BACKEND"}


def test_a_certificate_is_shown_only_where_the_user_says_the_address(tmp_path: Path) -> None:
    for name in ("ca.pem", "client.pem"):
        (tmp_path / name).write_text("")
    ca, client = str(tmp_path / "ca.pem"), str(tmp_path / "client.pem")
    path = tmp_path / "config.toml"
    rows = f"certificates.corp.cert = '{ca}'\ncertificates.corp.client-cert = '{client}'\n"

    def found(*, own: bool = False, more: str = "", **options: str) -> object:
        path.write_text(f"{rows}certificates.gone.cert = '/nowhere'\ncertificates.off.cert = false\n{more}")
        index = KnownIndex(name="corp", url=URL, own=own)
        said = NetOptions(tool_logins=(("poetry", str(path)),), indexes=(index,), **options)  # type: ignore[arg-type]
        return certificates_by_origin(said)

    here = "https://index.example"
    assert found() == {here: (ca, "")}
    assert found(own=True) == {here: (ca, client)}
    assert found(more=f"repositories.corp.url = '{URL}'\n") == {here: (ca, client)}
    assert found(own=True, ca_bundle="/mine") == {here: ("", client)}
    assert found(own=True, ca_bundle="/mine", client_cert="/me") == {}
