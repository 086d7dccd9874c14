from setuptools import setup

print "installing"
setup(name="shop", version="1.0")
