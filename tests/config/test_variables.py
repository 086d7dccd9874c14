"""``${NAME}`` in the address of an index."""

import pytest

from hutch.config.model import ConfigProblem
from hutch.config.variables import filled

ENVIRON = {"USER_OF_OURS": "me@team", "PASS": "p/w:1%", "HOST": "private.example", "TEAM": "a b", "EMPTY": ""}


def fill(url, **more):
    told = []
    found = filled(url, ENVIRON, name="ours", place="Pipfile:7", notice=told.append, **more)
    return found, told


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://index.example/simple/", "https://index.example/simple/"),
        (
            "https://${USER_OF_OURS}:${PASS}@index.example/simple/",
            "https://me%40team:p%2Fw%3A1%25@index.example/simple/",
        ),
        ("https://token:${PASS}@${HOST}/x", "https://token:p%2Fw%3A1%25@private.example/x"),
        ("https://${HOST}/${HOST}/", "https://private.example/private.example/"),
        ("http://me:${PASS}@127.0.0.1:8080/", "http://me:p%2Fw%3A1%25@127.0.0.1:8080/"),
        ("https://fixed:words@${HOST}/", "https://fixed:words@private.example/"),
        ("https://index.example/$HOME/${a-b}", "https://index.example/$HOME/${a-b}"),
    ],
)
def test_values_of_the_environment(url, expected):
    assert fill(url) == (expected, [])


@pytest.mark.parametrize(
    ("url", "more", "told"),
    [
        (
            "https://${USER_OF_OURS}:${NOT_THERE}@index.example/",
            {},
            "the environment has no NOT_THERE, so the index ours is asked without a password",
        ),
        (
            "https://${EMPTY}@index.example/",
            {},
            "the environment has no EMPTY, so the index ours is asked without a password",
        ),
        (
            "http://me:${PASS}@index.example/",
            {},
            "nothing proves who the index ours is, so it is told no password",
        ),
        (
            "https://me:${PASS}@index.example/",
            {"verify": False},
            "nothing proves who the index ours is, so it is told no password",
        ),
    ],
)
def test_a_password_that_is_not_there_or_not_safe_is_left_out(url, more, told):
    found, notices = fill(url, **more)
    assert found == url.partition("://")[0] + "://index.example/"
    assert notices == [f"Pipfile:7: {told}"]


@pytest.mark.parametrize(
    "url", ["https://${NOT_THERE}/simple/", "${NOT_THERE}", "https://a:b@x.example/${EMPTY}"]
)
def test_an_address_is_not_guessed(url):
    with pytest.raises(ConfigProblem, match="a setting cannot be used"):
        fill(url)


def test_the_token_of_a_conda_channel_is_not_shown() -> None:
    from hutch.config.values import redacted
    from hutch.net import hide_credentials

    assert redacted("https://x.example/t/tk-1234-5/c") == "https://x.example/t/****/c"
    assert redacted("https://me:pw@x.example/t/tk-1234-5/c") == "https://****@x.example/t/****/c"
    assert redacted("/srv/t/folder/c") == "/srv/t/folder/c"
    assert (
        hide_credentials("add -c https://x.example/t/tk-1234-5/c x") == "add -c https://x.example/t/****/c x"
    )
