"""Which parts of its standard library an interpreter lacks: those that need a library of the system.

A Python that was built where the headers of OpenSSL, SQLite or liblzma were missing has no `ssl`, `sqlite3`
or `lzma`, and says so only when they are imported. Files alone cannot tell (a module may be there and its
library gone), so the interpreter is asked: isolated and without `site`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["probe_missing_modules"]

SECONDS = 20.0
_SCRIPT = """
import sys
for name in sys.argv[2:]:
    try:
        __import__(name)
    except BaseException as error:
        print(sys.argv[1], name, type(error).__name__, str(error).replace(chr(10), ' ')[:200], sep=chr(9))
print(sys.argv[1], 'end', sep=chr(9), flush=True)
"""


def probe_missing_modules(path: str, environ: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The modules that cannot be imported, and what Python says of each. Raises BrokenInterpreter."""
    import os

    from hutch.interpreters.failures import cannot_start, no_answer
    from hutch.interpreters.start import isolated_environment, run_limited

    mark = f"hutch-{os.urandom(8).hex()}"
    end = f"{mark}\tend".encode()
    try:
        answer = run_limited(
            [path, "-I", "-S", "-c", _SCRIPT, mark, *names],
            environ=isolated_environment(environ),
            seconds=SECONDS,
            until=end,
        )
    except OSError as error:
        raise cannot_start(path, error) from error
    if end not in answer.output:
        raise no_answer(path, answer.code, answer.stopped, answer.output, SECONDS)
    found = {}
    for line in answer.output.decode("utf-8", "replace").splitlines():
        words = line.split("\t")
        if len(words) == 4 and words[0] == mark:
            found[words[1]] = f"{words[2]}: {words[3]}"
    return found
