"""The options of pip that ``hutch pip install`` takes, passes over, or refuses with a reason."""

from __future__ import annotations

import os

import pytest

from commands.packages import package, write
from commands.support import block, installed, shown


@pytest.fixture
def shop(index):
    index.add_wheel("io", "1.0", upload_time="2024-01-02T00:00:00Z")
    index.add_wheel("io", "2.0", upload_time="2026-01-02T00:00:00Z")
    index.add_wheel("io", "3.0b1")
    index.add_wheel("web", "1.0", requires=["io"])
    index.add_wheel("web", "2.0", requires=["io"])
    index.add_wheel("mixed", "1.0")
    index.add_sdist("mixed", "2.0")
    return index


@pytest.fixture
def place(project, shop):
    made = project({"notes.txt": ""})
    made.run("venv").ok()
    return made


class TestWhat:
    def test_groups(self, place):
        place.write(
            {
                "pyproject.toml": '[dependency-groups]\ndev = ["io<2"]\n',
                "other/pyproject.toml": '[dependency-groups]\nmore = ["mixed<2"]\n',
            }
        )
        place.run("pip install --group dev --group other/pyproject.toml:more").ok()
        assert installed(place) == {"io": "1.0", "mixed": "1.0"}

    def test_a_script(self, place):
        place.write({"tool.py": '# /// script\n# dependencies = ["io<2"]\n# ///\nprint(1)\n'})
        place.run("pip install --requirements-from-script tool.py").ok()
        assert installed(place) == {"io": "1.0"}
        assert place.run("pip install --requirements-from-script notes.txt").exit_code == 1

    def test_only_what_is_needed(self, place):
        place.run("pip install --only-deps web").ok()
        assert installed(place) == {"io": "2.0"}
        write(place / "lib", package("lib", "mixed<2"))
        place.run("pip install --only-deps ./lib").ok()
        assert installed(place) == {"io": "2.0", "mixed": "1.0"}
        assert place.run("pip install --only-deps web --no-deps").exit_code == 2

    def test_a_lock(self, place):
        place.write({"requirements.in": "web==1.0\nio==1.0\n"})
        place.run("pip install mixed==1.0").ok()
        place.run("pip lock -r requirements.in -o pylock.toml").ok()
        place.run("pip install -r pylock.toml").ok()
        assert installed(place) == {"io": "1.0", "mixed": "1.0", "web": "1.0"}
        assert shown(place.run("pip install -r pylock.toml io")) == block("""
            exit 2
            error: pylock.toml is a whole lock
              it cannot be combined with anything else
        """)

    def test_nothing_named(self, place):
        assert place.run("pip install --only-deps").exit_code == 2


class TestVersions:
    def test_what_is_needed_is_upgraded_only_where_it_has_to_be(self, place):
        """pip's rule: -U is about what was named."""
        place.run("pip install web==1.0 io==1.0").ok()
        place.run("pip install -U web").ok()
        assert installed(place) == {"io": "1.0", "web": "2.0"}
        place.run("pip install -U --upgrade-strategy eager web").ok()
        assert installed(place) == {"io": "2.0", "web": "2.0"}

    def test_as_if_nothing_were_installed(self, place):
        place.run("pip install io==1.0").ok()
        assert " ~ io 1.0 → 2.0\n" in place.run("pip install -I io").ok().stderr.replace("->", "→")
        assert " ~ io 2.0\n" in place.run("pip install -I io").ok().stderr.replace("2.0 -> ", "").replace(
            "2.0 → ", ""
        )

    def test_again(self, place):
        place.run("pip install io").ok()
        ran = place.run("pip install --force-reinstall io")
        assert ran.stderr.startswith("Reinstalled 1 package")

    def test_dates(self, place):
        place.run("pip install io --uploaded-prior-to 2025-01-01").ok()
        assert installed(place) == {"io": "1.0"}
        ran = place.run("pip install io --uploaded-prior-to 2025-01-01 --exclude-newer 2025-01-01")
        assert ran.exit_code == 2

    def test_prereleases(self, place):
        place.run("pip install io --all-releases :all:").ok()
        assert installed(place) == {"io": "3.0b1"}
        place.run("pip install -U io --only-final :all: --force-reinstall").ok()
        assert installed(place) == {"io": "2.0"}
        assert shown(place.run("pip install io --all-releases io")) == block("""
            exit 2
            error: --all-releases is for all packages or for none
              of io alone, its requirement says it
            try: --all-releases :all:, or a requirement such as 'name>=2.0rc1', which admits pre-releases
        """)

    def test_wheels_first(self, place):
        place.run("pip install --prefer-binary mixed").ok()
        assert installed(place) == {"mixed": "1.0"}
        place.write({"r.txt": "--prefer-binary\nmixed\n"})
        place.run("pip install -I -r r.txt").ok()
        assert installed(place) == {"mixed": "1.0"}

    def test_without_an_index(self, place):
        ran = place.run("pip install io --no-index")
        assert ran.exit_code == 1

    def test_hashes_that_are_not_asked_of_the_rest(self, place):
        place.write({"r.txt": f"io==2.0 --hash=sha256:{'0' * 64}\nweb\n"})
        assert place.run("pip install -r r.txt").exit_code == 1
        assert "needs a hash" not in place.run("pip install -r r.txt --no-require-hashes --dry-run").stderr


