#!/usr/bin/env python3
"""Everything that working on hutch needs, with nothing but Python 3.11+ and this checkout.

    python3 dev.py example           make hutch ready, then lock, install and test examples/flask-app
    python3 dev.py test [ARGS]       every check of this repository; with ARGS, only pytest ARGS
    python3 dev.py lint              the checks without the tests
    python3 dev.py setup             only make hutch ready, with what its tests need
    python3 dev.py hutch [ARGS]      make hutch ready and run it
    python3 dev.py fuzz SECONDS      damage what hutch reads, and see that it is refused
    python3 dev.py reference         write the pages of docs/reference/ that come out of the code
    python3 dev.py bench [ARGS]      measure hutch beside its peers (../shared/bench/bench.py)
    python3 dev.py scale [ARGS]      how time and memory grow with projects, workspaces, stores (benchmarks/)
    python3 dev.py memory [ARGS]     peak memory on real projects, beside uv (benchmarks/)

It keeps to ``.hutch-dev/`` inside the checkout: ``env/`` is a private virtual environment with the
dependencies of ``requirements/*.txt``, each file proven by its hash; ``bin/hutch`` starts hutch
from ``src/``. pip's own configuration is honoured (a company has an index of its own); the hashes
say whether what it gave is right.

This file has to be *read* by any Python 3.6+ so that an old one gets a sentence, not a traceback.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
NEWEST = (3, 15)  # only for the search of a better Python when this one is too old


def quietly(command):
    """The exit code of ``command``, whatever it prints."""
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def newer_python():
    """The command that starts a good enough Python on this machine, or None."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        command = "python3.{}".format(minor)  # noqa: UP032
        path = shutil.which(command)
        # A pyenv shim exists for a version that is not selected, and then fails: so it is started.
        if path and quietly([path, "-c", ""]) == 0:
            return command
    return None


if sys.version_info < OLDEST:
    found = newer_python()
    sys.exit(
        "error: hutch needs Python 3.{} or newer\n  this is Python {} ({})\ntry: {}".format(
            OLDEST[1],
            sys.version.split()[0],
            sys.executable,
            "{} dev.py {}".format(found, " ".join(sys.argv[1:])).strip()
            if found
            else "install a newer Python (your package manager has one), then python3.12 dev.py",
        )
    )

ROOT = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.join(ROOT, ".hutch-dev")
ENV = os.path.join(HOME, "env")
SOURCE = os.path.join(ROOT, "src")
EXAMPLE = os.path.join(ROOT, "examples", "flask-app")
SHARED = os.environ.get("HUTCH_SHARED") or os.path.join(os.path.dirname(ROOT), "shared")
WINDOWS = os.name == "nt"
ENV_PYTHON = os.path.join(ENV, "Scripts", "python.exe") if WINDOWS else os.path.join(ENV, "bin", "python")
LAUNCHER = os.path.join(HOME, "bin", "hutch.cmd" if WINDOWS else "hutch")
STAMP = os.path.join(ENV, "hutch-dev.json")
LAYOUT = "1"  # to be raised when what this script makes changes: old environments are then made anew
COVERAGE_FLOOR = 88
JOBS = ("example", "test", "lint", "setup", "hutch", "reference", "fuzz", "bench", "scale", "memory")
CHOICE = "HUTCH_DEV_OWN_PYTHON"  # set: the launcher starts the Python that this script runs on
ROUNDS = 7
# What two builds have to have in common. hutch imports these modules, or they make a difference if it cannot.
SAME = """
import sys, _imp, importlib.util, sysconfig
sys.path.insert(0, sys.argv[1])
import bz2, ctypes, hashlib, lzma, sqlite3, ssl, unicodedata, zlib
found = [name for name in ("pycurl", "isal", "zstandard") if importlib.util.find_spec(name)]
for name in found:
    __import__(name)
print(sys.implementation.cache_tag, importlib.util.MAGIC_NUMBER, sys.abiflags, sys.maxsize, found)
print(_imp.extension_suffixes()[0], sysconfig.get_platform(), unicodedata.unidata_version)
"""
LONGEST_SHEBANG = 127  # Linux cuts the first line of a script there; macOS allows more


# -- saying what happens ---------------------------------------------------------------------------


class Failed(Exception):
    """A message for the user, in hutch's own form (error, why, try)."""


