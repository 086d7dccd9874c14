from setuptools import setup
setup(name="the_built", version="1")
