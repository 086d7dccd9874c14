"""Answers the solver's questions with whatever does the I/O."""

from hutch.provide.adjust import NO_ADJUSTMENTS, Adjustments
from hutch.provide.drive import Provider, drive
from hutch.provide.library import Library, ProviderOptions, TargetsCut
from hutch.provide.needs import needs_of_requirement, split_package
from hutch.provide.places import Bound, Direct
from hutch.provide.provider import IndexProvider

__all__ = [
    "NO_ADJUSTMENTS",
    "Adjustments",
    "Bound",
    "Direct",
    "IndexProvider",
    "Library",
    "Provider",
    "ProviderOptions",
    "TargetsCut",
    "drive",
    "needs_of_requirement",
    "split_package",
]
