"""The table and the operations speak of the same options; commands are thin and find their operation."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from hutch.cli import commands
from hutch.cli.table import COMMANDS, WHICH, every_command
from hutch.values import fields

FOLDER = Path(commands.__file__).parent

# The options of an operation, by command; these commands take none: cache dir and size, config show …
OPTIONS = {
    "init": ("init", "InitOptions"),
    "import": ("import_", "ImportOptions"),
    "add": ("add", "AddOptions"),
    "remove": ("remove", "RemoveOptions"),
    "lock": ("lock", "LockOptions"),
    "sync": ("sync", "SyncOptions"),
    "run": ("run", "RunOptions"),
    "upgrade": ("upgrade", "UpgradeOptions"),
    "git setup": ("git", "GitSetupOptions"),
    "git merge-lock": ("git", "MergeLockOptions"),
    "outdated": ("outdated", "OutdatedOptions"),
    "tree": ("tree", "TreeOptions"),
    "why": ("why", "WhyOptions"),
    "why-not": ("why_not", "WhyNotOptions"),
    "search": ("search", "SearchOptions"),
    "export": ("export", "ExportOptions"),
    "venv": ("venv", "VenvOptions"),
    "env create": ("env_create", "EnvCreateOptions"),
    "env list": ("env_list", "EnvListOptions"),
    "env upgrade": ("env_upgrade", "EnvUpgradeOptions"),
    "env remove": ("env_remove", "EnvRemoveOptions"),
    "env clone": ("env_clone", "EnvCloneOptions"),
    "env rename": ("env_clone", "EnvRenameOptions"),
    "env path": ("env_path", "EnvPathOptions"),
    "env redirect": ("env_redirect", "EnvRedirectOptions"),
    "env rollback": ("env_rollback", "EnvRollbackOptions"),
    "env verify": ("env_verify", "EnvVerifyOptions"),
    "env pack": ("env_pack", "EnvPackOptions"),
    "env unpack": ("env_unpack", "EnvUnpackOptions"),
    "python list": ("python_list", "PythonListOptions"),
    "python find": ("python_find", "PythonFindOptions"),
    "python which": ("python_which", "PythonWhichOptions"),
    "python pin": ("python_pin", "PythonPinOptions"),
    "python install": ("python_install", "PythonInstallOptions"),
    "python upgrade": ("python_upgrade", "PythonUpgradeOptions"),
    "python uninstall": ("python_uninstall", "PythonUninstallOptions"),
    "doctor": ("doctor", "DoctorOptions"),
    "shell": ("shell", "ShellOptions"),
    "activate": ("activate", "ActivateOptions"),
    "kernel install": ("kernels", "KernelInstallOptions"),
    "kernel remove": ("kernels", "KernelRemoveOptions"),
    "ide vscode": ("ide", "IdeOptions"),
    "ide pycharm": ("ide", "IdeOptions"),
    "shell-hook": ("shell_hook", "ShellHookOptions"),
    "conda search": ("conda_search", "CondaSearchOptions"),
    "conda info": ("conda_info", "CondaInfoOptions"),
    "conda create": ("conda_change", "CondaCreateOptions"),
    "conda install": ("conda_change", "CondaInstallOptions"),
    "conda update": ("conda_change", "CondaUpdateOptions"),
    "conda upgrade": ("conda_change", "CondaUpdateOptions"),
    "conda remove": ("conda_change", "CondaRemoveOptions"),
    "conda uninstall": ("conda_change", "CondaRemoveOptions"),
    "conda activate": ("conda_activate", "CondaActivateOptions"),
    "conda deactivate": ("conda_activate", "CondaDeactivateOptions"),
    "conda reactivate": ("conda_activate", "CondaReactivateOptions"),
    "conda list": ("conda_list", "CondaListOptions"),
    "conda export": ("conda_list", "CondaExportOptions"),
    "conda run": ("conda_run", "CondaRunOptions"),
    "conda env create": ("conda_env", "CondaEnvCreateOptions"),
    "conda env update": ("conda_env", "CondaEnvUpdateOptions"),
    "conda env export": ("conda_list", "CondaExportOptions"),
    "conda env remove": ("conda_env", "CondaEnvRemoveOptions"),
    "conda env config vars list": ("conda_variables", "CondaVarsListOptions"),
    "conda env config vars set": ("conda_variables", "CondaVarsSetOptions"),
    "conda env config vars unset": ("conda_variables", "CondaVarsUnsetOptions"),
    "conda compare": ("conda_compare", "CondaCompareOptions"),
    "conda rename": ("conda_rename", "CondaRenameOptions"),
    "conda config": ("conda_config", "CondaConfigOptions"),
    "conda clean": ("conda_clean", "CondaCleanOptions"),
    "allow": ("allow", "AllowOptions"),
    "deny": ("allow", "DenyOptions"),
    "pip compile": ("pip_compile", "PipCompileOptions"),
    "pip install": ("pip_install", "PipInstallOptions"),
    "pip sync": ("pip_sync", "PipSyncOptions"),
    "pip uninstall": ("pip_uninstall", "PipUninstallOptions"),
    "pip list": ("pip_list", "PipListOptions"),
    "pip show": ("pip_show", "PipShowOptions"),
    "pip freeze": ("pip_freeze", "PipFreezeOptions"),
    "pip check": ("pip_check", "PipCheckOptions"),
    "pip tree": ("pip_tree", "PipTreeOptions"),
    "pip inspect": ("pip_inspect", "PipInspectOptions"),
    "pip download": ("pip_download", "PipDownloadOptions"),
    "pip wheel": ("pip_wheel", "PipWheelOptions"),
    "pip lock": ("pip_lock", "PipLockOptions"),
    "pip hash": ("pip_hash", "PipHashOptions"),
    "pip debug": ("pip_debug", "PipDebugOptions"),
    "pip index versions": ("pip_versions", "PipVersionsOptions"),
    "pip cache list": ("pip_cache", "PipCacheListOptions"),
    "pip cache remove": ("pip_cache", "PipCacheRemoveOptions"),
    "pip cache purge": ("pip_cache", "PipCachePurgeOptions"),
    "pip config list": ("pip_config", "PipConfigListOptions"),
    "pip config get": ("pip_config", "PipConfigGetOptions"),
    "pip config set": ("pip_config", "PipConfigSetOptions"),
    "pip config unset": ("pip_config", "PipConfigUnsetOptions"),
    "pip config edit": ("pip_config", "PipConfigEditOptions"),
    "auth login": ("auth", "AuthLoginOptions"),
    "auth logout": ("auth", "AuthLogoutOptions"),
    "python shell": ("python_shell", "PythonShellOptions"),
    "python shim install": ("python_shim", "PythonShimInstallOptions"),
    "python shim remove": ("python_shim", "PythonShimRemoveOptions"),
    "python shim exec": ("python_shim_exec", "PythonShimExecOptions"),
    "cache verify": ("cache", "CacheVerifyOptions"),
    "cache prune": ("cache", "CachePruneOptions"),
    "cache clean": ("cache", "CacheCleanOptions"),
}
NONE = {
    "conda env list",
    "kernel list",
    "env history",
    "python dir",
    "python shim show",
    "cache dir",
    "cache size",
    "pip cache dir",
    "pip cache info",
    "pip config debug",
    "config show",
    "auth list",
    "self version",
    "completions",
    "help",
}


def test_every_command_is_listed_here():
    assert {*OPTIONS, *NONE} == {verb.title for verb in every_command()}


@pytest.mark.parametrize("title", OPTIONS)
def test_the_fields_of_an_operation_are_the_names_in_the_table(title):
    module, kind = OPTIONS[title]
    options = getattr(importlib.import_module(f"hutch.ops.{module}"), kind)
    verb = next(verb for verb in every_command() if verb.title == title)
    # Which environment is meant the context knows.
    own = [option for option in verb.options if option not in WHICH]
    said = {option.field for option in own if not option.setting and not option.sets}
    said |= {positional.field for positional in verb.positionals}
    known = {field.name for field in fields(options)}
    settings = {option.field for option in verb.options if option.setting}
    assert said - {"json"} == known - settings


@pytest.mark.parametrize("title", OPTIONS)
def test_the_defaults_of_an_operation_are_those_of_the_table(title):
    """So that a caller from Python gets what a caller from the shell gets."""
    module, kind = OPTIONS[title]
    options = getattr(importlib.import_module(f"hutch.ops.{module}"), kind)()
    verb = next(verb for verb in every_command() if verb.title == title)
    for option in verb.options:
        if not option.setting and not option.sets and option.name != "json" and option not in WHICH:
            assert getattr(options, option.field) == option.empty(), option.name


@pytest.mark.parametrize("name", [command.name for command in COMMANDS if command.name != "help"])
def test_every_command_has_its_module(name):
    assert callable(importlib.import_module(f"hutch.cli.commands.{name.replace('-', '_')}").run)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_commands_are_thin(path):
    """A command that grows has something in it that belongs to ``ops`` or to ``cli.ui``."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").startswith(("hutch.cli.", "hutch.ops.", "__future__"))
