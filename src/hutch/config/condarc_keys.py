"""The keys that conda's configuration has: of which kind, what they mean to hutch, and what instead.

See docs/reference/condarc.md, and conda's documentation ("Settings").
"""

from __future__ import annotations

from hutch.config.condarc import LISTS, OLD_NAMES, PRIORITIES, TABLES
from hutch.values import dataclass

__all__ = ["KEYS", "CondarcKey", "find_key", "near_keys", "value_fault"]


@dataclass(frozen=True, slots=True)
class CondarcKey:
    """``kind`` is list, table, switch, number, word (one of ``choices``) or text.

    ``about`` is what it means here; of what hutch does not use, what stands in its place.
    """

    name: str
    kind: str
    about: str
    used: bool = True
    choices: tuple[str, ...] = ()

    @property
    def old_names(self) -> tuple[str, ...]:
        """Other names that files may have for it."""
        return tuple(old for old, new in OLD_NAMES.items() if new == self.name)

    @property
    def parameter_type(self) -> str:
        """What conda calls the kind."""
        return {"list": "sequence", "table": "map"}.get(self.kind, "primitive")


_USED = {
    "channels": "the channels that are asked where nobody names any, the best first",
    "default_channels": "what the channel name `defaults` stands for",
    "channel_alias": "the address below which channels are found by their names",
    "custom_channels": "channels whose names have addresses of their own: NAME: ADDRESS ABOVE IT",
    "custom_multichannels": "names that stand for several channels",
    "channel_priority": "what an earlier channel has, no later one is asked for (strict); or it is just"
    " preferred (flexible); or not (disabled)",
    "mirrored_channels": "places to ask instead, by the name or the address of a channel",
    "allowlist_channels": "the channels that may be used; no others then",
    "denylist_channels": "channels that may not be used",
    "disallowed_packages": "MatchSpecs: what one of them means is never installed",
    "pinned_packages": "MatchSpecs that hold for every change of every environment",
    "create_default_packages": "MatchSpecs that come with every environment of hutch conda create",
    "envs_dirs": "folders where -n NAME finds environments; new ones lie with hutch's data",
    "always_yes": "nobody is asked before something is changed",
    "protect_frozen_envs": "whether conda-meta/frozen keeps an environment from being changed (CEP 22)",
    "env_prompt": "what an active environment puts before the prompt",
    "changeps1": "whether an active environment puts something before the prompt",
    "offline": "nothing is asked of a network",
    "override_channels_enabled": "whether --override-channels may be said",
    "ssl_verify": "true, false, truststore, or a file of certificates: for the hosts of channels",
    "client_ssl_cert": "a file with a client certificate and its key",
    "proxy_servers": "proxies for http, https and all",
    "remote_connect_timeout_secs": "seconds until a server has answered",
    "remote_read_timeout_secs": "seconds without any progress",
    "remote_max_retries": "how often a request is repeated",
}
_SWITCHES = frozenset(
    ("always_yes", "protect_frozen_envs", "changeps1", "offline", "override_channels_enabled")
)
_NUMBERS = frozenset(("remote_connect_timeout_secs", "remote_read_timeout_secs", "remote_max_retries"))

