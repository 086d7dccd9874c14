"""``hutch kernel``: notebook kernels that run in environments of hutch.

One kernel a project (or named environment), called by its name and a digest of its place: two projects of one
name have two kernels. What hutch made says so in the metadata of its `kernel.json`, and nothing else is ever
removed or written over.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.kernelspecs import Kernel, read_kernel, read_kernels, user_folder
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = [
    "KernelInstallOptions",
    "KernelInstallOutcome",
    "KernelListOutcome",
    "KernelRemoveOptions",
    "KernelRemoveOutcome",
    "install_kernel",
    "list_kernels",
    "remove_kernels",
]


class NoIpykernel(Problem):
    """The environment has nothing that a notebook could talk to."""

    code = "no-ipykernel"


class ForeignKernel(Problem):
    """There is a kernel of that name, and hutch has not made it."""

    code = "foreign-kernel"

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        super().__init__(
            f"the kernel {kernel.name} is not one that hutch made",
            why=kernel.folder,
            hint=(f"jupyter kernelspec remove {kernel.name}", "hutch kernel install takes another name"),
        )


class NoKernel(Problem):
    """There is no kernel of that name."""

    code = "no-kernel"


class CannotWriteKernel(Problem):
    """The folder of kernels cannot be written."""

    code = "cannot-write-kernel"

    def __init__(self, folder: str, error: OSError) -> None:
        super().__init__(
            f"cannot write {folder}",
            why=error.strerror or str(error),
            hint="--sys-prefix puts it into the environment; JUPYTER_DATA_DIR names another folder",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelInstallOptions:
    """The options of ``kernel install``."""

    kernel: str | None = None
    display_name: str | None = None
    user: bool = False
    prefix: str | None = None
    sys_prefix: bool = False
    variable: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelRemoveOptions:
    """The options of ``kernel remove``: without names the project's own."""

    kernels: tuple[str, ...] = ()
    stale: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelInstallOutcome:
    """The kernel, and what its `kernel.json` says; ``changed`` is False where it said so already."""

    kernel: Kernel
    spec: dict[str, Any]
    changed: bool
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "kernel": self.kernel.to_json(),
            "spec": self.spec,
            "changed": self.changed,
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelListOutcome:
    """Every kernel that Jupyter finds here."""

    kernels: tuple[Kernel, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kernels": [kernel.to_json() for kernel in self.kernels]}


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelRemoveOutcome:
    """The kernels that went, and dead ones of others, which stay."""

    removed: tuple[Kernel, ...]
    others: tuple[Kernel, ...]
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "removed": [kernel.to_json() for kernel in self.removed],
            "dead_of_others": [kernel.to_json() for kernel in self.others],
            "dry_run": self.dry_run,
        }


