"""``hutch conda list`` and ``hutch conda env list|export``: which there are, what is in one."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Installed
    from hutch.ops.context import Context
    from hutch.ops.env_history import HistoryOutcome
    from hutch.spec import CondaRecord

__all__ = [
    "CondaEnvListOutcome",
    "CondaExportOptions",
    "CondaExportOutcome",
    "CondaListOptions",
    "CondaListOutcome",
    "CondaRow",
    "conda_env_list",
    "conda_export",
    "conda_list",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaListOptions:
    """The options of ``conda list``."""

    pattern: str | None = None
    prefix: str | None = None
    full_name: bool = False
    explicit: bool = False
    export: bool = False
    md5: bool = False
    sha256: bool = False
    revisions: bool = False
    canonical: bool = False
    no_pip: bool = False
    reverse: bool = False
    size: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRow:
    """A package of either kind; those of an index have ``pypi`` for a channel, and no record."""

    name: str
    version: str
    build: str
    channel: str
    record: CondaRecord | None = None
    origin: str = ""
    """What pip would be told of one that came from a repository, an address or a folder."""
    where: str = ""
    """What says which files it has."""
    size: int | None = None
    """What its files have, where that was asked for, and is known."""

    @property
    def canonical(self) -> str:
        """As conda names one package of all: CHANNEL/SUBDIR::NAME-VERSION-BUILD."""
        subdir = self.record.subdir if self.record is not None else "pypi"
        return f"{self.channel}/{subdir}::{self.name}-{self.version}-{self.build}"

    def to_json(self) -> dict[str, Any]:
        record = self.record
        return {
            "base_url": record.channel if record is not None else None,
            "build_number": record.build_number if record is not None else 0,
            "build_string": self.build,
            "channel": self.channel,
            "dist_name": f"{self.name}-{self.version}-{self.build}",
            "name": self.name,
            "platform": record.subdir if record is not None else "pypi",
            "version": self.version,
        }

    def with_size(self, root: str) -> CondaRow:
        """The same, which knows how much its files in ``root`` have."""
        from hutch.env import installed_size

        return replace(self, size=installed_size(root, self.where) if self.where else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaListOutcome:
    """What is in a prefix; ``form`` is ``table``, ``explicit``, ``export`` or ``canonical``. With ``history``
    it is what was in it."""

    root: str
    subdir: str
    rows: tuple[CondaRow, ...]
    form: str = "table"
    hashes: str = ""
    sizes: bool = False
    history: HistoryOutcome | None = None

    def to_json(self) -> Any:
        """As conda says it: a list."""
        if self.history is not None:
            from hutch.ops.conda_revisions import revisions_json

            return revisions_json(self.history)
        if self.form == "explicit":
            return [explicit_line(row.record, self.hashes) for row in self.rows if row.record is not None]
        if self.form == "canonical":
            return [row.canonical for row in self.rows]
        more = [{"size": row.size} if self.sizes else {} for row in self.rows]
        return [{**row.to_json(), **each} for row, each in zip(self.rows, more, strict=True)]


def explicit_line(record: CondaRecord, hashes: str = "") -> str:
    """The address of a package, with a hash behind it."""
    if hashes == "sha256" and record.sha256:
        return f"{record.url}#sha256:{record.sha256}"
    return f"{record.url}#{record.md5}" if hashes == "md5" and record.md5 else record.url


def conda_list(context: Context, options: CondaListOptions) -> CondaListOutcome:
    """What is installed, by name."""
    import re

    from hutch.conda import subdir_here
    from hutch.ops.conda_place import read_prefix

    state = read_prefix(context, options.prefix)
    if options.revisions:
        from hutch.ops.conda_revisions import revisions_of

        history = revisions_of(context, state.root)
        return CondaListOutcome(root=state.root, subdir="", rows=(), history=history)
    rows = prefix_rows(context, state.root)
    if options.pattern is not None:
        text = options.pattern
        try:
            matches = re.compile(f"^{re.escape(text)}$" if options.full_name else text, re.IGNORECASE)
        except re.error as error:
            raise UsageProblem(f"{text} is no regular expression", why=str(error)) from None
        rows = tuple(row for row in rows if matches.search(row.name))
    if options.no_pip:
        rows = tuple(row for row in rows if row.record is not None)
    if options.reverse:
        rows = rows[::-1]
    if options.size:
        rows = tuple(row.with_size(state.root) for row in rows)
    wheels = [row.name for row in rows if row.record is None]
    if options.explicit and wheels:
        from hutch.events import Notice

        context.emit(
            Notice(f"what came from a package index is not in it: {', '.join(wheels)}", warning=True)
        )
    hashes = "sha256" if options.sha256 else "md5" if options.md5 else ""
    return CondaListOutcome(
        root=state.root,
        subdir=state.subdir or subdir_here(),
        rows=rows,
        form=next((word for word in ("explicit", "export", "canonical") if getattr(options, word)), "table"),
        hashes=hashes,
        sizes=options.size,
    )


def _origin(one: Installed) -> str:
    if one.url is None or one.direct_url is None:
        return ""
    if one.editable and one.url.startswith("file:"):
        from hutch.index.local import local_path

        return f"-e {local_path(one.url)}"
    from hutch.ops.pip_freeze import reference_of

    return f"{one.name} @ {reference_of(one.direct_url)}"


def prefix_rows(context: Context, root: str) -> tuple[CondaRow, ...]:
    """The packages of both kinds in a prefix, by name."""
    from hutch.env import open_prefix, prefix_packages

    names = _channel_names(context)
    rows = [
        CondaRow(
            name=one.record.name,
            version=one.record.version,
            build=one.record.build,
            channel=names.get(one.record.channel, one.record.channel),
            record=one.record,
            where=one.where,
        )
        for one in prefix_packages(root)
    ]
    for name, one in open_prefix(root).installed().items():
        if not name.startswith("conda:"):
            rows.append(
                CondaRow(
                    name=str(name),
                    version=one.version,
                    build="pypi_0",
                    channel="pypi",
                    origin=_origin(one),
                    where=one.dist_info,
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.name, row.channel == "pypi")))


def _channel_names(context: Context) -> dict[str, str]:
    """What people call the channels, by address, as far as they are configured."""
    from hutch.ops.channels import channel_names, configured_channels

    try:
        channels, _ = channel_names(context).channels(configured_channels(context))
    except Problem:
        return {}  # who looks at what is installed needs no channel
    return {channel.url: channel.name for channel in channels}


# -- which there are --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvListOutcome:
    """(name, path, active) of each."""

    environments: tuple[tuple[str, str, bool], ...]

    def to_json(self) -> dict[str, Any]:
        """As conda says it."""
        return {"envs": [path for _, path, _ in self.environments]}


def conda_env_list(context: Context) -> CondaEnvListOutcome:
    """hutch's conda environments, and those that conda knows of."""
    from hutch.ops.conda_place import known_prefixes, prefix_name

    active = context.environ.get("CONDA_PREFIX", "")
    here = os.path.realpath(active) if active else ""
    return CondaEnvListOutcome(
        environments=tuple(
            (prefix_name(context, path), path, os.path.realpath(path) == here)
            for path in known_prefixes(context)
        )
    )


