"""What an environment is once it exists: a root, a layout, the lines of `pyvenv.cfg`.

Follows PEP 405 and reads what `venv`, `virtualenv`, uv and conda-independent tools write. Opening costs
one small file and, for interpreters that the file does not describe, one directory listing.
"""

from __future__ import annotations

import os

from hutch.env.problems import NotAnEnvironment
from hutch.plain import read_plain
from hutch.trees import walk
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hutch.env.installed import Installed
    from hutch.spec import NormalizedName

__all__ = [
    "MARK",
    "Environment",
    "is_unfinished",
    "open_conda",
    "open_environment",
    "parse_settings",
    "read_settings",
]

SETTINGS = "pyvenv.cfg"
MARK = os.path.join(".hutch", "creating")
"""There while an environment is made."""
KEPT_WHEN_CLEARED = ("lock", "creating", "asked")
"""What `.hutch` still has of an environment that is made anew."""
DIRECTORIES = frozenset(["bin", "Scripts", "lib", "Lib", "lib64", "include", "Include", ".hutch"])
LARGEST = 64 * 1024
"""A `pyvenv.cfg` is a few lines; a larger file of that name is something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment at ``root`` (absolute, links kept).

    ``purelib``, ``platlib``, ``scripts``, ``include`` are relative to the root, with slashes. ``settings``
    are the lines of `pyvenv.cfg`, keys in lower case. ``python_outside`` is the interpreter of a folder that
    has packages and none of its own; if ``kept``, it is the installation of that Python, whose history stays.
    A ``prefix`` is an environment of conda's, with packages of both kinds; ``sites`` are directories of
    packages there that are not those of its Python (any more).
    """

    root: str
    purelib: str
    platlib: str
    scripts: str
    include: str
    windows: bool
    settings: Mapping[str, str] = field(hash=False)
    python_outside: str = ""
    kept: bool = False
    prefix: bool = False
    sites: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The root, for those who want a `Path`."""
        from pathlib import Path

        return Path(self.root)

    @property
    def remembers(self) -> bool:
        """Whether it has a history; a folder that is given away has none."""
        return self.kept or not self.python_outside

    @property
    def executable(self) -> str:
        """The interpreter inside the environment, as text; it need not be there, nor work."""
        if self.python_outside:
            return self.python_outside
        return os.path.join(self.root, self.scripts, "python.exe" if self.windows else "python")

    @property
    def python(self) -> Path:
        """The interpreter inside the environment."""
        from pathlib import Path

        return Path(self.executable)

    @property
    def site_packages(self) -> Path:
        """The directory of pure packages; that of extension modules is the same but on odd systems."""
        from pathlib import Path

        return Path(self.root, self.purelib)

    @property
    def scripts_dir(self) -> Path:
        """``bin``, or ``Scripts`` on Windows."""
        from pathlib import Path

        return Path(self.root, self.scripts)

    @property
    def python_version(self) -> str:
        """``3.12.1``, as `pyvenv.cfg` says it; ``""`` if it does not.

        Of one that follows a minor version of hutch's own Pythons, the patch that it runs now.
        """
        from hutch.interpreters.managed import version_behind

        if now := version_behind(self.home):
            return now
        said = self.settings.get("version") or self.settings.get("version_info") or ""
        return ".".join(said.split(".")[:3])

    @property
    def home(self) -> str:
        """The directory of the base interpreter."""
        return self.settings.get("home", "")

    @property
    def prompt(self) -> str:
        """What activation shows: the setting, or the name of the directory."""
        return self.settings.get("prompt", "").strip("'\"") or os.path.basename(self.root)

    @property
    def relocatable(self) -> bool:
        """Whether commands must work after the directory has been moved."""
        return self.settings.get("relocatable", "").lower() == "true"

    @property
    def system_site_packages(self) -> bool:
        """Whether the packages of the base interpreter are seen as well."""
        return self.settings.get("include-system-site-packages", "").lower() == "true"

    def installed(self) -> dict[NormalizedName, Installed]:
        """The distributions in this environment (not those of the base interpreter), by normalised name."""
        from hutch.env.broken import read_broken
        from hutch.env.installed import read_installed

        if self.prefix:
            from hutch.env.conda_installed import read_both

            sites = (self.purelib, *self.sites)
            return read_both(self.root, sites, broken=read_broken(self.root))
        return read_installed(self.root, (self.purelib, self.platlib), broken=read_broken(self.root))


def parse_settings(text: str) -> dict[str, str]:
    """The ``key = value`` lines of `pyvenv.cfg`: keys in lower case, the first of equal keys counts."""
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            settings.setdefault(key.strip().lower(), value.strip())
    return settings


def read_settings(root: str) -> dict[str, str] | None:
    """The settings of the environment at ``root``; None if there is no `pyvenv.cfg` with a `home`."""
    try:
        data = read_plain(os.path.join(root, SETTINGS), LARGEST)
    except (OSError, ValueError):
        return None
    settings = parse_settings(data.decode("utf-8", "surrogateescape"))
    return settings if "home" in settings else None


def is_unfinished(path: str | os.PathLike[str]) -> bool:
    """Whether nothing is there yet, or only what a creation has left that was cut off or is under way.

    `create_environment` may then be called without fear for anybody's files.
    """
    root = os.path.abspath(path)
    if not os.path.lexists(root) or os.path.lexists(os.path.join(root, MARK)):
        return True
    return os.path.isdir(root) and not _can_be_opened(root) and _is_skeleton(root)


def _can_be_opened(root: str) -> bool:
    try:
        open_environment(root)
    except NotAnEnvironment:
        return False
    return True


def _is_skeleton(root: str) -> bool:
    """Whether nothing is in it but what making an environment leaves, whatever of it a lost power took."""
    from hutch.env.removal import is_protected

    for directory, directories, files in walk(root):
        inside = os.path.relpath(directory, root).replace(os.sep, "/")
        if any(os.path.islink(os.path.join(directory, name)) for name in directories if name != "lib64"):
            return False
        if inside == "." and not DIRECTORIES.issuperset(directories):
            return False
        for name in files:
            if inside == ".hutch":
                ours = name in (*KEPT_WHEN_CLEARED, "new")
            elif inside == ".":
                ours = name in (SETTINGS, ".gitignore", "CACHEDIR.TAG", "lib64")
            else:
                ours = inside in ("bin", "Scripts") and is_protected(f"{inside}/{name}", inside)
            if not ours:
                return False
    return True


def open_environment(path: str | os.PathLike[str]) -> Environment:
    """The environment at ``path``. Raises `NotAnEnvironment`; never writes and starts no process."""
    root = os.path.abspath(path)
    settings = read_settings(root)
    if settings is None:
        if not os.path.lexists(root):
            raise NotAnEnvironment(root, "it does not exist")
        if os.path.lexists(os.path.join(root, "conda-meta")):
            raise NotAnEnvironment(root, "it is a conda environment", hint="hutch conda knows those")
        raise NotAnEnvironment(root, f"it has no {SETTINGS} that names the `home` of its interpreter")
    windows = _is_windows(root)
    if windows:
        purelib = platlib = "Lib/site-packages"
    else:
        purelib = platlib = _find_site_packages(root, settings)
    return Environment(
        root=root,
        purelib=purelib,
        platlib=platlib,
        scripts="Scripts" if windows else "bin",
        include="Include" if windows else "include",
        windows=windows,
        settings=settings,
    )


def open_conda(path: str | os.PathLike[str]) -> Environment:
    """The environment of conda at ``path``, for what is installed beside conda. Raises `NotAnEnvironment`."""
    root = os.path.abspath(path)
    windows = os.name == "nt"
    purelib = "Lib/site-packages" if windows else _find_site_packages(root, {})
    return Environment(
        root=root,
        purelib=purelib,
        platlib=purelib,
        scripts="Scripts" if windows else "bin",
        include="include",
        windows=windows,
        settings={},
        python_outside=os.path.join(root, "python.exe") if windows else os.path.join(root, "bin", "python"),
        kept=True,
    )


def _is_windows(root: str) -> bool:
    """Whether the layout is that of Windows, which is possible elsewhere too (a mounted disk, MSYS)."""
    if os.name == "nt":
        return not os.path.isdir(os.path.join(root, "bin"))
    return not os.path.isdir(os.path.join(root, "bin")) and os.path.isdir(os.path.join(root, "Scripts"))


def _find_site_packages(root: str, settings: Mapping[str, str]) -> str:
    """``lib/python3.12/site-packages``, by the version in the settings, else by looking."""
    version = (settings.get("version") or settings.get("version_info") or "").split(".")
    implementation = settings.get("implementation", "cpython").lower()
    minor = ".".join(version[:2])
    if implementation == "cpython" and len(version) >= 2:
        for name in (f"python{minor}", f"python{minor}t"):
            guess = f"lib/{name}/site-packages"
            if os.path.isdir(os.path.join(root, guess)):
                return guess
    found: list[str] = []
    try:
        with os.scandir(os.path.join(root, "lib")) as entries:
            for entry in entries:
                if entry.name.startswith(("python", "pypy", "graalpy")):
                    guess = f"lib/{entry.name}/site-packages"
                    if os.path.isdir(os.path.join(root, guess)):
                        found.append(guess)
    except OSError:
        pass
    if not found:
        raise NotAnEnvironment(
            root,
            "it has no lib/python*/site-packages",
            hint="move it away, and make it anew with `hutch venv`",
        )
    # Several, after a Python was replaced in place: the one that the settings speak of, else the newest.
    return next((one for one in found if minor and minor in one), sorted(found, key=len)[-1])
