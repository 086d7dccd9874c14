"""Env files of a project (setting ``env-files``), for whoever enters it with the shell hook; and what it says
of the activation of its environment, which is trusted in the same way.

Env files are read, never run. They are loaded when the user has trusted them with exactly these contents, and
some names not even then: those by which a shell itself works, which hold what the hook has to put back, or
which make every program load a library. See ``docs/adr/0028-what-trust-covers.md``.
"""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.project_activation import ProjectActivation

__all__ = ["EnvFiles", "find_env_files", "is_refused"]

LARGEST = 1 << 20
_NAMES = frozenset(
    {
        *("PATH", "IFS", "ENV", "BASH_ENV", "SHELL", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "ZDOTDIR"),
        *("HOME", "PWD", "OLDPWD", "TERM", "UID", "EUID", "PPID", "FPATH", "CDPATH", "PROMPT", "_"),
        *("PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PSMODULEPATH", "COMSPEC", "PATHEXT"),
        *("GCONV_PATH", "GLIBC_TUNABLES", "FPATH", "PS0", "PS1", "PS2", "PS3", "PS4"),
    }
)
_BEGINNINGS = (
    "LD_",
    "DYLD_",
    "HUTCH_",
    "_HUTCH_",
    "__HUTCH_",
    "BASH_FUNC_",
    "_OLD_VIRTUAL_",
    "XONSH",
    "FISH_",
)


class EnvFiles:
    """The env files of a project: their paths, what they set, a digest of all they say.

    ``shown`` has for each file its name, the names that it sets and those that are refused. ``activates``:
    with them the ``scripts`` (by what is shown of them) and variables count that the project has for its
    environment of conda.
    """

    __slots__ = ("activates", "digest", "paths", "refused", "scripts", "shown", "variables")

    def __init__(
        self,
        paths: tuple[str, ...],
        variables: dict[str, str],
        shown: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...],
        digest: str,
        *,
        activates: bool = False,
        scripts: tuple[str, ...] = (),
    ) -> None:
        self.activates = activates
        self.scripts = scripts
        self.paths = paths
        self.variables = variables
        self.shown = shown
        self.digest = digest
        self.refused = tuple(dict.fromkeys(name for _, _, refused in shown for name in refused))


def is_refused(name: str) -> bool:
    """Whether no env file sets this, however trusted it is."""
    plain = name.replace("_", "a")
    upper = name.upper()
    is_word = plain.isascii() and plain.isalnum() and not plain[0].isdigit()
    return not is_word or upper in _NAMES or upper.startswith(_BEGINNINGS)


def find_env_files(
    root: str, environ: Mapping[str, str], flags: Mapping[str, object] | None = None
) -> EnvFiles | None:
    """The env files that are to be loaded in the project at ``root``; None without any.

    A file that is not there is passed over, as one that everybody makes for himself may be missing. Raises
    ``Problem`` for one that cannot be read.
    """
    activation = _activation_of(root)
    if not _is_said(root, environ, flags):
        return _with_activation(None, activation, root)
    from hutch.config import load_configuration
    from hutch.ops.manifests import PYPROJECT, manifest_in

    manifest = manifest_in(root) or PYPROJECT
    configuration = load_configuration(root, environ, dict(flags or {}), cwd=root, manifest=manifest)
    names = [str(name) for name in configuration.env_files]
    if not names:
        return _with_activation(None, activation, root)
    from hutch.ops.dotenv import parse_env_file
    from hutch.plain import read_plain
    from hutch.spec.digest import short_sha256

    paths, shown, parts = [], [], []
    variables: dict[str, str] = {}
    for name in names:
        path = os.path.normpath(os.path.join(root, name))
        paths.append(path)
        try:
            content = read_plain(path, LARGEST)
        except FileNotFoundError:
            parts.append(f"{name}\0-\0".encode("utf-8", "surrogateescape"))
            continue
        except OSError as error:
            raise UnreadableEnvFile(name, error.strerror or str(error)) from None
        parts.append(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
        found = parse_env_file(content.decode("utf-8", "replace"), name)
        refused = tuple(each for each in found if is_refused(each) or "\0" in found[each])
        sets = {each: value for each, value in found.items() if each not in refused}
        variables.update(sets)
        shown.append((name, tuple(sets), refused))
    files = EnvFiles(tuple(paths), variables, tuple(shown), short_sha256(b"\0".join(parts)))
    return _with_activation(files, activation, root)


def _activation_of(root: str) -> ProjectActivation | None:
    """What was written down in the project's environment that the project says of its activation."""
    from hutch.ops.trust import environment_in

    environment = environment_in(root)
    if environment is None or not os.path.exists(os.path.join(environment, ".hutch", "activation.json")):
        return None
    from hutch.ops.project_activation import read_activation

    return read_activation(environment)


def _with_activation(
    files: EnvFiles | None, activation: ProjectActivation | None, root: str
) -> EnvFiles | None:
    """The env files, with the scripts and variables of activation as one more that has to be trusted."""
    if activation is None:
        return files
    from hutch.spec.digest import short_sha256

    parts = activation.digest_parts()
    shown: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
        (os.path.relpath(script, root), (), ()) for script in activation.scripts
    ]
    if activation.env:
        shown.append(("the activation of the project", tuple(name for name, _ in activation.env), ()))
    paths = (activation.record, *activation.scripts)
    scripts = tuple(name for name, _, _ in shown[: len(activation.scripts)])
    if files is None:
        digest = short_sha256(b"\0".join(parts))
        return EnvFiles(paths, {}, tuple(shown), digest, activates=True, scripts=scripts)
    return EnvFiles(
        (*files.paths, *paths),
        files.variables,
        (*files.shown, *shown),
        short_sha256(b"\0".join((files.digest.encode(), *parts))),
        activates=True,
        scripts=scripts,
    )


class UnreadableEnvFile(Problem):
    """An env file of the project cannot be read."""

    code = "unreadable-env-file"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"cannot read the env file {name}", why=why, hint="see the setting env-files")


def _is_said(root: str, environ: Mapping[str, str], flags: Mapping[str, object] | None) -> bool:
    """Whether any place may say ``env-files``: to read the settings properly takes long."""
    if environ.get("HUTCH_ENV_FILES") or (flags or {}).get("config-file"):
        return True
    places = [os.path.join(root, name) for name in ("pyproject.toml", "hutch.toml")]
    if environ.get("HUTCH_CONFIG_FILE"):
        places.append(environ["HUTCH_CONFIG_FILE"])
    elif not environ.get("HUTCH_NO_CONFIG"):
        from hutch.config.directories import find_directories, find_home, system_here

        system = system_here()
        if find_home(environ, system) is not None:
            found = find_directories(environ, system=system)
            folders = [*([found.user_config] if found.user_config else []), *found.system_config]
            places += [os.path.join(folder, "hutch.toml") for folder in folders]
    return any(_mentions(place) for place in places)


def _mentions(path: str) -> bool:
    from hutch.plain import read_plain

    try:
        return b"env-files" in read_plain(path)
    except OSError:
        return False
