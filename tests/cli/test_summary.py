"""What a command says at its end."""

from __future__ import annotations

import json

import pytest

from hutch.cli.reference_json import JSON
from hutch.cli.table import every_command
from hutch.cli.ui import cache, data, summary
from hutch.env import Plan
from hutch.ops.activate import ActivateOutcome
from hutch.ops.add import AddOutcome
from hutch.ops.allow import AllowOutcome
from hutch.ops.auth import AuthListOutcome, AuthOutcome, AuthPlace
from hutch.ops.cache import (
    CacheCleanOutcome,
    CacheDirOutcome,
    CachePruneOutcome,
    CacheSizeOutcome,
    CacheVerifyOutcome,
)
from hutch.ops.conda_activate import CondaShellOutcome
from hutch.ops.conda_clean import CondaCleanOutcome
from hutch.ops.conda_compare import CondaCompareOutcome
from hutch.ops.conda_config_show import CondaConfigOutcome
from hutch.ops.conda_enact import CondaChange
from hutch.ops.conda_env import CondaEnvRemoveOutcome
from hutch.ops.conda_info import CondaInfoOutcome
from hutch.ops.conda_list import (
    CondaEnvListOutcome,
    CondaExportOutcome,
    CondaListOutcome,
    CondaRow,
)
from hutch.ops.conda_prefix import PrefixChange
from hutch.ops.conda_search import CondaSearchOutcome
from hutch.ops.conda_variables import CondaVarsListOutcome, CondaVarsOutcome
from hutch.ops.config import ConfigShowOutcome
from hutch.ops.doctor import DoctorOutcome
from hutch.ops.env_clone import EnvCloneOutcome
from hutch.ops.env_create import EnvCreateOutcome
from hutch.ops.env_history import HistoryOutcome
from hutch.ops.env_list import EnvListOutcome
from hutch.ops.env_pack import PackOutcome
from hutch.ops.env_path import EnvPathOutcome
from hutch.ops.env_redirect import EnvRedirectOutcome
from hutch.ops.env_remove import EnvRemoveOutcome
from hutch.ops.env_rollback import RollbackOutcome
from hutch.ops.env_unpack import UnpackOutcome
from hutch.ops.env_verify import VerifyOutcome
from hutch.ops.export import ExportOutcome
from hutch.ops.git import GitSetupOutcome, MergeLockOutcome
from hutch.ops.ide import PycharmOutcome, VscodeOutcome
from hutch.ops.import_ import ImportOutcome
from hutch.ops.init import InitOutcome
from hutch.ops.kernels import KernelInstallOutcome, KernelListOutcome, KernelRemoveOutcome
from hutch.ops.kernelspecs import Kernel
from hutch.ops.outcomes import Change, LockOutcome, SyncOutcome
from hutch.ops.outdated import OutdatedOutcome
from hutch.ops.pip_archives import PipFilesOutcome
from hutch.ops.pip_cache import PipCacheListOutcome
from hutch.ops.pip_check import PipCheckOutcome
from hutch.ops.pip_compile import PipCompileOutcome
from hutch.ops.pip_config import PipConfigOutcome
from hutch.ops.pip_debug import PipDebugOutcome
from hutch.ops.pip_freeze import PipFreezeOutcome
from hutch.ops.pip_hash import PipHashOutcome
from hutch.ops.pip_lock import PipLockOutcome
from hutch.ops.pip_show import PipShowOutcome
from hutch.ops.pip_versions import PipVersionsOutcome
from hutch.ops.python_find import PythonFindOutcome
from hutch.ops.python_install import PythonInstallOutcome
from hutch.ops.python_list import PythonListOutcome
from hutch.ops.python_pin import PythonPinOutcome
from hutch.ops.python_shell import PythonShellOutcome
from hutch.ops.python_shim import PythonShimOutcome
from hutch.ops.python_uninstall import PythonUninstallOutcome
from hutch.ops.python_upgrade import PythonUpgradeOutcome
from hutch.ops.python_which import PythonWhichOutcome
from hutch.ops.remove import RemoveOutcome
from hutch.ops.search import SearchOutcome
from hutch.ops.self import SelfVersionOutcome
from hutch.ops.shell_hook import StartupOutcome
from hutch.ops.tree import Node, TreeOutcome
from hutch.ops.upgrade import UpgradeOutcome
from hutch.ops.venv import VenvOutcome
from hutch.ops.why import WhyOutcome
from hutch.ops.why_not import WhyNotOutcome
from hutch.shell.conda import CondaStep
from hutch.spec import CondaRecord
from hutch.store import CondaLeavings

