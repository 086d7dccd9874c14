from setuptools import setup

setup(name="My.Tool", version="1")
