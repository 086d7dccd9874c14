# -*- coding: utf-8 -*-
"""Names assigned once, lists that grow, tables that are made of others: all of it without running anything."""
import os

import setuptools

about = {}
NAME = "sh" + "op"
base = ["flask", "click"]
requires = base + ["requests"]
requires += ["idna"]
requires.append("six")
extras = dict(test=["pytest"], docs="""
    sphinx
    # a comment
    furo""")
extras["all"] = extras["test"] + ["sphinx"]
with open(os.path.join("shop", "version.py")) as source:
    exec(source.read(), about)
options = {"install_requires": requires, "extras_require": extras}

if __name__ == "__main__":
    setuptools.setup(name=NAME, version=about["__version__"], **options)