LOCK = LockOutcome(path="/demo/pylock.toml", packages=37, targets=20, written=True, seconds=0.4)
CHANGES = (
    Change("urllib3", "1.26.18", "2.2.1"),
    Change("flask", None, "3.1.0"),
    Change("idna", "3.4", None),
)
SYNC = SyncOutcome(
    environment="/demo/.venv",
    python="3.12.1",
    created=True,
    installed=(("flask", "3.1.0"), ("click", "8.1")),
    removed=(("idna", "3.4"),),
    updated=(("urllib3", "1.26.18", "2.2.1"),),
    unchanged=30,
    seconds=0.25,
)


def said(show, outcome, terminal) -> str:
    terminal.directory = "/demo"
    show(outcome, terminal)
    assert terminal.out.file.getvalue() == ""
    return terminal.err.file.getvalue()


def printed(show, outcome, terminal) -> str:
    show(outcome, terminal)
    assert terminal.err.file.getvalue() == ""
    return terminal.out.file.getvalue()


def lock(**changed) -> LockOutcome:
    from hutch import values

    return values.replace(LOCK, **changed)


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (LOCK, "Locked 37 packages for 20 targets in 0.4 s\n"),
        (lock(packages=1, targets=1, seconds=0.01), "Locked 1 package for 1 target in 10 ms\n"),
        (
            lock(written=False, unchanged=True),
            "The lock is up to date: 37 packages for 20 targets\n",
        ),
        (lock(written=False, dry_run=True), "Would lock 37 packages for 20 targets\n"),
        (
            lock(written=False, dry_run=True, unchanged=True),
            "The lock is up to date: 37 packages for 20 targets\n",
        ),
        (
            lock(changes=CHANGES),
            (
                "Locked 37 packages for 20 targets in 0.4 s\n"
                " + flask 3.1.0\n"
                " - idna 3.4\n"
                " ~ urllib3 1.26.18 → 2.2.1\n"
            ),
        ),
        (
            lock(dropped=(("cp315-a", "no wheel"), ("cp314-b", "too old"), ("cp315-c", "no wheel"))),
            (
                "Locked 37 packages for 20 targets in 0.4 s\n"
                "note: left out cp315-a, cp315-c: no wheel\n"
                "note: left out cp314-b: too old\n"
            ),
        ),
    ],
)
def test_lock(outcome, text, make_terminal):
    assert said(summary.show_lock, outcome, make_terminal()) == text


def test_many_changes_are_counted_rather_than_named(make_terminal):
    found = lock(changes=tuple(Change(f"p{number:02}", None, "1") for number in range(32)))
    lines = said(summary.show_lock, found, make_terminal()).splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == " … and 12 more"


def test_one_line_is_not_saved_by_a_line_that_says_so(make_terminal):
    found = lock(changes=tuple(Change(f"p{number:02}", None, "1") for number in range(21)))
    assert "more" not in said(summary.show_lock, found, make_terminal())


def test_sync(make_terminal):
    assert (
        said(summary.show_sync, SYNC, make_terminal())
        == """\
Made the environment .venv
Installed 2 packages, updated 1, removed 1 in 0.2 s
 + click 8.1
 + flask 3.1.0
 - idna 3.4
 ~ urllib3 1.26.18 → 2.2.1
"""
    )


