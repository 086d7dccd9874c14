"""The environment variables of a build: an allow-list, so that no secret gets there by being new.

A build runs code of strangers. It sees what compilers and well-known backends are steered with, a
home directory and a temporary directory of its own, and no variable whose name smells of a secret,
whichever list it is on. Proxies lose the user and password in their URL.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["build_variables"]

_NAMES = """
    PATH LANG LANGUAGE TZ TERM COLUMNS LINES USER LOGNAME SHELL
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT OS NUMBER_OF_PROCESSORS ALLUSERSPROFILE PROGRAMDATA
    PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 COMMONPROGRAMFILES COMMONPROGRAMFILES(X86)
    INCLUDE LIB LIBPATH EXTERNAL_INCLUDE VCINSTALLDIR VCTOOLSINSTALLDIR VSINSTALLDIR VSCMD_VER
    DISTUTILS_USE_SDK MSSDK WINDOWSSDKDIR WINDOWSSDKVERSION UNIVERSALCRTSDKDIR UCRTVERSION
    CC CXX CPP FC F77 F90 LD AR AS NM RANLIB STRIP LDSHARED LDCXXSHARED ARFLAGS
    CFLAGS CXXFLAGS CPPFLAGS FFLAGS FCFLAGS LDFLAGS LIBS BASECFLAGS OPT CCSHARED ARCHFLAGS MAKEFLAGS MAKE
    CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH LD_RUN_PATH
    DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH
    MACOSX_DEPLOYMENT_TARGET SDKROOT DEVELOPER_DIR CONDA_BUILD_SYSROOT
    PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR ACLOCAL_PATH
    CUDA_HOME CUDA_PATH CUDACXX NVCC_PREPEND_FLAGS NVCC_APPEND_FLAGS TORCH_CUDA_ARCH_LIST ROCM_HOME ROCM_PATH
    JAVA_HOME GOROOT GOFLAGS NODE_PATH SWIG LLVM_CONFIG OPENSSL_DIR OPENSSL_ROOT_DIR BLAS LAPACK
    RUSTUP_HOME RUSTUP_TOOLCHAIN RUSTFLAGS RUSTC RUSTC_WRAPPER CARGO CARGO_BUILD_TARGET CARGO_BUILD_JOBS
    CARGO_TARGET_DIR CARGO_NET_OFFLINE CARGO_INCREMENTAL
    CCACHE_DIR CCACHE_BASEDIR SCCACHE_DIR MAX_JOBS NPY_NUM_BUILD_JOBS
    SOURCE_DATE_EPOCH SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NIX_SSL_CERT_FILE
    SETUPTOOLS_USE_DISTUTILS SETUPTOOLS_ENABLE_FEATURES PBR_VERSION VERSIONEER_OVERRIDE
    PYTHONHASHSEED CIBUILDWHEEL _PYTHON_HOST_PLATFORM ARCHPREFERENCE
    """
_EXACT = frozenset(_NAMES.split())
_PREFIXES = (
    "LC_",
    "PROCESSOR_",
    *("VS140", "VS150", "VS160", "VS170"),
    *("CMAKE_", "NINJA_", "MESON", "SKBUILD", "CYTHON_", "MATURIN_", "PYO3_"),
    *("SETUPTOOLS_SCM_", "HATCH_BUILD_", "PDM_BUILD_", "POETRY_DYNAMIC_VERSIONING_"),
)
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"})
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH(?!OR)|COOKIE|_PAT$|_PWD$",
    re.I,
)


def build_variables(
    environ: Mapping[str, str], *, home: str, temporary: str, passed: Iterable[str] = ()
) -> dict[str, str]:
    """The variables for a build out of ``environ``.

    ``home`` and ``temporary`` are directories made for this build. ``passed`` are further names that the
    user lets through; they are taken at their word, secrets or not.
    """
    wanted = {name.upper() for name in passed}
    kept: dict[str, str] = {}
    for name, value in environ.items():
        upper = name.upper()
        if upper in wanted:
            kept[name] = value
        elif upper in _PROXIES:
            kept[name] = _without_userinfo(value)
        elif (upper in _EXACT or upper.startswith(_PREFIXES)) and not _SECRET.search(upper):
            kept[name] = value
    _keep_rustup(kept, environ)
    kept.update(HOME=home, TMPDIR=temporary, TEMP=temporary, TMP=temporary)
    if os.name == "nt":
        kept.update(USERPROFILE=home, APPDATA=home, LOCALAPPDATA=home)
    # What a build says has to be readable, and must not wait for someone to answer.
    kept.update(PYTHONIOENCODING="utf-8:backslashreplace", PYTHONNOUSERSITE="1", GIT_TERMINAL_PROMPT="0")
    kept.update(PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    return kept


def _keep_rustup(kept: dict[str, str], environ: Mapping[str, str]) -> None:
    """`cargo` from rustup finds its toolchains by HOME; they hold no secret (`~/.cargo` may)."""
    real = environ.get("HOME") or environ.get("USERPROFILE") or ""
    toolchains = os.path.join(real, ".rustup")
    if "RUSTUP_HOME" not in kept and os.path.isabs(real) and os.path.isdir(toolchains):
        kept["RUSTUP_HOME"] = toolchains


def _without_userinfo(url: str) -> str:
    """``http://user:password@host`` → ``http://host``; a list of hosts stays as it is."""
    return re.sub(r"^([A-Za-z][\w+.-]*://)?[^/@]*@", lambda matched: matched[1] or "", url)
