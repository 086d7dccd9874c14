"""The Python of a conda prefix that need not be there yet: what wheels it takes, and one that can build."""

from __future__ import annotations

import os

from hutch.ops.builds import Builder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.interpreters import Interpreter
    from hutch.lock import CondaTarget
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

__all__ = ["PrefixBuilder", "python_to_be"]

READY = ("conda",)


def python_to_be(target: CondaTarget, root: str, records: Sequence[CondaRecord]) -> Interpreter | None:
    """What the Python among ``records`` will answer in the prefix at ``root``; None where there is none.

    Of its platform the lock knows: wheels were chosen for the libc that its target names.
    """
    import platform

    from hutch.interpreters import Interpreter, Layout
    from hutch.ops.conda_joint import wheel_target
    from hutch.spec import TagFacts, parse_target

    record = next((record for record in records if record.name == "python"), None)
    if record is None:
        return None
    windows = target.subdir.startswith("win-")
    numbers = [int(part) for part in record.version.split(".")[:3] if part.isdigit()]
    major, minor, micro = (*numbers, 0, 0, 0)[:3]
    # A lock without wheels, or of another tool, does not say it.
    place = parse_target(target.python) if target.python else wheel_target(target, (major, minor), micro)
    executable = os.path.join(root, "python.exe") if windows else os.path.join(root, "bin", "python")
    site = "Lib/site-packages" if windows else f"lib/python{major}.{minor}/site-packages"
    scripts = "Scripts" if windows else "bin"
    tag = f"cpython-{major}{minor}"
    return Interpreter(
        path=executable,
        real_path=executable,
        implementation="cpython",
        version=record.version,
        version_info=(major, minor, micro, "final", 0),
        implementation_version=record.version,
        free_threaded=place.free_threaded,
        debug=False,
        prefix=root,
        base_prefix=root,
        base_exec_prefix=root,
        base_executable=executable,
        home=os.path.dirname(executable),
        is_virtual=False,
        is_conda=True,
        externally_managed=False,
        platform=place.platform,
        tag_facts=TagFacts(
            implementation="cpython",
            python=(major, minor),
            platform=place.platform,
            free_threaded=place.free_threaded,
        ),
        marker_environment={
            **place.environment(),
            "python_full_version": record.version,
            "implementation_version": record.version,
            "platform_release": platform.release(),
            "platform_version": platform.version(),
        },
        layout=Layout(
            scheme="nt" if windows else "posix_prefix",
            purelib=site,
            platlib=site,
            scripts=scripts,
            include="Include" if windows else f"include/python{major}.{minor}",
            data="",
        ),
        default_scheme="nt" if windows else "posix_prefix",
        stdlib=os.path.join(root, *site.split("/")[:-1]),
        include_dir=os.path.join(root, "Include" if windows else f"include/python{major}.{minor}"),
        platlibdir="DLLs" if windows else "lib",
        abiflags="t" if place.free_threaded else "",
        soabi="",
        ext_suffix="",
        cache_tag=tag,
        magic="",
        pointer_bits=32 if target.subdir.endswith("-32") else 64,
        framework="",
    )


class PrefixBuilder(Builder):
    """Builds with the Python of a prefix: that in the prefix while it is the same, else one of its own.

    The latter is made of the same packages, and kept in the cache.
    """

    def __init__(self, context: Context, root: str, records: Sequence[CondaRecord]) -> None:
        super().__init__(context)
        self._root = root
        self._records = records

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter that builds."""
        if self._interpreter is None:
            self._interpreter = _working_python(self._context, self._root, self._records)
        return self._interpreter


def _working_python(context: Context, root: str, records: Sequence[CondaRecord]) -> Interpreter:
    from hutch.env import is_prefix, prefix_packages
    from hutch.interpreters import probe_interpreter

    needed = _closure(records)
    if is_prefix(root):
        present = {one.record.name: one.record.sha256 for one in prefix_packages(root)}
        if all(present.get(record.name) == record.sha256 for record in needed):
            return probe_interpreter(_executable(root), context.store)
    return probe_interpreter(_executable(_kept_python(context, needed)), context.store)


def _kept_python(context: Context, records: Sequence[CondaRecord]) -> str:
    """A prefix in the cache with just these: made once, and pruned as other environments of the cache are."""
    from hutch.env.state import read_state, use_state, write_state
    from hutch.events import Notice
    from hutch.ops.conda_prefix import change_prefix
    from hutch.ops.script import ENVIRONMENTS
    from hutch.spec import short_sha256

    text = "\n".join(sorted(record.sha256 or f"{record.channel} {record.label}" for record in records))
    key = f"conda-{short_sha256(text.encode())}"
    context.store.prepare()
    root = os.path.join(context.store.root, ENVIRONMENTS, key)

    def waiting(holder: str) -> None:
        context.emit(Notice(f"waiting for {holder or 'another command'}, which makes the same Python"))

    with context.store.lock(f"env-{key}", timeout=600, waiting=waiting):
        if read_state(root) == READY and os.path.exists(_executable(root)):
            use_state(root)
            return root
        change_prefix(context, root, records, (), registered=False)
        write_state(root, READY)
    return root


def _executable(root: str) -> str:
    return os.path.join(root, "python.exe") if os.name == "nt" else os.path.join(root, "bin", "python")


def _closure(records: Sequence[CondaRecord]) -> list[CondaRecord]:
    """Python with what it needs."""
    from hutch.ops.conda_leaving import needed_names

    by_name = {record.name: record for record in records}
    found: dict[str, CondaRecord] = {}
    waiting = ["python"]
    while waiting:
        record = by_name.get(waiting.pop())
        if record is not None and record.name not in found:
            found[record.name] = record
            waiting += needed_names(record)
    return [found[name] for name in sorted(found)]