def test_sync_with_a_lock_that_was_made(make_terminal):
    outcome = SyncOutcome(environment="/demo/.venv", python="3.12", lock=lock(changes=CHANGES))
    assert (
        said(summary.show_sync, outcome, make_terminal())
        == """\
Locked 37 packages for 20 targets in 0.4 s
Nothing to do: .venv is up to date
"""
    )


def test_sync_with_a_lock_that_was_there(make_terminal):
    outcome = SyncOutcome(environment="/demo/.venv", python="3.12", lock=lock(written=False, unchanged=True))
    assert said(summary.show_sync, outcome, make_terminal()) == "Nothing to do: .venv is up to date\n"


def test_sync_that_only_says_what_it_would_do(make_terminal):
    outcome = SyncOutcome(
        environment="/demo/.venv",
        python="3.12",
        created=True,
        installed=(("a", "1"),),
        reinstalled=(("b", "2"),),
        dry_run=True,
    )
    assert (
        said(summary.show_sync, outcome, make_terminal())
        == """\
Would make the environment .venv
Would install 1 package, reinstall 1
 + a 1
 ~ b 2
"""
    )


def test_add_and_remove(make_terminal):
    outcome = AddOutcome(added=("flask>=3.1.0",), where="project", lock=lock(changes=CHANGES), sync=SYNC)
    assert (
        said(summary.show_add, outcome, make_terminal())
        == """\
Added flask>=3.1.0 to pyproject.toml
Locked 37 packages for 20 targets in 0.4 s
Made the environment .venv
Installed 2 packages, updated 1, removed 1 in 0.2 s
 + click 8.1
 + flask 3.1.0
 - idna 3.4
 ~ urllib3 1.26.18 → 2.2.1
"""
    )
    gone = RemoveOutcome(removed=("idna",), where="group:dev", lock=lock(changes=CHANGES[2:]))
    assert (
        said(summary.show_remove, gone, make_terminal())
        == """\
Removed idna from the dev group in pyproject.toml
Locked 37 packages for 20 targets in 0.4 s
 - idna 3.4
"""
    )


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("project", "Would add x to pyproject.toml\n"),
        ("group:docs", "Would add x to the docs group in pyproject.toml\n"),
        ("extra:fast", "Would add x to the extra fast in pyproject.toml\n"),
    ],
)
def test_where_something_is_added_is_said(where, text, make_terminal):
    outcome = AddOutcome(added=("x",), where=where, dry_run=True)
    assert said(summary.show_add, outcome, make_terminal()) == text


def test_init(make_terminal):
    outcome = InitOutcome(path="/demo/shop", name="shop", files=("pyproject.toml", "main.py"))
    assert (
        said(summary.show_init, outcome, make_terminal())
        == """\
Started shop in shop: pyproject.toml, main.py
next: cd shop && hutch add PACKAGE
"""
    )
    here = InitOutcome(path="/demo", name="demo", files=("pyproject.toml",))
    assert (
        said(summary.show_init, here, make_terminal())
        == """\
Started demo in this directory: pyproject.toml
next: hutch add PACKAGE
"""
    )


def test_venv(make_terminal):
    outcome = VenvOutcome(
        path="/demo/.venv", version="3.12.1", interpreter="/bin/python", activate="source .venv/bin/activate"
    )
    assert (
        said(summary.show_venv, outcome, make_terminal())
        == """\
Made .venv with Python 3.12.1 (/bin/python)
activate: source .venv/bin/activate
"""
    )


def test_quiet_says_nothing(make_terminal):
    terminal = make_terminal()
    terminal.behave({"quiet": 1})
    assert said(summary.show_sync, SYNC, terminal) == ""


