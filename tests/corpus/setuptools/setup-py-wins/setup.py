from setuptools import setup

setup(name="from-py", install_requires=["flask"], extras_require={}, setup_requires=["setuptools_scm"])
