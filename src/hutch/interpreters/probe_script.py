"""Run *inside* the interpreter that is asked about; never imported by hutch.

Started once as ``python -I -S probe_script.py NONCE``. It must run on every Python 3.6 to 3.15 and on
PyPy and GraalPy (an old one is then refused by its version, not by a syntax error), import the
standard library only, start no process, and say one JSON object between two marks, so that whatever
else a wrapper prints does no harm.
"""

import json
import os
import sys
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
    import platform

    full = platform.python_version()
    if hasattr(os, "uname"):
        system, _, release, build, machine = os.uname()
    else:
        system, release = platform.system(), platform.release()
        build, machine = platform.version(), platform.machine()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version_text(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": machine,
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": release,
        "platform_system": system,
        "platform_version": build,
        "python_full_version": full + "local" if full.endswith("+") else full,
        "python_version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "sys_platform": sys.platform,
    }


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
    import importlib.util
    import struct
    from importlib.machinery import EXTENSION_SUFFIXES

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
        "pointer_bits": struct.calcsize("P") * 8,
        "free_threaded": bool(config("Py_GIL_DISABLED")),
        "debug": debug(),
        "abiflags": getattr(sys, "abiflags", ""),
        "soabi": config("SOABI") or "",
        "ext_suffix": config("EXT_SUFFIX") or "",
        "extension_suffixes": list(EXTENSION_SUFFIXES),
        "cache_tag": sys.implementation.cache_tag or "",
        "magic": importlib.util.MAGIC_NUMBER.hex(),
        "platlibdir": getattr(sys, "platlibdir", "lib"),
        "scheme": scheme,
        "default_scheme": default_scheme(),
        "layout": relative,
        "stdlib": sysconfig.get_path("stdlib"),
        "include_dir": sysconfig.get_path("include"),
        "framework": config("PYTHONFRAMEWORK") or "",
        "py_version_nodot": config("py_version_nodot") or "",
    }


if __name__ == "__main__":
    mark = sys.argv[1]
    if tuple(sys.version_info) < (3, 8):
        answer: "dict[str, object]" = {"version": version_text(sys.version_info), "too_old": True}
    else:
        answer = facts()
    sys.stdout.write(f"\n<{mark}>{json.dumps(answer)}</{mark}>\n")
    sys.stdout.flush()
