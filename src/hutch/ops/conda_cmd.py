"""Scripts of packages in the words of cmd.exe, for a command that is started on Windows: what they change.

conda writes a batch file that calls them and then the command, whose words go through cmd once more, and lose
what it takes for its own. Here cmd reads the scripts, and says all variables at the end; the command is
started with those, and its words are nobody's but its own. Both sides are values: the line that is run, and
what was said.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Run = Callable[[str, Mapping[str, str]], bytes]

__all__ = ["command_lines", "parse_set", "through_cmd"]

MARK = "__hutch_variables__"
LONGEST = 7000
"""Characters of a line that cmd takes with some room: it takes 8191."""


def through_cmd(
    variables: dict[str, str],
    leave: Sequence[str],
    enter: Sequence[str],
    own: Iterable[str],
    before: Mapping[str, str],
    run: Run | None = None,
) -> None:
    """Change ``variables`` as the scripts do: those of ``leave`` while the names in ``own`` are what they
    were ``before``, then those of ``enter``. ``run`` starts a line of cmd, and has what it writes."""
    run = run or _run
    if leave:
        later = {name: variables[name] for name in own if name in variables}
        for name in later:
            del variables[name]
            if name in before:
                variables[name] = before[name]
        _read(variables, leave, run)
        variables |= later
    _read(variables, enter, run)


def command_lines(scripts: Sequence[str], comspec: str) -> list[tuple[str, tuple[str, ...]]]:
    """Lines that read the scripts one after another and say the variables at the end; with those of each.

    What a script writes goes to standard error, so that only the variables come out, in UTF-16 (``/u``). The
    last quote of the line is that of ``/s``.
    """
    lines: list[tuple[str, tuple[str, ...]]] = []
    calls: list[str] = []
    held: list[str] = []

    def flush() -> None:
        if calls:
            text = " & ".join([*calls, f"echo {MARK}& set"])
            lines.append((f'"{comspec}" /d /e:on /v:off /u /s /c "{text}"', tuple(held)))
            calls.clear()
            held.clear()

    length = 0
    for script in scripts:
        call = f'call "{script}" 1>&2'
        if calls and length + len(call) > LONGEST:
            flush()
            length = 0
        calls.append(call)
        held.append(script)
        length += len(call) + 3
    flush()
    return lines


def parse_set(output: bytes) -> dict[str, str] | None:
    """The variables that ``set`` has said behind the mark, in capitals as Python knows them; None without it.

    >>> parse_set("__hutch_variables__\\r\\nPath=C:\\\\b\\r\\nA=1=2\\r\\n".encode("utf-16-le"))
    {'PATH': 'C:\\\\b', 'A': '1=2'}
    """
    text = output.decode("utf-16-le", "surrogatepass")
    _, mark, rest = text.rpartition(f"{MARK}\r\n")
    if not mark:
        return None
    found: dict[str, str] = {}
    last = ""
    for line in rest.removesuffix("\r\n").split("\r\n"):
        name, equals, value = line.partition("=")
        if name and equals:
            last = name.upper()
            found[last] = value
        elif last:
            found[last] += f"\r\n{line}"  # a value of several lines
    return found


def _read(variables: dict[str, str], scripts: Sequence[str], run: Run) -> None:
    comspec = variables.get("COMSPEC") or r"C:\Windows\System32\cmd.exe"
    # `call` reads its words a second time, so that %A% in them is a variable; quotes cannot be there.
    odd = [script for script in scripts if "%" in script or '"' in script]
    for script in odd:
        sys.stderr.write(f"hutch: {script} is not read, because cmd takes '%' for a variable\n")
    for line, held in command_lines([script for script in scripts if script not in odd], comspec):
        said = parse_set(run(line, variables))
        if said is None:
            names = ", ".join(script.replace("\\", "/").rpartition("/")[2] for script in held)
            sys.stderr.write(f"hutch: the shell that reads {names} has ended: what they set is lost\n")
            continue
        # Those that begin so are the current folders of drives, which `set` does not say.
        hidden = {name: value for name, value in variables.items() if name.startswith("=")}
        variables.clear()
        variables.update({**hidden, **said})


def _run(line: str, variables: Mapping[str, str]) -> bytes:
    import subprocess

    comspec = line[1:].partition('"')[0]
    try:
        done = subprocess.run(
            line, executable=comspec, env=dict(variables), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            check=False,
        )  # fmt: skip
    except OSError as error:
        sys.stderr.write(f"hutch: {comspec} cannot be started: {error.strerror or error}\n")
        return b""
    return done.stdout