class Report:
    """The parts of a job, each with its time; told at the end in one table."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, float, int, str]] = []

    def part(self, name: str, command: "list[str]", *, note: str = "", cwd: str = ROOT, environ=None) -> int:
        """Run ``command`` with its output in sight; remember its exit code and time."""
        say(f"\n$ {' '.join(shown(word) for word in command)}")
        start = time.perf_counter()
        code = subprocess.call(command, cwd=cwd, env=environ)
        self.add(name, time.perf_counter() - start, code, note)
        return code

    def add(self, name: str, seconds: float, code: int = 0, note: str = "") -> None:
        self.parts.append((name, seconds, code, note))

    def tell(self) -> int:
        """Print the table; the exit code of the first part that failed, or 0."""
        width = max(len(name) for name, *_ in self.parts)
        say("")
        for name, seconds, code, note in self.parts:
            result = "ok" if code == 0 else f"FAILED ({code})"
            say(f"  {name:<{width}}  {seconds:7.1f} s  {result:<6}  {note}".rstrip())
        total = sum(seconds for _, seconds, _, _ in self.parts)
        first = next((code for _, _, code, _ in self.parts if code), 0)
        # A child that died of a signal has a negative code, which is no exit code.
        first = first if first >= 0 else 128 - first
        say(f"  {'in all':<{width}}  {total:7.1f} s  {'ok' if first == 0 else 'FAILED'}")
        return first


def say(text: str) -> None:
    print(text, flush=True)


def shown(word: str) -> str:
    """A word of a command line as people know it: paths relative to the checkout."""
    if word in (ENV_PYTHON, LAUNCHER):
        return os.path.basename(word).partition(".")[0]
    return os.path.relpath(word, ROOT) if word.startswith(ROOT + os.sep) else word


# -- the private environment -----------------------------------------------------------------------


def requirement_file(name: str) -> str:
    return os.path.join(ROOT, "requirements", f"{name}.txt")


def digest_of(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def base_python() -> str:
    """The interpreter itself, also when this script runs inside some virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def identity() -> "dict[str, str]":
    """What an environment is made of, besides its packages: another value means another environment."""
    python = os.path.realpath(base_python())
    return {"layout": LAYOUT, "env": ENV, "python": python, "version": sys.version}


def read_stamp() -> "dict[str, str]":
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def make_ready(level: str) -> str:
    """See that ``.hutch-dev`` fits the checkout; ``level`` is ``runtime`` or ``dev``. Say what was done.

    The stamp is written last: an environment without it was cut off, and is made anew.
    """
    wanted = {**identity(), level: digest_of(requirement_file(level))}
    stamp = read_stamp()
    done = "already there"
    stale = any(stamp.get(key, value) != value for key, value in wanted.items())
    if stale or not stamp:
        make_environment()
        stamp = identity()
    if level not in stamp:
        note = install(requirement_file(level))
        done = f"made .hutch-dev/env{note}"
        # What runtime asks for is part of dev, with the same versions (a test of the repository).
        names = ("runtime", "dev") if level == "dev" else ("runtime",)
        stamp.update((name, digest_of(requirement_file(name))) for name in names)
        with open(STAMP, "w", encoding="utf-8") as file:
            json.dump(stamp, file, indent=1)
        compile_bytecode(site_packages())
    compile_bytecode(os.path.join(SOURCE, "hutch"))
    write_launcher(ENV_PYTHON)
    if not WINDOWS and CHOICE not in os.environ:
        write_launcher(fastest_python(stamp))
    return done


