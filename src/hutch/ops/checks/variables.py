"""Checks of environment variables: those that Python, TLS and proxies obey."""

from __future__ import annotations

import os

from hutch.ops.checks.values import check
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS", "set_in"]

CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "HUTCH_CA_BUNDLE",
    "HUTCH_CLIENT_CERT",
)
_RC = (
    ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zprofile", ".zshenv", ".config/fish/config.fish",
    ".cshrc", ".tcshrc", ".xonshrc", ".config/nushell/env.nu", ".config/environment.d/envvars.conf",
)  # fmt: skip
_SYSTEM_RC = ("/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/zsh/zshenv")


def set_in(ground: Ground, name: str) -> tuple[str, ...]:
    """The lines of the shells' start files that seem to set a variable: ``~/.bashrc:12 sets it``."""
    files = [os.path.join(ground.home, each) for each in _RC] if os.path.isabs(ground.home) else []
    found = []
    for path in (*files, *(_SYSTEM_RC if os.name != "nt" else ())):
        try:
            lines = read_plain(path, 1 << 20).decode("utf-8", "replace").splitlines()
        except OSError:
            continue
        for number, line in enumerate(lines, 1):
            words = line.strip().replace("=", " ").split()
            if name in words[:6] and not line.lstrip().startswith(("#", "unset")):
                found.append(f"{path}:{number} seems to set it")
                break
    return tuple(found)


def _unset(ground: Ground, name: str) -> tuple[str, ...]:
    """How to get rid of a variable in this shell."""
    if os.name == "nt":
        return (f"Remove-Item Env:{name}",)
    shell = os.path.basename(ground.environ.get("SHELL", ""))
    return (f"set -e {name}",) if shell == "fish" else (f"unset {name}",)


@check(
    "python-home",
    "PYTHONHOME is not set",
    group="machine",
    severity="error",
    why="Every Python takes its standard library from there, whatever its version; most do not start then.",
)
def python_home(ground: Ground, say: Say) -> None:
    """PYTHONHOME: for a Python that is embedded somewhere, and for nobody's shell."""
    home = ground.environ.get("PYTHONHOME", "")
    if home:
        missing = "" if os.path.isdir(home.split(os.pathsep)[0]) else ", which is not there"
        seen = (f"PYTHONHOME={home}{missing}", *set_in(ground, "PYTHONHOME"))
        say("PYTHONHOME is set", seen=seen, commands=_unset(ground, "PYTHONHOME"))


@check(
    "python-path",
    "PYTHONPATH brings in nothing of another Python",
    group="machine",
    why="Every Python imports from there first, also those of environments; hutch run passes it on.",
)
def python_path(ground: Ground, say: Say) -> None:
    """Entries of PYTHONPATH that belong to another Python, or that depend on where one stands."""
    value = ground.environ.get("PYTHONPATH", "")
    if not value:
        return
    lines = []
    harmful = False
    for entry in value.split(os.pathsep):
        fault = _entry_fault(ground, entry)
        harmful = harmful or bool(fault)
        lines.append(f"{entry or 'an empty entry'}: {fault}" if fault else entry)
    say(
        "PYTHONPATH mixes other packages into every Python" if harmful else "PYTHONPATH is set",
        seen=(*lines, *set_in(ground, "PYTHONPATH")),
        commands=_unset(ground, "PYTHONPATH"),
        severity="warning" if harmful else "info",
    )


def _entry_fault(ground: Ground, entry: str) -> str:
    if not os.path.isabs(entry):
        return "depends on the directory that one stands in"
    root = ground.environment_root
    if root is not None and os.path.realpath(entry).startswith(os.path.realpath(root) + os.sep):
        return ""
    parts = os.path.normpath(entry).split(os.sep)
    if os.path.isfile(os.path.join(entry, "os.py")) and os.path.isfile(os.path.join(entry, "site.py")):
        return "the standard library of a Python"
    if parts[-1] in ("site-packages", "dist-packages"):
        minor = next((part for part in parts if part.startswith("python3.")), "")
        mine = ground.environment.python_version.split(".")[:2] if ground.environment is not None else []
        if minor and mine and minor != f"python{'.'.join(mine)}":
            return f"packages of another Python, {minor[6:]}; this environment has {'.'.join(mine)}"
        return "packages of another environment or Python"
    return ""


