"""The packages of the cases that pip-compile has answered: see ``freeze_pip_compile.py``."""

from __future__ import annotations

from hutch.testing.fake_index import FakeIndex


def stock(index: FakeIndex) -> None:
    """Put them all on an index; every byte of them is the same each time."""
    for version in ("1.0", "1.5", "2.0"):
        index.add_wheel("web", version, requires=["io>=1"], extras={"quick": ["fast"], "safe": ["color"]})
        index.add_wheel("io", version)
        index.add_wheel("fast", version, requires=["io"])
    index.add_wheel("io", "3.0b1")
    index.add_wheel("color", "1.0")
    index.add_wheel("color", "1.1.post1")
    index.add_wheel("Mixed_Name.pkg", "1.0", requires=["Color"])
    index.add_wheel("plugin", "1.0", requires=["web[quick]>=1.5", "Mixed.Name-pkg"])
    index.add_wheel("setuptools", "80.0")
    index.add_wheel("pip", "25.0")
    index.add_wheel("tooling", "1.0", requires=["setuptools>=70", "color"])
    for tag in ("cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64", "py3-none-any",
                "cp312-cp312-win_amd64"):  # fmt: skip
        index.add_wheel("native", "1.0", tags=tag)
    index.add_sdist("native", "1.0")
    index.add_wheel("yank", "1.0")
    index.add_wheel("yank", "1.1", yanked="it was wrong")
    index.add_wheel("young", "1.0")
    index.add_wheel("young", "2.0", requires_python=">=3.99")
    index.add_wheel("marked", "1.0", requires=["color; sys_platform == 'never'", "io; python_version>='3'"])
    index.add_wheel("ring-a", "1.0", requires=["ring-b"])
    index.add_wheel("ring-b", "1.0", requires=["ring-a"])
    index.add_wheel("early", "1.0a1")
    index.add_wheel("epoch", "1!2.0")
    index.add_wheel("picky", "1.0", requires=["io<2"])
    index.add_wheel("picky", "2.0", requires=["io>=2", "fast"])
