"""``hutch pip sync`` with the words of pip-sync."""

from __future__ import annotations

import pytest

from commands.pip_compile_shop import stock
from commands.support import block, installed, shown


@pytest.fixture
def made(project, index):
    stock(index)
    made = project({"requirements.txt": "io==1.0\n", "dev.txt": "color==1.0\n"})
    made.run("venv").ok()
    return made


def test_the_union_of_files(made):
    made.run("pip install fast").ok()
    assert shown(made.run("pip sync requirements.txt dev.txt")) == block("""
        exit 0
        Installed 1 package, updated 1, removed 1 in <time>
         + color 1.0
         - fast 2.0
         ~ io 2.0 → 1.0
    """)
    assert made.run("pip sync").ok().stderr.startswith("Removed 1 package in <time>")
    assert installed(made) == {"io": "1.0"}


def test_what_several_files_pin_differently(made):
    made.write({"dev.txt": "io==1.5\ncolor==1.0\n"})
    ran = made.run("pip sync requirements.txt dev.txt")
    assert ran.exit_code == 1
    assert "requirements.txt:1" in ran.stderr
    assert installed(made) == {}
    made.run("pip sync --force requirements.txt dev.txt").ok()
    assert installed(made) == {"color": "1.0", "io": "1.5"}


def test_files_that_pin_nothing(made):
    made.write({"base.in": "color\n"})
    assert shown(made.run("pip sync base.in")) == block("""
        exit 2
        error: base.in asks for packages, and pins none
          what they need besides would be removed
        try: hutch pip sync base.txt
         or: --force takes it nevertheless
    """)
    made.run("pip sync --force base.in").ok()
    assert installed(made) == {"color": "1.1.post1"}


def test_nothing_to_sync_to(made):
    (made / "requirements.txt").unlink()
    assert shown(made.run("pip sync")) == block("""
        exit 2
        error: there is nothing to sync to
          no file was named, and there is no requirements.txt here
        try: hutch pip sync FILE
    """)


def test_nobody_to_ask(made):
    assert shown(made.run("pip sync --ask")) == block("""
        exit 2
        error: --ask asks questions, and there is no terminal to ask on
        try: --dry-run, or without --ask
    """)
    made.run("pip sync --ask --dry-run").ok()
    assert installed(made) == {}


@pytest.mark.parametrize(("answer", "found"), [(True, {"io": "1.0"}), (False, {})])
def test_somebody_is_asked(made, monkeypatch, answer, found):
    from hutch.cli.ui import prompt

    planned = []

    def confirmation(terminal, show):
        return lambda outcome: planned.append(outcome.installed) or answer

    monkeypatch.setattr(prompt, "confirmation", confirmation)
    ran = made.run("pip sync --ask")
    assert planned == [(("io", "1.0"),)]
    assert installed(made) == found
    assert ran.exit_code == (0 if answer else 1)
    if not answer:
        assert ran.stderr == "error: nothing was changed\n  the answer was no\n"
        return
    made.run("pip sync --ask").ok()  # nothing to change, nothing to ask
    assert len(planned) == 1


def test_another_python(made, project):
    made.run("venv other").ok()
    made.run("pip sync --python-executable other/bin/python").ok()
    assert installed(made) == {}
    assert list((made / "other/lib").glob("python*/site-packages/io"))
    assert made.run("pip sync --python-executable a --python b").exit_code == 2
    assert made.run("pip sync --python-executable gone/python").exit_code == 1


def test_the_user_s_own_packages_are_refused(made):
    ran = made.run("pip sync --user")
    assert ran.exit_code == 2
    assert "hutch venv" in ran.stderr


def test_a_folder(made):
    made.run("pip sync --target out").ok()
    assert (made / "out/io/__init__.py").is_file()
    made.write({"requirements.txt": "color==1.0\n"})
    made.run("pip sync --target out").ok()
    assert (made / "out/color/__init__.py").is_file()
    assert not (made / "out/io").exists()


def test_pip_tools_stays_with_what_it_needs(made, index):
    index.add_wheel("pip-tools", "7.0", requires=["click>=8", "nothing; extra == 'x'"])
    index.add_wheel("click", "8.0", requires=["color"])
    made.run("pip install pip-tools fast").ok()
    made.run("pip sync").ok()
    assert installed(made) == {"click": "8.0", "color": "1.1.post1", "io": "1.0", "pip-tools": "7.0"}


def test_configured_and_in_words_of_pip(made, index):
    made.write(
        {
            ".pip-tools.toml": "[tool.pip-tools]\ngenerate-hashes = true\n"
            '[tool.pip-tools.sync]\nsrc-files = ["dev.txt"]\n'
        }
    )
    made.run("pip sync").ok()
    assert installed(made) == {"color": "1.0"}
    made.run(f"pip sync requirements.txt --no-config --pip-args '--index-url {index.url} --no-input'").ok()
    assert installed(made) == {"io": "1.0"}
    assert made.run("pip sync --pip-args --frob").exit_code == 2


def test_no_checkout_says_which_program_is_the_python(made):
    made.write({".pip-tools.toml": '[tool.pip-tools]\npython-executable = "./evil"\n',
                "evil": "#!/bin/sh\ntouch ran\n"})  # fmt: skip
    (made / "evil").chmod(0o755)
    ran = made.run("pip sync").ok()
    assert ran.stderr.startswith(
        "warning: .pip-tools.toml: `python-executable` is this machine's to say, no checkout's; it is passed"
        " over\n"
    )
    assert not (made / "ran").exists()
    assert installed(made) == {"io": "1.0"}