_LINKS = "the setting link-mode"
_ONE_SOLVER = "there is one solver"
_FORMS = "shards, then zst, then JSON, whichever there is; of a package in both forms the .conda"
_ASKED = "nothing is changed that was not asked for"
_OPTION = "an option of each command"
_MADE = "hutch makes no packages"
_THREADS = "as many at once as serves"
_LOGIN = "hutch auth login"
_CHECKED = "hashes and paths are always checked"
_UNUSED = (
    ("list", "pkgs_dirs", "packages lie in hutch's store"),
    ("list", "repodata_fns", _FORMS),
    ("list", "aggressive_update_packages", _ASKED),
    ("list", "subdirs", "--subdir"),
    ("list", "track_features", "features are those of records"),
    ("list", "migrated_channel_aliases", "channel_alias and custom_channels alone"),
    ("list", "channel_settings", _LOGIN),
    ("list", "export_platforms", "a lock is for all platforms"),
    ("list", "list_fields", "hutch conda list --json says all"),
    ("table", "conda_build", _MADE),
    ("table", "migrated_custom_channels", "custom_channels alone"),
    ("table", "override_virtual_packages", "the variables CONDA_OVERRIDE_..."),
    ("table", "plugins", "hutch has no plugins of conda"),
    ("table", "exclude_newer_package", "the setting exclude-newer-package"),
    ("text", "exclude_newer", "the setting exclude-newer"),
    ("switch", "add_anaconda_token", _LOGIN),
    ("switch", "allow_cycles", "cycles do no harm"),
    ("switch", "allow_non_channel_urls", "a channel says what it has"),
    ("switch", "allow_softlinks", _LINKS),
    ("switch", "always_copy", _LINKS),
    ("switch", "always_softlink", _LINKS),
    ("switch", "anaconda_upload", _MADE),
    ("switch", "auto_activate", "hutch has no environment named base"),
    ("switch", "auto_activate_base", "hutch has no environment named base"),
    ("number", "auto_stack", "hutch conda activate --stack"),
    ("switch", "auto_update_conda", _ASKED),
    ("text", "bld_path", _MADE),
    ("text", "client_ssl_cert_key", "client_ssl_cert: one file with both"),
    ("switch", "clobber", "--allow-clobber"),
    ("text", "console", _OPTION),
    ("text", "croot", _MADE),
    ("switch", "debug", _OPTION),
    ("text", "default_activation_env", "hutch has no environment named base"),
    ("text", "default_python", "python=VERSION"),
    ("number", "default_threads", _THREADS),
    ("word", "deps_modifier", _ASKED, ("not_set", "no_deps", "only_deps")),
    ("switch", "dev", "hutch has no such mode"),
    ("switch", "download_only", "hutch conda create --dry-run says what would come"),
    ("switch", "dry_run", _OPTION),
    ("switch", "enable_private_envs", "every environment is its user's"),
    ("text", "environment_specifier", "a file says of itself what it is"),
    ("switch", "envvars_force_uppercase", "names of variables are in capitals"),
    ("text", "error_upload_url", "nothing is sent anywhere"),
    ("number", "execute_threads", _THREADS),
    ("list", "experimental", "there is nothing experimental"),
    ("switch", "extra_safety_checks", _CHECKED),
    ("number", "fetch_threads", _THREADS),
    ("switch", "force", _OPTION),
    ("switch", "force_32bit", "--subdir"),
    ("switch", "force_reinstall", _OPTION),
    ("switch", "force_remove", _OPTION),
    ("switch", "ignore_pinned", "pins hold"),
    ("switch", "json", _OPTION),
    ("number", "local_repodata_ttl", "what the server says of it, and --refresh"),
    ("switch", "no_lock", "an environment that is changed is locked"),
    ("switch", "no_plugins", "hutch has no plugins of conda"),
    ("switch", "non_admin_enabled", "who may write, may"),
    ("switch", "notify_outdated_conda", _ASKED),
    ("number", "number_channel_notices", "channels have no notices here"),
    ("word", "path_conflict", "two owners of a file are refused, or --allow-clobber",
     ("clobber", "warn", "prevent")),
    ("switch", "pip_interop_enabled", "both sides are solved together, always"),
    ("switch", "prefix_data_interoperability", "both sides are solved together, always"),
    ("switch", "quiet", _OPTION),
    ("switch", "register_envs", "environments are noted where conda looks"),
    ("number", "remote_backoff_factor", "waiting grows by itself"),
    ("number", "repodata_threads", _THREADS),
    ("switch", "repodata_use_shards", _FORMS),
    ("switch", "repodata_use_zst", _FORMS),
    ("switch", "report_errors", "nothing is sent anywhere"),
    ("switch", "restore_free_channel", "channels names it"),
    ("switch", "rollback_enabled", "what fails is undone, always"),
    ("text", "root_prefix", "the variable CONDA_ROOT"),
    ("word", "safety_checks", _CHECKED, ("disabled", "warn", "enabled")),
    ("text", "sat_solver", _ONE_SOLVER),
    ("switch", "separate_format_cache", "packages lie in hutch's store"),
    ("switch", "shortcuts", "menus are not made"),
    ("list", "shortcuts_only", "menus are not made"),
    ("switch", "show_channel_urls", "hutch conda list says the channel"),
    ("text", "signing_metadata_url_base", _CHECKED),
    ("switch", "skip_safety_checks", _CHECKED),
    ("text", "solver", _ONE_SOLVER),
    ("switch", "solver_ignore_timestamps", _ONE_SOLVER),
    ("text", "subdir", "--subdir"),
    ("text", "target_prefix_override", "an environment is where it is used"),
    ("switch", "trace", _OPTION),
    ("switch", "unsatisfiable_hints", "a conflict is always explained"),
    ("number", "unsatisfiable_hints_check_depth", "a conflict is always explained"),
    ("word", "update_modifier", _ASKED,
     ("specs_satisfied_skip_solve", "freeze_installed", "update_deps", "update_specs", "update_all")),
    ("switch", "use_index_cache", "--offline"),
    ("switch", "use_local", "-c FOLDER"),
    ("switch", "use_only_tar_bz2", _FORMS),
    ("number", "verbosity", _OPTION),
    ("number", "verify_threads", _THREADS),
)  # fmt: skip


