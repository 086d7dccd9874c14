"""Builds need an environment, which needs a resolve and an install: here the ring is closed.

``build`` declares what it wants (``BuildEnvironments``); this is the one implementation. A build
environment is made from the requirements of the build system for the interpreter alone, kept in
the store by the hash of what is in it, and used again.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.build_settings import BuildSettings
from hutch.ops.moments import exclude_newer, newer_than
from hutch.spec import normalize, short_sha256
from hutch.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any

    from hutch.build import BuildEnvironment, BuildOptions
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen
    from hutch.ops.resolve import Root
    from hutch.project import Declared
    from hutch.provide import Direct
    from hutch.spec import CoreMetadata, Targets
    from hutch.store import StoredWheel

__all__ = ["BuildRing", "Builder", "build_options"]


class BuildRing(Problem):
    """Building a package needs the package itself, built."""

    code = "build-ring"

    def __init__(self, ring: tuple[str, ...]) -> None:
        self.ring = ring
        super().__init__(
            "a build needs itself: " + " → ".join(ring),
            hint="ask for a version that has a wheel",
        )


def build_options(context: Context, name: str = "", *, what: str = "", version: str = "") -> BuildOptions:
    """How ``name`` is built as the settings have it; ``what`` is what messages call it."""
    from hutch.build import BuildOptions, SandboxOptions
    from hutch.ops.limits import source_limits

    configuration = context.configuration
    names = {str(normalize(name)), ":all:"} if name else {":all:"}
    sandbox = SandboxOptions(
        mode="off" if names & set(configuration.sandbox_exclude) else configuration.sandbox,
        network=bool(names & set(configuration.build_network)),
        readable=configuration.sandbox_read,
        writable=configuration.sandbox_write,
    )
    return BuildOptions(
        what=what or name,
        name=name,
        version=version,
        seconds=configuration.build_timeout,
        passed=configuration.build_variables,
        sandbox=sandbox,
        limits=source_limits(context),
        logs="" if configuration.no_cache else context.store.logs,
    )


class Builder:
    """Builds wheels and metadata for one command; ``build.BuildEnvironments`` over a context."""

    def __init__(
        self,
        context: Context,
        interpreter: Interpreter | None = None,
        *,
        ring: tuple[str, ...] = (),
        settings: BuildSettings | None = None,
        constraints: tuple[Declared, ...] = (),
    ) -> None:
        self.settings = settings or BuildSettings()
        self._typed_constraints = constraints
        self._context = context
        self._interpreter = interpreter
        self._ring = ring

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter that builds."""
        if self._interpreter is None:
            from hutch.ops.interpreter import project_interpreter

            self._interpreter = project_interpreter(self._context, self._context.checkout)
        return self._interpreter

    # -- for the build room -----------------------------------------------------------------------

    def needs(self, requirements: tuple[str, ...]) -> AbstractContextManager[BuildEnvironment]:
        """An environment with these requirements, for as long as a build lasts."""
        from hutch.light import contextmanager

        return contextmanager(self._needs)(requirements)

    def _needs(self, requirements: tuple[str, ...]) -> Iterator[BuildEnvironment]:
        from hutch.build import BuildEnvironment

        with self._context.store.scratch() as scratch:
            environment = self._make(os.path.join(scratch, "env"), requirements)
            scripts = os.path.join(environment.root, environment.scripts)
            path = scripts + os.pathsep + self._context.environ.get("PATH", os.defpath)
            yield BuildEnvironment(
                python=environment.executable,
                variables={"PATH": path, "VIRTUAL_ENV": environment.root},
                readable=(environment.root, self.interpreter.base_prefix),
                bytecode=_bytecode_places(os.path.join(environment.root, environment.purelib)),
            )

    def _make(self, root: str, requirements: tuple[str, ...]) -> Environment:
        from hutch.env import create_environment

        environment = create_environment(root, self.interpreter, prompt="build", passing=True)
        if requirements:
            self._install(environment, requirements)
        return environment

    def _install(self, environment: Environment, requirements: tuple[str, ...]) -> None:
        """Resolve the requirements for this interpreter alone, and install what comes out."""
        from hutch.env import Occasion, Wanted, apply_plan, plan_changes
        from hutch.ops.bytecode import sound_bytecode
        from hutch.ops.install import allow_clobber, choose_files, fetch_wheels
        from hutch.ops.locking import lock_packages
        from hutch.ops.resolve import Request, Root, resolve
        from hutch.spec import Targets, parse_requirement

        context, interpreter = self._context, self.interpreter
        targets = Targets((interpreter.target(),))
        asker = f"build-system.requires of {self._ring[-1]}" if self._ring else "build-system.requires"
        configuration = context.configuration
        asked = tuple(Root(requirement=parse_requirement(text), asker=asker) for text in requirements)
        request = Request(
            roots=(
                *asked,
                *(
                    Root(requirement=one.requirement, declared=one, constraint=True)
                    for one in self._constraints()
                ),
            ),
            targets=targets,
            demanded=targets.everything,
            direct=self._direct(asked, targets),
            only_binary=frozenset(configuration.only_binary),
            no_binary=frozenset(configuration.no_binary),
            exclude_newer=exclude_newer(context),
            **self._newer(),
        )
        packages = lock_packages(resolve(context, request, self))
        chosen = choose_files((one for one in packages if not one.is_direct), interpreter)
        wanted = [Wanted(name=one.name, version=one.version) for one in chosen]
        wheels = fetch_wheels(context, chosen, self, interpreter)
        if len(chosen) < len(packages):
            from hutch.ops.placed import Placer

            placed = Placer(context, self, interpreter, context.directory).place(packages)
            wanted += [one.wanted(requested=False) for one in placed]
            wheels.update({one.name: one.make() for one in placed})
        plan = plan_changes({}, wanted)
        bytecode = sound_bytecode(context, wheels, interpreter)
        apply_plan(
            plan.supply(wheels).with_bytecode(bytecode),
            environment,
            link_mode=context.configuration.link_mode,
            allow_clobber=allow_clobber(context, plan),
            emit=context.emit,
            occasion=Occasion(passing=True, new=True),
        )

    def _direct(self, roots: tuple[Root, ...], targets: Targets) -> dict[str, tuple[Direct, ...]]:
        """What a build asks for by its URL; the sources of the project are not meant for builds."""
        if not any(root.requirement.url for root in roots):
            return {}
        from hutch.ops.direct import find_direct
        from hutch.ops.located import Locator

        return find_direct(roots, Locator(self._context, self, self._context.directory), targets)

    def _newer(self) -> dict[str, Any]:
        """What packages and indexes have instead of ``exclude-newer``."""
        if self._context.root is None:
            return {}
        return newer_than(self._context.checkout.manifest.settings)

    def _constraints(self) -> tuple[Declared, ...]:
        """``build-constraints`` of the project, if there is one, and those that were typed."""
        if self._context.root is None:
            return self._typed_constraints
        of_project = self._context.checkout.manifest.settings.build_constraints
        return (*of_project, *self._typed_constraints)

    def _options(self, name: str, *, what: str = "", version: str = "") -> BuildOptions:
        from hutch.values import replace

        options = build_options(self._context, name, what=what, version=version)
        words = self.settings.of(str(normalize(name)))
        return replace(options, config_settings=words) if words else options

    def _key(self, sha256: str, interpreter: Interpreter, name: str) -> str:
        """A built wheel serves the interpreter that built it, and who built with the same constraints."""
        key = f"{sha256}-{interpreter.cache_tag}-{interpreter.target().name}"
        if constraints := sorted(one.requirement.render() for one in self._constraints()):
            key += "-" + short_sha256("\n".join(constraints).encode())[:16]
        return self.settings.keyed(name, key)

    # -- wheels out of source distributions ---------------------------------------------------------

    def built(self, sha256: str, interpreter: Interpreter, name: str) -> StoredWheel | None:
        """The wheel built before from the source distribution with this digest."""
        return self._context.store.built.find_wheel(self._key(sha256, interpreter, name))

    def build(self, archive: Path, one: Chosen, interpreter: Interpreter) -> StoredWheel:
        """Build the wheel of a source distribution and keep it in the store."""
        from hutch.build import build_wheel
        from hutch.ops.forbidden import refuse_builds

        refuse_builds(self._context, ((one.name, f"{one.name} {one.version}"),), indexed=True)
        with self._context.store.scratch() as scratch:
            wheel = build_wheel(
                archive,
                scratch,
                environments=self._within(one.name),
                options=self._options(one.name, what=f"{one.name} {one.version}", version=one.version),
                emit=self._context.emit,
            )
            return self._context.store.built.record(
                self._key(one.sha256 or one.file.filename, interpreter, one.name), wheel
            )

    def metadata(
        self, archive: Path, name: str, what: str, *, before_build: Callable[[str], None] | None = None
    ) -> CoreMetadata:
        """The core metadata of a source distribution: static where it says so, else by its backend."""
        from hutch.build import prepare_metadata
        from hutch.ops.forbidden import refuse_builds
        from hutch.spec import parse_sdist_name

        def refuse(shown: str) -> None:
            refuse_builds(self._context, ((name, shown),), indexed=True)
            if before_build is not None:
                before_build(shown)

        version = parse_sdist_name(what, normalize(name)) or ""
        return prepare_metadata(
            archive,
            environments=self._within(name),
            options=self._options(name, what=what, version=version),
            emit=self._context.emit,
            before_build=refuse,
        )

    # -- trees that lie somewhere: directories, commits, archives that no index vouches for -----------

    def tree_metadata(
        self, tree: str, name: str | None, what: str, *, editable: bool = False
    ) -> CoreMetadata:
        """The core metadata of a source tree; ``name``, if given, is the project that it has to be."""
        from hutch.build import prepare_metadata
        from hutch.ops.forbidden import refusing
        from hutch.values import replace

        return prepare_metadata(
            tree,
            environments=self._within(name or what),
            options=replace(self._options(name or what), name=""),
            emit=self._context.emit,
            before_build=None if editable else refusing(self._context, name or what),
        )

    def build_tree(self, tree: str, name: str, key: str, *, editable: bool = False) -> StoredWheel:
        """Build the wheel of a source tree, or its editable wheel, and keep it in the store by ``key``."""
        from hutch.build import build_editable, build_wheel
        from hutch.ops.forbidden import refuse_builds

        if not editable:
            refuse_builds(self._context, ((name, name),), indexed=False)
        with self._context.store.scratch() as scratch:
            wheel = (build_editable if editable else build_wheel)(
                tree,
                scratch,
                environments=self._within(name),
                options=self._options(name),
                emit=self._context.emit,
            )
            return self._context.store.built.record(key, wheel)

    def _within(self, name: str) -> Builder:
        """The builder for what a build of ``name`` needs; a ring is found before it turns."""
        if name in self._ring:
            raise BuildRing((*self._ring[self._ring.index(name) :], name))
        return Builder(
            self._context,
            self._interpreter,
            ring=(*self._ring, name),
            constraints=self._typed_constraints,
        )


def _bytecode_places(directory: str) -> tuple[str, ...]:
    """Empty directories for the bytecode of the modules below ``directory``.

    The files of a build environment are the store's (hard links), so that no build may write to them; nor
    may it to bytecode that is there already. But to compile a backend at each of its calls takes longer
    than most builds.
    """
    made: list[str] = []
    for here, below, names in walk(directory):
        if "__pycache__" in below:
            below.remove("__pycache__")
        elif any(name.endswith(".py") for name in names):
            place = os.path.join(here, "__pycache__")
            os.mkdir(place)
            made.append(place)
    return tuple(made)
