"""pixi's ``[environments]``: groups, default groups, and the words of ``[tool.hutch.environments]``.

An environment without a ``solve-group`` is solved for itself, as pixi does it: it gets one of its own name.
The one called ``default`` is the project's first, whose features are default groups; no other has these.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft
    from hutch.project.spans import Path

__all__ = ["Environments"]


class Environments:
    """Says them; ``own`` is the group that the default feature is, where it is one."""

    def __init__(
        self, draft: Draft, table: dict[str, Any], base: Path, features: set[str], own: str | None
    ) -> None:
        self.draft = draft
        self.features = features
        self.own = own
        self.path: Path = (*base, "environments")
        found = table.get("environments", {})
        if not isinstance(found, dict):
            draft.fault(self.path, "should be a table")
        self.table: dict[str, Any] = found if isinstance(found, dict) else {}
        self.base = base
        self.groups = draft.table("dependency-groups")
        self.extras = draft.table("project", "optional-dependencies")
        conda = draft.get("tool", "hutch", "conda", "group")
        self.conda = set(conda) if isinstance(conda, dict) else set()

    def say(self) -> None:
        """All of them."""
        from hutch.project.environments import is_environment_name

        first = self.table.get("default")
        chosen = [self.own] if self.own is not None and self.own in self.groups else []
        defaults = self.listed(first, (*self.path, "default")) if "default" in self.table else []
        for name, value in self.table.items():
            at = (*self.path, name)
            if isinstance(value, dict):
                for key in value:
                    if key not in ("features", "solve-group", "no-default-feature"):
                        self.draft.note((*at, key), f"{key} of an environment has no words in hutch")
            if name == "default":
                chosen += [each for each in defaults if each in self.all_groups and each not in chosen]
                if isinstance(value, dict) and isinstance(group := value.get("solve-group"), str):
                    self.draft.put(self.word(name, "solve-group"), group, at)
                if isinstance(value, dict) and value.get("no-default-feature") is True:
                    self.draft.note(at, "the first environment always has the project's dependencies")
            elif not is_environment_name(name):
                self.draft.note(at, f"{name[:64]!r} cannot be the name of an environment: it is left out")
            else:
                self.one(name, value, at, chosen)
        self.put_default_groups(chosen)

    @property
    def all_groups(self) -> set[str]:
        """What can be asked for as a group: its packages may be of conda alone."""
        return {*self.groups, *self.conda}

    def listed(self, value: object, at: Path) -> list[str]:
        """The features of an environment that exist."""
        features = value.get("features", []) if isinstance(value, dict) else value
        if not isinstance(features, list):
            self.draft.fault(at, "should be an array of strings")
            return []
        known = self.features | self.all_groups | set(self.extras)
        found = []
        for number, each in enumerate(features):
            if not isinstance(each, str):
                self.draft.fault((*at, number), "should be a string")
            elif each not in known:
                self.draft.fault(at, f"there is no feature {each!r}")
            else:
                found.append(each)
        return found

    def one(self, name: str, value: object, at: Path, chosen: list[str]) -> None:
        listed = self.listed(value, at)
        mine = [each for each in listed if each in self.groups]
        groups = [each for each in listed if each in self.all_groups]
        extras = [each for each in listed if each in self.extras and each not in groups]
        alone = isinstance(value, dict) and value.get("no-default-feature") is True
        if name not in self.groups and mine:
            for each in mine:
                self.draft.add(("dependency-groups", name), {"include-group": each}, at)
        if alone and (extras or not groups):
            what = "extras" if extras else "no feature with packages"
            reason = f"the environment {name} has {what} and no default feature: it is left out"
            self.draft.note(at, reason)
            return
        if alone:
            self.draft.put(self.word(name, "only-groups"), groups, at)
        else:
            if groups:
                self.draft.put(self.word(name, "groups"), groups, at)
            if extras:
                self.draft.put(self.word(name, "extras"), extras, at)
            if left := [each for each in chosen if each != self.own and each not in groups]:
                self.draft.put(self.word(name, "no-groups"), left, at)
        group = value.get("solve-group") if isinstance(value, dict) else None
        if group is not None and not isinstance(group, str):
            self.draft.fault((*at, "solve-group"), "should be a string")
            return
        self.draft.put(self.word(name, "solve-group"), name if group is None else group, at)

    def word(self, name: str, key: str) -> tuple[str, ...]:
        """Where something is said of an environment."""
        return ("tool", "hutch", "environments", name, key)

    def put_default_groups(self, chosen: list[str]) -> None:
        """What is installed unasked."""
        draft, key = self.draft, ("tool", "hutch", "default-groups")
        said = draft.get(*key)
        if self.all_groups and said is None:
            where = (*self.path, "default") if "default" in self.table else self.base
            draft.put(key, chosen, where)
        elif self.own is not None and isinstance(said, list) and self.own in chosen and self.own not in said:
            draft.add(key, self.own, self.base)
