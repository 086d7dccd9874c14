"""Indexes that refuse, stumble, lie or do not answer: what is said, and that nothing is left behind."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import socket
import time

import pytest

from commands.support import block, installed, locked, manifest, shown
from hutch.testing.transport import Answer


@pytest.fixture
def one(project, index):
    """A project that needs ``alpha``, which the index has."""
    index.add_wheel("alpha", "1.0")
    return project(manifest("alpha"))


def test_401(one, index):
    index.credentials = "user:secret"
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default (<index>) answered 401 for alpha
          it was told no password: none is known for it
          later indexes are not asked, because they might hold another project of that name
        try: `hutch auth login http://<index>/simple/`
         or: name 127.0.0.1 in ~/.netrc
    """)
    assert one.tree() == ["pyproject.toml"]


def test_403(one, index):
    index.fault("/simple/*", status=403)
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default (<index>) answered 403 for alpha
          it was told no password: none is known for it
          later indexes are not asked, because they might hold another project of that name
        try: `hutch auth login http://<index>/simple/`
         or: name 127.0.0.1 in ~/.netrc
    """)


def test_credentials_in_the_address_of_the_index(one, index):
    index.credentials = "user:s3cr3t-word"
    url = index.url.replace("//", "//user:s3cr3t-word@")
    ran = one.run("sync", environ={"HUTCH_INDEX_URL": url}).ok()
    assert installed(one) == {"alpha": "1.0"}
    assert "s3cr3t-word" not in ran.stderr + one.read("pylock.toml")


def test_wrong_credentials_are_never_shown(one, index):
    index.credentials = "user:right"
    url = index.url.replace("//", "//user:wr0ng-word@")
    ran = one.run("lock", environ={"HUTCH_INDEX_URL": url})
    assert shown(ran) == block("""
        exit 3
        error: the index default (<index>) answered 401 for alpha
          it did not take the user name and password of the URL in HUTCH_INDEX_URL
          later indexes are not asked, because they might hold another project of that name
        try: correct the URL in HUTCH_INDEX_URL, or take the user name out of it and `hutch auth login http://<index>/simple/`
    """)
    assert "wr0ng-word" not in ran.stderr


def test_404_means_that_the_index_does_not_have_it(one, index):
    index.fault("/simple/*", status=404)
    assert shown(one.run("lock")) == block("""
        exit 1
        error: there is no package named alpha
          asked for in pyproject.toml:5
          the index http://<index>/simple/ does not have it
        try: look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])
    """)


def test_429_with_retry_after_is_waited_for(one, index):
    index.fault("/simple/alpha/", status=429, headers=(("Retry-After", "1"),), times=1)
    start = time.monotonic()
    one.run("lock", environ={"HUTCH_RETRIES": "1"}).ok()
    assert time.monotonic() - start >= 0.9


def test_429_that_does_not_end(one, index):
    index.fault("/simple/alpha/", status=429, headers=(("Retry-After", "7200"),))
    assert shown(one.run("lock", environ={"HUTCH_RETRIES": "1"})) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          it answered 429 and asks to wait 7200 seconds
    """)


def test_503_once_is_tried_again(one, index):
    index.fault("/simple/alpha/", status=503, times=1)
    one.run("lock", environ={"HUTCH_RETRIES": "1"}).ok()
    assert locked(one) == {"alpha": "1.0"}


def test_503_that_does_not_end(one, index):
    index.fault("/simple/alpha/", status=503)
    assert shown(one.run("lock", environ={"HUTCH_RETRIES": "1"})) == block("""
        exit 3
        note: <index> answered 503; trying again in <time>
        error: could not fetch the page of alpha from <index>
          it answered 503 each time (tried 2 times)
    """)
    assert one.tree() == ["pyproject.toml"]


def test_500_of_a_file(one, index):
    index.fault("*.whl", status=500)
    one.run("lock").ok()
    assert shown(one.run("sync")) == block("""
        exit 3
        error: could not fetch alpha-1.0-py3-none-any.whl from <index>
          it answered 500 each time
    """)


def test_a_file_that_is_gone(one, index):
    one.run("lock").ok()
    index.fault("*.whl", status=404)
    assert shown(one.run("sync")) == block("""
        exit 3
        error: cannot get alpha-1.0-py3-none-any.whl
          http://<index>/files/alpha-1.0-py3-none-any.whl answered 404
    """)


def test_silence(one, index):
    index.fault("/simple/alpha/", cut=0, kind="timeout")
    assert shown(one.run("lock", environ={"HUTCH_TIMEOUT": "0.3"})) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          nothing came for 0.3 seconds
    """)


def test_silence_in_the_middle_of_a_file(one, index):
    one.run("lock").ok()
    index.fault("*.whl", cut=100, kind="timeout")
    assert shown(one.run("sync", environ={"HUTCH_TIMEOUT": "0.3"})) == block("""
        exit 3
        error: could not fetch alpha-1.0-py3-none-any.whl from <index>
          nothing came for 0.3 seconds
    """)


def test_a_reset(one, index):
    index.fault("/simple/alpha/", cut=10)
    assert shown(one.run("lock")) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          the connection was cut
    """)


