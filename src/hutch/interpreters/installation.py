"""Where an installed Python finds packages, and where it installs them.

Unlike what it *is*, this depends on its `site`, on ``.pth`` files and on the user's variables: it is asked
anew each time, and of a Python outside of an environment alone.
"""

from __future__ import annotations

import os

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Installation", "probe_installation"]

SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """``paths`` is ``sys.path``; ``scheme`` has purelib, platlib, scripts, include and data, absolute.

    ``user_site`` is empty where the directory of the user does not count.
    """

    paths: tuple[str, ...]
    user_site: str
    scheme: Mapping[str, str] = field(hash=False)


def probe_installation(path: str, environ: Mapping[str, str]) -> Installation:
    """Ask the interpreter at ``path``. Raises BrokenInterpreter."""
    import json

    from hutch.interpreters.failures import cannot_start, no_answer
    from hutch.interpreters.problems import BrokenInterpreter
    from hutch.interpreters.start import run_limited

    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "installation_script.py")
    mark = f"hutch-{os.urandom(8).hex()}"
    end = f"</{mark}>".encode()
    try:
        answer = run_limited([path, script, mark], environ=environ, seconds=SECONDS, until=end)
    except OSError as error:
        raise cannot_start(path, error) from error
    begin, _, rest = answer.output.partition(f"<{mark}>".encode())
    text, closed, _ = rest.partition(end)
    if not closed:
        raise no_answer(path, answer.code, answer.stopped, begin, SECONDS)
    try:
        said = json.loads(text)
    except ValueError as error:
        raise BrokenInterpreter(path, "its answer cannot be read") from error
    return Installation(
        paths=tuple(map(str, said["paths"])), user_site=str(said["user_site"]), scheme=dict(said["scheme"])
    )
