"""An ``environment.yml`` as what makes an environment, and no manifest of a project: the MatchSpecs, the
lines for pip as they stand there, the variables (with the values that they are to have).

Spec: CEP 24.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.project.conda_settings import CondaDependency, CondaSettings
    from hutch.project.manifest import Manifest

__all__ = ["EnvironmentFile", "parse_environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """What the file says. ``places`` tell where a MatchSpec stands; ``pip`` are (line, line for pip),
    ``notes`` (place, what is passed over)."""

    env_name: str = ""
    conda: CondaSettings | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    pip: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels, best first."""
        return tuple(self.conda.channels or ()) if self.conda is not None else ()

    def variables(self, subdir: str) -> dict[str, str]:
        """Those that are set on a platform."""
        found: dict[str, str] = {}
        for each in self.conda.activation if self.conda is not None else ():
            if each.is_for(subdir):
                found |= {name: value.replace("$$", "$") for name, value in each.env}
        return found

    def asked(self, subdir: str) -> dict[str, tuple[str, ...]]:
        """The MatchSpecs for a platform, by the names of their packages."""
        from hutch.spec import parse_conda_spec

        found: dict[str, tuple[str, ...]] = {}
        for each in self.conda.asked(subdir) if self.conda is not None else ():
            name = parse_conda_spec(each.spec).name
            found[name] = (*found.get(name, ()), each.spec)
        return found


def parse_environment(text: str, filename: str = "environment.yml") -> EnvironmentFile:
    """Read it. Raises `InvalidManifest` with every fault of the file; what pip is told is judged later."""
    from hutch.project.dialects.draft import Draft, Original, Place, TranslatedLocator
    from hutch.project.dialects.environment_yml import translate
    from hutch.project.parse import Reader
    from hutch.project.yaml_text import InvalidYaml, Yaml, read_yaml

    draft = Draft()
    translate(Original(text=text, filename=filename, without_pip=True), draft)
    locator = TranslatedLocator(text, draft.origins)
    reader = Reader(draft.document, filename, locator, {}, named=False)
    for origin, reason in draft.faults:
        reader.faults.add(locator.mark(origin), reason)
    try:
        document = read_yaml(text)
    except InvalidYaml:  # told of already
        document = Yaml(value={}, lines={}, spans={})
    value: dict[str, Any] = document.value if isinstance(document.value, dict) else {}
    pip: list[tuple[int, str]] = []
    dependencies = value.get("dependencies")
    for number, item in enumerate(dependencies if isinstance(dependencies, list) else ()):
        lines = item.get("pip") if isinstance(item, dict) else None
        if lines is not None and not isinstance(lines, list):
            at = document.line(("dependencies", number, "pip"))
            reader.faults.add(locator.mark(Place(at)), "pip should have a list")
            continue
        for place, line in enumerate(lines or ()):
            at = document.line(("dependencies", number, "pip", place))
            if isinstance(line, str):
                pip += [(at, each) for each in line.splitlines()]
            else:
                reason = "pip should have a list of texts: with a colon in it a line needs quotes"
                reader.faults.add(locator.mark(Place(at)), reason)
    manifest = reader.read()
    name, conda = value.get("name"), manifest.settings.conda
    return EnvironmentFile(
        env_name=name if isinstance(name, str) else "",
        conda=conda,
        places={} if conda is None else {each.spec: _place(manifest, each) for each in conda.dependencies},
        pip=tuple(pip),
        notes=tuple(
            (f"{filename}:{line}", text)
            for line, text in sorted(
                (getattr(note.origin, "line", 1), note.text) for note in draft.notes if note.warn
            )
        ),
    )


def _place(manifest: Manifest, each: CondaDependency) -> str:
    return f"{manifest.filename}:{manifest.line(*each.path)}"
