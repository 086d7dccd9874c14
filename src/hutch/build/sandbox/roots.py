"""Which parts of the disk a build may see, and which are kept from it: paths, and no more."""

from __future__ import annotations

import os
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "DEVICES",
    "hidden_places",
    "interpreter_roots",
    "secret_places",
    "source_roots",
    "system_roots",
    "toolchain_roots",
    "variable_roots",
]

_SYSTEM = """
    /usr /bin /sbin /lib /lib32 /lib64 /libx32 /opt /proc /sys /nix /gnu /snap /cvmfs /apps /sw /software
    /run/current-system /run/opengl-driver /var/lib/snapd/snap /home/linuxbrew/.linuxbrew
    /dev/null /dev/zero /dev/full /dev/random /dev/urandom
    """
# Of /etc only what programs and compilers look at: there are passwords of indexes in files beside it. (git
# gives up over a configuration that it may not read, and is called by many a backend.)
_ETC = """
    alpine-release alternatives bash.bashrc bashrc ca-certificates ca-certificates.conf ccache.conf
    crypto-policies csh.cshrc cuda debian_version default/locale distcc fedora-release fish fonts
    gai.conf gemrc ghc* gitconfig group host.conf hostname hosts ImageMagick* inputrc java* julia ld-musl-*
    ld.so.* locale.alias locale.conf localtime lsb-release magic maven mime.types mtab nsswitch.conf
    nvidia OpenBLAS OpenCL os-release papersize passwd perl pki/ca-trust pki/java pki/tls/cert.pem
    pki/tls/certs pki/tls/openssl.cnf profile profile.d protocols python* R redhat-release resolv.conf
    ruby* services ssl/cert.pem ssl/certs ssl/openssl.cnf static system-release terminfo texlive* texmf
    timezone xdg xml zsh zshenv
    """
_TOOLCHAINS = """
    .rustup .cargo/bin .cargo/registry .cargo/git .pyenv/bin .pyenv/libexec .pyenv/shims .pyenv/versions
    .pyenv/pyenv.d .pyenv/plugins .local/bin .local/lib .local/include .local/share/uv/python
    .local/share/uv/tools .local/share/pipx/venvs .local/pipx/venvs .local/share/mise/installs .asdf/installs
    .asdf/shims .nix-profile .local/state/nix/profile .sdkman/candidates .nvm/versions .ghcup/bin .juliaup/bin
    .julia/juliaup .conan2/p vcpkg .linuxbrew go/bin sdk
    """
_SECRETS = """
    .ssh .aws .azure .config .docker .gnupg .kube .netrc .pypirc .password-store .git-credentials .gitconfig
    .npmrc .yarnrc .yarnrc.yml .pip .condarc .cargo/credentials .cargo/credentials.toml .gem/credentials
    .terraform.d .vault-token .boto .s3cfg .databrickscfg .huggingface .kaggle .cache/huggingface/token
    .mozilla .thunderbird .local/share/keyrings .local/share/hutch .bash_history .zsh_history .python_history
    .pgpass .my.cnf .oci .gcloud .1password .pki .wget-hsts
    """
_HIDDEN = """
    /home /root /run /var/run /tmp /var/tmp /var/lib /var/snap /var/spool /srv /mnt /media /dev
    /nix/var/nix/daemon-socket
    """
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
"""What may be written to although it lies in nobody's directory."""
_PARTS = ("bin", "lib", "lib64", "include", "libexec", "share")
_REPOSITORIES = (".git", ".hg", ".svn", ".jj", ".bzr")
_KEPT_AS_THEY_ARE = (
    *_REPOSITORIES,
    *(".venv", "venv", ".python-envs", ".hutch", ".envrc", ".vscode", ".idea"),
)
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE")
_OPTIONS = ("-I", "-L", "-isystem", "-Wl,-rpath,", "-B", "--sysroot=")