def make_environment() -> None:
    """An empty virtual environment in ``.hutch-dev/env``; with pip inside if this Python can do that."""
    if os.path.isdir(ENV):
        shutil.rmtree(ENV)
    if importlib.util.find_spec("venv") is None:
        raise Failed(without_venv())
    inside = importlib.util.find_spec("ensurepip") is not None
    if not inside and outer_pip() is None:
        raise Failed(without_venv())
    say(f"making .hutch-dev/env with Python {sys.version.split()[0]}")
    command = [base_python(), "-I", "-m", "venv", *([] if inside else ["--without-pip"]), ENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if made.returncode == 0:
        return
    if inside and outer_pip() is not None:
        # ensurepip can be present and broken (its bundled wheel taken away by a distribution).
        shutil.rmtree(ENV, ignore_errors=True)
        if subprocess.call([base_python(), "-I", "-m", "venv", "--without-pip", ENV]) == 0:
            return
    raise Failed(f"{without_venv()}\n\nPython's venv said:\n{made.stdout.strip()}")


def without_venv() -> str:
    """What to do where Python came without ``venv`` or ``ensurepip``, in the words of this system."""
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    fixes = {
        "debian": f"sudo apt install python{minor}-venv",
        "fedora": "sudo dnf install python3 python3-pip",
        "suse": f"sudo zypper install python{minor.replace('.', '')} python{minor.replace('.', '')}-pip",
        "alpine": "sudo apk add python3 py3-pip",
        "arch": "sudo pacman -S python python-pip",
    }
    kin = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora", "opensuse": "suse", "sles": "suse"}
    named = re.findall(r"^ID(?:_LIKE)?=(.*)$", os_release(), re.MULTILINE)
    words = re.findall(r"[a-z]+", " ".join(named).lower())
    system = next((kin.get(w, w) for w in words if kin.get(w, w) in fixes), None)
    lines = [fixes[system]] if system else [*fixes.values(), "or install Python from its own installer"]
    return (
        "error: this Python cannot make virtual environments\n"
        f"  {base_python()} (Python {sys.version.split()[0]}) came without the modules venv and ensurepip,\n"
        "  and no pip 22.3 or newer was found to stand in for them\n"
        "try: " + "\n or: ".join(lines) + "\nand then the same command again"
    )


def os_release() -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            continue
    return ""


def outer_pip() -> "list[str] | None":
    """A pip outside of the environment that can install into it (``pip --python``, pip 22.3 and newer)."""
    candidates = [[base_python(), "-m", "pip"]]
    candidates += [[path] for path in (shutil.which("pip3"), shutil.which("pip")) if path]
    for command in candidates:
        try:
            asked = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
        except OSError:
            continue
        version = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
        if asked.returncode == 0 and version and (int(version[1]), int(version[2])) >= (22, 3):
            return command
    return None


def has_pip() -> bool:
    return quietly([ENV_PYTHON, "-I", "-c", "import pip"]) == 0


def pip_environ() -> "dict[str, str]":
    """pip keeps its configuration (index, proxy, certificates), but not another place to install to."""
    gone = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV")
    environ = {key: value for key, value in os.environ.items() if key not in gone}
    environ["PIP_USER"] = "0"
    return environ


def install(requirements: str) -> str:
    """Install what the file pins, each archive proven by hash; a note on what was left out."""
    say(f"installing {shown(requirements)} by hash")
    pip = [ENV_PYTHON, "-I", "-m", "pip"] if has_pip() else [*(outer_pip() or []), "--python", ENV_PYTHON]
    command = [
        *pip, "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:",
        "--no-compile", "--no-input", "--disable-pip-version-check", "--no-warn-script-location", "-r",
    ]  # fmt: skip
    done = run_pip(command, requirements)
    if done.returncode:
        # There is no wheel of pycurl for musl, and none of isal for some machines: hutch then speaks HTTP,
        # and inflates, through the standard library.
        with open(requirements, encoding="utf-8") as file:
            blocks = re.split(r"^(?=\S)", file.read(), flags=re.MULTILINE)
        without = [name for name in ("pycurl", "isal") if name in done.stdout]
        for names in [without, ["pycurl", "isal"]] if without else []:
            reduced = os.path.join(HOME, "reduced.txt")
            with open(reduced, "w", encoding="utf-8") as file:
                file.writelines(block for block in blocks if not block.startswith(tuple(names)))
            again = run_pip(command, reduced)
            if again.returncode == 0:
                return f" (without {' and '.join(names)}: no wheel for this platform)"
    if done.returncode:
        raise Failed(
            f"error: pip could not install {shown(requirements)}\n"
            + "".join(f"  {line}\n" for line in done.stdout.strip().splitlines())
            + "try: the same command again if the network was at fault, or see `pip config list`"
        )
    return ""


def run_pip(command: "list[str]", requirements: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command, requirements],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=pip_environ(),
        check=False,
    )


def site_packages() -> str:
    if WINDOWS:
        return os.path.join(ENV, "Lib", "site-packages")
    pypy = sys.implementation.name == "pypy"
    threads = "t" if not pypy and "t" in getattr(sys, "abiflags", "") else ""
    name = f"{'pypy' if pypy else 'python'}{sys.version_info[0]}.{sys.version_info[1]}{threads}"
    return os.path.join(ENV, "lib", name, "site-packages")


def compile_bytecode(folder: str) -> None:
    """Bytecode beside the sources, whatever ``PYTHONDONTWRITEBYTECODE`` says: it is half of the start-up.

    Isolated mode ignores the environment, as the launcher does, so both agree on where it goes.
    """
    command = [ENV_PYTHON, "-I", "-m", "compileall", "-q", "-j", "0", folder]
    quietly(command)


# -- the launcher ----------------------------------------------------------------------------------


