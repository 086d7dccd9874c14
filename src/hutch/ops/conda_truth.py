"""What distributions a conda package really brings, compared with what its name was taken for.

Which distribution a conda package is has to be known before it is fetched, so it may be a guess. What is in
the package tells; a wrong guess is told with the line that puts it right, and is not learned in silence: a
lock is not to depend on what a machine has seen.
"""

from __future__ import annotations

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.context import Context
    from hutch.spec import CondaRecord
    from hutch.store import StoredConda

__all__ = ["brought_by", "tell_wrong_names"]


def brought_by(package: StoredConda) -> frozenset[str]:
    """The normalised names of the distributions whose metadata is in a package."""
    from hutch.spec import is_valid_name, normalize

    found = set()
    for path, *_ in package.manifest.files:
        folder, _, name = path.rpartition("/")
        parent, _, info = folder.rpartition("/")
        ending = next((each for each in (".dist-info", ".egg-info") if info.endswith(each)), "")
        if name in ("METADATA", "PKG-INFO") and ending and parent.endswith("site-packages"):
            distribution = info.removesuffix(ending).partition("-")[0]
            if is_valid_name(distribution):
                found.add(str(normalize(distribution)))
    return frozenset(found)


def tell_wrong_names(
    context: Context, records: Mapping[str, CondaRecord], packages: Mapping[str, StoredConda]
) -> None:
    """Warn of each record that was taken for a distribution that its package does not bring."""
    from hutch.lock import distributions_of

    for name, package in sorted(packages.items()):
        record = records.get(name)
        taken = distributions_of(record) if record is not None else ()
        if not taken:
            continue
        real = brought_by(package)
        if real and not real.intersection(taken):
            said = f'{name} = "{min(real)}"'
            text = f"the conda package {name} was taken for {taken[0]}, and has {', '.join(sorted(real))}"
            context.emit(Notice(f"{text}: put {said} into [tool.hutch.conda.map]", warning=True))
