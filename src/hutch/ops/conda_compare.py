"""``hutch conda compare``: does an environment have what an environment.yml says?"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.conda_place import PrefixState
    from hutch.ops.context import Context

__all__ = ["CondaCompareOptions", "CondaCompareOutcome", "conda_compare"]

SAME = (
    "Success. All the packages in the specification file are present in the environment"
    " with matching version and build string."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCompareOptions:
    """The options of ``conda compare``."""

    file: str = ""
    prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCompareOutcome:
    """A line for each that is missing or another, in conda's words; none where all is there."""

    root: str
    lines: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where something is not as the file says."""
        return int(bool(self.lines))

    @property
    def text(self) -> tuple[str, ...]:
        """What is printed."""
        return self.lines or (SAME,)

    def to_json(self) -> Any:
        """A list, as conda's."""
        return list(self.text)


def conda_compare(context: Context, options: CondaCompareOptions) -> CondaCompareOutcome:
    """Judge each MatchSpec of the file, and each line of its ``pip:`` list, by what is there.

    Nothing is asked of a channel or an index.
    """
    from hutch.conda import subdir_here
    from hutch.ops.conda_env import read_file
    from hutch.ops.conda_place import read_prefix

    asked = read_file(context, options.file, subdir_here())
    state = read_prefix(context, options.prefix)
    found = [*_of_conda(state, asked.requested)]
    if asked.index is not None:
        found += _of_an_index(context, state, asked.index)
    return CondaCompareOutcome(root=state.root, lines=tuple(found))


def _of_conda(state: PrefixState, requested: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    from hutch.spec import parse_conda_spec
    from hutch.values import replace

    there = {one.record.name: one.record for one in state.packages}
    for name, words in requested.items():
        record = there.get(name)
        for word in words:
            if record is None:
                yield f"{name} not found"
            # From which channel it came a file may call otherwise than the record does.
            elif not replace(parse_conda_spec(word), channel="", subdir="").admits(record):
                running = f"{record.name}=={record.version}={record.build}"
                yield f"{name} found but mismatch. Specification pkg: {word}, Running pkg: {running}"


def _of_an_index(context: Context, state: PrefixState, index: IndexAsked) -> Iterator[str]:
    """What the ``pip:`` list asks for; a package of conda may have brought the distribution."""
    from hutch.env import open_conda, open_prefix
    from hutch.ops.conda_markers import prefix_markers
    from hutch.ops.pip_prefix import of_conda
    from hutch.spec import admits, evaluate

    environment = open_prefix(state.root)
    versions = {name: version for name, (_, version) in of_conda(open_conda(state.root)).items()}
    versions |= {str(name): one.version for name, one in environment.installed().items()}
    markers = prefix_markers(context, state.root)
    for asked in index.files.asked:
        requirement = asked.declared.requirement if asked.declared is not None else None
        if asked.constraint or requirement is None:
            continue
        if requirement.marker is not None and not evaluate(requirement.marker, markers, frozenset()):
            continue
        name = str(requirement.name)
        version = versions.get(name)
        if version is None:
            yield f"{name} not found"
        elif not admits(requirement.specifiers, version):
            yield (
                f"{name} found but mismatch. Specification pkg: {asked.text.strip()},"
                f" Running pkg: {name}=={version}=pypi_0"
            )
