"""What ``hutch conda config`` says of conda's configuration, without changing it."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hutch.config.condarc_keys import CondarcKey
    from hutch.ops.context import Context

__all__ = [
    "OURS",
    "CondaConfigOutcome",
    "describe",
    "get",
    "masked",
    "no_such_key",
    "show",
    "show_sources",
    "validate",
]

OURS = {
    "conda-channels": "channels",
    "conda-channel-alias": "channel_alias",
    "conda-channel-priority": "channel_priority",
    "conda-mirrors": "mirrored_channels",
}
"""hutch's own settings that stand above those of conda."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaConfigOutcome:
    """What was found, or changed; credentials are masked.

    ``form`` is ``show``, ``sources``, ``get``, ``describe``, ``validate`` or ``edit``; ``found`` is by key,
    for ``sources`` by place; ``warnings`` is what somebody should know besides.
    """

    form: str
    found: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[CondarcKey, ...] = ()
    file: str | None = None
    changed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> Any:
        """As conda says it."""
        if self.form in ("show", "sources"):
            return {key: _plain(value) for key, value in self.found.items()}
        if self.form == "describe":
            return [
                {
                    "name": key.name,
                    "parameter_type": key.parameter_type,
                    "aliases": list(key.old_names),
                    "choices": list(key.choices),
                    "description": key.about,
                    "used": key.used,
                }
                for key in self.keys
            ]
        return {
            "get": {key: _plain(value) for key, value in self.found.items()},
            "rc_path": self.file,
            "success": True,
            "warnings": list(self.warnings),
        }


def no_such_key(word: str) -> UsageProblem:
    """What conda has no setting for, with what may have been meant."""
    from hutch.config.condarc_keys import near_keys
    from hutch.spec import safe_text

    shown = safe_text(word[:80])
    return UsageProblem(
        f"conda has no setting '{shown}'",
        hint=near_keys(word) or "hutch conda config --describe says which there are",
    )


def masked(value: Any) -> Any:
    """``value`` with credentials of addresses as ``****``, in texts, lists and tables."""
    if isinstance(value, str):
        from hutch.config.values import redacted
        from hutch.net import hide_credentials

        return redacted(hide_credentials(value))
    if isinstance(value, (list, tuple)):
        return [masked(each) for each in value]
    if isinstance(value, dict):
        return {masked(key): masked(each) for key, each in value.items()}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def show(context: Context, words: Sequence[str]) -> CondaConfigOutcome:
    """What holds here, all files and variables and hutch's own settings together."""
    named = _named(words)
    used = _used(context)
    facts = _facts(context)
    if named:
        found = {key.name: used.get(key.name, facts.get(key.name)) for key in named}
        warnings = [_unused(key) for key in named if not key.used and key.name not in facts]
    else:
        found = {**used, **facts}
        warnings = _passed_over(context)
    return CondaConfigOutcome(form="show", found=masked(found), warnings=tuple(warnings))


def show_sources(context: Context) -> CondaConfigOutcome:
    """What each file says, weakest first, then the variables, then hutch's own settings."""
    from hutch.config.condarc_keys import find_key

    configuration = context.configuration
    files = configuration.condarc.files
    found: dict[str, dict[str, Any]] = {}
    for place, said in configuration.condarc_sources:
        typed = {name: _typed(find_key(name), value) for name, value in said.items()}
        found.setdefault(place if place in files else "envvars", {}).update(typed)
    for setting, key in OURS.items():
        origin = configuration.origin(setting)
        if origin.rung != "default":
            value = configuration.values[setting].value
            found.setdefault(f"{origin.place} (hutch)", {})[key] = (
                list(value) if isinstance(value, tuple) else value
            )
    return CondaConfigOutcome(
        form="sources",
        found={masked(place): masked(said) for place, said in found.items()},
        warnings=tuple(_passed_over(context)),
    )


def get(context: Context, words: Sequence[str], file: str) -> CondaConfigOutcome:
    """What one file says, as it stands there."""
    from hutch.config.condarc_edit import key_path, name_in_file
    from hutch.config.condarc_keys import find_key
    from hutch.config.model import ConfigFault, ConfigProblem
    from hutch.ops.conda_config_file import read_condarc_text
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        said: Any = read_yaml(read_condarc_text(file)).value or {}
    except InvalidYaml as error:
        fault = ConfigFault(f"{file}:{error.line}", "conda's configuration", error.reason)
        raise ConfigProblem((fault,)) from None
    if not isinstance(said, dict):
        raise ConfigProblem((ConfigFault(file, "conda's configuration", "should be a table"),))
    found: dict[str, Any] = {}
    warnings = []
    for word in words or sorted(said):
        first, *below = key_path(word)
        key = find_key(first)
        if key is None:
            warnings.append(f"unknown key {masked(first)}")
            continue
        value: Any = said
        for name in (name_in_file(said, key.name), *below):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found[".".join((key.name, *below))] = value if below else _typed(key, value)
    return CondaConfigOutcome(form="get", found=masked(found), file=file, warnings=tuple(warnings))


def describe(words: Sequence[str]) -> CondaConfigOutcome:
    """What there is to be said: all keys, or some."""
    from hutch.config.condarc_keys import KEYS

    return CondaConfigOutcome(form="describe", keys=_named(words) or tuple(KEYS.values()))


