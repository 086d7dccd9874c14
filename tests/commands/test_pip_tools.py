"""Options and configuration of pip-tools in ``hutch pip compile`` and ``sync``; see the frozen cases too."""

from __future__ import annotations

import pytest

from commands.pip_compile_shop import stock
from commands.support import block, manifest, of_requirements, shown


@pytest.fixture
def place(project, index):
    stock(index)

    return of_requirements(project)


RUN = "pip compile --no-header --no-annotate -q"


def test_the_header_says_how_to_make_it_again(place):
    made = place("io\n")
    run = "pip compile -U --no-strip-extras --no-allow-unsafe --unsafe-package x --newline LF"
    text = made.run(f"{run} --pip-args '--pre' --find-links . --no-emit-find-links").ok().stdout
    assert text.splitlines()[1] == (
        "#    hutch pip compile requirements.in --unsafe-package x --find-links . --prerelease allow"
        " --pip-args=--pre --no-strip-extras --no-allow-unsafe --no-emit-find-links --newline LF"
    )
    text = made.run("pip compile", environ={"CUSTOM_COMPILE_COMMAND": "make\nlocks"}).ok().stdout
    assert text.splitlines()[1] == "#    make locks"


def test_what_is_typed_is_handed_on_without_passwords(place, index):
    made = place("io\n", HUTCH_INDEX_URL=None)
    url = index.url.replace("//", "//me:secret@")
    text = made.run(f"pip compile --index-url {url}").ok().stdout
    assert "secret" not in text
    assert "--index-url http://<index>/simple/\n\n" in text
    assert made.run(f"{RUN} --index-url {url} --no-emit-index-url").ok().stdout == "io==2.0\n"
    assert made.run(f"{RUN} --pip-args '--index-url {url}' --no-emit-options").ok().stdout == "io==2.0\n"


def test_a_project_s_groups(place):
    made = place(
        {
            "pyproject.toml": manifest("io<2", groups={"dev": ["color"], "docs": ["fast"]}),
            "lib/pyproject.toml": '[dependency-groups]\nx = ["yank"]\n',
            "requirements.in": "",
        }
    )
    run = "pip compile --no-header -q requirements.in"
    assert made.run(f"{run} --group Dev --group lib/pyproject.toml:x").ok().stdout == block("""
        color==1.1.post1
            # via demo (pyproject.toml:dev)
        yank==1.0
            # via lib/pyproject.toml:x
    """)
    assert made.run(f"{RUN} pyproject.toml --group docs").ok().stdout == "fast==2.0\nio==1.5\n"
    assert shown(made.run(f"{RUN} requirements.in --group tests")) == block("""
        exit 2
        error: pyproject.toml has no group tests
          it has dev, docs
    """)
    assert shown(made.run(f"{RUN} requirements.in --group lib/x.toml:x")).startswith(
        "exit 2\nerror: --group lib/x.toml:x: groups stand in a pyproject.toml\n"
    )


def test_what_a_project_says_in_files_beside_its_manifest(place):
    made = place({"app/pyproject.toml": """[project]
name = "app"
version = "1"
dynamic = ["dependencies"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[tool.setuptools.dynamic]
dependencies = { file = ["needs.txt"] }
""", "app/needs.txt": "io<2\n"})  # fmt: skip
    assert made.run("pip compile app/pyproject.toml --no-header -q").ok().stdout == (
        "io==1.5\n    # via app (app/pyproject.toml)\n"
    )


BUILT = """[build-system]
requires = ["backend>=1"]
build-backend = "backend"

[project]
name = "demo"
version = "1.0"
dependencies = ["io<2"]
"""
BACKEND = """def get_requires_for_build_wheel(settings=None): return ["color"]
def get_requires_for_build_sdist(settings=None): return ["fast"]
"""