# -- environment.yml --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaExportOptions:
    """The options of ``conda env export``."""

    prefix: str | None = None
    from_history: bool = False
    no_builds: bool = False
    channel: tuple[str, ...] = ()
    format: str = "environment-yaml"
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaExportOutcome:
    """The parts of an environment.yml; ``file`` is where it was written, ``exact`` another format's text.

    ``variables`` are those that a project says of its own environment.
    """

    env_name: str
    channels: tuple[str, ...]
    dependencies: tuple[str, ...]
    pip: tuple[str, ...] = ()
    file: str | None = None
    exact: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        found: list[Any] = list(self.dependencies)
        if self.pip:
            found.append({"pip": list(self.pip)})
        said = {"name": self.env_name, "channels": list(self.channels), "dependencies": found}
        return {**said, "variables": dict(self.variables)} if self.variables else said

    @property
    def text(self) -> str:
        """The file. Its place on this machine (``prefix:``) is nobody's business, and is left out."""
        if self.exact:
            return self.exact
        lines = [f"name: {_scalar(self.env_name)}"] if self.env_name else []
        lines += ["channels:", *(f"  - {_scalar(name)}" for name in self.channels)]
        lines += ["dependencies:", *(f"  - {_scalar(spec)}" for spec in self.dependencies)]
        if self.pip:
            lines += ["  - pip:", *(f"      - {_scalar(spec)}" for spec in self.pip)]
        if self.variables:
            pairs = (f"  {_scalar(name)}: {_scalar(value)}" for name, value in self.variables)
            lines += ["variables:", *pairs]
        return "\n".join(lines) + "\n"