def test_a_reset_once_is_tried_again(one, index):
    index.fault("/simple/alpha/", cut=10, times=1)
    index.fault("*.whl", cut=100, times=1)
    one.run("sync", environ={"HUTCH_RETRIES": "1"}).ok()
    assert installed(one) == {"alpha": "1.0"}


def test_a_connection_that_is_dropped_at_once(one, index):
    index.fault("/simple/alpha/", refuse=True)
    assert shown(one.run("lock")) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          the connection was cut
    """)


def test_nobody_listens(one):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ran = one.run("lock", environ={"HUTCH_INDEX_URL": f"http://127.0.0.1:{port}/simple/"})
    assert shown(ran) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          nobody listens there
        try: check the address, and the connection to the network
    """)


def test_a_host_that_does_not_exist(one):
    ran = one.run("lock", environ={"HUTCH_INDEX_URL": "https://index.invalid/simple/"})
    assert shown(ran) == block("""
        exit 3
        error: could not fetch the page of alpha from index.invalid
          its name could not be resolved
        try: check the address, and the connection to the network
    """)


def test_html_where_json_was_said(one, index):
    page = Answer(
        headers=(("Content-Type", "application/vnd.pypi.simple.v1+json"),), body=b"<html>log in</html>"
    )
    index.pages["/simple/alpha/"] = page
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default did not answer with its page of alpha
          it said JSON and sent a web page
        try: check the address of the index, and whether this network wants a log-in first
    """)


def test_a_log_in_page_instead_of_an_index(one, index):
    page = Answer(
        headers=(("Content-Type", "text/html"),), body=b"<html>Welcome! <form><input name=room></form></html>"
    )
    index.pages["/simple/alpha/"] = page
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default did not answer with its page of alpha
          it is a web page, and none of its links is a file
        try: check the address of the index, and whether this network wants a log-in first
    """)


def test_something_else_altogether(one, index):
    index.pages["/simple/alpha/"] = Answer(headers=(("Content-Type", "image/png"),), body=b"\x89PNG")
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default did not answer with its page of alpha
          it is neither JSON nor HTML
        try: check the address of the index, and whether this network wants a log-in first
    """)


def test_json_that_ends_in_the_middle(one, index):
    page = Answer(headers=(("Content-Type", "application/vnd.pypi.simple.v1+json"),), body=b'{"files": [')
    index.pages["/simple/alpha/"] = page
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default did not answer with its page of alpha
          it is not valid JSON
        try: check the address of the index, and whether this network wants a log-in first
    """)


def test_an_index_that_only_speaks_html(one, index):
    index.formats = ("html",)
    one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}


def test_files_with_relative_addresses(one, index):
    index.links = "path"
    one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}


# -- hashes ----------------------------------------------------------------------------------------


def test_a_wheel_with_another_hash(project, index):
    file = index.add_wheel("alpha", "1.0")
    made = project(manifest("alpha"))
    made.run("lock").ok()
    file.body = file.body[:-1] + b"!"
    assert shown(made.run("sync")) == block("""
        exit 1
        error: the hash of alpha-1.0-py3-none-any.whl is wrong
          expected: sha256:5df0dfe838a458e634617493e6b0283cab1766bdb9d24219f29732bcdd86ac5e
          got: sha256:783b5c5a4adc7cc4210dfe9f0991f1c0621d0446551b824b8e21f4d1598b24d9
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)
    assert installed(made) == {}


def test_a_wheel_that_grew(project, index):
    file = index.add_wheel("alpha", "1.0")
    made = project(manifest("alpha"))
    made.run("lock").ok()
    file.body += b"!"
    assert shown(made.run("sync")) == block("""
        exit 1
        error: the hash of alpha-1.0-py3-none-any.whl is wrong
          expected: 865 bytes
          got: more
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)
    file.body = file.body[:-1]
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0"}


def test_a_wheel_that_shrank(project, index):
    file = index.add_wheel("alpha", "1.0")
    made = project(manifest("alpha"))
    made.run("lock").ok()
    file.body = file.body[:-9]
    assert shown(made.run("sync")) == block("""
        exit 1
        error: the hash of alpha-1.0-py3-none-any.whl is wrong
          expected: 865 bytes
          got: 856 bytes
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)


def test_a_metadata_file_with_another_hash(project, index):
    index.add_wheel("alpha", "1.0", sidecar="wrong")
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 0
        warning: the .metadata of alpha-1.0-py3-none-any.whl has another hash than its index says; reading the wheel instead
        Locked 1 package for 35 targets in <time>
         + alpha 1.0
    """)


def test_metadata_of_another_version(project, index):
    index.add_file("alpha", "alpha-2.0-py3-none-any.whl", index.add_wheel("other", "1.0").body)
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: the metadata of alpha-2.0-py3-none-any.whl cannot be used
          its .dist-info directory is of another project or version
    """)


def test_a_wheel_that_is_no_archive(project, index):
    index.add_file("alpha", "alpha-1.0-py3-none-any.whl", b"this is not a zip")
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: the metadata of alpha-1.0-py3-none-any.whl cannot be used
          it is too short for an archive
    """)


