"""What ``hutch auth`` asks and says. A password is typed unseen, and never shown."""

from __future__ import annotations

import sys

from hutch.cli.ui.prompt import require_terminal
from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, wrap
from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.auth import AuthListOutcome, AuthOutcome, AuthPlace

__all__ = ["ask_login", "print_logins", "read_password", "show_login", "show_logout"]

_LARGEST = 64 * 1024


def ask_login(place: AuthPlace, username: str, terminal: Terminal) -> tuple[str, str]:
    """The user name, if it is not known, and the password, as they are typed."""
    require_terminal(terminal, "hutch auth login", "--username NAME --stdin, or --token --stdin")
    terminal.close()
    what = "token" if username == "__token__" else "password"
    terminal.err.write(f"{what} for {clean(str(place))}\n")
    if not username:
        terminal.err.write("user name (nothing for a token): ")
        line = sys.stdin.readline()
        if not line:
            terminal.err.write("\n")
            raise KeyboardInterrupt
        username = line.strip() or "__token__"
        what = "token" if username == "__token__" else "password"
    import getpass

    try:
        password = getpass.getpass(f"{what}: ")
    except EOFError:
        raise KeyboardInterrupt from None
    return username, _checked(password)


def read_password() -> str:
    """The password on standard input: all of it, but for the end of its last line."""
    text = sys.stdin.read(_LARGEST) if sys.stdin is not None else ""
    return _checked(text.removesuffix("\n").removesuffix("\r"))


def _checked(password: str) -> str:
    if not password:
        raise UsageProblem("there is no password", why="what was read is empty")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        raise UsageProblem("this is no password", why="it has control characters, or several lines")
    return password


def show_login(outcome: AuthOutcome, terminal: Terminal) -> None:
    """Where the password is now, plainly."""
    place, path = clean(str(outcome.place)), clean(terminal.short(outcome.path))
    verb = "Would keep" if outcome.dry_run else "Kept"
    fold = terminal.err.fold
    if outcome.kept == "keyring":
        terminal.say(*wrap(f"{verb} the password for {place} in the system's keyring", fold, rest="  "))
    else:
        terminal.say(*wrap(f"{verb} the password for {place} in {path},", fold, rest="  "))
        terminal.say("  as plain text that nobody but you can read")
    if outcome.why:
        terminal.say(f"  {clean(outcome.why)}")
    if outcome.place.stronger:
        terminal.say(f"  {clean(outcome.place.stronger)} counts before it")


def show_logout(outcome: AuthOutcome, terminal: Terminal) -> None:
    """What was forgotten."""
    verb = "Would forget" if outcome.dry_run else "Forgot"
    terminal.say(f"{verb} the password for {clean(str(outcome.place))}")
    if outcome.left:
        terminal.say(f"  {clean(outcome.left)}: it may still be there, under {clean(outcome.place.url)}")


def print_logins(outcome: AuthListOutcome, terminal: Terminal) -> None:
    """Two short tables."""
    lines: list[str] = []
    if outcome.saved:
        where = {"keyring": "in the keyring", "file": f"in {terminal.short(outcome.path)}"}
        rows: list[tuple[str, ...]] = [
            (f"  {clean(url)}", clean(username), clean(where[kept])) for url, username, kept in outcome.saved
        ]
        lines = ["kept by hutch auth login:", *columns(rows), ""]
    rows = [
        (f"  {clean(name)}", clean(url), clean(source) or "none known")
        for name, url, source in outcome.indexes
    ]
    lines += ["indexes, and where their credentials come from:", *columns(rows)]
    terminal.data("".join(f"{line}\n" for line in lines))