def test_what_builds_need(place, index):
    index.add_wheel("backend", "1.0", files={"backend.py": BACKEND})
    made = place({"pyproject.toml": BUILT})
    run = "pip compile --no-header -q pyproject.toml"
    assert made.run(f"{run} --build-deps-for wheel").ok().stdout == block("""
        backend==1.0
            # via demo (pyproject.toml::build-system.requires)
        color==1.1.post1
            # via demo (pyproject.toml::build-system.backend::wheel)
        io==1.5
            # via demo (pyproject.toml)
    """)
    assert made.run(f"{RUN} pyproject.toml --all-build-deps --only-build-deps").ok().stdout == (
        "backend==1.0\ncolor==1.1.post1\nfast==2.0\nio==2.0\n"
    )


def test_words_about_builds_that_say_nothing(place):
    made = place("io\n")
    assert shown(made.run("pip compile --only-build-deps")) == block("""
        exit 2
        error: --only-build-deps needs --build-deps-for KIND or --all-build-deps
    """)
    assert shown(made.run("pip compile --all-build-deps")) == block("""
        exit 2
        error: --build-deps-for and --all-build-deps are about a pyproject.toml, setup.py or setup.cfg
          requirements.in is none
    """)


def test_extras_with_commas_as_pip_tools_has_them(place):
    made = place({"pyproject.toml": manifest(extras={"a": ["io"], "b": ["color"]})})
    assert made.run(f"{RUN} pyproject.toml --extra a,b").ok().stdout == "color==1.1.post1\nio==2.0\n"


def test_uploads_before_a_day(place, index):
    index.add_wheel("dated", "1.0", upload_time="2025-01-01T00:00:00Z")
    index.add_wheel("dated", "2.0", upload_time="2026-01-01T00:00:00Z")
    made = place("dated\n")
    assert made.run(f"{RUN} --uploaded-prior-to 2025-06-01T00:00:00Z").ok().stdout == "dated==1.0\n"
    assert made.run(f"{RUN} --pip-args '--uploaded-prior-to=2025-06-01'").ok().stdout == "dated==1.0\n"
    assert made.run(RUN).ok().stdout == "dated==2.0\n"


def test_no_checkout_says_another_day_than_mine(place, index):
    index.add_wheel("dated", "1.0", upload_time="2025-01-01T00:00:00Z")
    index.add_wheel("dated", "2.0", upload_time="2026-01-01T00:00:00Z")
    made = place("dated\n")
    for said in ('uploaded-prior-to = "2026-06-01"', "pip-args = '--uploaded-prior-to 2026-06-01'"):
        made.write({".pip-tools.toml": f"[tool.pip-tools]\n{said}\n"})
        assert made.run(RUN).ok().stdout == "dated==2.0\n"
        mine = {"HUTCH_EXCLUDE_NEWER": "2025-06-01"}
        assert made.run(RUN, environ=mine).ok().stdout == "dated==1.0\n"
        assert made.run(f"{RUN} --exclude-newer 2025-06-01").ok().stdout == "dated==1.0\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--frob", "hutch has nothing for --frob"),
        ("--no-deps", "hutch has nothing for --no-deps"),
        ("--index-url", "--index-url needs a value"),
        ("'--pre", "its quotes are not closed"),
    ],
)
def test_pip_args_that_mean_nothing_here(place, words, said):
    import shlex

    ran = place("io\n").run(f"{RUN} --pip-args {shlex.quote(words)}")
    assert ran.exit_code == 2
    assert f"error: --pip-args: {said}\n" in ran.stderr


def test_pip_args_that_are_of_no_account(place):
    made = place("io\n")
    words = "--disable-pip-version-check --progress-bar off -q --use-feature=x --pre"
    assert made.run(f"{RUN} --pip-args '{words}'").ok().stdout == "io==3.0b1\n"


def test_words_of_pip_compile_that_change_nothing(place):
    made = place("io\n")
    words = "--resolver=backtracking --max-rounds 20 --rebuild --build-isolation --no-upgrade --no-color"
    assert made.run(f"{RUN} {words}").ok().stdout == "io==2.0\n"
    assert made.run(f"{RUN} --resolver legacy").exit_code == 2
    assert made.run(f"{RUN} --no-build-isolation").exit_code == 2