def fastest_python(stamp: "dict[str, str]") -> str:
    """The Python that the launcher starts: that of the environment, or another build of the same version
    that takes a tenth less. One that was built without optimizations, or with its library beside it, takes
    a fifth more than that of a distribution, and hutch is often all start-up.

    It is chosen once, and again when one of them has changed.
    """
    own = [ENV_PYTHON, *same_pythons()]
    told = json.dumps([[path, os.stat(path).st_size, int(os.stat(path).st_mtime)] for path in own])
    if stamp.get("pythons") == told and os.path.isfile(stamp.get("launcher", "")):
        return stamp["launcher"]
    times = {path: [] for path in own}
    for _ in range(ROUNDS):
        for path in list(times):
            took = processor_time([path, "-IS", LAUNCHER, "--help"])
            if took is None:
                del times[path]
            else:
                times[path].append(took)
    best = ENV_PYTHON
    for path, took in times.items():
        if ENV_PYTHON in times and min(took) < 0.9 * min(times[ENV_PYTHON]) and min(took) < min(times[best]):
            best = path
    stamp.update(pythons=told, launcher=best)
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
    return best


def same_pythons() -> "list[str]":
    """Other Pythons of this machine that are like this one in all that bytecode and extensions ask for."""
    name = "python{}.{}".format(*sys.version_info[:2])
    found = []
    for folder in ["/usr/bin", "/usr/local/bin", *os.environ.get("PATH", "").split(os.pathsep)]:
        path = os.path.join(folder, name)
        if not os.path.isabs(path) or not os.access(path, os.X_OK):
            continue
        if any(os.path.samefile(path, known) for known in [ENV_PYTHON, *found]):
            continue
        with open(path, "rb") as file:
            if file.read(2) == b"#!":
                continue  # a shim
        asked = [path, "-ISc", SAME, site_packages()]
        if output_of(asked) == output_of([ENV_PYTHON, *asked[1:]]) != "":
            found.append(path)
    return found


def output_of(command: "list[str]") -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def processor_time(command: "list[str]") -> "float | None":
    """Seconds that a command computes; None if it fails."""
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return None if status else usage.ru_utime + usage.ru_stime


def launcher_text(python: str, paths: "list[str]") -> str:
    """Start hutch without ``site``: -I and -S save a third of the start-up, so it brings its own path."""
    body = (
        "import sys\n"
        f"sys.path[0:0] = {paths!r}\n"
        "from hutch.cli import program\n"
        "if __name__ == '__main__':\n"
        "    program()\n"
    )
    first = f"#!{python} -IS\n"
    if len(first.encode()) > LONGEST_SHEBANG or " " in python:
        # /bin/sh runs the second line and never reads on; Python sees a string and reads on.
        return f"#!/bin/sh\n'''exec' \"{python}\" -IS \"$0\" \"$@\"\n' '''\n{body}"
    return first + body


def write_launcher(python: str) -> None:
    paths = [SOURCE, site_packages()]
    os.makedirs(os.path.dirname(LAUNCHER), exist_ok=True)
    if WINDOWS:
        script = os.path.join(HOME, "bin", "hutch-script.py")
        replace(script, launcher_text(ENV_PYTHON, paths), 0o644)
        replace(LAUNCHER, f'@"{ENV_PYTHON}" -IS "{script}" %*\n', 0o755)
    else:
        replace(LAUNCHER, launcher_text(python, paths), 0o755)