def test_without_unicode_arrows_are_ascii(make_terminal):
    text = said(summary.show_lock, lock(changes=CHANGES[:1]), make_terminal(encoding="ascii"))
    assert text.endswith(" ~ urllib3 1.26.18 -> 2.2.1\n")


TREE = TreeOutcome(
    title="demo 1",
    nodes=(
        Node(
            name="flask",
            version="3.1",
            children=(Node(name="click", version="8"), Node(name="x", version="1")),
        ),
        Node(name="y", version="2", where="group:dev"),
    ),
)


def test_tree(make_terminal):
    assert (
        printed(data.print_tree, TREE, make_terminal())
        == """\
demo 1
├── flask 3.1
│   ├── click 8
│   └── x 1
└── y 2 (group dev)
"""
    )
    assert (
        printed(data.print_tree, TREE, make_terminal(encoding="ascii"))
        == """\
demo 1
|-- flask 3.1
|   |-- click 8
|   `-- x 1
`-- y 2 (group dev)
"""
    )


def test_why(make_terminal):
    entry = {"version": "8", "marker": None, "paths": [["demo", "click 8"]], "more": 0, "constraints": []}
    outcome = WhyOutcome(name="click", entries=(entry,))
    assert printed(data.print_why, outcome, make_terminal()) == "click 8\n  demo → click 8\n"


def test_export(make_terminal):
    text = "flask==3.1 \\\n    --hash=sha256:ab\n"
    assert (
        printed(data.print_export, ExportOutcome(text=text, path=None, packages=1), make_terminal()) == text
    )
    written = ExportOutcome(text=text, path="/demo/r.txt", packages=1)
    assert said(data.print_export, written, make_terminal()) == "Wrote 1 package to r.txt\n"


def test_cache(make_terminal):
    assert printed(cache.print_directory, CacheDirOutcome(path="/c"), make_terminal()) == "/c\n"
    sizes = CacheSizeOutcome(kinds=(("index", 2, 2048), ("wheels", 1, 1)))
    assert (
        printed(cache.print_size, sizes, make_terminal())
        == """\
index   2 files  2.0 KiB
wheels  1 file   1 B
all     3 files  2.0 KiB
"""
    )
    freed = CacheCleanOutcome(files=3, bytes=2049, dry_run=True)
    assert said(cache.show_clean, freed, make_terminal()) == "Would free 2.0 KiB (3 files)\n"


def test_config(make_terminal):
    rows = (("offline", False, "default"), ("targets", ("a", "b"), "hutch.toml"), ("python", None, "default"))
    assert (
        printed(data.print_config, ConfigShowOutcome(rows=rows), make_terminal())
        == """\
offline  false  default
targets  a, b   hutch.toml
python   none   default
"""
    )


def test_version(make_terminal):
    outcome = SelfVersionOutcome(version="0.1.0", python="3.12.1", platform="linux")
    assert printed(data.print_version, outcome, make_terminal()) == "hutch 0.1.0 (Python 3.12.1, linux)\n"


