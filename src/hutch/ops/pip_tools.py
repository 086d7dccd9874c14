"""``[tool.pip-tools]`` and ``.pip-tools.toml``, and what stands behind ``--pip-args``.

Both say in pip-tools' words what options of ``hutch pip compile`` and ``sync`` say too. What was typed is
the stronger. A configuration file comes with a checkout: it may say where packages come from, as a
requirements file may, but not which certificates are good, nor where this machine keeps its cache.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.events import Notice
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["InvalidPipTools", "take_pip_args", "with_pip_tools"]

FILES = (".pip-tools.toml", "pyproject.toml")

# pip-tools' key → our option's field. Values are lists where ours can be repeated.
_FIELDS = {
    "all_build_deps": "all_build_deps",
    "all_extras": "all_extras",
    "allow_unsafe": "allow_unsafe",
    "annotate": "annotate",
    "annotation_style": "annotation_style",
    "ask": "ask",
    "build_deps_for": "build_deps_for",
    "build_deps_targets": "build_deps_for",
    "constraint": "constraint",
    "dry_run": "dry_run",
    "emit_find_links": "emit_find_links",
    "emit_index_url": "emit_index_url",
    "emit_options": "emit_options",
    "emit_trusted_host": "emit_trusted_host",
    "extra": "extra",
    "extras": "extra",
    "force": "force",
    "generate_hashes": "generate_hashes",
    "header": "header",
    "newline": "newline",
    "only_build_deps": "only_build_deps",
    "output_file": "output_file",
    "pip_args": "pip_args",
    "pip_args_str": "pip_args",
    "reuse_hashes": "reuse_hashes",
    "src_files": "files",
    "strip_extras": "strip_extras",
    "unsafe_package": "unsafe_package",
    "upgrade": "upgrade",
    "upgrade_package": "upgrade_package",
    "upgrade_packages": "upgrade_package",
    "uploaded_prior_to": "uploaded_prior_to",
    "user": "user",
    "user_only": "user",
}
_PLACES = {"index_url": "index-url", "extra_index_url": "extra-index-url", "find_links": "find-links"}
_IDLE = frozenset(
    ("build_isolation", "color", "max_rounds", "no_config", "quiet", "rebuild", "verbose", "resolver",
     "resolver_name", "config")
)  # fmt: skip
_OF_THE_MACHINE = frozenset(("cert", "client_cert", "cache_dir", "python_executable"))
_CHOICES = {
    "annotation_style": ("split", "line"),
    "newline": ("LF", "CRLF", "native", "preserve"),
    "build_deps_for": ("editable", "sdist", "wheel"),
}


class InvalidPipTools(Problem):
    """The configuration of pip-tools says what is no option of it; all faults at once."""

    code = "invalid-pip-tools"

    def __init__(self, filename: str, faults: Iterable[str]) -> None:
        super().__init__(
            f"{filename}: the configuration of pip-tools cannot be used",
            why=tuple(faults),
            hint="--no-config leaves configuration files alone",
        )


def with_pip_tools(context: Context, options: Any, typed: Collection[str], *, verb: str) -> Any:
    """The options of ``verb`` (``compile``, ``sync``), with what a configuration file says of those that were
    not ``typed`` (long names)."""
    from hutch.ops.pip_files import shown_path

    named = getattr(options, "config", None)
    if context.flags.get("no-config") or _truth(context.environ.get("HUTCH_NO_CONFIG", "")):
        return options
    path = context.path(named) if named else _find(context, getattr(options, "files", ()))
    if path is None:
        return options
    shown = shown_path(context, path)
    table = _table(path, shown, verb, named=bool(named))
    if not table:
        return options
    faults: list[str] = []
    given: dict[str, Any] = {}
    for key, value in table.items():
        _take(context, options, key, value, typed, given, faults, shown)
    if faults:
        raise InvalidPipTools(shown, faults)
    if "uploaded_prior_to" in given and _has_own_date(context):
        del given["uploaded_prior_to"]
    if "output_file" in given:
        _refuse_elsewhere(context, given["output_file"])
    pip_args = given.get("pip_args")
    if pip_args is not None:
        if take_pip_args(context, pip_args, told=f"{shown}: pip-args", trusted=False):
            given.setdefault("prerelease", "allow")
        del given["pip_args"]
    return replace(options, **given)


def _has_own_date(context: Context) -> bool:
    """Whether who runs this has said after which day nothing counts: then no checkout says another one."""
    return "exclude-newer" in context.flags or bool(context.environ.get("HUTCH_EXCLUDE_NEWER", "").strip())


def _truth(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes", "on", "y", "t")


def _find(context: Context, files: Iterable[str]) -> str | None:
    """As pip-tools: beside the first file that has one; where nothing is named, here."""
    for file in tuple(files) or ("requirements.in",):
        path = context.path(file)
        directory = path if os.path.isdir(path) else os.path.dirname(path)
        for name in FILES:
            found = os.path.join(directory, name)
            if os.path.isfile(found):
                return found
    return None


def _table(path: str, shown: str, verb: str, *, named: bool) -> dict[str, Any]:
    """The table of the file for a verb, its keys as pip-tools' parameters."""
    from hutch.ops.checkout import read_text
    from hutch.project import load_toml

    text = read_text(path)
    if not named and "pip-tools" not in text:
        return {}
    tool = load_toml(text, shown).get("tool")
    found = tool.get("pip-tools") if isinstance(tool, dict) else None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidPipTools(shown, ["tool.pip-tools is not a table"])
    own = found.get(verb, {})
    if not isinstance(own, dict):
        raise InvalidPipTools(shown, [f"tool.pip-tools.{verb} is not a table"])
    merged = {**{key: value for key, value in found.items() if key not in ("compile", "sync")}, **own}
    return {key.lstrip("-").replace("-", "_").lower(): value for key, value in merged.items()}


