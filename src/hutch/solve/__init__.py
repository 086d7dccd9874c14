"""PubGrub for many targets at once, without I/O: ask it, answer it, and it answers you.

``solve`` is a generator. It yields questions, takes answers through ``send``, and returns a
``Resolution`` or raises ``Unsolvable``. Versions and targets are integers to it: it knows nothing
of Python, of files or of networks. ``docs/explanation/solver.md`` tells how and why.
"""

from hutch.doors import lazy_door
from hutch.solve.incompatibility import Incompatibility
from hutch.solve.questions import (
    Answer,
    DependenciesOf,
    Facts,
    GivenUp,
    Limit,
    Need,
    Options,
    Question,
    Resolution,
    Versions,
    VersionsOf,
)
from hutch.solve.reach import reach
from hutch.solve.solver import Unsolvable, solve
from hutch.solve.universe import Universe, runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.solve.explaining import Fact, explain, facts

# Only those who hear a "no" ask for its reasons.
_HOMES = dict.fromkeys(("Fact", "explain", "facts"), "explaining")

__all__ = [
    "Answer",
    "DependenciesOf",
    "Fact",
    "Facts",
    "GivenUp",
    "Incompatibility",
    "Limit",
    "Need",
    "Options",
    "Question",
    "Resolution",
    "Universe",
    "Unsolvable",
    "Versions",
    "VersionsOf",
    "explain",
    "facts",
    "reach",
    "runs",
    "solve",
]

__getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