def test_pins_that_pip_refuses_beside_hashes(place, index):
    made = place({"requirements.in": "io\n./lib\n", "lib/pyproject.toml": manifest(name="lib")})
    ran = made.run("pip compile --generate-hashes --no-header --no-annotate").ok()
    assert ran.stderr.startswith(
        "warning: pip refuses some of these pins beside hashes: see their # WARNING lines\n"
    )
    assert ran.stdout.endswith("SOMECOMMIT.zip\n./lib\n")


# -- configuration ---------------------------------------------------------------------------------


def test_keys_of_the_configuration(place):
    made = place({"a/requirements.in": "io\n", "a/limits.txt": "io<2\n", "a/.pip-tools.toml": """
[tool.pip-tools]
header = false
annotate = false
quiet = true
constraint = ["a/limits.txt"]
unsafe-package = ["io"]
output-file = "a/pins.txt"
upgrade-packages = ["io"]
[tool.pip-tools.compile]
allow-unsafe = false
[tool.pip-tools.sync]
ask = true
"""})  # fmt: skip
    made.run("pip compile a/requirements.in").ok()
    assert made.read("a/pins.txt") == block("""

        # The following packages are considered to be unsafe in a requirements file:
        # io
    """)
    made.run("pip compile a/requirements.in -o b.txt --allow-unsafe").ok()
    assert made.read("b.txt").endswith("\nio==1.5\n")


def test_files_of_the_configuration(place):
    made = place(
        {"x.in": "io\n", "pyproject.toml": '[tool.pip-tools]\nsrc_files = ["x.in"]\nannotate = false\n'}
    )
    assert made.run("pip compile --no-header -q").ok().stdout == "io==2.0\n"


def test_what_no_checkout_may_say(place, index):
    made = place({"requirements.in": "io\n", ".pip-tools.toml": f"""
[tool.pip-tools]
cert = "evil.pem"
client-cert = "evil.pem"
cache-dir = "/tmp/evil"
resolver = "legacy"
pip-args = "--proxy http://evil.example --pre --extra-index-url {index.url}"
"""})  # fmt: skip
    ran = made.run("pip compile --no-header --no-annotate --no-emit-options").ok()
    assert ran.stdout == "io==3.0b1\n"
    assert ran.stderr == block("""
        warning: .pip-tools.toml: `cert` is this machine's to say, no checkout's; it is passed over
        warning: .pip-tools.toml: `client-cert` is this machine's to say, no checkout's; it is passed over
        warning: .pip-tools.toml: `cache-dir` is this machine's to say, no checkout's; it is passed over
        warning: .pip-tools.toml: there is one resolver; `resolver` is passed over
        warning: .pip-tools.toml: pip-args: `proxy` is this machine's to say, no checkout's; it is passed over
        Chose 1 package in <time>
    """)


def test_a_checkout_does_not_say_what_is_written_elsewhere(place):
    made = place(
        {"requirements.in": "io\n", ".pip-tools.toml": '[tool.pip-tools]\noutput-file = "../x.txt"\n'}
    )
    assert shown(made.run("pip compile")) == block("""
        exit 2
        error: the configuration of pip-tools names the output file ../x.txt
          a checkout does not say what is written outside of this directory
        try: name it: -o ../x.txt
    """)


def test_a_checkout_does_not_write_through_a_link(place):
    made = place(
        {"requirements.in": "io\n", ".pip-tools.toml": '[tool.pip-tools]\noutput-file = "out/x.txt"\n'}
    )
    (made / "out").symlink_to(made.path.parent)
    ran = made.run("pip compile")
    assert ran.exit_code == 2
    assert not (made.path.parent / "x.txt").exists()


