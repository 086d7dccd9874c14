#!/usr/bin/env python
"""A replica of requests before it had a pyproject.toml: names that are computed, extras with markers."""

import os
import sys
from codecs import open

from setuptools import setup
from setuptools.command.install import install

here = os.path.abspath(os.path.dirname(__file__))


class Install(install):
    def run(self):
        install.run(self)


if sys.argv[-1] == "publish":
    os.system("python setup.py sdist bdist_wheel")
    sys.exit()

packages = ["requests"]

requires = [
    "charset_normalizer>=2,<4",
    "idna>=2.5,<4",
    "urllib3>=1.21.1,<3",
    "certifi>=2017.4.17",
]
test_requirements = ["pytest-httpbin==2.1.0", "pytest-cov", "pytest-mock", "PySocks>=1.5.6, !=1.5.7", "pytest>=3"]

about = {}
with open(os.path.join(here, "requests", "__version__.py"), "r", "utf-8") as f:
    exec(f.read(), about)

setup(
    name=about["__title__"],
    version=about["__version__"],
    packages=packages,
    package_data={"": ["LICENSE", "NOTICE"]},
    python_requires=">=3.8",
    install_requires=requires,
    zip_safe=False,
    cmdclass={"install": Install},
    tests_require=test_requirements,
    extras_require={
        "security": [],
        "socks": ["PySocks>=1.5.6, !=1.5.7"],
        "use_chardet_on_py3": ["chardet>=3.0.2,<6"],
        'socks:sys_platform == "win32" and (python_version == "2.7" or python_version == "2.6")': ["win_inet_pton"],
    },
)