KERNEL = Kernel(name="", folder="", display_name="", program="")
SHIMS = PythonShimOutcome(folder="", kind=None, names=(), place="missing", line="")
CLONE = EnvCloneOutcome(source="", env_name="", path="", python="", packages=0)
OUTCOMES = {
    "activate": ActivateOutcome(
        environment="", prompt="", shell="", text="", line="", variables={}, unset=(), scripts=""
    ),
    "kernel install": KernelInstallOutcome(kernel=KERNEL, spec={}, changed=True, dry_run=False),
    "kernel list": KernelListOutcome(kernels=(KERNEL,)),
    "kernel remove": KernelRemoveOutcome(removed=(), others=(), dry_run=False),
    "ide vscode": VscodeOutcome(file="", interpreter="", settings={}, changed={}),
    "ide pycharm": PycharmOutcome(interpreter="", environment=""),
    "init": InitOutcome(path="", name="", files=()),
    "add": AddOutcome(added=(), where=""),
    "remove": RemoveOutcome(removed=(), where=""),
    "lock": LOCK,
    "sync": SYNC,
    "upgrade": UpgradeOutcome(lock=LOCK),
    "outdated": OutdatedOutcome(packages=(), looked_at=0),
    "git setup": GitSetupOutcome(attributes="", driver="", changed=True),
    "git merge-lock": MergeLockOutcome(path="", packages=1),
    "tree": TREE,
    "why": WhyOutcome(name="", entries=()),
    "why-not": WhyNotOutcome(name="", asked="", chosen=(), verdict="", what=""),
    "search": SearchOutcome(name="", sides=()),
    "venv": VenvOutcome(path="", version="", interpreter="", activate=""),
    "shell-hook": StartupOutcome(path="", lines=(), installed=True, changed=True),
    "allow": AllowOutcome(project="", allowed=True, before=""),
    "deny": AllowOutcome(project="", allowed=False, before=""),
    "python shell": PythonShellOutcome(value=None, line="", shell="bash"),
    "python shim install": SHIMS,
    "python shim show": SHIMS,
    "python shim remove": SHIMS,
    "python list": PythonListOutcome(pythons=()),
    "python find": PythonFindOutcome(
        path="", version="", implementation="", free_threaded=False, prefix="", environment=False, shown=""
    ),
    "python which": PythonWhichOutcome(name="", paths=(("", ""),)),
    "python pin": PythonPinOutcome(path="", pins=()),
    "env create": EnvCreateOutcome(env_name="", path="", python="", interpreter=""),
    "env list": EnvListOutcome(rows=()),
    "env upgrade": SYNC,
    "env clone": CLONE,
    "env rename": CLONE,
    "env remove": EnvRemoveOutcome(),
    "env path": EnvPathOutcome(path="", interpreter="", exists=False),
    "env redirect": EnvRedirectOutcome(path="", environment="", changed=False),
    "env history": HistoryOutcome(environment="", generations=()),
    "env rollback": RollbackOutcome(environment="", number=1, time=0.0, before=2, steps=()),
    "env verify": VerifyOutcome(environment="", packages=0, files=0, deep=False, findings=(), advice=()),
    "env pack": PackOutcome(
        environment="",
        archive="",
        format="zip",
        python="",
        with_python=False,
        packages=0,
        files=0,
        unpacked=0,
        size=None,
        sha256="",
        left_out=(),
        names_place=(),
    ),
    "env unpack": UnpackOutcome(
        archive="",
        environment="",
        name="",
        python="",
        interpreter="",
        packages=0,
        files=0,
        bytes=0,
        left_out=(),
        activate="",
    ),
    "doctor": DoctorOutcome(examined=()),
    "pip compile": PipCompileOutcome(text="", path=None, packages=0, targets=1),
    "pip install": SYNC,
    "pip sync": SYNC,
    "pip uninstall": SYNC,
    "pip show": PipShowOutcome(packages=()),
    "pip freeze": PipFreezeOutcome(lines=()),
    "pip check": PipCheckOutcome(faults=(), looked_at=0),
    "pip tree": TreeOutcome(title="", nodes=()),
    "pip download": PipFilesOutcome(folder="", files=(), verb="download"),
    "pip wheel": PipFilesOutcome(folder="", files=(), verb="wheel"),
    "pip lock": PipLockOutcome(text="", path=None, packages=0),
    "pip hash": PipHashOutcome(algorithm="sha256", digests=()),
    "pip debug": PipDebugOutcome(executable="", version="", target="", tags=(), markers={}),
    "pip index versions": PipVersionsOutcome(name="", versions=("1",)),
    "pip cache info": CacheSizeOutcome(kinds=()),
    "pip cache list": PipCacheListOutcome(wheels=(), format="human"),
    "pip cache remove": CacheCleanOutcome(files=0, bytes=0),
    "pip cache purge": CacheCleanOutcome(files=0, bytes=0),
    "pip config list": PipConfigOutcome(),
    "pip config get": PipConfigOutcome(),
    "pip config debug": PipConfigOutcome(),
    "cache size": CacheSizeOutcome(kinds=()),
    "cache clean": CacheCleanOutcome(files=0, bytes=0),
    "cache verify": CacheVerifyOutcome(
        wheels=0, files=0, tables=0, damage=(), deep=False, fix=False, users={}
    ),
    "cache prune": CachePruneOutcome(removed={}, bytes=0, left=0, in_use=0, environments=0, limit=None),
    "config show": ConfigShowOutcome(rows=()),
    "auth login": AuthOutcome(place=AuthPlace(url=""), kept="file", path=""),
    "auth logout": AuthOutcome(place=AuthPlace(url=""), kept="file", path=""),
    "auth list": AuthListOutcome(path="", saved=(), indexes=()),
    "conda search": CondaSearchOutcome(
        records=(CondaRecord(name="NAME", version="1", build="0"),), channels=(), subdir=""
    ),
    "import": ImportOutcome(source="", path="", diff=""),
    **dict.fromkeys(
        (
            "conda create",
            "conda install",
            "conda update",
            "conda upgrade",
            "conda remove",
            "conda uninstall",
            "conda env create",
            "conda env update",
        ),
        CondaChange(change=PrefixChange(root="", plan=Plan(steps=())), verb=""),
    ),
    **dict.fromkeys(
        ("conda activate", "conda deactivate", "conda reactivate"),
        CondaShellOutcome(shell="", prefix=None, text="", step=CondaStep(path=None)),
    ),
    "conda list": CondaListOutcome(
        root="", subdir="", rows=(CondaRow(name="", version="", build="", channel=""),), sizes=True
    ),
    "conda export": CondaExportOutcome(env_name="", channels=(), dependencies=(), variables=(("A", ""),)),
    "conda env export": CondaExportOutcome(env_name="", channels=(), dependencies=(), variables=(("A", ""),)),
    "conda env list": CondaEnvListOutcome(environments=()),
    "conda info": CondaInfoOutcome(
        active="",
        active_name="",
        environments=(),
        envs_dir="",
        store="",
        platform="",
        channels=(),
        virtual=(),
        config_files=(),
        offline=False,
        root="",
    ),
    "conda env remove": CondaEnvRemoveOutcome(root=""),
    "conda compare": CondaCompareOutcome(root=""),
    "conda rename": CLONE,
    "conda config": CondaConfigOutcome(form="edit"),
    "conda clean": CondaCleanOutcome(store="", leavings=CondaLeavings()),
    "conda env config vars list": CondaVarsListOutcome(root="", variables={"NAME": ""}),
    **dict.fromkeys(
        ("conda env config vars set", "conda env config vars unset"), CondaVarsOutcome(root="", set={})
    ),
    "self version": SelfVersionOutcome(version="", python="", platform=""),
    "python install": PythonInstallOutcome(pythons=()),
    "python upgrade": PythonUpgradeOutcome(upgraded=()),
    "python uninstall": PythonUninstallOutcome(removed=()),
}


def test_every_command_with_json_is_documented():
    with_json = {
        verb.title
        for verb in every_command()
        if any(option.name == "json" and not option.sets for option in verb.options)
    }
    assert with_json == set(OUTCOMES) == set(JSON)


@pytest.mark.parametrize("title", OUTCOMES)
def test_the_reference_names_every_key_of_the_json(title, make_terminal):
    terminal = make_terminal()
    terminal.json(OUTCOMES[title].to_json())
    text = terminal.out.file.getvalue()
    found = json.loads(text)
    first = found[0] if isinstance(found, list) else found  # conda's list is one, of tables or of texts
    keys = list(first) if isinstance(first, dict) else []
    assert keys == sorted(key for key, _ in JSON[title])