def test_faults_of_the_configuration_all_at_once(place):
    made = place({"requirements.in": "io\n", ".pip-tools.toml": """
[tool.pip-tools]
generate-hashs = true
annotate = "yes"
newline = "CR"
extra = [1]
"""})  # fmt: skip
    assert shown(made.run("pip compile")) == block("""
        exit 1
        error: .pip-tools.toml: the configuration of pip-tools cannot be used
          `generate-hashs` is no option of pip-tools; is `generate-hashes` meant?
          `annotate` is true or false, not 'yes'
          `newline` is one of LF, CRLF, native, preserve, not 'CR'
          `extra` is a text or a list of texts, not [1]
        try: --no-config leaves configuration files alone
    """)
    made.run("pip compile --no-config").ok()
    (made / ".pip-tools.toml").write_text("[tool.pip-tools\n")
    assert made.run("pip compile").exit_code == 1


def test_a_named_configuration(place):
    made = place({"requirements.in": "io\n", "other.toml": "[tool.pip-tools]\nheader = false\n"})
    assert made.run("pip compile --config other.toml --no-annotate -q").ok().stdout == "io==2.0\n"
    assert made.run("pip compile --config gone.toml").exit_code == 1


def test_no_password_is_in_the_header(place, index):
    made = place("io\n")
    url = index.url.replace("//", "//me:secret@")
    ran = made.run(f"pip compile --pip-args '--index-url {url} --extra-index-url {url}'").ok()
    assert "secret" not in ran.stdout
    assert "--pip-args=" in ran.stdout


OLD = """import os


class Backend:
    def get_requires_for_build_wheel(self, settings=None):
        return []

    def prepare_metadata_for_build_wheel(self, directory, settings=None):
        info = os.path.join(directory, "old-1.0.dist-info")
        os.mkdir(info)
        with open(os.path.join(info, "METADATA"), "w") as file:
            file.write("Metadata-Version: 2.1\\nName: old\\nVersion: 1.0\\nProvides-Extra: x\\n")
            file.write("Requires-Dist: io<2\\nRequires-Dist: color; extra == 'x'\\n")
        return "old-1.0.dist-info"


__legacy__ = Backend()
"""


@pytest.mark.parametrize("name", ["setup.py", "setup.cfg"])
def test_a_project_of_the_old_kind(place, index, name):
    index.add_wheel(
        "setuptools", "90.0", files={"setuptools/__init__.py": "", "setuptools/build_meta.py": OLD}
    )
    index.add_wheel("wheel", "1.0")
    made = place({f"app/{name}": "", "app/setup.py": "import setuptools\n"})
    run = f"pip compile app/{name} --no-header -q"
    assert made.run(run).ok().stdout == f"io==1.5\n    # via old (app/{name})\n"
    assert made.run(f"{run} --no-annotate --extra x").ok().stdout == "color==1.1.post1\nio==1.5\n"
    assert made.run(f"{run} --no-annotate --all-extras").ok().stdout == "color==1.1.post1\nio==1.5\n"
    ran = made.run(f"{run} --extra y")
    assert shown(ran).startswith(f"exit 2\nerror: app/{name} has no extra y\n")


def test_repositories_that_are_worked_on_stay_so(place):
    from commands.test_pip_download import sources
    from oracles.git import git

    made = place({**sources("lib"), "requirements.in": ""})
    folder = made.path / "lib"
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    commit = git(folder, "rev-parse", "HEAD").strip()
    (made / "requirements.in").write_text(f"color\n-e git+file://{folder}@main#egg=lib\n")
    ran = made.run("pip compile --no-header -q -o requirements.txt --generate-hashes").ok()
    assert "# WARNING lines" in ran.stderr
    made.run("pip compile --no-header -q -o requirements.txt").ok()
    text = made.read("requirements.txt")
    assert text == (
        f"-e git+file://{folder}@{commit}#egg=lib\n    # via -r requirements.in\n"
        "color==1.1.post1\n    # via -r requirements.in\n"
    )
    made.run("venv").ok()
    made.run("pip sync").ok()
    assert "\n-e git+file://" in made.run("pip freeze").ok().stdout
    made.run("pip wheel -r requirements.txt -w house --no-deps").ok()
    assert (made / "house/lib-1.0-py3-none-any.whl").is_file()
