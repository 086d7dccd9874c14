from setuptools import setup
setup(name="plain-sources", version="1")
