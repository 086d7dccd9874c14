"""A replica of the package, without its code."""
