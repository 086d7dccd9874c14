"""What ``hutch auth login`` keeps: a file of the user's own that nobody else may read.

A password is in it, or the word that the system's keyring has it. The file is replaced as a whole, so that
it is the old one or the new one; it is made for its owner alone before a byte is written.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CannotKeep", "SavedCredential", "acl_command", "read_saved", "write_saved"]

_LARGEST = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCredential:
    """A user name and a password for the URLs below ``url`` (no user info, no query).

    Without a password, the system's keyring has it, under ``url`` and ``username``.
    """

    url: str
    username: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


class CannotKeep(Problem):
    """The file of credentials cannot be read or written."""

    code = "cannot-keep-credentials"

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"cannot use {path}, where log-ins are kept", why=reason, hint=hint or ())


def read_saved(path: str) -> tuple[SavedCredential, ...]:
    """What the file has; nothing where there is none. Raises ``CannotKeep`` where it is damaged."""
    from hutch.light import from_json
    from hutch.plain import read_plain

    try:
        found = from_json(read_plain(path, _LARGEST))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CannotKeep(path, error.strerror or "it cannot be read") from None
    except (ValueError, RecursionError):
        raise CannotKeep(path, "it is not JSON", "delete it, and log in again") from None
    rows = found.get("credentials") if isinstance(found, dict) else None
    saved: list[SavedCredential] = []
    for row in rows if isinstance(rows, list) else ():
        row = row if isinstance(row, dict) else {}
        url, username, password = row.get("url"), row.get("username"), row.get("password")
        if isinstance(url, str) and isinstance(username, str):
            secret = password if isinstance(password, str) else None
            saved.append(SavedCredential(url=url, username=username, password=secret))
    return tuple(saved)


def write_saved(path: str, saved: Sequence[SavedCredential]) -> None:
    """Replace the file. Raises ``CannotKeep``."""
    import json
    import tempfile

    rows: list[dict[str, object]] = []
    for one in sorted(saved, key=lambda each: each.url):
        kept: dict[str, object] = {"keyring": True} if one.password is None else {"password": one.password}
        rows.append({"url": one.url, "username": one.username, **kept})
    text = json.dumps({"version": 1, "credentials": rows}, indent=2, ensure_ascii=False) + "\n"
    folder = os.path.dirname(path)
    temporary = ""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=folder, prefix=".credentials-")  # 0600, and new
        with open(number, "w", encoding="utf-8", newline="\n") as file:
            if os.name == "nt":
                import subprocess

                command = acl_command(temporary, os.environ)
                done = subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
                if done.returncode != 0:
                    raise OSError(done.returncode, "it cannot be kept from others (icacls)")
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = ""
    except (OSError, ValueError) as error:
        raise CannotKeep(path, getattr(error, "strerror", None) or "it cannot be written") from None
    finally:
        if temporary:
            try:
                os.unlink(temporary)
            except OSError:
                pass


def acl_command(path: str, environ: object) -> list[str]:
    """The program of Windows that takes everybody but the user off a file, who keeps all rights."""
    said: dict[str, str] = dict(environ)  # type: ignore[call-overload]
    domain, user = said.get("USERDOMAIN", ""), said.get("USERNAME", "")
    program = (said.get("SYSTEMROOT") or "C:\\Windows") + "\\System32\\icacls.exe"
    who = f"{domain}\\{user}" if domain else user
    return [program, path, "/inheritance:r", "/grant:r", f"{who}:F"]
