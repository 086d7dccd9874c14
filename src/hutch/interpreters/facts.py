"""What hutch knows of an interpreter: one value, and its form for the store.

Everything here was read once by `probe.py` in the interpreter itself, or follows from it. Paths are
plain `str`, absolute, in the notation of the machine.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.spec import Platform, TagFacts, Target

__all__ = ["Interpreter", "Layout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where things are in a virtual environment of an interpreter, relative to it, with ``/``.

    ``purelib`` is ``lib/python3.12/site-packages``, ``scripts`` ``bin``, and so on; the names are
    those of the interpreter's own `venv` (or `posix_prefix`, `nt`) scheme.
    """

    scheme: str
    purelib: str
    platlib: str
    scripts: str
    include: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """One Python on this machine, as it answered when it was asked.

    ``path`` is how it was found, ``real_path`` the file behind all links. ``base_executable`` is the
    interpreter to make environments from and ``home`` its directory, the value for `pyvenv.cfg`,
    both computed as the standard `venv` does (links are kept, unless the standard library could not
    be found from there). For an environment's interpreter ``prefix`` is the environment and
    ``base_prefix`` the installation behind it.
    """

    path: str
    real_path: str
    implementation: str
    version: str
    version_info: tuple[int, int, int, str, int]
    implementation_version: str
    free_threaded: bool
    debug: bool
    prefix: str
    base_prefix: str
    base_exec_prefix: str
    base_executable: str
    home: str
    is_virtual: bool
    is_conda: bool
    externally_managed: bool
    platform: Platform
    tag_facts: TagFacts
    marker_environment: Mapping[str, str] = field(hash=False)
    layout: Layout
    default_scheme: str
    stdlib: str
    include_dir: str
    platlibdir: str
    abiflags: str
    soabi: str
    ext_suffix: str
    cache_tag: str
    magic: str
    pointer_bits: int
    framework: str

    @property
    def python(self) -> tuple[int, int]:
        """``(3, 12)``."""
        return self.version_info[:2]

    @property
    def is_prerelease(self) -> bool:
        """Whether this is an alpha, a beta or a release candidate of Python."""
        return self.version_info[3] != "final"

    @property
    def lib_dir(self) -> str:
        """The directory of `site-packages` in an environment: ``lib/python3.12``, ``Lib``."""
        return self.layout.purelib.rpartition("/")[0]

    @property
    def needs_lib64(self) -> bool:
        """Whether `venv` gives an environment a `lib64` link: 64 bits, POSIX, not macOS."""
        return self.pointer_bits == 64 and self.platform.os not in ("windows", "macos")

    @property
    def executable_names(self) -> tuple[str, ...]:
        """The names under which an environment offers its interpreter; the first is the file itself."""
        if self.platform.os == "windows":
            return ("python_d.exe", "pythonw_d.exe") if self.debug else ("python.exe", "pythonw.exe")
        major, minor = self.python
        names = ["python", "python3", f"python{major}.{minor}"]
        if self.free_threaded:
            names.append(f"python{major}.{minor}t")
        if self.implementation == "pypy":
            names += ["pypy", "pypy3", f"pypy{major}.{minor}"]
        elif self.implementation == "graalpy":
            names.append("graalpy")
        return tuple(names)

    def describe(self) -> str:
        """For people: ``Python 3.12.1``, ``PyPy 3.10.14``, ``Python 3.13.0 (free-threaded)``."""
        name = {"cpython": "Python", "pypy": "PyPy", "graalpy": "GraalPy"}.get(
            self.implementation, self.implementation
        )
        return f"{name} {self.version}" + (" (free-threaded)" if self.free_threaded else "")

    def target(self) -> Target:
        """This machine with this Python, as a target that a lock can be made for."""
        from hutch.spec import Target

        patch = self.version_info[2]
        return Target(
            implementation=self.implementation,
            python=self.python,
            low=patch,
            high=patch + 1,
            free_threaded=self.free_threaded,
            platform=self.platform,
        )