def replace(path: str, text: str, mode: int) -> None:
    """Write a file so that a hutch that starts at this moment sees the old one or the new one."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except OSError:
        pass
    partial = f"{path}.{os.getpid()}"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(partial, mode)
    os.replace(partial, path)


# -- the jobs --------------------------------------------------------------------------------------


def ready(report: Report, level: str) -> None:
    start = time.perf_counter()
    note = make_ready(level)
    report.add("hutch made ready", time.perf_counter() - start, 0, note)


def example() -> int:
    """The main job on a real project: lock, install, run its tests."""
    report = Report()
    ready(report, "runtime")
    say("\nexamples/flask-app: Flask, requests and python-dotenv, with tests of its own")
    parts = (
        ("hutch lock", ["lock"], "versions for every target, in pylock.toml"),
        ("hutch sync", ["sync"], "the environment, in .venv"),
        ("hutch run pytest", ["run", "pytest"], "the example's own tests"),
    )
    for name, words, note in parts:
        if report.part(name, [LAUNCHER, *words], note=note, cwd=EXAMPLE):
            break  # each part stands on the one before
    code = report.tell()
    if code == 0:
        say("\nhutch is ready: .hutch-dev/bin/hutch --help   (all of its own tests: python3 dev.py test)")
    return code


def lint(report: Report) -> None:
    scripts = os.path.dirname(ENV_PYTHON)
    python = [ENV_PYTHON, "-I", "-m"]
    report.part("ruff format", [*python, "ruff", "format", "--check", "."])
    report.part("ruff check", [*python, "ruff", "check", "--quiet", "."])
    report.part("mypy", [*python, "mypy", "--strict", "src", "benchmarks"])
    # The one without a `python -m`; it imports nothing of hutch, but needs to find its source.
    lint_imports = os.path.join(scripts, "lint-imports.exe" if WINDOWS else "lint-imports")
    report.part("import-linter", [lint_imports, "--no-logo"], environ={**os.environ, "PYTHONPATH": SOURCE})


def test(arguments: "list[str]") -> int:
    """All checks; a failure does not stop the others. With arguments, only pytest with them."""
    report = Report()
    ready(report, "dev")
    # Not isolated: the processes that tests start import the tests as `tests.…`, from the checkout. A test
    # that hangs is ended with a stack, and named; nothing here may last five minutes.
    pytest = [ENV_PYTHON, "-m", "pytest", "-o", "faulthandler_timeout=300"]
    pytest += ["-o", "faulthandler_exit_on_timeout=true"]
    if arguments:
        report.part("pytest", [*pytest, *arguments])
        return report.tell()
    lint(report)
    measured = ["--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={COVERAGE_FLOOR}"]
    if report.part("pytest", [*pytest, "-n", "2", "--dist", "loadgroup", *measured]):
        say("to see one failure alone: python3 dev.py test -x --lf")
    return report.tell()


def bench(arguments: "list[str]") -> int:
    script = os.path.join(SHARED, "bench", "bench.py")
    if not os.path.exists(script):
        raise Failed(f"error: the benchmark is not here\n  there is no {script}\ntry: HUTCH_SHARED=FOLDER")
    make_ready("runtime")
    # The index that records for it asks pip where the default index is.
    python = ENV_PYTHON if has_pip() else base_python()
    return subprocess.call([python, script, "--hutch", LAUNCHER, "--python", base_python(), *arguments])


def measured(script: str, arguments: "list[str]") -> int:
    """A script of ``benchmarks/``; the tests' dependencies are not needed for it."""
    make_ready("runtime")
    path = os.path.join(ROOT, "benchmarks", script + ".py")
    words = ["--hutch", LAUNCHER, "--python", base_python(), *arguments]
    return subprocess.call(
        [ENV_PYTHON, "-P", path, *words], env={**os.environ, "PYTHONPATH": os.path.dirname(path)}
    )


def fuzz(arguments: "list[str]") -> int:
    make_ready("dev")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join((SOURCE, os.path.join(ROOT, "tests")))}
    script = os.path.join(ROOT, "tests", "hostile", "fuzzing.py")
    return subprocess.call([ENV_PYTHON, "-P", script, *arguments], cwd=ROOT, env=environ)


def reference() -> int:
    """Write the generated pages anew; git says what changed."""
    make_ready("runtime")
    environ = {**os.environ, "PYTHONPATH": SOURCE}
    pages = ("write_problem_codes.py", "write_checks.py")
    scripts = (["-m", "hutch.cli.reference"], *([os.path.join("docs", "reference", page)] for page in pages))
    codes = [subprocess.call([ENV_PYTHON, "-P", *script], cwd=ROOT, env=environ) for script in scripts]
    return max(codes)


def main(arguments: "list[str]") -> int:
    parser = argparse.ArgumentParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("job", choices=JOBS, metavar="JOB")
    # What follows the job belongs to the program behind it, options and all.
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS")
    args = parser.parse_args(arguments)
    if args.arguments and args.job in ("example", "lint", "setup", "reference"):
        parser.error(f"{args.job} takes no arguments")
    if args.job == "example":
        return example()
    if args.job == "test":
        return test(args.arguments)
    if args.job == "lint":
        report = Report()
        ready(report, "dev")
        lint(report)
        return report.tell()
    if args.job == "setup":
        note = make_ready("dev")
        say(f"hutch is ready ({note}): {shown(os.path.dirname(LAUNCHER))}{os.sep}hutch")
        return 0
    if args.job == "hutch":
        make_ready("runtime")
        return subprocess.call([LAUNCHER, *args.arguments])
    if args.job == "fuzz":
        return fuzz(args.arguments)
    if args.job in ("scale", "memory"):
        return measured(args.job, args.arguments)
    return reference() if args.job == "reference" else bench(args.arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(4)
