"""Activation text: what a shell reads to make an environment the current one, and to undo that.

`activation_scripts` gives the files of an environment's scripts directory; `quote` makes any text one
word of a shell. Text only: nothing here touches the disk or looks at the running shell. The templates
are real shell text with ``__TOKENS__``, one module a shell, each beside its quoting function.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.shell.activation import ActivationFacts, activation_scripts, activation_text
    from hutch.shell.quoting import SHELLS, quote
    from hutch.shell.starting import KINDS, Start, kind_of, start_shell

_HOMES = {
    "ActivationFacts": "activation",
    "activation_scripts": "activation",
    "activation_text": "activation",
    "KINDS": "starting",
    "Start": "starting",
    "kind_of": "starting",
    "start_shell": "starting",
    "SHELLS": "quoting",
    "quote": "quoting",
}

__all__ = [
    "KINDS",
    "SHELLS",
    "ActivationFacts",
    "Start",
    "activation_scripts",
    "activation_text",
    "kind_of",
    "quote",
    "start_shell",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
