"""Git repositories: a bare clone that grows, references that become commits, commits that become trees.

``git`` itself does the work, as a process that can ask nobody anything. What a manifest or a package says
of a repository is foreign: a URL or a reference that git could take for an option is refused, the
protocols are on a list, hooks are off, and a password in a URL reaches git through the environment and
never a message or the list of processes.
"""

from __future__ import annotations

import os

from hutch.errors import NetworkProblem, Problem
from hutch.net.problems import OfflineProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "GitFailed",
    "InvalidRepository",
    "NoGit",
    "NoGitLfs",
    "NoSuchRevision",
    "Repository",
    "absolute_path",
    "check_revision",
]

PROTOCOLS = ("https", "http", "ssh", "git", "file")
_MOST_SAID = 12  # lines of git's own words in a message
# What would make git work on another repository, or with another's settings, than the one that is meant.
_NOT_PASSED = frozenset(
    [
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"),
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_QUARANTINE_PATH"),
        *("GIT_SHALLOW_FILE", "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "GIT_TRACE_CURL", "GIT_CURL_VERBOSE"),
    ]
)


class InvalidRepository(Problem):
    """The URL of a repository, or a reference in it, that is not given to git."""

    code = "invalid-repository"

    def __init__(self, shown: str, reason: str, hint: str | tuple[str, ...] = ()) -> None:
        self.reason = reason
        super().__init__(f"cannot use the repository {shown}", why=reason, hint=hint)


class NoGit(Problem):
    """There is no git on this machine."""

    code = "no-git"

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"git is needed for {shown}", why="there is no git on the PATH", hint="install git, and try again"
        )


class NoGitLfs(Problem):
    """Files of a repository are in Git LFS, and there is no git-lfs on this machine."""

    code = "no-git-lfs"

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"git-lfs is needed for {shown}",
            why="its source says lfs = true, and git knows no command lfs here",
            hint=("install git-lfs, and try again", "lfs = false, if what it has there is not needed"),
        )


class NoSuchRevision(Problem):
    """The repository has no such branch, tag or commit."""

    code = "no-such-revision"

    def __init__(self, shown: str, kind: str, revision: str, hint: str | tuple[str, ...] = ()) -> None:
        self.revision = revision
        super().__init__(f"{shown} has no {kind} {revision}", hint=hint)


class GitFailed(NetworkProblem):
    """git did not deliver; its own words are the reason."""

    code = "git-failed"

    def __init__(self, shown: str, doing: str, said: Sequence[str]) -> None:
        self.said = tuple(said)
        text = " ".join(said).lower()
        hint: tuple[str, ...] = ()
        if any(words in text for words in ("could not read username", "authentication failed", "denied")):
            hint = ("git asks nobody here: give it a credential helper, an ssh agent, or ~/.netrc",)
            if shown.startswith("https://"):
                hint = (f"`hutch auth login {'/'.join(shown.split('/')[:3])}/`", *hint)
        super().__init__(f"git could not {doing} {shown}", why=tuple(said), hint=hint)


def absolute_path(environ: Mapping[str, str]) -> str:
    """``PATH`` without its relative entries: a checkout must not be able to offer a ``git`` of its own."""
    entries = environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if os.path.isabs(entry))


def check_revision(shown: str, revision: str) -> None:
    """Refuse what is not the name of a branch, a tag or a commit. Raises ``InvalidRepository``."""
    if not revision or revision.startswith(("-", "/")) or revision.endswith(("/", ".lock", ".")):
        fault = "is no name of a branch, tag or commit"
    elif any(ord(c) <= 32 or 127 <= ord(c) < 160 or c in "~^:?*[\\" for c in revision):
        fault = "has a character that no branch, tag or commit has"
    elif ".." in revision or "@{" in revision or "//" in revision:
        fault = "is no name of a branch, tag or commit"
    else:
        return
    raise InvalidRepository(shown, f"{revision!r} {fault}")