def _known() -> dict[str, CondarcKey]:
    found = []
    for name, about in _USED.items():
        kind = "list" if name in LISTS else "table" if name in TABLES else "text"
        kind = "switch" if name in _SWITCHES else "number" if name in _NUMBERS else kind
        choices: tuple[str, ...] = ()
        if name == "channel_priority":
            kind, choices = "word", tuple(PRIORITIES)
        found.append(CondarcKey(name, kind, about, True, choices))
    for kind, name, about, *more in _UNUSED:
        found.append(CondarcKey(name, kind, about, False, more[0] if more else ()))
    return {key.name: key for key in sorted(found, key=lambda key: key.name)}


KEYS = _known()
"""All that conda knows, by their names, in order."""


def find_key(word: str) -> CondarcKey | None:
    """The key of that name, of an older one, or of one with dashes; None for what conda does not know."""
    name = word.replace("-", "_")
    return KEYS.get(OLD_NAMES.get(name, name))


def near_keys(word: str) -> tuple[str, ...]:
    """Names that may have been meant, those first that hutch uses."""
    from difflib import get_close_matches

    found = get_close_matches(word[:80].replace("-", "_").lower(), list(KEYS), 3, 0.7)
    return tuple(sorted(found, key=lambda name: not KEYS[name].used))


def value_fault(key: CondarcKey, below: str, value: str) -> str | None:
    """Why ``value`` cannot be what the key says (or one entry of it); None if it can."""
    from hutch.config.condarc import NO, YES

    if not value.strip():
        return "is empty"
    if not value.isprintable():
        return "has characters that no setting has"
    if key.kind == "switch" and value.lower() not in (*YES, *NO):
        return "should be true or false"
    if key.kind == "number" and not _is_number(value) and not (value.lower() in (*YES, *NO) and not key.used):
        return "should be a number"
    if key.kind == "word" and value.lower() not in key.choices:
        *words, last = key.choices
        return f"should be {', '.join(words)} or {last}"
    if key.name in ("pinned_packages", "disallowed_packages", "create_default_packages"):
        from hutch.spec import InvalidCondaSpec, parse_conda_spec

        try:
            parse_conda_spec(value)
        except InvalidCondaSpec as error:
            return f"is no MatchSpec: {error}"
    if key.name == "channel_alias" and "://" not in value and "$" not in value:
        return "should be an address, as https://conda.example"
    is_proxy = key.name == "proxy_servers" and below in ("http", "https", "all")
    if is_proxy and "://" not in value and "$" not in value:
        return "should be an address, as http://proxy.example:3128"
    return None


def _is_number(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return 0 <= number < 1e6
