"""The version."""

VERSION = "2.8.2"
__version__ = VERSION