def install_kernel(context: Context, options: KernelInstallOptions) -> KernelInstallOutcome:
    """Have notebooks offer the environment; what is there of it already is brought up to date."""
    import json

    from hutch.ops.activate import facts_of, present_for_activation

    environment = present_for_activation(context)
    _check_ipykernel(context, environment)
    facts = facts_of(environment)
    name = options.kernel.lower() if options.kernel else _own_name(context, environment, facts.prompt)
    if not _is_name(name):
        raise UsageProblem(
            f"{name} cannot be the name of a kernel", why="Jupyter has letters, digits, '.', '-' and '_'"
        )
    folder = os.path.join(_place(context, environment, options), "kernels", name)
    present = read_kernel(folder)
    if present is not None and not present.ours:
        raise ForeignKernel(present)
    shown = options.display_name or f"{facts.prompt} (Python {_minor(environment)})"
    spec = _spec(context, environment, shown, options.variable)
    text = json.dumps(spec, indent=1, ensure_ascii=False) + "\n"
    path = os.path.join(folder, "kernel.json")
    changed = _content(path) != text.encode("utf-8", "surrogateescape")
    kernel = Kernel(
        name=name,
        folder=folder,
        display_name=shown,
        program=spec["argv"][0],
        ours=True,
        project=context.root,
        environment=environment.root,
    )
    if changed and not options.dry_run:
        from hutch.store.disk import write_atomic

        try:
            os.makedirs(folder, exist_ok=True)
            write_atomic(path, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise CannotWriteKernel(folder, error) from error
    return KernelInstallOutcome(kernel=kernel, spec=spec, changed=changed, dry_run=options.dry_run)


def list_kernels(context: Context) -> KernelListOutcome:
    """The kernels of this machine, those of the environment too."""
    return KernelListOutcome(kernels=tuple(read_kernels(context.environ, _environment_here(context))))


def remove_kernels(context: Context, options: KernelRemoveOptions) -> KernelRemoveOutcome:
    """Remove kernels that hutch made: those named, the dead ones, or the project's."""
    from hutch.trees import delete_tree

    here = _environment_here(context)
    present = read_kernels(context.environ, here)
    others: list[Kernel] = []
    if options.stale:
        if options.kernels:
            raise UsageProblem("--stale names kernels itself", hint="leave the names out")
        chosen = [kernel for kernel in present if kernel.ours and _is_stale(kernel)]
        others = [kernel for kernel in present if not kernel.ours and kernel.is_dead]
    elif options.kernels:
        known = {kernel.name.lower(): kernel for kernel in present}
        missing = [name for name in options.kernels if name.lower() not in known]
        if missing:
            raise NoKernel(f"there is no kernel {missing[0]}", hint="hutch kernel list")
        chosen = [known[name.lower()] for name in dict.fromkeys(options.kernels)]
        for kernel in chosen:
            if not kernel.ours:
                raise ForeignKernel(kernel)
    else:
        mark = here or (os.path.join(context.root, ".venv") if context.root else None)
        chosen = [kernel for kernel in present if kernel.ours and mark and kernel.environment == mark]
        if not chosen:
            raise NoKernel(
                "the environment here has no kernel that hutch made",
                hint="hutch kernel list says which there are",
            )
    if not options.dry_run:
        for kernel in chosen:
            try:
                delete_tree(kernel.folder)
            except OSError as error:
                raise CannotWriteKernel(kernel.folder, error) from error
    return KernelRemoveOutcome(removed=tuple(chosen), others=tuple(others), dry_run=options.dry_run)


def _is_stale(kernel: Kernel) -> bool:
    """A kernel of ours whose Python or project is gone."""
    if kernel.environment is not None and not os.path.isdir(kernel.environment):
        return True
    return kernel.is_dead or (kernel.project is not None and not os.path.isdir(kernel.project))


def _environment_here(context: Context) -> str | None:
    from hutch.ops.activate import present_for_activation

    try:
        return present_for_activation(context).root
    except Problem:
        if context.named is not None or context.env is not None:
            raise
        return None


def _place(context: Context, environment: Environment, options: KernelInstallOptions) -> str:
    if sum((options.user, options.sys_prefix, options.prefix is not None)) > 1:
        raise UsageProblem("--user, --prefix and --sys-prefix name different places")
    if options.sys_prefix:
        return os.path.join(environment.root, "share", "jupyter")
    if options.prefix is not None:
        return os.path.join(context.path(options.prefix), "share", "jupyter")
    place = user_folder(context.environ)
    if place is None or not os.path.isabs(place):
        raise Problem(
            "there is no folder of your own for kernels",
            why="neither HOME nor JUPYTER_DATA_DIR names one",
            hint="hutch kernel install --sys-prefix puts it into the environment",
        )
    return place


def _own_name(context: Context, environment: Environment, prompt: str) -> str:
    """The name and a digest of the place: a project of the same name elsewhere has a kernel of its own."""
    from hutch.spec import short_sha256

    digest = short_sha256(os.fsencode(os.path.realpath(environment.root)))[:8]
    plain = "".join(letter if _is_name(letter) else "-" for letter in prompt.lower()).strip("-.")
    return "-".join(part for part in (plain, digest) if part)


def _is_name(name: str) -> bool:
    return bool(name) and name.isascii() and all(letter.isalnum() or letter in "._-" for letter in name)


def _spec(
    context: Context, environment: Environment, shown: str, variables: tuple[str, ...]
) -> dict[str, Any]:
    scripts = os.path.join(environment.root, environment.scripts)
    # What is in front of a notebook's `!pip` and `!which` is the environment. Jupyter fills in ${PATH}.
    env = {
        "PATH": f"{_literal(scripts)}{os.pathsep}${{PATH}}",
        "VIRTUAL_ENV": _literal(environment.root),
    }
    start = [environment.executable]
    if environment.prefix:
        from hutch.ops.conda_activate import own_words

        # Its packages have variables and scripts, which may change: they are read when a notebook starts it.
        env = {}
        start = [*own_words(context.environ), "conda", "run", "-p", environment.root, "python"]
    for each in variables:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageProblem(f"--variable {each} is not NAME=VALUE")
        env[name] = value
    return {
        "argv": [
            *start,
            # Without it the debugger cannot stop in modules of the standard library, and warns.
            "-Xfrozen_modules=off",
            *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
        ],
        "display_name": shown,
        "language": "python",
        "metadata": {
            "debugger": True,
            "hutch": {"project": context.root, "environment": environment.root},
        },
        "env": env,
    }


def _minor(environment: Environment) -> str:
    """A new patch release is no other kernel."""
    return ".".join(environment.python_version.split(".")[:2])


def _literal(text: str) -> str:
    return text.replace("$", "$$")


def _content(path: str) -> bytes | None:
    from hutch.plain import read_plain

    try:
        return read_plain(path, 1 << 20)
    except OSError:
        return None


def _check_ipykernel(context: Context, environment: Environment) -> None:
    if not os.path.exists(environment.executable):
        raise NoIpykernel("the environment's Python is gone", why=environment.executable, hint="hutch sync")
    for folder in dict.fromkeys((environment.purelib, environment.platlib)):
        path = os.path.join(environment.root, folder)
        if os.path.exists(os.path.join(path, "ipykernel_launcher.py")):
            return
    if environment.settings.get("include-system-site-packages", "").lower() == "true":
        from hutch.ops.environments import came_along

        if not came_along(context, environment.root) and _finds_it(environment.executable):
            return
    hint = "hutch add --conda ipykernel" if environment.prefix else "hutch add --dev ipykernel"
    hint += f" --env {context.env}" if context.env is not None else ""
    if context.named is not None:
        verb = "conda" if environment.prefix else "pip"
        hint = f"hutch {verb} install -n {context.named} ipykernel"
    elif context.root is None:
        hint = "hutch pip install ipykernel"
    raise NoIpykernel(
        "the environment has no ipykernel", why="it is what a notebook starts and talks to", hint=hint
    )


def _finds_it(executable: str) -> bool:
    import subprocess

    code = "import importlib.util as u, sys; sys.exit(u.find_spec('ipykernel_launcher') is None)"
    try:
        return subprocess.run([executable, "-I", "-c", code], timeout=60, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
