"""The checks of ``hutch doctor``: one function each, on pages by what they look at (see ``book``)."""
