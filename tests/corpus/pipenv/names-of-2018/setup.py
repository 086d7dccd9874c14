import setuptools

setuptools.setup(name="The-App", version="1.0")
