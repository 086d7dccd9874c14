"""Applying plans to real environments, from a real store."""

from __future__ import annotations

import subprocess

from env.support import sync, tree


def test_a_wheel_can_be_imported_run_and_taken_out_again(environment, wheel):
    before = tree(environment.root)
    alpha = wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "def main(): print('hello')\n"},
        console_scripts={"alpha": "alpha:main"},
    )
    plan = sync(environment, alpha)
    assert plan.summary.added == (("alpha", "1.0"),)
    out = subprocess.run([environment.scripts_dir / "alpha"], capture_output=True, text=True, check=True)
    assert out.stdout == "hello\n"
    assert environment.installed()["alpha"].installer == "hutch"
    sync(environment)
    assert tree(environment.root) == before