@check(
    "certificate-variables",
    "Variables that name certificates name files that are there",
    group="packages",
    severity="error",
    why="Programs that obey the variable trust no server at all, and every download fails.",
)
def certificate_variables(ground: Ground, say: Say) -> None:
    """SSL_CERT_FILE and its like: absent, unreadable, or without a certificate in it."""
    for name in CERTIFICATES:
        value = ground.environ.get(name, "")
        if value and (fault := _certificate_fault(name, value)):
            say(
                f"{name} names {fault}",
                seen=(f"{name}={value}", *set_in(ground, name)),
                commands=_unset(ground, name),
            )


def _certificate_fault(name: str, path: str) -> str:
    if not os.path.exists(path):
        return "a file that is not there" if not name.endswith("_DIR") else "a directory that is not there"
    if os.path.isdir(path):
        try:
            empty = not os.listdir(path)
        except OSError as error:
            return f"a directory that cannot be read ({error.strerror})"
        return "a directory with nothing in it" if empty else ""
    if name.endswith("_DIR"):
        return "a file, where a directory is meant"
    try:
        data = read_plain(path)
    except OSError as error:
        return f"a file that cannot be read ({error.strerror})"
    return "" if b"-----BEGIN" in data else "a file without a certificate in it"


@check(
    "proxy-variables",
    "Variables that name proxies agree, and can be understood",
    group="packages",
    why="Programs read different ones of these variables, so some reach the index and some do not.",
)
def proxy_variables(ground: Ground, say: Say) -> None:
    """http_proxy and HTTP_PROXY that differ; addresses that are none."""
    from hutch.config.values import redacted

    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        small, large = ground.environ.get(name, ""), ground.environ.get(name.upper(), "")
        if small and large and small != large and os.name != "nt":
            seen = (f"{name}={redacted(small)}", f"{name.upper()}={redacted(large)}")
            say(
                f"{name} and {name.upper()} differ",
                seen=(*seen, *set_in(ground, name.upper())),
                commands=(f'export {name.upper()}="${name}"',),
            )
        value = small or large
        if value and name != "no_proxy" and (fault := _proxy_fault(value)):
            set_as = name if small else name.upper()
            say(f"{set_as} {fault}", seen=(f"{set_as}={redacted(value)}",), commands=_unset(ground, set_as))


def _proxy_fault(value: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port
    except ValueError:
        return "is no address"
    if not parts.hostname or " " in value:
        return "is no address"
    if parts.scheme not in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
        return f"is an address of a kind that proxies do not have ({parts.scheme}://)"
    return "" if port != 0 else "has port 0"


@check(
    "mistyped-variables",
    "Variables of hutch are spelled as hutch reads them",
    group="hutch",
    why="It says nothing to hutch, and nobody tells.",
)
def mistyped_variables(ground: Ground, say: Say) -> None:
    """`HUTCH_INDEX_ULR`: near to one that there is. Its value, which may be a secret, is not shown."""
    from difflib import get_close_matches

    for name in sorted(ground.environ):
        if not name.upper().startswith("HUTCH_") or name in ground.variables or not ground.environ[name]:
            continue
        if name.startswith("HUTCH_INDEX_") and name.endswith(("_USERNAME", "_PASSWORD")):
            continue
        near = get_close_matches(name.upper(), ground.variables, n=1, cutoff=0.87)
        if near:
            say(
                f"hutch reads no {name}",
                seen=(f"there is {near[0]}", *set_in(ground, name)),
                commands=(*_unset(ground, name), f"or set {near[0]}"),
            )


CHECKS = (python_home, python_path, certificate_variables, proxy_variables, mistyped_variables)
