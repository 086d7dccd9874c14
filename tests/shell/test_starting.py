"""How shells are started that are not here, and what is told of the others: values. The rest is in
`tests/commands/test_shell.py`, at real terminals."""

from __future__ import annotations

import base64

import pytest

from hutch.shell import ActivationFacts, kind_of, start_shell

FACTS = ActivationFacts(environment="/e 'x", prompt="p")


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("/bin/bash", "bash"),
        ("-zsh", "zsh"),
        ("C:\\Program Files\\PowerShell\\7\\pwsh.exe", "powershell"),
        ("PowerShell.EXE", "powershell"),
        ("/usr/bin/tcsh", "csh"),
        ("/bin/ksh93", "ksh"),
        ("/bin/dash", "sh"),
        ("/usr/bin/nu", "nu"),
        ("/usr/bin/python3", None),
        ("", None),
    ],
)
def test_a_shell_is_known_by_its_name(program: str, kind: str | None) -> None:
    assert kind_of(program) == kind


def test_powershell_is_handed_the_text_without_a_quote_or_a_file() -> None:
    start = start_shell("powershell", "pwsh", FACTS, "/t", {})
    assert start.words[:2] == ("-NoExit", "-EncodedCommand")
    text = base64.b64decode(start.words[2]).decode("utf-16-le")
    assert "$_virtual_env = '/e ''x'\n" in text
    assert (start.files, start.active) == ({}, True)


def test_nushell_reads_a_file_as_an_overlay_and_removes_it() -> None:
    start = start_shell("nu", "nu", FACTS, '/t"x', {})
    assert start.words == ("--execute", 'overlay use "/t\\"x/activate.nu"; rm --force --recursive "/t\\"x"')
    assert list(start.files) == ["activate.nu"]


def test_cmd_keeps_what_the_file_has_set() -> None:
    facts = ActivationFacts(environment="C:\\a b", prompt="p", scripts="Scripts", windows=True)
    assert start_shell("cmd", "cmd.exe", facts, "C:\\t", {}).words == (
        "/k",
        "C:\\a b\\Scripts\\activate.bat",
    )


def test_a_shell_that_nobody_knows_gets_variables_from_who_starts_it() -> None:
    start = start_shell(None, "/opt/odd", FACTS, "/t", {})
    assert (start.active, start.words, start.files) == (False, (), {})


def test_a_file_of_ours_names_nothing_that_is_not_quoted() -> None:
    folder = "/tmp/it's $(x) `y`"
    for kind in ("bash", "zsh", "ksh", "sh", "csh", "xonsh", "elvish"):
        start = start_shell(kind, kind, FACTS, folder, {"HOME": "/h", "ZDOTDIR": "/z '", "ENV": "/e '"})
        for name, text in start.files.items():
            assert f" {folder}" not in text, (kind, name)
            assert "__FOLDER__" not in text
            assert "__RM__" not in text
