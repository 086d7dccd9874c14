"""Run *inside* the interpreter whose bytecode is wanted; never imported by hutch.

Started as ``python -I -S -B compile_script.py``. It reads sources from its input and writes bytecode to its
output; it opens no file of a package, imports nothing of one, and runs nothing of one. Each request is three
numbers (how long the name is, how long the source, and its date), the name and the source; each answer is
whether it went well, how long the answer is, and the bytecode or the reason. The first answer is to no
question: the number that its bytecode begins with.

A source that makes the compiler fail takes this process with it at worst: it has so many seconds of
processor time for each file, so much memory, and may write no file. It must run on every Python 3.8 to 3.15.
"""

import struct
import sys
from importlib.util import MAGIC_NUMBER
from marshal import dumps

SECONDS = 20
MEMORY = 1 << 30
REQUEST = struct.Struct("<IIQ")
ANSWER = struct.Struct("<BI")


def limit() -> None:
    """Take away what no compiler needs."""
    try:
        import resource
    except ImportError:  # Windows
        return
    pages = 0
    try:
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        pass
    for name, most in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_AS", pages * resource.getpagesize() + MEMORY if pages else 0),
    ):
        number = getattr(resource, name, None)
        if number is None or (not most and name == "RLIMIT_AS"):
            continue
        try:
            resource.setrlimit(number, (most, resource.getrlimit(number)[1]))
        except (OSError, ValueError):
            pass


def grant() -> None:
    """Processor time for one more file."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    except (ImportError, OSError, ValueError):
        pass


def compiled(name: str, source: bytes, date: int) -> bytes:
    """What the import system would write for this source: valid as long as date and size are these."""
    # The name is put right by whoever imports it, in nested code as well, as long as it is the same all over.
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    head = struct.pack("<III", 0, date & 0xFFFFFFFF, len(source) & 0xFFFFFFFF)
    return MAGIC_NUMBER + head + dumps(code)


def main() -> None:
    """Answer until nobody asks."""
    read, write, flush = sys.stdin.buffer.read, sys.stdout.buffer.write, sys.stdout.buffer.flush
    limit()
    write(ANSWER.pack(1, len(MAGIC_NUMBER)) + MAGIC_NUMBER)
    flush()
    while True:
        head = read(REQUEST.size)
        if len(head) < REQUEST.size:
            return
        named, long, date = REQUEST.unpack(head)
        name = read(named).decode("utf-8", "surrogateescape")
        source = read(long)
        if len(source) < long:
            return
        grant()
        good = 1
        try:
            answer = compiled(name, source, date)
        except MemoryError:
            good, answer = 2, b"it needs too much memory"
        except RecursionError:
            good, answer = 0, b"it is nested too deeply"
        except Exception as error:
            good, answer = 0, type(error).__name__.encode("ascii", "replace")
        write(ANSWER.pack(good, len(answer)))
        write(answer)
        flush()
        if good == 2:
            return  # whatever is left of it goes as well


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