def _take(
    context: Context,
    options: object,
    key: str,
    value: Any,
    typed: Collection[str],
    given: dict[str, Any],
    faults: list[str],
    shown: str,
) -> None:
    """Take one key of the configuration in."""
    if key.startswith("no_") and key not in ("no_index", "no_config") and isinstance(value, bool):
        key, value = key[3:], not value
    if key in ("resolver", "resolver_name") and value == "legacy":
        context.emit(Notice(f"{shown}: there is one resolver; `{key}` is passed over", warning=True))
    elif key == "build_isolation" and value is False:
        context.emit(Notice(f"{shown}: builds are always isolated; `{key}` is passed over", warning=True))
    elif key in _OF_THE_MACHINE:
        said = (
            f"{shown}: `{key.replace('_', '-')}` is this machine's to say, no checkout's; it is passed over"
        )
        context.emit(Notice(said, warning=True))
    elif key in _IDLE:
        return
    elif key in _PLACES:
        _take_place(context, _PLACES[key], value, typed, faults)
    elif key == "no_index":
        if value:
            context.flags.setdefault("no-index", True)
    elif key == "trusted_host":
        context.trusted_by_files += tuple(_texts(key, value, faults))
    elif key == "pre":
        if value and hasattr(options, "prerelease") and not {"prerelease", "pre"} & set(typed):
            given["prerelease"] = "allow"
    elif key in _FIELDS:
        field = _FIELDS[key]
        if not hasattr(options, field) or field.replace("_", "-") in typed:
            return
        if field == "files" and options.files:  # type: ignore[attr-defined]
            return
        given[field] = _checked(key, field, getattr(options, field), value, faults)
    else:
        faults.append(f"`{key.replace('_', '-')}` is no option of pip-tools{_nearest(key)}")


def _take_place(context: Context, name: str, value: Any, typed: Collection[str], faults: list[str]) -> None:
    texts = _texts(name, value, faults)
    if name == "index-url":
        if texts:
            context.flags.setdefault(name, texts[-1])
    elif texts:
        before = context.flags.get(name) or ()
        context.flags[name] = (*(before if isinstance(before, tuple) else (before,)), *texts)


def _checked(key: str, field: str, default: object, value: Any, faults: list[str]) -> Any:
    """The value, if it is of the kind of the option."""
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        faults.append(f"`{key.replace('_', '-')}` is true or false, not {value!r}")
        return default
    if isinstance(default, tuple):
        texts = tuple(_texts(key, value, faults))
        bad = [each for each in texts if each not in _CHOICES.get(field, texts)]
        if bad:
            faults.append(f"`{key.replace('_', '-')}`: {bad[0]} is none of {', '.join(_CHOICES[field])}")
        return texts
    if not isinstance(value, str) or value not in _CHOICES.get(field, (value,)):
        kind = f"one of {', '.join(_CHOICES[field])}" if field in _CHOICES else "a text"
        faults.append(f"`{key.replace('_', '-')}` is {kind}, not {value!r}")
        return default
    return value


