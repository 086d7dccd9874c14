from setuptools import setup

from build_helpers import arguments


def main():
    setup(**arguments())


main()
