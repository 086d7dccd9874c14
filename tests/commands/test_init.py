"""``hutch init``: a project that works at once."""

from __future__ import annotations

import sys

from commands.support import block, shown

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_an_application(project):
    made = project()
    assert shown(made.run("init shop")) == block("""
        exit 0
        Started shop in shop: pyproject.toml, README.md, main.py, .gitignore
        next: cd shop && hutch add PACKAGE
    """)
    assert made.tree() == ["shop/.gitignore", "shop/README.md", "shop/main.py", "shop/pyproject.toml"]
    assert made.read("shop/pyproject.toml").replace(MINOR, "<minor>") == block("""
        [project]
        name = "shop"
        version = "0.1.0"
        requires-python = ">=<minor>"
        dependencies = []
        """)
    assert made.run("run main.py", cwd="shop").ok().stdout == "Hello from shop\n"


def test_a_library(project):
    made = project()
    made.run("init --lib my-shop").ok()
    assert made.tree() == [
        "my-shop/.gitignore",
        "my-shop/README.md",
        "my-shop/pyproject.toml",
        "my-shop/src/my_shop/__init__.py",
        "my-shop/src/my_shop/py.typed",
    ]


def test_here(project):
    made = project()
    made.run("init --name shop").ok()
    assert 'name = "shop"' in made.read("pyproject.toml")


def test_nothing_is_overwritten(project):
    made = project({"main.py": "mine\n", ".gitignore": "mine\n", "README.md": "mine\n"})
    made.run("init").ok()
    assert [made.read(name) for name in ("main.py", ".gitignore", "README.md")] == ["mine\n"] * 3
    assert shown(made.run("init")) == block("""
        exit 1
        error: there is a project here already: <project>/pyproject.toml
        try: hutch add NAME adds a package to it
    """)


def test_dry_run(project):
    made = project()
    assert shown(made.run("init shop --dry-run")) == block("""
        exit 0
        Would start shop in shop: pyproject.toml, README.md, main.py, .gitignore
    """)
    assert made.tree() == []


def test_names(project):
    made = project()
    made.run("init 'My Shop!'").ok()
    assert 'name = "My-Shop"' in made.read("My Shop!/pyproject.toml")
    assert shown(made.run("init '---'")) == block("""
        exit 2
        error: `hutch init` has no option `---`
        try: hutch init --help
    """)
    assert shown(made.run("init --name 'a b' x")) == block("""
        exit 2
        error: --name: 'a b' cannot be the name of a project
          a name has ASCII letters, digits, '-', '_' and '.', and begins and ends with a letter or digit
    """)


def test_app_and_lib_at_once(project):
    assert shown(project().run("init --app --lib")) == block("""
        exit 2
        error: --app and --lib do not go together in `hutch init`
        try: hutch init --help
    """)


def test_a_python_that_is_asked_for(project):
    made = project()
    made.run("init shop").ok()
    assert f'requires-python = ">={MINOR}"' in made.read("shop/pyproject.toml")


def test_a_file_in_the_way(project):
    assert shown(project({"shop": "a file"}).run("init shop")) == block("""
        exit 2
        error: <project>/shop is a file
        try: give the path of a directory
    """)


def test_json(project):
    assert shown(project().run("init shop --json")) == block("""
        exit 0
        -- stdout --
        {
          "dry_run": false,
          "files": [
            "pyproject.toml",
            "README.md",
            "main.py",
            ".gitignore"
          ],
          "name": "shop",
          "path": "<project>/shop",
          "workspace": null
        }
    """)
