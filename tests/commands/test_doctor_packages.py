"""``hutch doctor``: where packages come from: pip's settings, the indexes and what they say of the lock."""

from __future__ import annotations

import datetime
import shutil
import ssl
import subprocess
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from commands.doctor_support import PLAIN, examine, findings, titles
from commands.support import manifest
from hutch.testing.fake_index import FakeIndex

# -- the settings of pip -----------------------------------------------------------------------------------


def test_settings_of_pip_with_where_they_are(project, home):
    made = project(PLAIN, PIP_CONFIG_FILE=None)
    assert titles(made, "pip-settings") == []
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        "[global]\nextra-index-url = https://ada:secret@index.example/simple\ntimeout = 60\n"
        "[install]\nuser = yes\n"
    )
    found = findings(made, "pip-settings", PIP_TARGET="/opt/lib", PIP_NO_DEPS="0")
    assert [(each["title"], each["seen"], each["severity"]) for each in found] == [
        (
            "pip's extra-index-url is set: https://****@index.example/simple",
            ["in <home>/.config/pip/pip.conf"],
            "warning",
        ),
        ("pip's user is set: yes", ["in <home>/.config/pip/pip.conf"], "warning"),
        ("pip's target is set: /opt/lib", ["in the variable PIP_TARGET"], "warning"),
    ]
    assert "secret" not in str(found)


def test_the_strongest_place_of_a_setting_is_named(project, home):
    (home / ".pip").mkdir()
    (home / ".pip" / "pip.conf").write_text("[install]\ntarget = /weak\n")
    (found,) = findings(project(PLAIN, PIP_CONFIG_FILE=None), "pip-settings", PIP_TARGET="/strong")
    assert found["title"] == "pip's target is set: /strong"
    assert found["commands"] == ["unset PIP_TARGET"]


# -- is the index there ------------------------------------------------------------------------------------


def test_an_index_that_answers(project, index):
    index.add_wheel("alpha", "1.0")
    assert titles(project(PLAIN), "index-trouble") == []


def test_an_index_that_is_not_there(project):
    made = project(PLAIN, HUTCH_INDEX_URL="http://127.0.0.1:9/simple/")
    (found,) = findings(made, "index-trouble")
    assert (found["severity"], found["title"]) == ("error", "the index default cannot be reached")
    assert found["seen"][0].startswith("default (http://<index>/simple/)")
    assert "nobody listens there" in found["seen"]
    answer = examine(made, "index-trouble", words="--offline")
    assert answer["checks"][0]["state"] == "skipped"


def test_an_index_that_wants_a_log_in(project, index):
    index.fault("*", status=401)
    (found,) = findings(project(PLAIN), "index-trouble")
    assert "wants to know who you are" in found["title"] or "401" in str(found["seen"])


class _Late(BaseHTTPRequestHandler):
    """A server whose clock is an hour ahead."""

    def do_HEAD(self) -> None:
        then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        self.send_response_only(404)
        self.send_header("Date", format_datetime(then, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def late():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Late)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_clock_that_is_wrong(project, late):
    made = project(PLAIN, HUTCH_INDEX_URL=f"http://127.0.0.1:{late.server_port}/simple/")
    (found,) = findings(made, "index-trouble")
    assert found["title"] == "the clock of this machine is 60 minutes behind"
    assert found["severity"] == "warning"


def test_a_certificate_that_nobody_signed(project, late, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    pem = tmp_path / "self.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2",
         "-keyout", tmp_path / "key.pem", "-out", pem],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, tmp_path / "key.pem")
    late.socket = tls.wrap_socket(late.socket, server_side=True)
    made = project(PLAIN, HUTCH_INDEX_URL=f"https://127.0.0.1:{late.server_port}/simple/")
    (found,) = findings(made, "index-trouble")
    assert found["severity"] == "error"
    assert "certificate" in str(found["seen"]).lower()
    assert any("certificates are looked up in" in line for line in found["seen"])


# -- whose package is it -----------------------------------------------------------------------------------


@pytest.fixture
def other():
    fake = FakeIndex()
    with fake.serve():
        yield fake


def _two_indexes(other: FakeIndex) -> str:
    return f'\n[[tool.hutch.index]]\nname = "company"\nurl = "{other.url}"\n'


def test_a_name_that_two_indexes_have(project, index, other):
    for each in (index, other):
        each.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    made = project({"pyproject.toml": manifest("alpha", "beta") + _two_indexes(other)})
    (found,) = findings(made, "several-owners")
    assert (found["title"], found["severity"]) == ("alpha is on the indexes company and default", "warning")
    made.run("doctor --check several-owners --fix --yes").ok()
    assert titles(made, "several-owners") == []
    assert 'alpha = { index = "company" }' in made.read("pyproject.toml")
    made.run("lock").ok()


def test_names_that_one_index_has(project, index, other):
    index.add_wheel("alpha", "1.0")
    other.add_wheel("beta", "1.0")
    made = project({"pyproject.toml": manifest("alpha", "beta") + _two_indexes(other)})
    assert titles(made, "several-owners") == []


def test_with_one_index_nobody_is_asked(project, index):
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha")})
    before = len(index.log)
    assert titles(made, "several-owners") == []
    assert len(index.log) == before


# -- what was taken back -----------------------------------------------------------------------------------


def test_a_version_that_was_yanked_since(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    made = project({"pyproject.toml": manifest("alpha", "beta")})
    made.run("lock").ok()
    assert titles(made, "yanked-pins") == []
    later = FakeIndex()
    later.add_wheel("alpha", "1.0", yanked="deletes the home directory")
    later.add_wheel("beta", "1.0")
    with later.serve() as url:
        (found,) = findings(made, "yanked-pins", HUTCH_INDEX_URL=url)
    assert found["title"] == "alpha 1.0 was yanked"
    assert found["seen"] == ["on the index default: deletes the home directory"]
    assert found["commands"] == ["hutch upgrade alpha"]


def test_a_project_in_quarantine(project, index):
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("lock").ok()
    later = FakeIndex()
    later.add_wheel("alpha", "1.0")
    later.statuses["alpha"] = ("quarantined", "it steals passwords")
    with later.serve() as url:
        (found,) = findings(made, "yanked-pins", HUTCH_INDEX_URL=url)
    assert (found["title"], found["severity"]) == ("alpha is in quarantine", "error")
    assert found["seen"] == ["on the index default: it steals passwords"]
