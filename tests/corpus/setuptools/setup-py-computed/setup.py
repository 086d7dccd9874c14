# What depends on anything but the text is for the build backend; it is not guessed.
import sys
from setuptools import setup

requires = ["flask"]
extras = {"test": ["pytest"]}
docs = ["sphinx"]


def add_more():
    docs.append("furo")


if sys.platform == "win32":
    requires.append("colorama")

setup(
    name="shop",
    version="1.0",
    install_requires=requires,
    extras_require={"docs": docs, **extras},
    python_requires=">=3.8",
)