class TestConflicts:
    def test_what_was_there_before_is_told_of(self, place, shop):
        shop.add_wheel("picky", "1.0", requires=["io<2", 'web>5; python_version < "3"'])
        place.run("pip install picky").ok()
        assert shown(place.run("pip install -U io web")) == block("""
            exit 0
            warning: picky 1.0 needs io <2, and 2.0 is installed now
            Installed 1 package, updated 1 in <time>
             ~ io 1.0 → 2.0
             + web 2.0
        """)
        assert place.run("pip check").exit_code == 1
        assert "warning" not in place.run("pip install -U io").ok().stderr
        place.run("pip install io==1.0").ok()
        assert "warning" not in place.run("pip install io==2.0 --no-warn-conflicts").ok().stderr


class TestBuilds:
    def test_limits_of_what_builds_need(self, place, shop):
        shop.add_wheel("flit-core", "3.9")
        place.write({"limits.txt": "flit-core<1\n"})
        write(
            place / "lib",
            {
                **package("lib"),
                "pyproject.toml": (
                    '[build-system]\nrequires = ["flit-core>=3"]\nbuild-backend = "flit_core.buildapi"\n'
                    '[project]\nname = "lib"\nversion = "1"\ndynamic = ["description"]\n'
                ),
            },
        )
        ran = place.run("pip install ./lib --build-constraint limits.txt")
        assert ran.exit_code == 1
        assert "limits.txt" in ran.stderr

    def test_what_is_no_constraint(self, place):
        place.write({"limits.txt": "./lib\n"})
        assert place.run("pip install io --build-constraint limits.txt").exit_code == 1


class TestElsewhere:
    def test_below_another_root(self, place, shop):
        root = place / "image"
        place.run(f"pip install --root {root} --prefix /usr io").ok()
        found = sorted(path.name for path in (root / "usr").rglob("*.dist-info"))
        assert found == ["io-2.0.dist-info"]
        place.run(f"pip install --root {root} web==1.0").ok()
        below = str(root) + str(place / ".venv")
        assert os.path.isdir(below)
        assert place.run(f"pip freeze --prefix {below}").ok().stdout == "io==2.0\nweb==1.0\n"
        assert installed(place) == {}

    def test_for_another_python(self, project, index):
        index.add_wheel(
            "fast", "1.0", tags="cp311-cp311-win_amd64", requires=['win; sys_platform == "win32"']
        )
        index.add_wheel("fast", "2.0", tags="cp312-cp312-manylinux_2_17_x86_64")
        index.add_wheel("win", "1.0")
        index.add_sdist("fast", "3.0")
        made = project({"notes.txt": ""})
        made.run(
            "pip install --target out --platform win_amd64 --python-version 3.11 --implementation cp"
            " --abi cp311 --abi none --only-binary=:all: fast"
        ).ok()
        assert made.run("pip freeze --target out").ok().stdout == "fast==1.0\nwin==1.0\n"
        assert made.run("pip check --target out").stdout == "fast 1.0 is not supported on this platform\n"
        assert shown(made.run("pip install fast --platform win_amd64")) == block("""
            exit 2
            error: --platform, --python-version, --implementation and --abi need --target DIR
              what is for another Python does not run in an environment of this one
            try: hutch pip install --target build/ …
        """)


class TestWordsOfScripts:
    def test_what_changes_nothing(self, place):
        words = (
            "--no-warn-script-location --no-warn-conflicts --no-clean --no-input --use-pep517"
            " --disable-pip-version-check --root-user-action=ignore --progress-bar off --exists-action w"
            " --no-python-version-warning --require-virtualenv --no-color --src src --use-feature x"
            " --timeout 30.5 --retries 1 --trusted-host index.example --no-cache-dir --no-compile"
        )
        place.run(f"pip install io {words}").ok()
        assert installed(place) == {"io": "2.0"}
        assert place.run("pip --no-input --isolated freeze").ok().stdout == "io==2.0\n"

    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("--user", "is seen by every project of that user"),
            ("--no-build-isolation", "builds everything in an environment of its own"),
            ("--ignore-requires-python", "is not installed"),
            ("--log", "keeps no log"),
        ],
    )
    def test_what_is_refused(self, place, word, reason):
        ran = place.run(f"pip install io {word}")
        assert ran.exit_code == 2
        assert ran.stderr.startswith(f"error: {word} is not for hutch\n")
        assert reason in ran.stderr
        assert "try: " in ran.stderr

    def test_the_letter_of_another(self, place):
        ran = place.run("pip install io -C --build-option=x")
        assert ran.exit_code == 2
        ran = place.run("pip install io -C editable_mode=strict")
        assert ran.stderr.endswith("try: what pip calls -C is --config-settings here\n")

    def test_only_behind_pip(self, place):
        assert place.run("sync --no-input").exit_code == 2
