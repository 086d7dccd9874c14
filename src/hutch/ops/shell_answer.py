"""What the hook of a shell is told when it has come to an environment, or away from one.

On the way of everybody who enters a project, so it imports next to nothing; settings are read only where
something says ``env-files``. See ``docs/explanation/shell-hook.md``.
"""

from __future__ import annotations

import os

from hutch.shell.hooks.answer import Answer, decode_state, encode_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.env_files import EnvFiles

__all__ = ["answer_shell", "answer_text", "named_environment"]

LARGEST = 1 << 16
STATE = "HUTCH_SHELL_STATE"
SETTINGS = "pyvenv.cfg"
META = os.path.join("conda-meta", "history")
SCRIPTS = {"fish": ".fish", "xonsh": ".xsh", "elvish": ".elv", "powershell": ".ps1", "nushell": ".nu"}
"""What of a conda environment's scripts is for a shell; the others read ``.sh``."""


def answer_text(shell: object, places: object, data: object, environ: Mapping[str, str]) -> bytes:
    """The answer in the words of ``shell``; ``places`` are those of `answer_shell`, ``-`` for none."""
    from hutch.shell.hooks.answer import render_answer

    assert isinstance(places, tuple)
    venv, pin = (*("" if place == "-" else str(place) for place in places), "", "")[:2]
    data_dir = environ.get("HUTCH_DATA_DIR") or str(data or "")
    if not os.path.isabs(data_dir):
        return b""  # nowhere to look for trust, so there is none
    answer = answer_shell(environ, data_dir, venv, pin, environ.get("PWD", ""), str(shell))
    return render_answer(str(shell), answer).encode("utf-8", "surrogateescape")


