"""Run *inside* the interpreter that is asked about; never imported by hutch.

Started once as ``python -I -S probe_script.py NONCE``. It must run on every Python 3.6 to 3.15 and on
PyPy and GraalPy (an old one is then refused by its version, not by a syntax error), import the
standard library only, start no process, and say one JSON object between two marks, so that whatever
else a wrapper prints does no harm.

Somebody waits for it: ``json``, ``platform`` and ``importlib.util`` bring ``re``, ``enum`` and ``threading``
along, which takes as long as all the rest, so they are only asked where nothing else knows.
"""

import os
import sys

try:
    # Since 3.12 `sysconfig` makes one lock, of a module whose import takes as long as its own.
    from _thread import RLock

    if sys.implementation.name != "cpython" or "threading" in sys.modules:
        raise ImportError
    sys.modules["threading"] = type(sys)("threading")
    vars(sys.modules["threading"])["RLock"] = RLock
    try:
        import sysconfig
    finally:
        del sys.modules["threading"]  # whoever wants the real one gets it
except (ImportError, AttributeError):
    import sysconfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BASE = "@"


def version_text(info: "Sequence[object]") -> str:
    """PEP 440 text of a ``sys.version_info``-like tuple, as PEP 508 asks for `implementation_version`."""
    text = f"{info[0]}.{info[1]}.{info[2]}"
    stage = str(info[3])
    return text if stage == "final" else f"{text}{stage[0]}{info[4]}"


def markers() -> "dict[str, str]":
    """The PEP 508 marker variables, without the processes that ``platform.uname`` starts on 3.8."""
    full, implementation = python_said()
    if hasattr(os, "uname"):
        system, _, release, build, machine = os.uname()
    else:
        import platform

        system, release = platform.system(), platform.release()
        build, machine = platform.version(), platform.machine()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version_text(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": machine,
        "platform_python_implementation": implementation,
        "platform_release": release,
        "platform_system": system,
        "platform_version": build,
        "python_full_version": full + "local" if full.endswith("+") else full,
        "python_version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "sys_platform": sys.platform,
    }


def python_said() -> "tuple[str, str]":
    """``platform.python_version()`` and ``platform.python_implementation()``."""
    first = sys.version.split(" ", 1)[0]
    plain = first.replace(".", "").replace("+", "")
    others = ("Python", "PyPy", "Jython", "Pyston")
    if (
        sys.implementation.name == "cpython"
        and sys.version_info[:2] >= (3, 8)
        and plain.isalnum()
        and plain.isascii()
        and first.count(".") == 2
        and not any(name in sys.version for name in others)
        and not sys.platform.startswith(("java", "cli"))
    ):
        return first, "CPython"
    import platform

    return platform.python_version(), platform.python_implementation()


def glibc() -> str:
    """``"2.36"``, or "" where this Python is not linked with glibc."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").rpartition(" ")
        return version if name == "glibc" else ""
    except (AttributeError, OSError, ValueError):
        pass
    try:
        import ctypes

        function = ctypes.CDLL(None).gnu_get_libc_version
        function.restype = ctypes.c_char_p
        return str(function().decode("ascii"))
    except Exception:
        return ""


def layout() -> "tuple[str, dict[str, str]]":
    """Where things are in a virtual environment of this Python, relative to it, with ``/``."""
    names = sysconfig.get_scheme_names()
    if "venv" in names:
        scheme = "venv"
    elif os.name == "nt":
        scheme = "nt"
    else:
        scheme = "posix_prefix"
    roots = ("base", "platbase", "installed_base", "installed_platbase", "prefix", "exec_prefix")
    paths = sysconfig.get_paths(scheme, vars=dict.fromkeys(roots, BASE))
    relative = {}
    for name in ("purelib", "platlib", "scripts", "include", "data"):
        path = paths[name].replace("\\", "/")
        relative[name] = path[len(BASE) + 1 :] if path.startswith(BASE) else path
    return scheme, relative


def default_scheme() -> str:
    """The scheme in which the interpreter itself installs."""
    for name in ("get_default_scheme", "_get_default_scheme"):
        function = getattr(sysconfig, name, None)
        if function is not None:
            return str(function())
    return "nt" if os.name == "nt" else "posix_prefix"


def debug() -> bool:
    """Whether this is a debug build, judged as ``packaging.tags`` does."""
    from importlib.machinery import EXTENSION_SUFFIXES

    configured = sysconfig.get_config_var("Py_DEBUG")
    if configured is not None:
        return bool(configured)
    return hasattr(sys, "gettotalrefcount") or "_d.pyd" in EXTENSION_SUFFIXES


def facts() -> "dict[str, object]":
    """Everything that hutch wants to know."""
    try:
        from _frozen_importlib_external import EXTENSION_SUFFIXES, MAGIC_NUMBER
    except ImportError:
        from importlib.machinery import EXTENSION_SUFFIXES
        from importlib.util import MAGIC_NUMBER

    scheme, relative = layout()
    config = sysconfig.get_config_var
    macos = ""
    if sys.platform == "darwin":
        import platform

        macos = platform.mac_ver()[0]
    return {
        "version_info": list(sys.version_info),
        "version": version_text(sys.version_info),
        "executable": sys.executable or "",
        "base_executable": getattr(sys, "_base_executable", None) or "",
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", sys.prefix),
        "base_exec_prefix": getattr(sys, "base_exec_prefix", sys.exec_prefix),
        "markers": markers(),
        "platform": sysconfig.get_platform(),
        "glibc": glibc(),
        "macos": macos,
        "pointer_bits": 64 if sys.maxsize > 1 << 32 else 32,
        "free_threaded": bool(config("Py_GIL_DISABLED")),
        "debug": debug(),
        "abiflags": getattr(sys, "abiflags", ""),
        "soabi": config("SOABI") or "",
        "ext_suffix": config("EXT_SUFFIX") or "",
        "extension_suffixes": list(EXTENSION_SUFFIXES),
        "cache_tag": sys.implementation.cache_tag or "",
        "magic": MAGIC_NUMBER.hex(),
        "platlibdir": getattr(sys, "platlibdir", "lib"),
        "scheme": scheme,
        "default_scheme": default_scheme(),
        "layout": relative,
        "stdlib": sysconfig.get_path("stdlib"),
        "include_dir": sysconfig.get_path("include"),
        "framework": config("PYTHONFRAMEWORK") or "",
        "py_version_nodot": config("py_version_nodot") or "",
    }


def as_json(value: object) -> str:
    """``json.dumps`` of what there is here."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_json(key)}: {as_json(value[key])}" for key in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    try:
        from _json import encode_basestring_ascii as quoted
    except ImportError:
        from json import dumps as quoted
    return "null" if value is None else quoted(str(value))


if __name__ == "__main__":
    mark = sys.argv[1]
    if tuple(sys.version_info) < (3, 8):
        answer: "dict[str, object]" = {"version": version_text(sys.version_info), "too_old": True}
    else:
        answer = facts()
    sys.stdout.write(f"\n<{mark}>{as_json(answer)}</{mark}>\n")
    sys.stdout.flush()
