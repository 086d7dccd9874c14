from setuptools import setup
setup(name=open('NAME').read())
