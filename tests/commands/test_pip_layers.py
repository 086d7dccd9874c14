"""``hutch pip compile --layered``: several files of pins out of one solve."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from commands.pip_compile_shop import stock
from commands.support import block, shown


@pytest.fixture
def place(project, index):
    stock(index)

    def make(files):
        return project(files)

    return make


QUIET = "--no-header -q"


def test_one_version_of_each_package_in_all_layers(place):
    # One after the other, base would take io 2.0, and dev could not be compiled.
    made = place({"base.in": "io\n", "dev.in": "-c base.txt\nio<2\ncolor\n"})
    assert shown(made.run("pip compile --layered --no-header base.in dev.in")) == block("""
        exit 0
        Wrote 1 package to base.txt in <time>
         + io 1.5
        Wrote 2 packages to dev.txt in <time>
         + color 1.1.post1
         + io 1.5
    """)
    assert made.read("base.txt") == "io==1.5\n    # via -r base.in\n"
    assert made.read("dev.txt") == block("""
        color==1.1.post1
            # via -r dev.in
        io==1.5
            # via
            #   -c base.txt
            #   -r dev.in
    """)


def test_a_layer_has_what_it_needs_and_nothing_else(place):
    made = place({"base.in": "fast\n", "dev.in": "plugin\n", "docs.in": "color\n"})
    made.run(f"pip compile --layered {QUIET} --no-annotate base.in dev.in docs.in").ok()
    assert made.read("base.txt") == "fast==2.0\nio==2.0\n"
    assert made.read("docs.txt") == "color==1.1.post1\n"
    assert [line.partition("=")[0] for line in made.read("dev.txt").splitlines()] == [
        *("color", "fast", "io", "mixed-name-pkg", "plugin", "web")
    ]


def test_a_layer_on_the_pins_of_another(place):
    made = place({"base.in": "web<2\n", "dev.in": "-r base.txt\ncolor\n", "all.in": "-r dev.in\n"})
    made.run(f"pip compile --layered {QUIET} base.in dev.in all.in").ok()
    assert made.read("dev.txt") == block("""
        color==1.1.post1
            # via -r dev.in
        io==2.0
            # via
            #   -r base.txt
            #   web
        web==1.5
            # via -r base.txt
    """)
    assert made.read("all.txt") == made.read("dev.txt")


def test_one_solve_gives_what_pip_compile_gives_one_after_the_other(place):
    frozen = tomllib.loads(Path(__file__).with_name("pip_compile_cases.toml").read_text())["case"]
    cases = [case for case in frozen if case["name"].startswith("layers")]
    assert len(cases) == 2
    for case in cases:
        made = place(case["files"])
        made.run("pip compile --layered --no-header -q base.in dev.in").ok()
        for path, text in case["wrote"].items():
            assert made.read(path) == text


def test_what_a_project_overrides_is_in_the_layers_that_ask_for_it(place):
    project = '[project]\nname = "demo"\nversion = "1"\ndependencies = ["web"]\n'
    more = '[tool.hutch]\noverrides = ["io==1.0", "fast==1.0"]\n'
    made = place({"app/pyproject.toml": project + more, "dev.in": "fast\n", "docs.in": "color\n"})
    made.run(f"pip compile --layered {QUIET} --no-annotate app/pyproject.toml dev.in docs.in").ok()
    assert made.read("app/requirements.txt") == "io==1.0\nweb==2.0\n"
    assert made.read("dev.txt") == "fast==1.0\nio==1.0\n"
    assert made.read("docs.txt") == "color==1.1.post1\n"


def test_pins_of_all_layers_are_kept_and_stale_ones_are_no_limit(place):
    made = place({"base.in": "web\n", "dev.in": "-c base.txt\nio\n", "base.txt": "io==1.0\nweb==1.5\n"})
    made.run(f"pip compile --layered {QUIET} --no-annotate base.in dev.in").ok()
    assert made.read("base.txt") == "io==1.0\nweb==1.5\n"
    assert made.read("dev.txt") == "io==1.0\n"
    # A reason of one layer is none of another.
    made.write({"app.in": "web\n", "app.txt": "io==1.0\nweb==1.5\n"})
    made.run(f"pip compile --layered {QUIET} dev.in app.in base.in").ok()
    assert made.read("app.txt") == ("io==1.0\n    # via web\nweb==1.5\n    # via -r app.in\n")
    made.run(f"pip compile --layered {QUIET} --no-annotate base.in dev.in").ok()
    # What base.txt says from before is a wish, and dev.in has the say.
    (made / "dev.in").write_text("-c base.txt\nio>=2\n")
    made.run(f"pip compile --layered {QUIET} --no-annotate base.in dev.in").ok()
    assert made.read("base.txt") == "io==2.0\nweb==1.5\n"
    assert made.read("dev.txt") == "io==2.0\n"


def test_layers_of_what_contradicts(place):
    made = place({"base.in": "io>=2\n", "dev.in": "io<2\n"})
    ran = made.run("pip compile --layered base.in dev.in")
    assert ran.exit_code == 1
    assert "base.in:1" in ran.stderr
    assert "dev.in:1" in ran.stderr
    assert not (made / "base.txt").exists()


def test_universal_layers_have_markers_of_their_own(place):
    made = place({"base.in": "io\n", "dev.in": "io; sys_platform == 'win32'\n"})
    made.run(f"pip compile --layered {QUIET} --no-annotate --universal base.in dev.in").ok()
    assert made.read("base.txt") == "io==2.0\n"
    assert made.read("dev.txt") == "io==2.0 ; sys_platform == 'win32'\n"


def test_headers_hashes_and_json(place):
    made = place({"a.in": "io\n", "sub/b.in": "color\n"})
    outcome = json.loads(made.run("pip compile --layered --generate-hashes --json a.in sub/b.in").ok().stdout)
    assert [layer["packages"] for layer in outcome["layers"]] == [1, 1]
    text = made.read("sub/b.txt")
    assert "#    hutch pip compile a.in sub/b.in --generate-hashes --layered\n" in text
    assert "--hash=sha256:" in text
    assert made.run("pip compile --layered --generate-hashes a.in sub/b.in").ok().stderr == block("""
        a.txt is up to date: 1 package
        sub/b.txt is up to date: 1 package
    """)


def test_words_that_make_no_layers(place):
    made = place({"a.in": "io\n", "a.txt": "", "pyproject.toml": '[project]\nname="a"\nversion="1"\n'})
    assert shown(made.run("pip compile --layered a.in -o all.txt")).startswith("exit 2\n")
    assert shown(made.run("pip compile --layered -")) == block("""
        exit 2
        error: --layered: - has no place for its pins beside it
        try: name files
    """)
    assert shown(made.run("pip compile --layered a.in ./a.in")) == block("""
        exit 2
        error: two layers would be written to one file
          a.in, ./a.in
    """)
    assert shown(made.run("pip compile a.txt -o a.txt")) == block("""
        exit 2
        error: a.txt would be read and written
          the pins would take the place of what asks for them
        try: name what asks for packages requirements.in, and the pins requirements.txt
    """)
