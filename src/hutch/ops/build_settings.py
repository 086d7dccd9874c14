"""``--config-settings``: words for build backends, for all builds that were asked for or for those of one
package. A build of what a build needs gets none: its backend is another one.
"""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BuildSettings", "typed_settings"]

Words = dict[str, "str | tuple[str, ...]"]


@dataclass(slots=True, kw_only=True)
class BuildSettings:
    """What backends are told: ``common`` to all, ``by_name`` to that of one package (the stronger)."""

    common: Words = field(default_factory=dict)
    by_name: dict[str, Words] = field(default_factory=dict)

    def of(self, name: str | None) -> Words:
        """The settings for the builds of ``name``, by its normalised name."""
        return {**self.common, **self.by_name.get(name or "", {})}

    def keyed(self, name: str, key: str) -> str:
        """A key of something built, which other settings would have made otherwise."""
        if not (words := self.of(name)):
            return key
        from hutch.spec import short_sha256

        return f"{key}-{short_sha256(repr(sorted(words.items())).encode())[:16]}"

    def add(self, name: str | None, text: str, said: str) -> None:
        """Take ``KEY=VALUE`` in; of a key that is given again there are several values, as for pip."""
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise UsageProblem(f"{said} `{text}` is not KEY=VALUE")
        words = self.common if name is None else self.by_name.setdefault(name, {})
        before = words.get(key.strip())
        if before is None:
            words[key.strip()] = value
        else:
            words[key.strip()] = (*((before,) if isinstance(before, str) else before), value)


def typed_settings(common: Iterable[str], packages: Iterable[str]) -> BuildSettings:
    """``KEY=VALUE`` and ``NAME:KEY=VALUE`` as typed. Raises ``UsageProblem``."""
    from hutch.spec import is_valid_name, normalize

    found = BuildSettings()
    for text in common:
        found.add(None, text, "--config-settings")
    for text in packages:
        name, sign, rest = text.partition(":")
        if not sign or not is_valid_name(name.strip()):
            raise UsageProblem(f"--config-settings-package `{text}` is not NAME:KEY=VALUE")
        found.add(str(normalize(name)), rest, "--config-settings-package")
    return found
