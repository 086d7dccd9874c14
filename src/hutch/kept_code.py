"""Bytecode of hutch's own modules in the user's cache, where it cannot be beside them.

Python compiles a module when it is imported first and puts its bytecode beside it. Where it may not
(``PYTHONDONTWRITEBYTECODE``, as in most containers; a folder of another user) and nobody has compiled when
hutch was installed, each command would compile 20 to 150 modules anew: most of a second. So what a command
had to compile is kept in a table of the cache (``code-v1``), and is used as long as interpreter, place, date
and size of the source are the same.

What is read here is run: it is only taken from a folder that nobody but the user can write, and only put
where there is a store already. Imported only where there is a module without bytecode, and imports nothing of
hutch, all of which would have to be compiled first.
"""

from __future__ import annotations

import os
import sys

from hutch import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.finder import OwnFinder

    Kept = dict[str, tuple[int, int, bytes]]
    MAGIC_NUMBER: bytes
else:
    from _frozen_importlib_external import MAGIC_NUMBER

__all__ = ["cache_at_hand", "keep_compiled", "read_kept"]

FOLDER = "code-v1"
MARKER = ".hutch-store"
USED_WITHIN = 7 * 86400
LARGEST = 64 << 20
PACKAGE = os.path.dirname(os.path.abspath(__file__))


def cache_at_hand(environ: Mapping[str, str]) -> str | None:
    """Where the cache is unless a file says otherwise: as ``config.directories`` has it, in short."""
    chosen = environ.get("HUTCH_CACHE_DIR")
    if chosen:
        return chosen if os.path.isabs(chosen) else None
    if os.name == "nt":
        local = environ.get("LOCALAPPDATA", "")
        return os.path.join(local, "hutch", "cache") if os.path.isabs(local) else None
    xdg, home = environ.get("XDG_CACHE_HOME", ""), environ.get("HOME", "")
    if xdg.startswith("/"):
        return f"{xdg}/hutch"
    if not home.startswith("/"):
        return None
    return f"{home}/Library/Caches/hutch" if sys.platform == "darwin" else f"{home}/.cache/hutch"


def read_kept() -> Kept:
    """By module: date and size of its source, and its code; empty where there is none that may be used."""
    place = _place()
    if place is None:
        return {}
    try:
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return {}
    try:
        status = os.fstat(descriptor)
        if not _is_secret(status) or status.st_size > LARGEST:
            return {}
        data = os.read(descriptor, status.st_size)
    except OSError:
        return {}
    finally:
        os.close(descriptor)
    found = _unpack(data)
    import time

    if found and abs(time.time() - status.st_mtime) > USED_WITHIN:
        try:
            os.utime(place)  # else it would be taken for something that nobody uses
        except OSError:
            pass
    return found


def keep_compiled(finder: OwnFinder) -> None:
    """Keep what had to be compiled and has no bytecode beside it now; no harm where that cannot be done."""
    without = os.environ.get("HUTCH_NO_CACHE") or {"--no-cache", "-n"} & set(sys.argv)
    if without or not finder.compiled:
        return
    try:
        _keep(finder)
    except (OSError, ValueError, KeyboardInterrupt):
        pass  # the next command compiles again


def _keep(finder: OwnFinder) -> None:
    import marshal

    place = _place()
    if place is None:
        return
    kept, news = read_kept(), False
    for name, (source, date, size, code) in finder.compiled.items():
        folder, leaf = os.path.split(source)
        cached = f"{leaf.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
        if not os.path.exists(os.path.join(folder, "__pycache__", cached)):
            kept[name], news = (date, size, marshal.dumps(code)), True
    if not news:
        return
    from zlib import crc32

    body = marshal.dumps((MAGIC_NUMBER, __version__, PACKAGE, kept))
    data = crc32(body).to_bytes(4, "little") + body
    os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
    temporary = f"{place}.{os.getpid():x}-{os.urandom(6).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o600)
    try:
        try:
            written = 0
            while written < len(data):
                written += os.write(descriptor, memoryview(data)[written:])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise


def _place() -> str | None:
    """The file, in a store that is there and that only its user can write; None where there is no such."""
    cache = cache_at_hand(os.environ)
    if cache is None:
        return None
    try:
        os.lstat(os.path.join(cache, MARKER))
        if not _is_own(os.stat(cache)):
            return None
        here = os.path.join(os.path.realpath(os.getcwd()), "")
        if os.path.join(os.path.realpath(cache), "").startswith(here):
            return None  # it may have come with a checkout
        folder = os.path.join(cache, FOLDER)
        if os.path.lexists(folder) and not _is_secret(os.lstat(folder)):
            return None
    except OSError:
        return None
    from zlib import adler32, crc32

    data = os.fsencode(PACKAGE)
    return os.path.join(folder, f"{crc32(data):08x}{adler32(data):08x}-{sys.implementation.cache_tag}")


def _is_own(status: os.stat_result) -> bool:
    """Whether nobody but the user may have written it; no link either, where links were not followed."""
    if os.name == "nt":
        return True
    import stat

    return status.st_uid == os.geteuid() and not status.st_mode & 0o022 and not stat.S_ISLNK(status.st_mode)


def _is_secret(status: os.stat_result) -> bool:
    """Whether it is as `keep_compiled` makes it: what comes with a checkout or an archive is not."""
    return _is_own(status) and (os.name == "nt" or not status.st_mode & 0o077)


def _unpack(data: bytes) -> Kept:
    import marshal
    from zlib import crc32

    body = memoryview(data)[4:]
    if len(data) < 5 or crc32(body).to_bytes(4, "little") != data[:4]:
        return {}
    try:
        value = marshal.loads(body)
    except Exception:  # marshal promises nothing about what it raises
        return {}
    if not isinstance(value, tuple) or len(value) != 4 or value[:3] != (MAGIC_NUMBER, __version__, PACKAGE):
        return {}
    return value[3] if isinstance(value[3], dict) else {}
