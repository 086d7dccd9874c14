"""A package that no index has: say so, with names that are near."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.solve import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.provide import IndexProvider
    from hutch.solve import Unsolvable

__all__ = ["UnknownPackage", "near_names", "unknown_package"]

# What people type when they mean something else: import names, and names that were never taken.
MEANT = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv": "opencv-python",
    "cv2": "opencv-python",
    "crypto": "pycryptodome",
    "dateutil": "python-dateutil",
    "discord": "discord-py",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google-cloud": "google-cloud-storage",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mysqldb": "mysqlclient",
    "opencv": "opencv-python",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "pkg-resources": "setuptools",
    "postgres": "psycopg",
    "psycopg2": "psycopg2-binary",
    "pytorch": "torch",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "slugify": "python-slugify",
    "usb": "pyusb",
    "wx": "wxpython",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}

OF_CONDA = frozenset(
    {
        *(
            "blas",
            "boost-cpp",
            "c-compiler",
            "compilers",
            "cuda-nvcc",
            "cuda-toolkit",
            "cudatoolkit",
            "cudnn",
        ),
        *("cxx-compiler", "fftw", "fortran-compiler", "gcc", "geos", "gfortran", "gsl", "gxx", "hdf5"),
        *("lapack", "libblas", "libgdal", "libnetcdf", "libtiff", "llvm", "llvm-openmp", "mkl-service"),
        *("netcdf4-c", "nccl", "openblas", "openjdk", "openmpi", "openssl", "pkg-config", "proj", "pytables"),
        *("pytorch-cuda", "r-base", "r-essentials", "samtools", "suitesparse", "udunits2", "xerces-c"),
    }
)
"""Names that people type who know them from conda: told only where no index has them."""
COMMON = [
    "aiohttp",
    "alembic",
    "anyio",
    "attrs",
    "beautifulsoup4",
    "black",
    "boto3",
    "botocore",
    "celery",
    "certifi",
    "cffi",
    "click",
    "coverage",
    "cryptography",
    "cython",
    "dask",
    "django",
    "djangorestframework",
    "fastapi",
    "flask",
    "gunicorn",
    "h11",
    "httpx",
    "hypothesis",
    "idna",
    "ipykernel",
    "ipython",
    "jinja2",
    "jsonschema",
    "jupyter",
    "jupyterlab",
    "keras",
    "lxml",
    "mako",
    "markdown",
    "markupsafe",
    "matplotlib",
    "mkdocs",
    "mypy",
    "networkx",
    "notebook",
    "numpy",
    "openai",
    "opencv-python",
    "openpyxl",
    "orjson",
    "packaging",
    "pandas",
    "paramiko",
    "pillow",
    "pip",
    "plotly",
    "poetry",
    "polars",
    "pre-commit",
    "protobuf",
    "psutil",
    "psycopg",
    "psycopg2",
    "pyarrow",
    "pydantic",
    "pygments",
    "pyjwt",
    "pymongo",
    "pymysql",
    "pyopenssl",
    "pytest",
    "pytest-cov",
    "python-dateutil",
    "python-dotenv",
    "pytz",
    "pyyaml",
    "redis",
    "requests",
    "rich",
    "ruff",
    "scikit-learn",
    "scipy",
    "seaborn",
    "selenium",
    "sentry-sdk",
    "setuptools",
    "six",
    "sphinx",
    "sqlalchemy",
    "starlette",
    "streamlit",
    "sympy",
    "tensorflow",
    "toml",
    "torch",
    "tornado",
    "tox",
    "tqdm",
    "transformers",
    "twine",
    "typer",
    "typing-extensions",
    "urllib3",
    "uvicorn",
    "virtualenv",
    "werkzeug",
    "wheel",
    "xgboost",
]


class UnknownPackage(Problem):
    """No index has a package of this name."""

    code = "unknown-package"

    def __init__(self, package: str, asked: tuple[str, ...], by: str, near: tuple[str, ...]) -> None:
        self.package = package
        self.asked = asked
        self.near = near
        why = [f"asked for in {by}"] if by else []
        if len(asked) == 1:
            why.append(f"the index {asked[0]} does not have it")
        elif asked:
            why.append(f"none of the indexes has it: {', '.join(asked)}")
        hints = [f"did you mean {name}?" for name in near]
        if package in OF_CONDA or package.startswith("r-"):
            hints.append(f"conda's channels have it: hutch add --conda {package}")
        if not hints:
            hints = [
                "look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])"
            ]
        super().__init__(f"there is no package named {package}", why=tuple(why), hint=tuple(hints))


def near_names(name: str) -> tuple[str, ...]:
    """Names that somebody who typed ``name`` may have meant, the likeliest first."""
    import difflib

    near = [MEANT[name]] if name in MEANT else []
    if name in COMMON:  # spelled right: it is the index that lacks it
        return tuple(near)
    near += [n for n in difflib.get_close_matches(name, COMMON, n=2, cutoff=0.8) if n not in near]
    return tuple(near)


def unknown_package(problem: Unsolvable, provider: IndexProvider) -> UnknownPackage | None:
    """Is the whole conflict that a package which the project itself asks for does not exist?"""
    premises = facts(problem.proof)
    if len(premises) != 1 or premises[0].kind != "root" or premises[0].need is None:
        return None
    name = premises[0].need.package.partition("[")[0]
    asked = provider.asked_in_vain(name)
    if asked is None:
        return None
    origin = premises[0].need.origin
    by = getattr(origin, "place", "")
    return UnknownPackage(
        name,
        tuple(provider.index_labels.get(index, index) for index in asked),
        by,
        near_names(name),
    )
