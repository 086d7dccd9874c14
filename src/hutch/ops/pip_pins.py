"""The text of a file of pins, out of what was chosen: what each line says, and why it is there."""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.checkout import read_text
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from hutch.lock import LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.pip_compile import PipCompileOptions
    from hutch.ops.pip_files import Files
    from hutch.ops.resolve import Resolved, Root

__all__ = ["Old", "header_of", "linesep_of", "option_lines", "pins_text", "read_old"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """What the output file has already: its text (None: there is none), its pins by name, their hashes."""

    text: str | None = None
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hashes: Mapping[tuple[str, str | None], frozenset[str]] = field(default_factory=dict)


def read_old(context: Context, output: str | None) -> Old:
    """The output file as it is, whose pins are kept where they fit."""
    if output is None or not os.path.isfile(output):
        return Old()
    from hutch.errors import Problem
    from hutch.ops.pip_files import shown_path
    from hutch.project import read_requirements
    from hutch.spec import pins_exactly

    text = read_text(output)
    try:
        found = read_requirements(
            output,
            lambda path: text.encode() if path == output else b"",
            join=lambda container, name: f"{container}/{name}",
            shown=lambda path: shown_path(context, path),
            environ={},
        )
    except Problem as problem:
        context.emit(
            Notice(f"{problem.what}, so its versions are not kept: {'; '.join(problem.why)}", warning=True)
        )
        return Old(text=text)
    pins: dict[str, tuple[str, ...]] = {}
    hashes: dict[tuple[str, str | None], frozenset[str]] = {}
    for asked in found.asked:
        requirement = asked.given.requirement
        version = pins_exactly(requirement.specifiers) if requirement is not None else None
        if requirement is not None and version is not None:
            pins[requirement.name] = (*pins.get(requirement.name, ()), version)
            if any(algorithm == "sha256" for algorithm, _ in asked.hashes):
                said = frozenset(f"{algorithm}:{digest}" for algorithm, digest in asked.hashes)
                hashes[requirement.name, version] = hashes.get((requirement.name, version), said) | said
    return Old(text=text, pins=pins, hashes=hashes)


def pins_text(
    packages: tuple[LockedPackage, ...],
    resolved: Resolved,
    label: Callable[[Root], str],
    options: PipCompileOptions,
    *,
    old: Old,
    header: str,
    lines: Iterable[str],
    environment: Mapping[str, str] | None,
    layers: Mapping[str, Iterable[str]] | None = None,
    edited: Collection[str] = (),
) -> str:
    """The text. ``label`` is what ``# via`` calls a root. ``environment`` are the markers' values where there
    is one target; ``layers`` are further reasons by name."""
    from hutch.lock import render_compiled
    from hutch.spec import normalize

    via = _reasons(resolved, packages, label)
    for name, labels in (layers or {}).items():
        via.setdefault(name, set()).update(labels)
    hashes = None
    if options.generate_hashes:
        hashes = _hashes(resolved, packages)
        if options.reuse_hashes:
            hashes.update({key: set(old.hashes[key]) for key in hashes.keys() & old.hashes.keys()})
    roots = [root for root, _ in resolved.roots]
    unsafe = {"unsafe": {str(normalize(each)) for each in options.unsafe_package}}
    return render_compiled(
        packages,
        via,
        hashes=hashes,
        annotate=options.annotate,
        style=options.annotation_style,
        header=header,
        options=lines,
        extras=None if options.strip_extras else _extras(roots, packages),
        markers=_markers(roots, environment) if environment is not None else None,
        exact=_exact(roots),
        edited=edited,
        allow_unsafe=options.allow_unsafe,
        **(unsafe if options.unsafe_package else {}),
    )


def _reasons(
    resolved: Resolved, packages: Iterable[LockedPackage], label: Callable[[Root], str]
) -> dict[str, set[str]]:
    """By name: the files and the packages that need it."""
    from hutch.provide import split_package

    via: dict[str, set[str]] = {}
    there = {package.name for package in packages}
    for root, needs in resolved.roots:
        said = label(root)
        for need in needs:
            name = split_package(need.package)[0]
            if said and name in there:
                via.setdefault(name, set()).add(said)
    for package in packages:
        for edge in package.dependencies:
            if edge.name != package.name:
                via.setdefault(edge.name, set()).add(package.name)
    return via


def _extras(roots: Iterable[Root], packages: Iterable[LockedPackage]) -> dict[str, set[str]]:
    """By name: the extras that anybody asks for."""
    found: dict[str, set[str]] = {}
    for root in roots:
        if not root.constraint:
            found.setdefault(root.requirement.name, set()).update(root.requirement.extras)
    for package in packages:
        for edge in package.dependencies:
            found.setdefault(edge.name, set()).update(edge.extras)
    return found


def _markers(roots: Iterable[Root], environment: Mapping[str, str]) -> dict[str, str]:
    """By name: the marker that was written behind a requirement, which pip-compile hands on.

    It says nothing to whoever installs here, and keeps the file right where the marker does not hold.
    """
    from hutch.spec import evaluate, render_marker

    found: dict[str, str] = {}
    for root in roots:
        marker = root.requirement.marker
        if marker is not None and evaluate(marker, environment):
            text = render_marker(marker)
            found[root.requirement.name] = text if '"' in text else text.replace("'", '"')
    return found


def _exact(roots: Iterable[Root]) -> frozenset[str]:
    """What is asked for with ``===``, which is the pin then too."""
    return frozenset(
        root.requirement.name
        for root in roots
        if any(operator == "===" for operator, _ in root.requirement.specifiers)
    )


def _hashes(resolved: Resolved, packages: Iterable[LockedPackage]) -> dict[tuple[str, str | None], set[str]]:
    """The hashes of every file of the chosen versions: those for other systems too, as in pip-compile."""
    provider, universe = resolved.provider, resolved.resolution.universe
    options = provider.options
    found: dict[tuple[str, str | None], set[str]] = {}
    for package in packages:
        proofs: set[str] = set()
        if package.archive is not None:
            proofs = _proofs(package.archive.hashes)
        elif not package.is_direct:
            name = package.name
            mine = {name, ":all:"}
            for _, place in resolved.resolution.chosen.get(name, ()):
                if universe.label(name, place) != package.version:
                    continue
                page, at = provider.page_at(name, place)
                for file in page.files_of(at):
                    if not (mine & (options.no_binary if file.is_wheel else options.only_binary)):
                        proofs |= _proofs(file.hashes)
        found[package.name, package.version] = proofs
    return found


def _proofs(hashes: Iterable[tuple[str, str]]) -> set[str]:
    known = dict(hashes)
    for algorithm in ("sha256", "sha384", "sha512"):
        if algorithm in known:
            return {f"{algorithm}:{known[algorithm]}"}
    return set()


# -- the lines around the pins --------------------------------------------------------------------


def option_lines(
    options: PipCompileOptions, files: Files, base: str, places: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """The options that whoever installs the pins needs too: those typed, then those of the files, as they
    were written. Passwords are left out; variables stay variables."""
    from hutch.net import without_credentials

    if not options.emit_options:
        return []
    said: dict[str, list[str]] = {}
    for option in files.options:
        raw = option.raw
        if option.name in ("index-url", "extra-index-url"):
            raw = raw if "${" in raw else without_credentials(raw)
        elif option.name == "find-links":
            beside = os.path.join(os.path.dirname(option.container), raw)
            if "://" not in raw and "${" not in raw and os.path.exists(beside):
                raw = os.path.relpath(beside, base).replace(os.sep, "/")
        said.setdefault(option.name, []).append(raw)
    for name in ("index-url", "extra-index-url", "find-links"):
        typed = places.get(name, ())
        typed = tuple(without_credentials(each) if "${" not in each else each for each in typed)
        said[name] = [*said.get(name, ()), *typed] if name == "index-url" else [*typed, *said.get(name, ())]
    lines = ["--no-index"] if "no-index" in said else []
    if options.emit_index_url and "no-index" not in said:
        lines += [f"--index-url {url}" for url in said["index-url"][-1:]]
        lines += [f"--extra-index-url {url}" for url in said["extra-index-url"]]
    if options.emit_find_links:
        lines += [f"--find-links {place}" for place in said["find-links"]]
    if options.emit_trusted_host:
        lines += [f"--trusted-host {host}" for host in said.get("trusted-host", ())]
    for name in ("no-binary", "only-binary"):
        lines += [f"--{name} {each}" for each in _controls(said.get(name, ()))]
    return [*lines, "--pre"] if "pre" in said else lines


def _controls(texts: Iterable[str]) -> list[str]:
    """``:all:`` first, then the names; ``:none:`` empties what came before."""
    from hutch.spec import normalize

    words: set[str] = set()
    for word in (word.strip() for text in texts for word in text.split(",")):
        if word == ":none:":
            words.clear()
        elif word:
            words.add(word if word == ":all:" else str(normalize(word)))
    return sorted(words, key=lambda word: (word != ":all:", word))


def header_of(
    context: Context,
    names: tuple[str, ...],
    options: PipCompileOptions,
    places: Mapping[str, tuple[str, ...]],
) -> str:
    """How to make the file again; options of the day (``--upgrade``) are not part of it."""
    import shlex

    first = "This file was autogenerated by hutch via the following command:"
    custom = context.environ.get("CUSTOM_COMPILE_COMMAND", "").strip()
    if custom:
        return f"{first}\n   {' '.join(custom.splitlines())}"
    from hutch.net import without_credentials

    words = ["hutch", "pip", "compile", *names]
    for name in ("constraint", "extra", "group", "build_deps_for", "unsafe_package"):
        for value in getattr(options, name):
            words += [f"--{name.replace('_', '-')}", value]
    for name in ("index-url", "extra-index-url", "find-links"):
        for value in places.get(name, ()):
            words += [f"--{name}", without_credentials(value)]
    for name in ("python_version", "python_platform", "prerelease", "uploaded_prior_to", "config"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", value]
    if options.pip_args is not None:
        words.append(f"--pip-args={options.pip_args}")
    for name in (
        "universal",
        "all_extras",
        "generate_hashes",
        "all_build_deps",
        "only_build_deps",
        "layered",
    ):
        if getattr(options, name):
            words.append(f"--{name.replace('_', '-')}")
    for name in ("annotate", "strip_extras", "allow_unsafe", "emit_options", "emit_index_url",
                 "emit_find_links", "emit_trusted_host"):  # fmt: skip
        if not getattr(options, name):
            words.append(f"--no-{name.replace('_', '-')}")
    if options.annotation_style != "split":
        words += ["--annotation-style", options.annotation_style]
    if options.newline != "preserve":
        words += ["--newline", options.newline]
    if options.output_file is not None:
        words += ["-o", options.output_file]
    return f"{first}\n   {shlex.join(map(_redacted, words))}"


def _redacted(word: str) -> str:
    """A word of the command without the passwords of its addresses."""
    from hutch.net import without_credentials

    if "://" not in word:
        return word
    name, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return f"{name}{equals}{' '.join(without_credentials(each) for each in value.split(' '))}"


def linesep_of(newline: str, paths: Iterable[str]) -> str:
    """What ends the lines: as ``--newline`` says, by default as in the first of the files that has any."""
    if newline != "preserve":
        return {"LF": "\n", "CRLF": "\r\n"}.get(newline, os.linesep)
    for path in paths:
        try:
            with open(path, "rb") as file:
                data = file.read(1 << 16)
        except OSError:
            continue
        if b"\n" in data:
            return "\r\n" if b"\r\n" in data else "\n"
    return "\n"
