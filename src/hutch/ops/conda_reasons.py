"""What lies behind the facts of a conflict and is unknown to the solver: a channel that another one hides,
what a machine is taken to have, for which systems there is a file, who asks for this Python; and what helps.
"""

from __future__ import annotations

import re

from hutch.ops.conda_phrases import all_channels_asked, for_platforms, machines_have, manifest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.ops.conda_question import Question
    from hutch.solve import Fact, Universe
    from hutch.spec import CondaRecord, CondaSpec

__all__ = ["Reasons"]

_PREFIX = "conda:"
_NEWEST = re.compile(r" \(newest: [^()]*\)$")
_OF_MACHINES = {
    "__cuda": "what the driver of a graphics card can do",
    "__glibc": "the C library",
    "__musl": "the C library",
    "__linux": "the kernel",
    "__osx": "the version of macOS",
    "__win": "the version of Windows",
    "__archspec": "the processor",
    "__unix": "the system",
}
_SETTINGS = {"osx": "macos", "win": "windows"}


class Reasons:
    """Of one proof: lines that follow the solver's, and hints that come before the others."""

    def __init__(self, question: Question, facts: Sequence[Fact], universe: Universe) -> None:
        self.question, self.facts, self.universe = question, facts, universe
        # A project has a file where things are asked for; a command has none.
        self.in_project = any(":" in each.place for each in question.asked)
        self.manifest = manifest_of(question.context) if self.in_project else None

    def worded(self, line: str) -> str:
        """A line of the solver with the versions that there are, instead of the newest with its build."""
        if " needs __" in line or " need __" in line:
            return line.partition(", which no version satisfies")[0]  # what machines have is told below
        if (lacking := re.fullmatch(r"(\S+) (.+) (?:has|have) no record for (.+)", line)) is not None:
            return self._without_record(lacking[1], lacking[3]) or line
        found = re.search(r"(?:needs?|satisfies) ([\w.-]+)", line) if _NEWEST.search(line) else None
        labels = self._labels(found[1].lower()) if found is not None else []
        if not any(" " in label for label in labels):
            return line
        spec = line.partition("satisfies ")[2].partition(", asked for")[0] if "satisfies " in line else ""
        if builds := self._builds(spec, labels):  # it is the build that is not there
            return _NEWEST.sub(f" (builds: {', '.join(builds)})", line)
        return _NEWEST.sub(f" ({_there_are(label.partition(' ')[0] for label in labels)})", line)

    def _without_record(self, name: str, where: str) -> str:
        """Of the versions that a platform does not have those that are asked for; builds are told apart by
        platforms anyway."""
        from hutch.spec import parse_conda_spec

        for fact in self.facts:
            if fact.kind == "root" and fact.package.removeprefix(_PREFIX) == name:
                spec = parse_conda_spec(_text(fact))
                versions = {label.partition(" ")[0] for label in self._labels(name)}
                meant = [version for version in versions if spec.version and spec.admits_version(version)]
                if meant:
                    said = _there_are(meant).removeprefix("there is ").removeprefix("there are ")
                    return f"{name} {said} {'has' if len(meant) == 1 else 'have'} no record for {where}"
        return ""

    def _builds(self, text: str, labels: Sequence[str]) -> list[str]:
        """Those of the versions that a MatchSpec with a build asks for, where they are few."""
        from hutch.errors import Problem
        from hutch.spec import parse_conda_spec

        try:
            spec = parse_conda_spec(text)
        except Problem:
            return []
        pairs = [label.partition(" ") for label in labels] if spec.build else []
        found = {build for version, _, build in pairs if build and spec.admits_version(version)}
        return sorted(found) if len(found) <= 4 else []

    def _labels(self, name: str) -> list[str]:
        for package in (name, _PREFIX + name):
            versions = self.universe.versions.get(package)
            if versions is not None:
                return list(versions.labels)
        return []

    # -- what machines have ---------------------------------------------------------------------------

    def machines(self) -> dict[str, tuple[str, str]]:
        """The virtual packages of the proof: what the platforms have of each, and what is needed."""
        found: dict[str, tuple[str, str]] = {}
        for fact in self.facts:
            name = fact.need.package.removeprefix(_PREFIX) if fact.need is not None else ""
            if not name.startswith("__"):
                continue
            has = [
                f"{target.name} has {version}"
                for target in self.question.targets
                for virtual, version, _ in target.virtual
                if virtual == name
            ]
            assert fact.need is not None
            text = " ".join(text for _, text in fact.need.specifiers)
            least = re.search(r">=\s*([\w.]+)", text)
            known = found.get(name, ("", ""))[1]
            found[name] = (", ".join(has), least[1] if least is not None else known)
        return found

    def told_of_machines(self) -> list[str]:
        """A line for each."""
        lines = []
        for name, (has, _) in self.machines().items():
            what = _OF_MACHINES.get(name, "of the machine")
            names = ", ".join(target.name for target in self.question.targets[:3])
            lines.append(f"{name} is no package, but {what}: {has or f'{names} has none'}")
        return lines

    def hints_of_machines(self) -> list[str]:
        """How to say that machines have what is missing."""
        hints = []
        for name, (has, least) in self.machines().items():
            word = name.removeprefix("__")
            key, version = _SETTINGS.get(word, word), least or "VERSION"
            project = machines_have(self.manifest, key, version)
            here = f"CONDA_OVERRIDE_{word.upper()}={version} solves as if it had {'another' if has else 'it'}"
            if self.in_project:
                hints.append(f"{project}, if all machines of the project have that")
            else:
                hints += [here, f"in a project: {project}"]
        return hints

    # -- channels ---------------------------------------------------------------------------------------

    def hidden(self) -> tuple[list[str], list[str]]:
        """Lines and hints about packages that an earlier channel hides."""
        lines: dict[str, None] = {}
        hints: dict[str, None] = {}
        if self.question.priority != "strict" or len(self.question.channels) < 2:
            return [], []
        from hutch.spec import parse_conda_spec

        names = {channel.url: channel.name for channel in self.question.channels}
        for fact in self.facts:
            need = fact.need
            texts = [text for operator, text in need.specifiers if operator == "conda"] if need else []
            for spec in map(parse_conda_spec, texts):
                found = self._hides(spec)
                if found is None:
                    continue
                first, channel, records = found
                versions = _there_are(record.version for record in records).replace("there are", "has")
                versions = versions.replace("there is", "has")
                text = (
                    f"{spec.name} comes from {names.get(first, first)} alone, the first channel that has it;"
                )
                lines[f"{text} {names.get(channel, channel)} {versions}"] = None
                hints[f"{names.get(channel, channel)}::{spec.name} takes it from there"] = None
                if self.in_project:
                    hints[f"{all_channels_asked(self.manifest)} asks all channels"] = None
        return list(lines), list(hints)

    def _hides(self, spec: CondaSpec) -> tuple[str, str, Sequence[CondaRecord]] | None:
        """The first channel that has a name and nothing that fits, and a later one that has."""
        by_channel = {url: rows for url, rows in self.question.repodata.records(spec.name).items() if rows}
        subdirs = {*(target.subdir for target in self.question.targets), "noarch"}
        first = ""
        for url, rows in by_channel.items():
            here = [row for row in rows if row.subdir in subdirs]
            fitting = [row for row in here if spec.admits(row)]
            if first and fitting:
                return first, url, here
            if fitting:
                return None
            if here and not first:
                first = url
        return None

    def instead(self) -> list[str]:
        """The project's own words for a version that a package needs otherwise."""
        hints: dict[str, None] = {}
        for root in self.facts:
            if root.kind != "root" or root.need is None or root.need.package.endswith("python"):
                continue
            if all(operator != "conda" for operator, _ in root.need.specifiers):
                continue
            text, place = _text(root), str(getattr(root.need.origin, "place", ""))
            needs = [
                fact
                for fact in self.facts
                if fact.kind == "dependency" and fact.need is not None and fact.need.package == root.package
            ]
            if len(needs) == 1 and ":" in place and len(text.split()) > 1:
                hints[f"{_text(needs[0])} instead of {text} in {place}, if nothing else is against it"] = None
        return list(hints)

    # -- Python, platforms, files -----------------------------------------------------------------------

    def python(self, lines: Sequence[str]) -> list[str]:
        """Who asks for the Python that something of the proof does not run on."""
        if not any(fact.reason.startswith("requires Python") for fact in self.facts):
            return []
        from hutch.spec import parse_conda_spec

        wanted = [re.search(r">=?\s*([\d.]+)", fact.reason) for fact in self.facts]
        least = [each[1].rstrip(".") for each in wanted if each is not None]
        said = []
        for each in self.question.asked:
            spec = parse_conda_spec(each.spec)
            if spec.name == "python" and spec.version and not any(map(spec.admits_version, least)):
                said.append(f"{each.spec} is asked for in {each.place}")
        return [line for line in dict.fromkeys(said) if line not in lines]

    def files(self) -> tuple[list[str], list[str]]:
        """For which systems there are wheels, where none is for these; and what would take one of them."""
        lines, hints = [], []
        for fact in self.facts:
            if not fact.reason.startswith("has no file"):
                continue
            tags = self._tags(fact)
            if not tags:
                continue
            shown = ", ".join(tags[:4]) + (", …" if len(tags) > 4 else "")
            lines.append(f"the wheels of {fact.package} are for {shown}")
            needed = _least_glibc(tags)
            for target in self.question.targets:
                has = next((version for name, version, _ in target.virtual if name == "__glibc"), "")
                if needed and has and _numbers(needed) > _numbers(has):
                    lines.append(f"{target.name} has the C library {has}")
                    hints.append(f"{machines_have(self.manifest, 'glibc', needed)}, if that is not so")
                    break
        return lines, hints

    def _tags(self, fact: Fact) -> list[str]:
        from hutch.errors import Problem
        from hutch.index import Page

        name, versions = fact.package.partition("[")[0], self.universe.versions.get(fact.package)
        if name.startswith(_PREFIX) or versions is None:
            return []
        try:
            page = self.question.context.indexes.read_page(name)  # type: ignore[arg-type]
        except Problem:
            return []
        if not isinstance(page, Page):
            return []
        found: dict[str, None] = {}
        for place, label in enumerate(versions.labels):
            if fact.versions >> place & 1 and label in page.versions:
                for file in page.files_of(page.versions.index(label)):
                    for tag in file.tags.rpartition("-")[2].split(".") if file.tags else ():
                        found[tag] = None
        return list(found)

    def elsewhere(self) -> list[str]:
        """Where to ask for what some platforms do not have."""
        hints: dict[str, None] = {}
        from hutch.spec import parse_conda_spec

        roots = {fact.package: _text(fact) for fact in self.facts if fact.kind == "root"}
        for fact in self.facts:
            name = fact.package.removeprefix(_PREFIX)
            if (
                not fact.reason.startswith("has no record")
                or fact.package not in roots
                or not self.in_project
            ):
                continue
            spec = parse_conda_spec(roots[fact.package])
            rows = (row for rows in self.question.repodata.records(name).values() for row in rows)
            having = {row.subdir for row in rows if spec.admits(row)}
            asked = [target.subdir for target in self.question.targets]
            there = [subdir for subdir in dict.fromkeys(asked) if subdir in having]
            if there and len(there) < len(set(asked)) and name != "python":
                systems = dict.fromkeys(_selector(subdir, asked, having) for subdir in there)
                where = for_platforms(self.manifest, name, systems)
                hints[f"{name} for {', '.join(there)} alone: {where}"] = None
        return list(hints)