def answer_shell(
    environ: Mapping[str, str], data_dir: str, venv: str, pin: str, here: str, shell: str = "bash"
) -> Answer:
    """What the shell in ``here`` is to do.

    ``venv`` is the nearest directory with an environment, ``pin`` a ``.python-version`` below it which may
    name one; either may be empty.
    """
    answer = Answer()
    environ = dict(environ)
    inherited = decode_state(environ.get(STATE, ""))
    if inherited is None and environ.get(STATE):
        inherited = ("-", "-", "-"), {}  # nobody can read it, so it goes
    if inherited is not None and "CONDA_PREFIX" in inherited[1]:
        if environ.get("CONDA_PREFIX") != inherited[0][0]:
            # Another one of conda's was activated over it, and whoever has done so goes back: it stays.
            inherited = ("-", "-", "-"), {}
        else:
            answer.adopt_level = environ.get("CONDA_SHLVL", "1")
            if _is_trusted(data_dir, inherited[0][0]):
                from hutch.ops.conda_activation import scripts_in

                found = scripts_in(inherited[0][0], "deactivate.d", SCRIPTS.get(shell, ".sh"))
                answer.adopt_later = found[::-1]
        answer.adopt = inherited
    elif inherited is not None:
        if environ.get("VIRTUAL_ENV") != inherited[0][0]:
            # Whoever started this shell has activated another one since: that is his, and stays.
            kept = {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME"}
            before = {name: value for name, value in inherited[1].items() if name not in kept}
            inherited = (inherited[0], before)
        answer.adopt = inherited
    if inherited is not None:
        for name, value in inherited[1].items():
            environ.pop(name, None)
            if value is not None:
                environ[name] = value
        if environ.pop("VIRTUAL_ENV", "") not in ("", inherited[0][0]):
            return answer
    elif environ.get("VIRTUAL_ENV"):
        return answer
    if environ.get("CONDA_PREFIX") and environ.get("CONDA_DEFAULT_ENV", "base") != "base":
        return answer
    named = named_environment(environ, data_dir, pin) if pin else None
    if named is not None:
        mark = os.path.join(named, SETTINGS)
        answer.marks.append((mark if os.path.isfile(mark) else os.path.join(named, META), True))
        _activate(answer, named, os.path.basename(named), None, environ, shell)
    elif venv:
        _enter(answer, data_dir, os.path.realpath(venv), here, environ, shell)
    elif pin:
        # One of them may be made any time, of either kind: the shells look for three marks at most.
        meant = _named_by(environ, data_dir, pin)[:2]
        marks = [os.path.join(path, mark) for path in meant for mark in (SETTINGS, META)][:3]
        answer.marks += [(mark, False) for mark in marks]
    return answer


def _enter(
    answer: Answer, data_dir: str, root: str, here: str, environ: Mapping[str, str], shell: str
) -> None:
    from hutch.ops import trust

    environment = trust.environment_in(root)
    if environment is None:
        return
    said = trust.verdict(data_dir, root)
    if said != "denied" and _is_ours(environment, data_dir, root):
        said = "allowed"
    mark = trust.mark_path(data_dir, root, trust.ALLOWED)
    if said == "lapsed":
        # The next `hutch allow` makes it anew: the shell sees that by its coming.
        trust.forget(data_dir, root)
    answer.marks.append((mark, os.path.isfile(mark)))
    if said != "allowed":
        if said != "denied":
            what = "the environment" if environment != os.path.join(root, ".venv") else ".venv"
            why = "it is not the one that was trusted: " if said == "lapsed" else ""
            text = f"{what} of {_shown(root)} is not activated: {why}`{_allow(root, here)}` to trust it"
            answer.say.append((root + said, f"hutch: {text}"))
        return
    if os.pathsep in environment:
        text = f"{_shown(root)} has a {os.pathsep} in it, which no PATH can hold: it is not activated"
        answer.say.append((root, f"hutch: {text}"))
        return
    files = _env_files(answer, data_dir, root, here, environ)
    _watch_packages(answer, os.path.join(environment, META))
    name = os.path.basename(root if os.path.basename(environment) == ".venv" else environment)
    _activate(answer, environment, name, files, environ, shell)


def _is_trusted(data_dir: str, environment: str) -> bool:
    """Whether an environment is one that would be activated: with a name, or of a project that is trusted."""
    from hutch.ops import trust
    from hutch.ops.env_places import names_folder, projects_folder

    folder = os.path.dirname(os.path.realpath(environment))
    if folder == os.path.realpath(names_folder(data_dir)):
        return True
    if os.path.dirname(folder) == os.path.realpath(projects_folder(data_dir)):
        return True
    return trust.verdict(data_dir, os.path.dirname(environment)) == "allowed"


def _env_files(
    answer: Answer, data_dir: str, root: str, here: str, environ: Mapping[str, str]
) -> EnvFiles | None:
    """The env files that are to be loaded, if they are those that were trusted."""
    from hutch.errors import Problem
    from hutch.ops import trust
    from hutch.ops.env_files import find_env_files

    try:
        files = find_env_files(root, environ)
    except Problem as problem:
        text = f"hutch: no env file of {_shown(root)} is loaded: {_shown(problem.what)}"
        answer.say.append((f"{root} env {problem.what}", text))
        return None
    if files is None:
        return None
    known = trust.trusted_env_files(data_dir, root)
    mark = trust.mark_path(data_dir, root, trust.ENV_FILES)
    answer.marks.append((mark, known == files.digest))
    listed = ", ".join(_shown(name) for name, _, _ in files.shown)
    if known == files.digest:
        answer.files = list(files.paths)
        _no_older(mark, files.paths)
        if files.refused:
            text = f"hutch: {listed} of {_shown(root)} may not set {', '.join(files.refused)}"
            answer.say.append((f"{root} refused", text))
        return files
    if known is not None:
        trust.forget_env_files(data_dir, root)
    if files.variables or files.activates:
        what = "is not what was trusted" if known is not None else "is not trusted"
        text = f"hutch: {listed} of {_shown(root)} {what}, and not loaded: `{_allow(root, here)}` to load it"
        answer.say.append((f"{root} env {files.digest}", text))
    return None


def _watch_packages(answer: Answer, history: str) -> None:
    """Packages of a conda environment may bring scripts and variables: it is entered anew when they change.

    The shells compare dates with the last of the marks, which has to be there.
    """
    mark, there = answer.marks[-1]
    if not there or not os.path.isfile(history):
        return
    if len(answer.marks) == 1:
        answer.marks.append((mark, there))
    answer.files.append(history)
    _no_older(mark, (history,))


def _no_older(mark: str, paths: tuple[str, ...]) -> None:
    """A file with a later date than the mark and the same contents is not asked about at each prompt."""
    times = []
    for path in paths:
        try:
            times.append(os.stat(path).st_mtime_ns)
        except OSError:
            pass
    try:
        date = os.stat(mark).st_mtime_ns
        if times and max(times) > date:
            os.utime(mark, ns=(date, max(times)))
    except OSError:
        pass


def _activate(
    answer: Answer,
    environment: str,
    name: str,
    files: EnvFiles | None,
    environ: Mapping[str, str],
    shell: str,
) -> None:
    if not os.path.isfile(os.path.join(environment, SETTINGS)):
        _activate_conda(answer, environment, files, environ, shell)
        return
    scripts = "Scripts" if os.name == "nt" else "bin"
    prompt = _prompt(environment) or name
    prompt = "".join(each for each in prompt if each.isprintable())
    variables = dict(files.variables) if files is not None else {}
    changed = ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", *variables]
    if "PYTHONHOME" in environ:
        changed.append("PYTHONHOME")
    activated = environment, os.path.join(environment, scripts), prompt
    answer.environment, answer.variables = activated, variables
    answer.state = encode_state(activated, {each: environ.get(each) for each in changed})


def _activate_conda(
    answer: Answer, environment: str, files: EnvFiles | None, environ: Mapping[str, str], shell: str
) -> None:
    """An environment of conda's: its variables as conda has them, over what is active, and its scripts."""
    from hutch.ops.conda_activation import prefix_facts
    from hutch.shell.conda import OWN, level_of, step_over

    own = files is not None and files.activates
    facts = prefix_facts(environment, SCRIPTS.get(shell, ".sh"), environ, project=own)
    level = level_of(environ)
    step = step_over(environ, facts, lambda _: facts, stack=bool(level), separator=os.pathsep)
    variables = {one.place: one.value for one in step.save if one.value is not None}
    after = step.variables(environ, os.pathsep)
    if facts.enter_sh:
        from hutch.ops.conda_sh import read_by_sh

        # Of those that the shell cannot read it gets the variables, which the hook takes back by itself.
        found = read_by_sh(facts.enter_sh, after)
        variables |= {
            name: value for name, value in found.items() if value is not None and name not in ("PATH", *OWN)
        }
    variables |= {**step.export, **(files.variables if files is not None else {})}
    changed = list(variables)
    if "PYTHONHOME" in environ:
        changed.append("PYTHONHOME")
    prompt = step.modifier.removeprefix("(").removesuffix(") ")
    activated = environment, os.pathsep.join(facts.folders), prompt
    answer.environment, answer.variables, answer.level = activated, variables, str(level + 1)
    answer.read, answer.later = facts.enter, facts.leave
    answer.state = encode_state(activated, {each: environ.get(each) for each in changed})


def named_environment(environ: Mapping[str, str], data_dir: str, pin: str) -> str | None:
    """The environment that a ``.python-version`` names, of hutch or of pyenv; None if it names none."""
    for path in _named_by(environ, data_dir, pin):
        if any(os.path.isfile(os.path.join(path, mark)) for mark in (SETTINGS, META)):
            return path
    return None


def _named_by(environ: Mapping[str, str], data_dir: str, pin: str) -> list[str]:
    """Where environments with the names in a ``.python-version`` would be, the first that counts first."""
    from hutch.ops.env_places import names_folder

    found = []
    folders = [names_folder(data_dir)]
    home = environ.get("HOME") or environ.get("USERPROFILE")
    pyenv = environ.get("PYENV_ROOT") or (os.path.join(home, ".pyenv") if home else None)
    if pyenv:
        folders.append(os.path.join(pyenv, "versions"))
    for line in _text(pin).splitlines():
        name = (line.split() or [""])[0]
        parts = name.split("/")
        is_plain = len(parts) == 1 or (len(parts) == 3 and parts[1] == "envs")
        if not name or name.startswith("#") or not is_plain or "\\" in name or {"", ".", ".."} & set(parts):
            continue
        for folder in folders:
            path = os.path.join(folder, *parts)
            if os.pathsep not in path:
                found.append(path)
    return found


def _is_ours(environment: str, data_dir: str, root: str) -> bool:
    """Whether it is in the central place, where hutch made it for this very project."""
    if os.path.dirname(environment) == root:
        return False
    from hutch.ops.env_places import project_folder

    return os.path.dirname(os.path.realpath(environment)) == os.path.realpath(project_folder(data_dir, root))


def _prompt(environment: str) -> str:
    """``prompt`` of the ``pyvenv.cfg``; venv writes it with the quotes of a Python text."""
    for line in _text(os.path.join(environment, SETTINGS)).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip().lower() == "prompt":
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            return value
    return ""


def _text(path: str) -> str:
    from hutch.plain import read_plain

    try:
        return read_plain(path, LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def _allow(root: str, here: str) -> str:
    if here and os.path.realpath(here) == root:
        return "hutch allow"
    from hutch.shell.quoting import quote_posix

    plain = root.replace("/", "a").replace("-", "a").replace("_", "a").replace(".", "a")
    return f"hutch allow {_shown(root if plain.isalnum() else quote_posix(root))}"


def _shown(path: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in path)
