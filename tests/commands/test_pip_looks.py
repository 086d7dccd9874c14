"""``hutch pip list|show|freeze|check|tree|inspect``: what pip 26.3 prints for the same environment.

The texts were taken from pip 26.3 on what `pip_support.furnish` makes. Where hutch says something else on
purpose, the test says so.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from commands.pip_support import SITE, VERSION, furnish, pip, put
from commands.support import block, shown


@pytest.fixture
def odd(project):
    """An environment with every oddity once."""
    made = project({"notes.txt": ""})
    made.run("venv").ok()
    furnish(made.path, made / SITE)
    return made


def at_home(text: str) -> str:
    """Expected text: the directory of packages has its Python in it."""
    return block(text).replace("<site>", f"<project>/{SITE}")


class TestList:
    def test_a_table(self, odd):
        assert odd.run("pip list").ok().stdout == block("""
            Package        Version   Build Editable project location
            -------------- --------- ----- -------------------------
            archived       2
            colour         1.5
            distutils-made 0.1
            edited         2               <project>/my work
            from-git       2
            legacy         1.2.post1
            lies           2
            local          2
            Old-Style      0.9             <project>/develop
            other-world    1
            Web.Thing      1.0.0RC1
            wheels         3         7
            young          1
        """).replace("-" * 25, "-" * len(f"{odd.path}/my work"))

    def test_requirements(self, odd):
        assert odd.run("pip list --format freeze --exclude young --exclude-editable").ok().stdout == block("""
            archived==2
            colour==1.5
            distutils-made==0.1
            from-git==2
            legacy==1.2.post1
            lies==2
            local==2
            other-world==1
            Web.Thing==1.0.0rc1
            wheels==3
        """)

    def test_json(self, odd):
        ran = odd.run("pip list --editable --format json").ok()
        assert ran.stdout == (
            '[{"name": "edited", "version": "2", "editable_project_location": "<project>/my work"},'
            ' {"name": "Old-Style", "version": "0.9", "editable_project_location": "<project>/develop"}]\n'
        )
        assert odd.run("pip list -e --json").ok().stdout == ran.stdout

    def test_where_and_by_whom(self, odd):
        rows = json.loads(odd.run("pip list -v --format json").ok().stdout)
        assert rows[0] == {
            "name": "archived",
            "version": "2",
            "location": f"<project>/{SITE}",
            "installer": "pip",
        }
        lines = odd.run("pip list -v --exclude-editable").ok().stdout.splitlines()
        assert lines[0].split() == ["Package", "Version", "Build", "Location", "Installer"]
        assert lines[2].split() == ["archived", "2", f"<project>/{SITE}", "pip"]

    def test_what_nothing_needs(self, odd):
        names = odd.run("pip list --not-required --format freeze").ok().stdout
        assert "colour" not in names
        assert "Web.Thing" in names

    def test_nothing_at_all(self, project):
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        assert shown(made.run("pip list")) == "exit 0\n"
        assert made.run("pip list --format json").stdout == "[]\n"

    def test_strict(self, odd):
        ran = odd.run("pip list --strict --format freeze")
        assert ran.exit_code == 0
        assert "warning: web-thing 1.0.0rc1 requires gone, which is not installed\n" in ran.stderr

    def test_options_that_exclude_each_other(self, odd):
        assert odd.run("pip list --outdated --uptodate").exit_code == 2
        assert odd.run("pip list --path x --local").exit_code == 2
        assert shown(odd.run("pip list --outdated --format freeze")) == block("""
            exit 2
            error: --format freeze has no place for newer versions
            try: --outdated with --format columns or json
        """)

    def test_what_is_newer(self, project, index):
        index.add_wheel("io", "1.0")
        index.add_wheel("io", "2.0", yanked="broken")
        index.add_wheel("io", "1.5")
        index.add_wheel("io", "3.0a1")
        index.add_wheel("web", "1.0")
        index.add_sdist("deep", "1.0")
        index.add_sdist("deep", "1.1")
        index.add_wheel("deep", "1.2", requires_python=">=4")
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        for name in ("io", "web", "deep", "unknown"):
            put(made / SITE, name, "1.0")
        assert made.run("pip list -o").ok().stdout == block("""
            Package Version Latest Type
            ------- ------- ------ -----
            deep    1.0     1.1    sdist
            io      1.0     1.5    wheel
        """)
        assert json.loads(made.run("pip list --outdated --pre --format json").ok().stdout)[1] == {
            "name": "io",
            "version": "1.0",
            "latest_version": "3.0a1",
            "latest_filetype": "wheel",
        }
        assert made.run("pip list --uptodate --format freeze").ok().stdout == "web==1.0\n"
        assert "io 1.0 (latest: 1.5)\n" in made.run("pip tree --outdated").ok().stdout


class TestFreeze:
    def test_all_forms(self, odd):
        """Credentials are not written, which pip does."""
        assert odd.run("pip freeze").ok().stdout == block("""
            archived @ https://files.example/a.whl#sha256=00ff
            colour==1.5
            distutils-made==0.1
            # Editable install with no version control (edited==2)
            -e <project>/my work
            from-git @ git+https://code.example/x.git@abc#subdirectory=py
            legacy==1.2.post1
            lies==2
            local @ file:///srv/local
            # Editable install with no version control (Old-Style==0.9)
            -e <project>/develop
            other-world==1
            Web.Thing==1.0.0rc1
            wheels==3
            young==1
        """)

    def test_pip_itself_is_left_out(self, odd):
        put(odd / SITE, "pip", "26.3")
        assert "pip" not in odd.run("pip freeze").ok().stdout.split("=")[0]
        assert "\npip==26.3\n" in odd.run("pip freeze --all").ok().stdout

    def test_the_order_of_a_file(self, odd):
        odd.write(
            {
                "order.in": "# first\n--index-url https://index.example/\nwheels>=1  # why\n\ncolour \\\n"
                "    --hash=sha256:00\nabsent==1\n-e git+https://code.example/x#egg=edited\n"
                "./there\ncolour\n-c c.txt\n"
            }
        )
        ran = odd.run("pip freeze -r order.in --exclude-editable --exclude young --exclude legacy")
        assert ran.stdout == block("""
            # first
            --index-url https://index.example/
            wheels==3

            colour==1.5
            -c c.txt
            ## The following requirements were added by pip freeze:
            archived @ https://files.example/a.whl#sha256=00ff
            distutils-made==0.1
            from-git @ git+https://code.example/x.git@abc#subdirectory=py
            lies==2
            local @ file:///srv/local
            other-world==1
            Web.Thing==1.0.0rc1
        """)
        assert ran.stderr.replace("warning: ", "").splitlines() == [
            "Requirement file [order.in] contains absent==1, but package 'absent' is not installed",
            (
                "Requirement file [order.in] contains -e git+https://code.example/x#egg=edited,"
                " but package 'edited' is not installed"
            ),
            (
                "Skipping line in requirement file [order.in] because it's not clear"
                " what it would install: ./there"
            ),
            "Requirement colour included multiple times [order.in]",
        ]

    def test_editables_of_repositories(self, project):
        made = project({"notes.txt": "", "repo/sub/pyproject.toml": "", "bare/pyproject.toml": ""})
        made.run("venv").ok()

        def git(*words: str, where: str = "repo") -> str:
            identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
            done = subprocess.run(
                ["git", *identity, *words], cwd=made / where, capture_output=True, text=True, check=True
            )
            return done.stdout.strip()

        for where in ("repo", "bare"):
            git("init", "-q", where=where)
            git("add", "-A", where=where)
            git("commit", "-qm", "first", where=where)
        git("remote", "add", "other", "https://code.example/other.git")
        git("remote", "add", "origin", "git@code.example:team/x.git")
        commit = git("rev-parse", "HEAD")
        for name, folder in (("in-repo", "repo/sub"), ("no-remote", "bare")):
            url = json.dumps({"url": f"file://{made / folder}", "dir_info": {"editable": True}})
            put(made / SITE, name, "1", direct_url_json=url)
        expected = block(f"""
            -e git+ssh://git@code.example/team/x.git@{commit}#egg=in_repo&subdirectory=sub
            # Editable Git install with no remote (no-remote==1)
            -e <project>/bare
        """)
        assert made.run("pip freeze").ok().stdout == expected
        git("config", "remote.origin.url", "gone::nowhere")
        assert made.run("pip freeze --exclude no-remote").ok().stdout == block("""
            # Editable Git install (in-repo==1) with either a deleted local remote or invalid URI:
            # 'gone::nowhere'
            -e <project>/repo/sub
        """)

    def test_nothing_of_a_repository_is_run(self, project):
        """Its settings may name programs: none of them is started."""
        made = project({"notes.txt": "", "repo/pyproject.toml": ""})
        made.run("venv").ok()
        subprocess.run(["git", "init", "-q"], cwd=made / "repo", check=True)
        (made / "repo/.git/config").write_text(
            f"[core]\n\tfsmonitor = touch {made / 'ran'}\n\tpager = touch {made / 'ran'}\n"
            '[remote "origin"]\n\turl = ext::sh -c touch\n'
        )
        url = json.dumps({"url": f"file://{made / 'repo'}", "dir_info": {"editable": True}})
        put(made / SITE, "hostile", "1", direct_url_json=url)
        made.run("pip freeze").ok()
        assert not (made / "ran").exists()


class TestShow:
    def test_a_package(self, odd):
        assert odd.run("pip show web.thing colour").ok().stdout == at_home("""
            Name: Web.Thing
            Version: 1.0.0RC1
            Summary: Serves
            Home-page: https://web.example/
            Author:\x20
            Author-email: A <a@b.example>
            License-Expression: MIT
            Location: <site>
            Requires: colour, gone
            Required-by:\x20
            ---
            Name: colour
            Version: 1.5
            Summary: Paints
            Home-page: https://colour.example
            Author:\x20
            Author-email:\x20
            License: BSD
            Location: <site>
            Requires:\x20
            Required-by: Old-Style, Web.Thing
        """)

    def test_all_of_it(self, odd):
        text = odd.run("pip show -v -f Web_Thing").ok().stdout
        assert text.partition("Metadata-Version")[2] == block("""
            : 2.4
            Installer: pip
            Classifiers:
              One :: Two
            Entry-points:
              [console_scripts]
              web = web:main
            Project-URLs:
              Home page, https://web.example/
            Files:
              Web_Thing-1.0.0rc1.dist-info/INSTALLER
              Web_Thing-1.0.0rc1.dist-info/METADATA
              Web_Thing-1.0.0rc1.dist-info/RECORD
              Web_Thing-1.0.0rc1.dist-info/REQUESTED
              Web_Thing-1.0.0rc1.dist-info/entry_points.txt
              Web_Thing.py
        """)

    def test_files_of_older_forms(self, odd):
        assert (
            odd.run("pip show -f legacy")
            .ok()
            .stdout.endswith("Files:\n  legacy-1.2.post1-py3.egg-info/PKG-INFO\n  legacy.py\n")
        )
        text = odd.run("pip show -f Old-Style").ok().stdout
        assert "Editable project location: <project>/develop\nRequires: colour\n" in text
        assert text.endswith("Files:\nCannot locate RECORD or installed-files.txt\n")

    def test_files_behind_links_to_the_cache(self, project, index):
        """RECORD is of another name there, and directories are links: the same files are listed."""
        index.add_wheel("deep", "1.0", files={"deep/__init__.py": "", "deep/a/b.py": "", "deep.txt": ""})
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        made.run("pip install deep --link-mode tree").ok()
        listed = made.run("pip show -f deep").ok().stdout.partition("Files:\n")[2].split()
        assert [name for name in listed if "dist-info" not in name] == [
            "deep.txt",
            "deep/__init__.py",
            "deep/a/b.py",
        ]

    def test_what_is_not_there(self, odd):
        assert shown(odd.run("pip show Zebra absent")) == block("""
            exit 1
            warning: Package(s) not found: Zebra, absent
        """)
        ran = odd.run("pip show absent local")
        assert (ran.exit_code, ran.stdout.startswith("Name: local\n")) == (0, True)


class TestCheck:
    def test_what_is_wrong(self, odd):
        """The last line is ours: pip does not look at Requires-Python."""
        ran = odd.run("pip check")
        assert ran.exit_code == 1
        assert ran.stdout == block("""
            web-thing 1.0.0rc1 requires gone, which is not installed.
            web-thing 1.0.0rc1 has requirement colour<3,>=2, but you have colour 1.5.
            other-world 1 is not supported on this platform
            young 1 requires Python >=4, but this is <version>.
        """)
        faults = json.loads(odd.run("pip check --json").stdout)["faults"]
        assert [fault["kind"] for fault in faults] == ["missing", "conflict", "platform", "python"]

    def test_all_is_well(self, project):
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        put(
            made / SITE,
            "a",
            "1",
            'Requires-Dist: b>=1a1; python_version >= "3"\nRequires-Dist: c; extra == "x"\n',
        )
        put(made / SITE, "b", "1rc1")
        assert shown(made.run("pip check")) == "exit 0\n-- stdout --\nNo broken requirements found.\n"

    def test_metadata_that_nobody_can_read(self, project):
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        put(made / SITE, "a", "1", "Requires-Dist: ???\n")
        assert shown(made.run("pip check")) == block("""
            exit 1
            -- stdout --
            a 1 cannot be read: `???` is not a valid requirement
        """)


class TestTree:
    def test_from_above(self, odd):
        ran = odd.run("pip tree --prune young --package web.thing --package old-style").ok()
        assert ran.stdout == block("""
            Web.Thing 1.0.0rc1
            ├── colour 1.5 (needed: >=2,<3)
            └── gone (not installed)
            Old-Style 0.9
            └── colour 1.5
        """)

    def test_from_below(self, odd):
        assert odd.run("pip tree --reverse --package colour").ok().stdout == block("""
            colour 1.5
            ├── Old-Style 0.9
            └── Web.Thing 1.0.0rc1 (needs colour >=2,<3)
        """)

    def test_rings_and_depth(self, project):
        made = project({"notes.txt": ""})
        made.run("venv").ok()
        put(made / SITE, "hen", "1", "Requires-Dist: egg\nRequires-Dist: nest[soft]\n")
        put(made / SITE, "egg", "1", "Requires-Dist: hen\n")
        put(made / SITE, "nest", "1", 'Requires-Dist: down; extra == "soft"\nRequires-Dist: egg\n')
        put(made / SITE, "down", "1")
        assert made.run("pip tree").ok().stdout == block("""
            egg 1
            └── hen 1
                ├── egg 1 (*)
                └── nest[soft] 1
                    ├── down 1
                    └── egg 1 (*)
            (*) shown in full further up
        """)
        assert made.run("pip tree -d 1").ok().stdout == "egg 1\n└── hen 1\n"
        found = json.loads(made.run("pip tree --json --package nest").ok().stdout)
        assert [child["name"] for child in found["packages"][0]["children"]] == ["egg"]

    def test_what_is_not_there(self, odd):
        assert shown(odd.run("pip tree --package absent")) == block("""
            exit 1
            error: not installed: absent
            try: hutch pip list shows what is installed
        """)


class TestInspect:
    def test_the_report(self, odd):
        report = json.loads(odd.run("pip inspect").ok().stdout)
        assert list(report) == ["version", "pip_version", "installed", "environment"]
        assert report["version"] == "1"
        by_name = {one["metadata"]["name"]: one for one in report["installed"]}
        web = by_name["Web.Thing"]
        assert web == {
            "metadata": {
                "metadata_version": "2.4",
                "name": "Web.Thing",
                "version": "1.0.0RC1",
                "summary": "Serves",
                "description": "Words.\n",
                "keywords": ["a", "b"],
                "author_email": "A <a@b.example>",
                "license_expression": "MIT",
                "classifier": ["One :: Two"],
                "requires_dist": [
                    "colour>=2,<3",
                    'gone; python_version > "3"',
                    'Late; extra == "x"',
                ],
                "requires_python": ">=3.8",
                "project_url": ["Home page, https://web.example/"],
                "provides_extra": ["x"],
            },
            "metadata_location": f"<project>/{SITE}/Web_Thing-1.0.0rc1.dist-info",
            "installer": "pip",
            "requested": True,
        }
        assert by_name["archived"]["direct_url"] == {
            "url": "https://files.example/a.whl",
            "archive_info": {"hashes": {"sha256": "00ff"}, "hash": "sha256=00ff"},
        }
        assert by_name["from-git"]["direct_url"] == {
            "url": "https://code.example/x.git",
            "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
            "subdirectory": "py",
        }
        assert by_name["Old-Style"]["direct_url"]["dir_info"] == {"editable": True}
        assert by_name["Old-Style"]["metadata"]["requires_dist"] == ["colour", 'late ; extra == "x"']
        assert "requested" not in by_name["legacy"]
        assert report["environment"]["implementation_name"] == "cpython"


class TestWhere:
    def test_no_environment(self, project):
        made = project({"notes.txt": ""})
        assert shown(made.run("pip list")) == block("""
            exit 1
            error: there is no environment to look at
              none is active, and neither this directory nor one above it has a .venv
            try: hutch venv makes one
             or: --python PATH names one; --system is the Python itself
        """)

    def test_the_active_one_of_conda(self, project):
        made = project({"env/conda-meta/history": ""})
        python = made.environ["HUTCH_PYTHON"]
        site = made / f"env/lib/python{VERSION}/site-packages"
        put(site, "inside", "1")
        (made / "env/bin").mkdir()
        (made / "env/bin/python").write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {python} "$@"\n')
        (made / "env/bin/python").chmod(0o755)
        environ = {"CONDA_PREFIX": str(made / "env"), "CONDA_DEFAULT_ENV": "work"}
        assert "inside==1\n" in made.run("pip list --format freeze", environ=environ).ok().stdout
        base = {**environ, "CONDA_DEFAULT_ENV": "base"}
        assert made.run("pip list", environ=base).exit_code == 1

    def test_folders(self, project):
        made = project({"notes.txt": ""})
        put(made / "target", "a", "1")
        put(made / f"prefix/lib/python{VERSION}/site-packages", "b", "1")
        put(made / "one", "c", "1")
        put(made / "two", "c", "2")
        put(made / "two", "d", "1")
        assert made.run("pip freeze --target target").ok().stdout == "a==1\n"
        assert made.run("pip freeze --prefix prefix").ok().stdout == "b==1\n"
        assert made.run("pip freeze --path one --path two").ok().stdout == "c==1\nd==1\n"
        assert made.run("pip freeze --path two --system").exit_code == 2

    def test_the_python_below(self, project, tmp_path):
        """An environment that sees the packages of its Python lists them; ``--local`` does not."""
        made = project({"notes.txt": ""})
        made.run("venv --system-site-packages").ok()
        put(made / SITE, "own", "1")
        put(made / "elsewhere", "below", "1")
        (made / SITE / "more.pth").write_text(f"{made / 'elsewhere'}\n")
        assert "own==1\n" in made.run("pip list --format freeze").ok().stdout
        assert "below==1\n" in made.run("pip list --format freeze").ok().stdout
        assert "own==1\n" in made.run("pip freeze --local").ok().stdout
        environ = {"PYTHONUSERBASE": str(made / "home")}
        put(made / f"home/lib/python{VERSION}/site-packages", "mine", "1")
        assert made.run("pip freeze --user", environ=environ).ok().stdout == "mine==1\n"

    def test_a_python_itself(self, project):
        made = project({"notes.txt": ""})
        said = made.run("pip list --system --format json", environ={"PYTHONPATH": str(made / "more")})
        put(made / "more", "seen", "1")
        assert "seen" not in said.ok().stdout
        said = made.run("pip list --system --format json", environ={"PYTHONPATH": str(made / "more")})
        assert '"seen"' in said.ok().stdout

    def test_a_checkout_that_nothing_can_be_read_of(self, project):
        """A manifest is not what these verbs are about."""
        made = project({"pyproject.toml": "[project\n", "Pipfile": "???", ".venv/x": ""})
        put(made / "target", "a", "1")
        made.run("venv ../env --no-config", cwd=".")
        assert made.run("pip freeze --target target --no-config").ok().stdout == "a==1\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "list",
        "list --format json",
        "list --format freeze",
        "list -e",
        "list --not-required",
        "freeze",
        "freeze --all --exclude own",
        "show shown-one",
        "show -f shown-one",
        "check",
    ],
)
def test_the_same_as_pip(project, index, words):
    """On an environment that pip has filled, and then hutch, the pip of here prints the same."""
    pytest.importorskip("pip")
    index.add_wheel("shown-one", "1.0", requires=["needed>=1"], files={"shown_one/__init__.py": ""})
    index.add_wheel("needed", "1.5")
    index.add_wheel("own", "2.0")
    made = project({"notes.txt": ""})
    made.run("venv").ok()
    python = str(made / ".venv/bin/python")
    host = {"PIP_TRUSTED_HOST": "127.0.0.1", "PIP_INDEX_URL": index.url}
    installed = pip(python, "install", "shown-one", environ=host)
    assert installed.returncode == 0, installed.stderr
    made.run("pip install own").ok()
    said = pip(python, *words.split())
    ran = made.run(f"pip {words}")
    assert (ran.exit_code, ran.stdout) == (said.returncode, made.filtered(said.stdout))
    assert os.path.exists(python)