def test_a_wheel_whose_record_lies(project, index):
    lie = "alpha/__init__.py,sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,3\n"
    index.add_wheel("alpha", "1.0", dist_info_files={"RECORD": lie})
    made = project(manifest("alpha"))
    made.run("lock").ok()
    assert shown(made.run("sync")) == block("""
        exit 1
        error: alpha-1.0-py3-none-any.whl is not a valid wheel
          'alpha/__init__.py' has another size in RECORD
          'alpha-1.0.dist-info/METADATA' is not in RECORD, or without a hash
          'alpha-1.0.dist-info/WHEEL' is not in RECORD, or without a hash
        try: nothing of it was installed; report it to its author, or take another version
    """)


# -- several indexes -------------------------------------------------------------------------------


def test_a_name_only_on_a_second_index(project, index, second):
    second.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    made = project(manifest("alpha", "beta"))
    made.run("sync", environ={"HUTCH_EXTRA_INDEX_URL": second.url}).ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0"}


def test_the_first_index_that_has_a_name_owns_it(project, index, second):
    """A higher version on a later index is not even seen: no dependency confusion."""
    second.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "99.0")
    made = project(manifest("alpha"))
    made.run("lock", environ={"HUTCH_EXTRA_INDEX_URL": second.url}).ok()
    assert locked(made) == {"alpha": "1.0"}
    assert index.asked("/simple/alpha/") == []


def test_an_index_that_fails_is_not_passed_over(project, index, second):
    second.fault("/simple/*", status=403)
    index.add_wheel("alpha", "99.0")
    made = project(manifest("alpha"))
    assert shown(made.run("lock", environ={"HUTCH_EXTRA_INDEX_URL": second.url})) == block("""
        exit 3
        error: the index extra-1 (<index>) answered 403 for alpha
          it was told no password: none is known for it
          later indexes are not asked, because they might hold another project of that name
        try: `hutch auth login http://<index>/simple/`
         or: name 127.0.0.1 in ~/.netrc
    """)


def test_a_name_that_no_index_has(project, second):
    made = project(manifest("alpha"))
    assert shown(made.run("lock", environ={"HUTCH_EXTRA_INDEX_URL": second.url})) == block("""
        exit 1
        error: there is no package named alpha
          asked for in pyproject.toml:5
          none of the indexes has it: http://<index>/simple/, http://<index>/simple/
        try: look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])
    """)


def test_indexes_by_name(project, index, second):
    second.add_wheel("alpha", "1.0")
    more = f'[[tool.hutch.index]]\nname = "corp"\nurl = "{second.url}"\n'
    made = project(manifest("alpha", "beta", more=more))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: there is no package named beta
          asked for in pyproject.toml:5
          none of the indexes has it: corp, http://<index>/simple/
        try: look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])
    """)


def test_a_directory_of_files(project, index):
    file = index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha"), f"wheels/{file.filename}": file.body})
    made.run("sync --find-links wheels", environ={"HUTCH_NO_INDEX": "1"}).ok()
    assert installed(made) == {"alpha": "1.0"}
    assert index.log == []


# -- offline ---------------------------------------------------------------------------------------


def test_offline_with_an_empty_cache(one, index):
    assert shown(one.run("lock --offline")) == block("""
        exit 3
        error: the page of alpha is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)
    assert index.log == []


def test_offline_with_a_warm_cache(one, index):
    one.run("sync").ok()
    (one / "pylock.toml").unlink()
    index.log.clear()
    one.run("venv --clear").ok()
    one.run("sync --offline").ok()
    assert installed(one) == {"alpha": "1.0"}
    assert index.log == []


def test_offline_and_one_wheel_is_missing(one):
    one.run("lock").ok()
    assert shown(one.run("sync --offline")) == block("""
        exit 3
        error: alpha-1.0-py3-none-any.whl is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)
    assert not installed(one)


def test_pages_are_not_asked_for_again_until_refresh(one, index):
    one.run("lock").ok()
    index.log.clear()
    one.run("lock --upgrade").ok()
    assert index.asked() == []
    index.add_wheel("alpha", "2.0")
    one.run("lock --upgrade --refresh").ok()
    assert locked(one) == {"alpha": "2.0"}


def test_an_index_that_gives_no_hashes(project, index):
    index.add_wheel("alpha", "1.0", listed={"hashes": {}})
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: alpha-1.0-py3-none-any.whl cannot be locked
          the index default gives no hash of it, and a lock without hashes would accept any file
        try: put the file into a directory and name that in find-links
    """)


def test_a_name_that_is_spelled_right_is_not_proposed_for_itself(project, index):
    ran = project(manifest("setuptools")).run("lock")
    assert "there is no package named setuptools" in ran.stderr
    assert "did you mean" not in ran.stderr