def validate(context: Context) -> CondaConfigOutcome:
    """Everything that cannot be used, in all files and variables. Raises `ConfigProblem`."""
    from hutch.config.condarc_keys import find_key, value_fault
    from hutch.config.model import ConfigFault, ConfigProblem

    faults = []
    for place, said in context.configuration.condarc_sources:
        for name, value in said.items():
            key = find_key(name)
            if key is None or not key.used or value is None:
                continue
            for below, entry in _entries(value):
                text = _filled(entry, context.environ)
                fault = value_fault(key, below, text) if text else None
                if fault is not None:
                    shown = f"{name}.{below}" if below else name
                    faults.append(ConfigFault(place, masked(shown), fault))
    if faults:
        raise ConfigProblem(tuple(dict.fromkeys(faults)))
    return CondaConfigOutcome(form="validate", warnings=tuple(_passed_over(context)))


def _typed(key: CondarcKey | None, value: Any) -> Any:
    """A single value as YAML means it: a switch, a number, or a text."""
    if key is None or key.kind in ("list", "table") or not isinstance(value, str):
        return value
    word = value.lower()
    if word in ("true", "yes", "on"):
        return True
    if word in ("false", "no", "off"):
        return False
    if key.kind == "number":
        try:
            return int(value) if value.isdecimal() else float(value)
        except ValueError:
            return value
    return value


def _entries(value: Any) -> list[tuple[str, str]]:
    """The texts of a value, with the name of each in a table."""
    if isinstance(value, dict):
        return [(name, text) for name, each in value.items() for _, text in _entries(each)]
    if isinstance(value, list):
        return [("", each) for each in value if isinstance(each, str)]
    return [("", value)] if isinstance(value, str) else []


def _filled(text: str, environ: Mapping[str, str]) -> str:
    from hutch.config.condarc import filled

    return filled(text, environ)


def _named(words: Sequence[str]) -> tuple[CondarcKey, ...]:
    from hutch.config.condarc_keys import find_key

    found = []
    for word in words:
        key = find_key(word)
        if key is None:
            raise no_such_key(word)
        found.append(key)
    return tuple(dict.fromkeys(found))


def _unused(key: CondarcKey) -> str:
    return f"hutch does not use {key.name}: {key.about}"


def _passed_over(context: Context) -> list[str]:
    """What somebody has said and hutch does not hear."""
    from hutch.config.condarc_keys import find_key, near_keys

    found: dict[str, None] = {}
    for place, said in context.configuration.condarc_sources:
        for name in said:
            key = find_key(name)
            if key is None:
                near = near_keys(name)
                meant = f"; {near[0]}?" if near else ""
                found[f"{masked(place)}: conda has no setting '{masked(name)}'{meant}"] = None
            elif not key.used:
                found[_unused(key)] = None
    return list(found)


def _used(context: Context) -> dict[str, Any]:
    """The value of every key that hutch uses."""
    from hutch.config.condarc_keys import KEYS
    from hutch.ops import channels
    from hutch.ops.conda_place import envs_folders
    from hutch.ops.env_places import names_folder
    from hutch.shell.conda import PROMPT

    configuration = context.configuration
    condarc = configuration.condarc
    names = channels.channel_names(context)
    net = channels.net_options(context, ())
    verify = condarc.switch("ssl_verify")
    proxies = {"all": net.proxy} if net.proxy is not None else dict(net.proxies)
    values = {
        "channels": list(channels.configured_channels(context)),
        "default_channels": list(names.defaults),
        "channel_alias": names.alias,
        "custom_channels": dict(names.custom),
        "custom_multichannels": {name: list(each) for name, each in names.groups.items()},
        "channel_priority": channels.channel_priority(context),
        "mirrored_channels": {name: list(each) for name, each in names.mirrors.items()},
        "allowlist_channels": list(names.allowed),
        "denylist_channels": list(names.denied),
        "envs_dirs": [names_folder(configuration.data_dir), *envs_folders(context)],
        "env_prompt": condarc.text("env_prompt") or PROMPT,
        "offline": net.offline or configuration.offline,
        "ssl_verify": verify if verify is not None else condarc.text("ssl_verify") or net.ca_bundle or True,
        "client_ssl_cert": net.client_cert,
        "proxy_servers": proxies,
        "remote_connect_timeout_secs": net.connect_timeout,
        "remote_read_timeout_secs": net.timeout,
        "remote_max_retries": net.retries,
        "always_yes": bool(condarc.switch("always_yes")),
        "protect_frozen_envs": condarc.switch("protect_frozen_envs") is not False,
        "changeps1": condarc.switch("changeps1") is not False,
        "override_channels_enabled": condarc.switch("override_channels_enabled") is not False,
    }
    return {
        name: values[name] if name in values else list(condarc.words(name))
        for name, key in KEYS.items()
        if key.used
    }


def _facts(context: Context) -> dict[str, Any]:
    """What scripts ask conda's configuration for, and is the machine's or hutch's own."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_info import root_prefix
    from hutch.store.layout import CONDA

    subdir = context.environ.get("CONDA_SUBDIR") or subdir_here()
    return {
        "pkgs_dirs": [os.path.join(context.store.root, CONDA)],
        "root_prefix": root_prefix(context),
        "subdir": subdir,
        "subdirs": [subdir, "noarch"],
    }