class Repository:
    """A repository somewhere, and the bare clone of it in ``folder``.

    ``url`` is of one of ``PROTOCOLS``, or an absolute path. Whoever shares the folder takes a lock.
    """

    def __init__(self, url: str, folder: str, *, environ: Mapping[str, str], offline: bool = False) -> None:
        from hutch.net.urls import redact

        self.shown = redact(url) if "://" in url else url
        if url.startswith("-") or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in url):
            raise InvalidRepository(redact(url), "its address begins with '-' or has control characters")
        scheme, mark, rest = url.partition("://")
        if mark:
            if scheme.lower() not in PROTOCOLS:
                raise InvalidRepository(
                    self.shown, f"{scheme} is not a protocol that hutch lets git use: {', '.join(PROTOCOLS)}"
                )
            if rest.startswith("-"):
                raise InvalidRepository(self.shown, "the name of its host begins with '-'")
        elif not os.path.isabs(url):
            raise InvalidRepository(self.shown, "it is neither a URL nor an absolute path")
        self.folder = folder
        self.offline = offline
        self.is_local = not mark or scheme.lower() == "file"
        self._environ = environ
        self._address, self._secret = _without_secret(url)

    def use(self, log_in: tuple[str, str] | None) -> None:
        """Say who asks, by user name and password, where the URL does not: for http and https."""
        if log_in is not None and not self._secret:
            self._secret = _basic(*log_in)

    # -- commits --------------------------------------------------------------------------------

    def has(self, commit: str) -> bool:
        """Is the commit in the clone?"""
        if not os.path.isdir(self.folder):
            return False
        return self._try("cat-file", "-e", f"{commit}^{{commit}}") is not None

    def resolve(self, kind: str | None, revision: str | None) -> str:
        """The commit that a reference means now, in the clone afterwards.

        ``kind`` is ``branch``, ``tag`` or ``rev``; None where only the reference was given.
        """
        if revision is not None:
            check_revision(self.shown, revision)
        if revision is None:
            self._fetch("+HEAD:refs/hutch/HEAD", "+refs/tags/*:refs/hutch/tags/*")
            return self._commit(("refs/hutch/HEAD",)) or self._missing("commit", "HEAD")
        if kind == "branch":
            spec = f"+refs/heads/{revision}:refs/hutch/heads/{revision}"
            self._fetch(spec, "+refs/tags/*:refs/hutch/tags/*", kind=kind, revision=revision)
            return self._commit((f"refs/hutch/heads/{revision}",)) or self._missing(kind, revision)
        if kind == "tag":
            self._fetch("+refs/tags/*:refs/hutch/tags/*", kind=kind, revision=revision)
            return self._commit((f"refs/hutch/tags/{revision}",)) or self._missing(kind, revision)
        if _is_commit(revision):
            return self.ensure(revision)
        if revision.startswith("refs/"):
            self._fetch(f"+{revision}:refs/hutch/{revision[5:]}", kind="reference", revision=revision)
            return self._commit((f"refs/hutch/{revision[5:]}",)) or self._missing("reference", revision)
        several = ("+refs/heads/*:refs/hutch/heads/*", "+refs/tags/*:refs/hutch/tags/*")
        self._fetch(*several, kind="branch, tag or commit", revision=revision)
        names = [f"refs/hutch/heads/{revision}", f"refs/hutch/tags/{revision}"]
        if len(revision) >= 4 and set(revision) <= _HEX:
            names.append(revision)
        return self._commit(names) or self._missing("branch, tag or commit", revision)

    def ensure(self, commit: str) -> str:
        """Have a commit in the clone, fetching only if it is not there; the commit in full."""
        if not self.has(commit):
            several = ("+refs/heads/*:refs/hutch/heads/*", "+refs/tags/*:refs/hutch/tags/*")
            self._fetch(*several, kind="commit", revision=commit)
            if not self.has(commit):  # on no branch and no tag: ask for it by its name
                spec = f"+{commit}:refs/hutch/commits/{commit}"
                self._fetch(spec, kind="commit", revision=commit)
        return self._commit((commit,)) or self._missing("commit", commit)

    def _commit(self, names: Sequence[str]) -> str | None:
        for name in names:
            found = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if found:
                return found.strip()
        return None

    def _missing(self, kind: str, revision: str) -> str:
        raise NoSuchRevision(self.shown, kind, revision)

    # -- trees ----------------------------------------------------------------------------------

    def checkout(self, commit: str, into: str, *, submodules: bool = True, lfs: bool = False) -> None:
        """Put the tree of a commit into the directory ``into``, with its tags, for tools that count them.

        With ``lfs``, files that Git LFS keeps are there themselves and not only what points at them.
        """
        if lfs and self._run(("lfs", "version"), inside=None)[0] != 0:
            raise NoGitLfs(self.shown)
        self._git("init", "--quiet", "--template=", "--", into, doing="check out")
        borrowed = os.path.join(into, ".git", "objects", "info")
        os.makedirs(borrowed, exist_ok=True)
        with open(os.path.join(borrowed, "alternates"), "w", encoding="utf-8", newline="\n") as file:
            file.write(os.path.join(self.folder, "objects") + "\n")
        tags = self._try("for-each-ref", "--format=%(objectname) %(refname)", "refs/hutch/tags") or ""
        lines = [line.split(" ", 1) for line in tags.splitlines()]
        orders = "".join(f"create refs/tags/{name[16:]} {sha}\n" for sha, name in lines)
        if orders:
            self._git("update-ref", "--stdin", inside=into, given=orders, doing="check out")
        self._git("config", "remote.origin.url", self._address, inside=into, doing="check out")
        order = ("checkout", "--quiet", "--force", "--detach", commit, "--")
        code, _, err = self._run(order, inside=into)
        # git goes on without what it cannot read, and says that all is well.
        if (code != 0 or "error:" in err) and self._drop_damaged():
            self.ensure(commit)
            self._git("read-tree", "--empty", inside=into, doing="check out")
            code, _, err = self._run(order, inside=into)
        if code != 0:
            raise GitFailed(self.shown, "check out", self._said(err))
        if lfs:
            self._fill(into)
        if submodules and os.path.isfile(os.path.join(into, ".gitmodules")):
            if self.offline:
                raise OfflineProblem(
                    f"the submodules of {self.shown} are not in the cache, and the network is switched off",
                    hint="run the command once without --offline",
                )
            words = ("submodule", "--quiet", "update", "--init", "--recursive")
            self._git(*words, inside=into, doing="fetch the submodules of", nested=True)

    def part(self, tree: str) -> None:
        """Give a tree objects of its own, so that it is there without the clone, and branches to fetch."""
        self._git("repack", "-a", "-d", "-q", inside=tree, doing="copy the objects of")
        os.unlink(os.path.join(tree, ".git", "objects", "info", "alternates"))
        branches = "+refs/heads/*:refs/remotes/origin/*"
        self._git("config", "remote.origin.fetch", branches, inside=tree, doing="check out")

    def _fill(self, tree: str) -> None:
        """Get the files that Git LFS has, into the clone's own folder of them, and into the tree."""
        settings = ["lfs.locksverify=false"]
        if not self.is_local:  # git-lfs would look for the files of the other repository there as well
            settings.append(f"lfs.storage={os.path.join(self.folder, 'lfs')}")
        settings += [f"filter.lfs.{verb}=git-lfs {verb} -- %f" for verb in ("clean", "smudge")]
        words = [word for setting in settings for word in ("-c", setting)]
        if self._pointers(words, tree):
            self._git(*words, "lfs", "checkout", inside=tree, doing="check out the files in LFS of")
        if not self._pointers(words, tree):
            return
        if self.offline and not self.is_local:
            raise OfflineProblem(
                f"files of {self.shown} in LFS are not in the cache, and the network is switched off",
                hint="run the command once without --offline",
            )
        self._git(*words, "lfs", "pull", "origin", inside=tree, doing="fetch the files in LFS of")
        if lacking := self._pointers(words, tree):
            raise GitFailed(self.shown, "fetch all files in LFS of", lacking[:_MOST_SAID])

    def _pointers(self, words: Sequence[str], tree: str) -> list[str]:
        """The files of a tree that only point at what Git LFS has: ``oid - path``."""
        listed = self._git(*words, "lfs", "ls-files", inside=tree, doing="list the files in LFS of")
        found = [line.split(" ", 2) for line in listed.splitlines()]
        return [line[2] for line in found if len(line) == 3 and line[1] == "-"]

    # -- the process ----------------------------------------------------------------------------

    def _fetch(self, *specs: str, kind: str = "reference", revision: str = "", again: bool = False) -> None:
        if self.offline and not self.is_local:
            raise OfflineProblem(
                f"{revision or 'the newest commit'} of {self.shown} is not in the cache,"
                " and the network is switched off",
                hint="run the command once without --offline",
            )
        os.makedirs(os.path.dirname(self.folder), exist_ok=True)
        # Said again it completes what a killed command left of it.
        self._git("init", "--quiet", "--bare", "--template=", "--", self.folder, doing="clone")
        words = (
            "fetch",
            "--quiet",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
        )
        try:
            self._git(*words, "--", self._address, *specs, inside=self.folder, doing="fetch from")
        except GitFailed as problem:
            said = " ".join(problem.said)
            if revision and (
                "find remote ref" in said or "not our ref" in said or "no such remote ref" in said
            ):
                self._missing(kind, revision)
            if again or not self._drop_damaged():
                raise
            self._fetch(*specs, kind=kind, revision=revision, again=True)

    def _drop_damaged(self) -> bool:
        """Remove a clone that has lost something: it is a cache, and fetched anew."""
        if self._try("fsck", "--connectivity-only", "--no-dangling", "--no-progress") is not None:
            return False
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)
        return True

    def _try(self, *words: str) -> str | None:
        """The answer of a question about the clone; None where git says no."""
        code, out, _ = self._run(words, inside=self.folder)
        return out if code == 0 else None

    def _git(
        self, *words: str, doing: str, inside: str | None = None, given: str = "", nested: bool = False
    ) -> str:
        code, out, err = self._run(words, inside=inside, given=given, nested=nested)
        if code != 0:
            raise GitFailed(self.shown, doing, self._said(err) or (f"it ended with {code}",))
        return out

    def _run(
        self, words: Sequence[str], *, inside: str | None, given: str = "", nested: bool = False
    ) -> tuple[int, str, str]:
        import subprocess

        settings = ["core.hooksPath=" + os.devnull, "core.fsmonitor=false", "core.autocrlf=false"]
        settings += [
            "maintenance.auto=false",
            "gc.auto=0",
            "core.longpaths=true",
            "advice.detachedHead=false",
        ]
        argv = ["git", *(word for setting in settings for word in ("-c", setting))]
        try:
            done = subprocess.run(
                [*argv, *words],
                cwd=inside,
                env=self._variables(nested),
                input=given,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            raise NoGit(self.shown) from None
        except OSError as error:
            raise GitFailed(self.shown, "run for", (error.strerror or str(error),)) from None
        return done.returncode, done.stdout, done.stderr

    def _variables(self, nested: bool) -> dict[str, str]:
        found = {name: value for name, value in self._environ.items() if name not in _NOT_PASSED}
        found["PATH"] = absolute_path(self._environ)
        # A submodule is named by the repository: that of another machine has no business with our files.
        allowed = [name for name in PROTOCOLS if name != "file" or not nested or self.is_local]
        found.update(
            GIT_ALLOW_PROTOCOL=":".join(allowed),
            GIT_TERMINAL_PROMPT="0",
            GIT_ASKPASS="",
            SSH_ASKPASS_REQUIRE="never",
            GCM_INTERACTIVE="never",
            GIT_LFS_SKIP_SMUDGE="1",
            LC_ALL="C",
            LANGUAGE="C",
        )
        if "GIT_SSH_COMMAND" not in found and "GIT_SSH" not in found:
            found["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"
        if self._secret:
            count = found.get("GIT_CONFIG_COUNT", "0")
            number = int(count) if count.isdecimal() else 0
            origin = "/".join(self._address.split("/", 3)[:3]) + "/"
            found[f"GIT_CONFIG_KEY_{number}"] = f"http.{origin}.extraHeader"
            found[f"GIT_CONFIG_VALUE_{number}"] = f"Authorization: Basic {self._secret}"
            found["GIT_CONFIG_COUNT"] = str(number + 1)
        return found

    def _said(self, text: str) -> tuple[str, ...]:
        """git's own words, as far as they say something, without secrets and control characters."""
        from hutch.net.urls import without_credentials

        lines = []
        for line in text.splitlines():
            shown = " ".join(without_credentials(word) if "://" in word else word for word in line.split())
            shown = "".join(c for c in shown if c.isprintable())[:300]
            if shown and not shown.startswith(("hint:", "Cloning into")):
                lines.append(shown)
        return tuple(lines[:_MOST_SAID])


_HEX = frozenset("0123456789abcdef")


def _is_commit(revision: str) -> bool:
    return len(revision) in (40, 64) and set(revision) <= _HEX


def _without_secret(url: str) -> tuple[str, str]:
    """The URL that git is given, and what proves who asks, for http's basic authentication."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url, ""
    host, slash, path = rest.partition("/")
    user, sign, host = host.rpartition("@")
    if not sign:
        return url, ""
    if scheme.lower() == "ssh":
        return f"{scheme}://{user.partition(':')[0]}@{host}{slash}{path}", ""
    if scheme.lower() not in ("http", "https"):
        return f"{scheme}://{host}{slash}{path}", ""
    from urllib.parse import unquote

    name, _, password = user.partition(":")
    return f"{scheme}://{host}{slash}{path}", _basic(unquote(name), unquote(password))


def _basic(name: str, password: str) -> str:
    import base64

    return base64.b64encode(f"{name}:{password}".encode()).decode()
