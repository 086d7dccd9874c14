"""Reading and replacing one file of conda's configuration."""

from __future__ import annotations

import os
import stat

from hutch.errors import Problem

__all__ = ["CondarcFile", "read_condarc_text", "write_condarc_text"]


class CondarcFile(Problem):
    """A file of conda's configuration cannot be read or written."""

    code = "condarc-file"

    def __init__(self, path: str, what: str, reason: str) -> None:
        self.path = path
        super().__init__(f"{path} cannot be {what}", why=reason)


def read_condarc_text(path: str) -> str:
    """What stands in it, byte for byte; nothing where there is none."""
    from hutch.plain import read_plain

    try:
        return read_plain(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise CondarcFile(path, "read", "it is not UTF-8") from None
    except OSError as error:
        raise CondarcFile(path, "read", error.strerror or str(error)) from None


def write_condarc_text(path: str, text: str, *, secret: bool = False) -> list[str]:
    """Replace it whole or not at all: the file that a link leads to, with the permissions that it has.

    A new one with a ``secret`` in it is its user's alone. What its user should know is given back.
    """
    from contextlib import suppress

    real = os.path.realpath(path)
    temporary = f"{real}.{os.getpid()}.tmp"
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise CondarcFile(path, "written", "what is to stand in it is not UTF-8") from None
    warnings = []
    try:
        facts = os.stat(real) if os.path.lexists(real) else None
        if facts is not None and not os.access(real, os.W_OK):
            raise PermissionError(13, "it may not be written")
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        mode = 0o600 if secret else 0o666
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if facts else mode)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if facts is not None:
                _as_before(temporary, facts)
                if secret and os.name != "nt" and facts.st_mode & 0o077:
                    warnings.append(f"others on this machine may read {path}, with the credentials in it")
            os.replace(temporary, real)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise CondarcFile(path, "written", error.strerror or str(error)) from None
    return warnings


def _as_before(temporary: str, facts: os.stat_result) -> None:
    """Its owner, as far as we may say that, and its permissions."""
    from contextlib import suppress

    if os.name == "nt":
        return
    if (facts.st_uid, facts.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):
            os.chown(temporary, facts.st_uid, facts.st_gid)
    os.chmod(temporary, stat.S_IMODE(facts.st_mode))