def _scalar(text: str) -> str:
    """A word of YAML: quoted, where it would be read as something else."""
    import json
    import re

    if re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9_./=:+!~-]*", text) and not re.fullmatch(
        r"(?i)[0-9.+_e-]+|true|false|yes|no|on|off|y|n|null|~|0x.*|.*:", text
    ):
        return text
    return json.dumps(text, ensure_ascii=False)


def _tell_variables(context: Context, root: str) -> None:
    """Their values may be secrets, and an environment.yml is for others."""
    from hutch.events import Notice
    from hutch.ops.conda_state import own_variables

    if names := own_variables(root):
        told = f"the variables of the environment are not in it, as values may be secrets: {', '.join(names)}"
        context.emit(Notice(told))


def conda_export(context: Context, options: CondaExportOptions) -> CondaExportOutcome:
    """An environment.yml that makes the same again, or a list of the files that do."""
    from hutch.ops.channels import without_secret
    from hutch.ops.conda_export_env import EXACT_FORMATS, exact_text
    from hutch.ops.conda_place import prefix_name, read_prefix

    if options.format in EXACT_FORMATS and (options.from_history or options.no_builds):
        word = "--from-history" if options.from_history else "--no-builds"
        raise UsageProblem(f"--format {options.format} says which files there are, and {word} does not")
    state = read_prefix(context, options.prefix)
    names = _channel_names(context)
    said = (without_secret(context, f"{name}::x").removesuffix("::x") for name in options.channel)
    channels = tuple(dict.fromkeys((*said, *(names.get(url, url) for url in state.channels))))
    rows = prefix_rows(context, state.root)
    pip: tuple[str, ...] = ()
    if options.from_history:
        specs = tuple(word for words in state.requested.values() for word in words)
    else:
        specs = tuple(
            f"{row.name}={row.version}" + ("" if options.no_builds else f"={row.build}")
            for row in rows
            if row.record is not None
        )
        pip = tuple(row.origin or f"{row.name}=={row.version}" for row in rows if row.record is None)
    from hutch.ops.activation_export import written_variables

    _tell_variables(context, state.root)
    outcome = CondaExportOutcome(
        env_name=prefix_name(context, state.root),
        channels=channels,
        dependencies=specs,
        pip=pip,
        file=options.file,
        variables=() if options.format in EXACT_FORMATS else written_variables(context, state.root),
        exact=exact_text(context, state, options.format, [row.name for row in rows if row.record is None])
        if options.format in EXACT_FORMATS
        else "",
    )
    if options.format in ("environment-json", "json"):
        import json

        outcome = replace(outcome, exact=json.dumps(outcome.to_json(), indent=2, ensure_ascii=False) + "\n")
    if options.file is not None:
        from hutch.ops.checkout import write_text

        write_text(context.path(options.file), outcome.text)
    return outcome