def _text(fact: Fact) -> str:
    """A need as its owner has it."""
    if fact.need is None:
        return ""
    whole = [text for operator, text in fact.need.specifiers if operator == "conda"]
    if whole:
        return " and ".join(whole)
    versions = ",".join(operator + version for operator, version in fact.need.specifiers)
    return f"{fact.need.package} {versions}".strip()


def _selector(subdir: str, asked: Iterable[str], having: set[str]) -> str:
    """The system, where all its platforms have it."""
    system = subdir.partition("-")[0]
    same = [each for each in asked if each.startswith(f"{system}-")]
    return system if all(each in having for each in same) else subdir


def _there_are(versions: Iterable[str]) -> str:
    from functools import cmp_to_key

    from hutch.spec import compare_conda_versions, parse_conda_version

    by_version = cmp_to_key(compare_conda_versions)
    found = sorted(set(versions), key=lambda text: by_version(parse_conda_version(text)))
    if len(found) == 1:
        return f"there is {found[0]}"
    return f"there are {found[0]} {'and' if len(found) == 2 else 'to'} {found[-1]}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _least_glibc(tags: Iterable[str]) -> str:
    """The oldest C library that any of the wheels for Linux asks for."""
    found = [re.match(r"manylinux_(\d+)_(\d+)_", tag) for tag in tags]
    versions = sorted((int(each[1]), int(each[2])) for each in found if each is not None)
    return f"{versions[0][0]}.{versions[0][1]}" if versions else ""