def _texts(key: str, value: Any, faults: list[str]) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    faults.append(f"`{key.replace('_', '-')}` is a text or a list of texts, not {value!r}")
    return []


def _nearest(key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key, (*_FIELDS, *_PLACES, *_IDLE, *_OF_THE_MACHINE), 1)
    return f"; is `{near[0].replace('_', '-')}` meant?" if near else ""


def _refuse_elsewhere(context: Context, output: str) -> None:
    """A checkout does not say that something is written outside of where the user stands."""
    here = os.path.realpath(context.directory)
    if not os.path.realpath(context.path(output)).startswith(os.path.join(here, "")):
        raise UsageProblem(
            f"the configuration of pip-tools names the output file {output}",
            why="a checkout does not say what is written outside of this directory",
            hint=f"name it: -o {output}",
        )


# -- --pip-args -----------------------------------------------------------------------------------

_VALUED = {
    "-i": "index-url",
    "--index-url": "index-url",
    "--pypi-url": "index-url",
    "--extra-index-url": "extra-index-url",
    "-f": "find-links",
    "--find-links": "find-links",
    "--only-binary": "only-binary",
    "--no-binary": "no-binary",
    "--uploaded-prior-to": "exclude-newer",
    "--trusted-host": "trusted-host",
    "--cert": "ca-bundle",
    "--client-cert": "client-cert",
    "--proxy": "proxy",
    "--timeout": "timeout",
    "--retries": "retries",
    "--cache-dir": "cache-dir",
}
_SWITCHES = {"--no-index": "no-index", "--no-cache-dir": "no-cache", "--isolated": "no-config"}
_MANY = frozenset(("extra-index-url", "find-links", "only-binary", "no-binary", "trusted-host"))
_CHECKOUTS = frozenset(
    ("index-url", "extra-index-url", "find-links", "only-binary", "no-binary", "exclude-newer", "no-index")
)
_NOTHING = frozenset(
    ("--disable-pip-version-check", "--no-input", "--no-color", "--use-pep517", "-q", "--quiet", "-v", "-vv",
     "-vvv", "--verbose", "--no-python-version-warning", "--no-warn-script-location", "--no-compile",
     "--no-warn-conflicts", "--pre")
)  # fmt: skip
_NOTHING_VALUED = frozenset(
    (
        "--progress-bar",
        "--exists-action",
        "--keyring-provider",
        "--log",
        "--use-feature",
        "--root-user-action",
    )
)


def take_pip_args(context: Context, text: str, *, told: str = "--pip-args", trusted: bool = True) -> bool:
    """Take in what pip would have been told; whether ``--pre`` was among it.

    Raises ``UsageProblem`` for what has no meaning here. Of a checkout (not ``trusted``) that is
    passed over which is the machine's to say.
    """
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageProblem(f"{told}: its quotes are not closed", why=str(error)) from None
    found = iter(words)
    pre = False
    for word in found:
        name, equals, value = word.partition("=")
        if name in _NOTHING and not equals:
            pre = pre or name == "--pre"
        elif name in _NOTHING_VALUED:
            if not equals and next(found, None) is None:
                raise UsageProblem(f"{told}: {name} needs a value")
        elif name in _SWITCHES and not equals:
            _put(context, _SWITCHES[name], True, told, trusted)
        elif name in _VALUED:
            if not equals:
                value = next(found, "")
            if not value:
                raise UsageProblem(f"{told}: {name} needs a value")
            _put(context, _VALUED[name], value, told, trusted)
        else:
            raise UsageProblem(
                f"{told}: hutch has nothing for {word}",
                why="hutch installs and chooses by itself, and starts no pip",
                hint="hutch pip compile --help has what can be said instead",
            )
    return pre


def _put(context: Context, name: str, value: str | bool, told: str, trusted: bool) -> None:
    if not trusted and name == "trusted-host":
        context.trusted_by_files += (str(value),)
        return
    if not trusted and name not in _CHECKOUTS:
        text = f"{told}: `{name}` is this machine's to say, no checkout's; it is passed over"
        context.emit(Notice(text, warning=True))
        return
    if not trusted and name == "exclude-newer" and _has_own_date(context):
        return
    if name in _MANY:
        before: Any = context.flags.get(name) or ()
        context.flags[name] = (*(before if isinstance(before, tuple) else (before,)), value)
    elif trusted or name not in context.flags:
        context.flags[name] = value