def homes(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The home directory of the user, by all names that it goes by."""
    found = [environ.get("HOME", "")]
    try:
        import pwd

        found.append(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):
        pass
    absolute = [os.path.normpath(path) for path in found if os.path.isabs(path)]
    return tuple(dict.fromkeys((*absolute, *map(os.path.realpath, absolute))))


def hidden_places(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Directories with files and sockets of other programs."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return (*homes(environ), *_HIDDEN.split(), *((runtime,) if os.path.isabs(runtime) else ()))


def secret_places(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What stays hidden even where a home as a whole is allowed."""
    return tuple(os.path.join(home, name) for home in homes(environ) for name in _SECRETS.split())


@cache
def system_roots() -> tuple[str, ...]:
    """What every program needs, as far as it is there."""
    try:
        there = os.listdir("/etc")
    except OSError:
        there = []
    etc = [name for name in _ETC.split() if not name.endswith("*")]
    starts = tuple(name[:-1] for name in _ETC.split() if name.endswith("*"))
    etc += [name for name in there if name.startswith(starts)]
    return tuple(filter(os.path.exists, (*_SYSTEM.split(), *(f"/etc/{name}" for name in etc))))


def toolchain_roots(environ: Mapping[str, str]) -> Iterator[str]:
    """Compilers and interpreters that live in a home."""
    for home in homes(environ):
        for name in _TOOLCHAINS.split():
            path = os.path.join(home, name)
            if os.path.exists(path):
                yield path


def variable_roots(variables: Mapping[str, str], environ: Mapping[str, str]) -> Iterator[str]:
    """What the variables of a build point at: `CUDA_HOME`, `CMAKE_PREFIX_PATH`, ``CFLAGS=-I/…``, directories
    of `PATH` and `PKG_CONFIG_PATH` with the installations that they belong to. None of them opens a home, or
    what is around or secret in it."""
    for name, value in variables.items():
        if "/" not in value or name in ("HOME", "TMPDIR", "TMP", "TEMP"):
            continue
        for word in value.replace(os.pathsep, " ").replace(";", " ").split():
            for option in _OPTIONS:
                word = word.removeprefix(option)
            if not os.path.isabs(word):
                continue
            word = os.path.normpath(word)
            if name in _CERTIFICATES and below(word, "/etc") and word != "/etc":
                yield word
            elif not _too_much(word, environ) and os.path.exists(word):
                yield word
                above, last = os.path.split(word)
                if name == "PATH" and last == "bin":
                    yield from _prefix_roots(above, environ)
                elif name == "PKG_CONFIG_PATH" and last == "pkgconfig":
                    yield from _prefix_roots(os.path.dirname(above), environ)


def _too_much(path: str, environ: Mapping[str, str]) -> bool:
    path = os.path.realpath(path)
    if path.count("/") < 2 and path not in ("/usr", "/bin", "/sbin", "/opt", "/nix", "/sw", "/apps"):
        return True
    around = (*homes(environ), "/var/lib", "/var/run", "/dev/shm", *hidden_places(environ))
    return any(below(one, path) for one in around) or any(
        below(path, one) for one in (*map(os.path.realpath, secret_places(environ)), "/etc")
    )


def interpreter_roots(python: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The environment of an interpreter, the Python behind it, and all links between the two."""
    seen: set[str] = set()
    ahead = [os.path.abspath(python)]
    while ahead and len(seen) < 20:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        directory = os.path.dirname(path)
        prefix = os.path.dirname(directory)
        yield path
        yield from _prefix_roots(prefix, environ)
        try:
            ahead.append(os.path.normpath(os.path.join(directory, os.readlink(path))))
        except OSError:
            pass
        try:
            with open(os.path.join(prefix, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
                lines = file.read(65536).splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip().lower() == "home" and os.path.isabs(value.strip()):
                ahead.append(os.path.join(value.strip(), os.path.basename(path)))


def _prefix_roots(prefix: str, environ: Mapping[str, str]) -> Iterator[str]:
    """A prefix as a whole where it is nothing else besides; of ``~/.local`` and the like only the parts."""
    whole = ("pyvenv.cfg", "conda-meta", "BUILD", "pyenv.cfg")
    if any(os.path.exists(os.path.join(prefix, name)) for name in whole):
        yield prefix
        return
    own = not any(below(home, prefix) or prefix == f"{home}/.local" for home in homes(environ))
    if own and os.path.isdir(os.path.join(prefix, "lib")) and prefix.count("/") > 1:
        yield prefix
        return
    if prefix != "/" and prefix not in homes(environ):
        for part in _PARTS[:-1]:
            yield os.path.join(prefix, part)


def source_roots(source: str, environ: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For a source that lies where its owner works: what of its surroundings may be read (the checkout
    that it is part of), and what in it no build may change."""
    source = os.path.abspath(source)
    readable: list[str] = []
    at = source
    while at != os.path.dirname(at) and at not in homes(environ) and at not in hidden_places(environ):
        repository = next((name for name in _REPOSITORIES if os.path.exists(os.path.join(at, name))), None)
        if repository is not None:
            readable += [at, *_linked_repository(os.path.join(at, repository))]
            break
        at = os.path.dirname(at)
    try:
        others = sorted(name for name in os.listdir(source) if name.startswith(".venv-"))
    except OSError:
        others = []
    return tuple(readable), tuple(os.path.join(source, name) for name in (*_KEPT_AS_THEY_ARE, *others))


def _linked_repository(path: str) -> Iterable[str]:
    """Where the repository of a worktree or submodule is: its `.git` is a file that says so."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            word, _, rest = file.read(4096).partition(":")
    except OSError:
        return ()
    place = os.path.normpath(os.path.join(os.path.dirname(path), rest.strip()))
    before, mark, _ = place.partition("/.git/")
    return (f"{before}/.git",) if word == "gitdir" and mark else ()


def below(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies in it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")
