"""Which conda package is which distribution of a package index, and which is none.

Asked in this order: what the user says (`[tool.hutch.conda.map]`); the `purls` of a record; a mapping that
was fetched; a small table of what is well known; for channels that name Python packages as the index does
(conda-forge and its kin), the same name, where the package is for Python at all. What is installed tells the
truth afterwards: `dist-info` directories in the package.
"""

from __future__ import annotations

from hutch.spec import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hutch.spec import CondaRecord

__all__ = ["KNOWN", "NOT_PYTHON", "NameMap"]

KNOWN: dict[str, str] = {
    # conda's name -> the name on the index, where they differ and many have both
    "pytorch": "torch",
    "matplotlib-base": "matplotlib",
    "dask-core": "dask",
    "python-build": "build",
    "pytables": "tables",
    "msgpack-python": "msgpack",
    "python-graphviz": "graphviz",
    "graphviz-python": "graphviz",
    "python-blosc": "blosc",
    "python-blosc2": "blosc2",
    "pyqt": "pyqt5",
    "py-xgboost": "xgboost",
    "py-lightgbm": "lightgbm",
    "python-xxhash": "xxhash",
    "python-zstd": "zstd",
    "brotli-python": "brotli",
    "seaborn-base": "seaborn",
    "pyarrow-core": "pyarrow",
    "tensorflow-base": "tensorflow",
    "faiss": "faiss-cpu",
    "python-duckdb": "duckdb",
    "tk": "",
    "python-flatbuffers": "flatbuffers",
    "python-clang": "clang",
    "python-libarchive-c": "libarchive-c",
    "python-fastjsonschema": "fastjsonschema",
    "python-tzdata": "tzdata",
    "tzdata": "",  # the data base itself, which is no Python package
    "zfp": "",
    "typing-extensions": "",  # only depends on typing_extensions
    "matplotlib": "",  # only depends on matplotlib-base, and a Qt
    "dask": "",  # depends on dask-core, and what it may use
    "seaborn": "",
    "pyarrow": "",
    "importlib-resources": "",
    "tensorflow": "",
    "astropy-base": "astropy",
    "astropy": "",
    "docker-py": "docker",
    "geopandas-base": "geopandas",
    "geopandas": "",
    "nbconvert-core": "nbconvert",
    "nbconvert": "",
    "cached_property": "cached-property",
    "cached-property": "",
    "libopencv": "opencv-python",
    "py-opencv": "",
    "mujoco-python": "mujoco",
    "pinocchio-python": "pin",
    "py-lief": "lief",
    "pyglfw": "glfw",
    "python-installer": "installer",
    "python-librt": "librt",
    "python_abi": "",
    "python-gil": "",
    "backports": "",  # a directory for others
    "ruamel": "",
    "cachecontrol-with-filecache": "",
    "lazy_loader": "",  # only depends on lazy-loader
    "libboost-python": "",
    "libboost-python-devel": "",
    "mamba": "",  # on an index that is a runner of tests
    "coal": "",  # libraries with bindings, whose names on an index are others or somebody else's
    "coal-python": "",
    "eigenpy": "",
    "hpp-fcl": "",
    "pinocchio": "",
    "python-freethreading": "",
    "cpython": "",
    "pywin32-on-windows": "",
}
"""Empty: of conda alone, whatever the index has by that name."""

NOT_PYTHON = frozenset(
    (
        "boost",
        "bzip2",
        "cmake",
        "curl",
        "ffmpeg",
        "freetype",
        "geos",
        "git",
        "go",
        "graphviz",
        "gzip",
        "hdf5",
        "icu",
        "imagemagick",
        "jq",
        "julia",
        "kubectl",
        "libffi",
        "libpng",
        "libtiff",
        "make",
        "mongodb",
        "mysql",
        "ncurses",
        "nginx",
        "ninja",
        "nodejs",
        "openssl",
        "pandoc",
        "perl",
        "postgresql",
        "proj",
        "python",
        "r-base",
        "readline",
        "redis",
        "ruby",
        "rust",
        "sqlite",
        "tar",
        "terraform",
        "tk",
        "wget",
        "xz",
        "zlib",
    )
)
"""Names that mean one thing in a channel and another on the index, or nothing there."""


class NameMap:
    """The names of both sides, as far as they are known.

    ``records_of`` tells what the channels have of a name; ``user`` maps conda's names to the index's (empty
    for none); ``fetched`` is a mapping that came from a network, in the same form.
    """

    def __init__(
        self,
        records_of: Callable[[str], Sequence[CondaRecord]],
        *,
        user: Mapping[str, str] | None = None,
        fetched: Mapping[str, str] | None = None,
    ) -> None:
        self._records_of = records_of
        self._user = {name.lower(): value and normalize(value) for name, value in (user or {}).items()}
        self._fetched = fetched or {}
        self._distributions: dict[str, str | None] = {}
        self._packages: dict[str, str | None] = {}
        self._turned: dict[str, list[str]] = {}
        self._learned: dict[str, list[str]] = {}
        for table in (KNOWN, self._fetched, self._user):
            for conda, name in table.items():
                if name:
                    self._turned.setdefault(normalize(name), []).append(conda)

    def distribution(self, name: str) -> str | None:
        """The normalised name on an index of the conda package ``name``; None where it is none."""
        if name not in self._distributions:
            found = self._distributions[name] = self._find(name)
            if found is not None and found not in self._packages:
                self._learned.setdefault(found, []).append(name)
        return self._distributions[name]

    def _find(self, name: str) -> str | None:
        if name in self._user:
            return self._user[name] or None
        records = self._records_of(name)
        for record in reversed(records):
            if record.purls is not None:
                named = _of_purls(record.purls)
                if named or not record.purls:
                    return named
        for table in (self._fetched, KNOWN):
            if name in table:
                return normalize(table[name]) if table[name] else None
        if name in NOT_PYTHON or not any(map(_is_for_python, records)):
            return None
        try:
            return normalize(name)
        except ValueError:
            return None

    def package(self, name: str) -> str | None:
        """The conda package that the distribution ``name`` is; None where there is none."""
        if name not in self._packages:
            found = [conda for conda in self._spellings(name) if self.distribution(conda) == name]
            self._packages[name] = found[0] if found else None
        return self._packages[name]

    def _spellings(self, name: str) -> Iterable[str]:
        """Names that conda may have for a distribution, likely ones first."""
        tried = dict.fromkeys(reversed(self._turned.get(name, ())))
        for each in (name, name.replace("-", "_"), name.replace("-", ".")):
            tried[each] = None
        # Of a package with another name only its own word tells, once it was read.
        tried.update(dict.fromkeys(self._learned.get(name, ())))
        return [each for each in tried if self._records_of(each)]


def _of_purls(purls: Sequence[str]) -> str | None:
    """The distribution that a record says to be."""
    for purl in purls:
        if purl.startswith("pkg:pypi/"):
            return normalize(purl.removeprefix("pkg:pypi/").partition("@")[0].partition("?")[0])
    return None


def _is_for_python(record: CondaRecord) -> bool:
    return record.noarch == "python" or any(
        text.partition(" ")[0].partition("[")[0] in ("python", "python_abi") for text in record.depends
    )
