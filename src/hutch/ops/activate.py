"""``hutch activate``: what a shell evaluates to have an environment active. Changes nothing by itself."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.events import Notice
from hutch.ops.activation_path import CannotActivate, refuse_path
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env import Environment
    from hutch.ops.context import Context
    from hutch.shell import ActivationFacts

__all__ = [
    "ActivateOptions",
    "ActivateOutcome",
    "activate",
    "facts_of",
    "present_for_activation",
    "refuse_path",
]

LINES = {
    "bash": 'eval "$({})"',
    "zsh": 'eval "$({})"',
    "ksh": 'eval "$({})"',
    "sh": 'eval "$({})"',
    "direnv": 'eval "$({})"',
    "fish": "{} | source",
    "csh": "eval `{}`",
    "xonsh": "execx($({}))",
    "elvish": "eval ({} | slurp)",
    "powershell": "{} | Out-String | Invoke-Expression",
}
"""What to type in each shell that evaluates what a command prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateOptions:
    """The options of ``activate``: ``path`` is an environment, or a directory with one in `.venv`."""

    path: str | None = None
    shell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateOutcome:
    """What to evaluate in ``shell``, and the line to type there; and the same as a list, for editors.

    ``prefix`` is set where it is an environment of conda's.
    """

    environment: str
    prompt: str
    shell: str
    text: str
    line: str
    variables: Mapping[str, str]
    unset: tuple[str, ...]
    scripts: str
    prefix: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "environment": self.environment,
            "prompt": self.prompt,
            "shell": self.shell,
            "line": self.line,
            "set": dict(self.variables),
            "unset": list(self.unset),
            "prepend": {"PATH": self.scripts},
        }


def activate(context: Context, options: ActivateOptions) -> ActivateOutcome:
    """What activates the project's environment, or the one that is named, in the user's shell."""
    from hutch.ops.child import child_environment
    from hutch.ops.user_shell import user_shell

    environment = present_for_activation(context, options.path)
    kind: str | None = {"pwsh": "powershell", "tcsh": "csh", "nushell": "nu"}.get(
        options.shell or "", options.shell
    )
    if kind is None:
        kind, program = user_shell(context.environ)
        if kind is None:
            raise UsageProblem(
                f"hutch does not know the shell {os.path.basename(program)}",
                hint="--shell bash prints what a shell of that family evaluates; hutch shell starts one",
            )
    facts = facts_of(environment, context.environ)
    old = dict(context.environ)
    if environment.prefix:
        from hutch.ops.conda_activation import prefix_variables

        new: dict[str, str] = prefix_variables(dict(old), environment.root)
    else:
        new = child_environment(dict(old), environment.root, environment.scripts)
        new["VIRTUAL_ENV_PROMPT"] = facts.prompt
    said = [word for word in _plain(context.typed) if word != "--json"]
    words = " ".join(("hutch", *said)) if said else "hutch activate"
    text = _conda_text(context, kind, environment.root) if environment.prefix else _text(kind, facts)
    return ActivateOutcome(
        environment=environment.root,
        prompt=facts.prompt,
        shell=kind,
        text=text,
        line=LINES[kind].format(words) if kind in LINES else text.strip(),
        variables={name: value for name, value in new.items() if old.get(name) != value},
        unset=tuple(name for name in old if name not in new),
        scripts=os.path.join(environment.root, environment.scripts),
        prefix=environment.prefix,
    )


def _conda_text(context: Context, kind: str, root: str) -> str:
    """What activates an environment of conda's, with a ``deactivate`` that hutch answers."""
    from hutch.ops.conda_activate import own_words, step_into
    from hutch.ops.conda_sh import with_sh
    from hutch.shell import quote
    from hutch.shell.conda import level_of
    from hutch.shell.conda_text import EXTENSIONS, deactivate_text, step_text

    shell = "bash" if kind == "direnv" else kind
    if shell not in EXTENSIONS:
        raise CannotActivate(
            f"{kind} cannot be told to activate an environment of conda's",
            why="it evaluates nothing while it runs",
            hint="hutch shell starts one in which it is active; hutch run needs no activation",
        )
    step = with_sh(step_into(context, root, shell), context.environ, os.pathsep)
    text = step_text(shell, step, os.pathsep)
    if kind == "direnv":  # which itself takes back what has changed
        return f"{text}watch_file {quote('bash', os.path.join(root, 'conda-meta', 'history'))}\n"
    return text + deactivate_text(shell, own_words(context.environ), level_of(context.environ))


def _plain(typed: tuple[str, ...]) -> list[str]:
    import shlex

    return [shlex.quote(word) for word in typed]


def present_for_activation(context: Context, path: str | None = None) -> Environment:
    """The environment: of ``path``, the one named, the project's, or the nearest; none is made or changed."""
    from hutch.env import is_prefix, is_unfinished, open_present
    from hutch.ops.problems import NoEnvironment

    if path is not None:
        if context.named is not None or context.env is not None:
            raise UsageProblem("a path and --name or --env name two environments")
        root = context.path(path)
        inside = os.path.join(root, ".venv")
        own = os.path.exists(os.path.join(root, "pyvenv.cfg")) or is_prefix(root)
        if not own and os.path.isdir(inside):
            root = inside
        if is_unfinished(root):
            raise NoEnvironment(path, f"hutch venv {path} makes one")
        environment = open_present(root)
    else:
        environment = open_present(_root(context))
    refuse_path(environment.root)
    if not environment.prefix and not os.path.exists(environment.executable):
        context.emit(Notice(f"the Python of {environment.root} is gone; hutch sync sees to it", warning=True))
    return environment


def _root(context: Context) -> str:
    from hutch.env import is_unfinished
    from hutch.ops.chosen import chosen_environment, note_use, pinned_environment
    from hutch.ops.environments import environment_root
    from hutch.ops.problems import NoEnvironment

    if context.named is not None or context.env is not None:
        root = chosen_environment(context)
        note_use(root)
        return root
    if context.root is not None:
        root = environment_root(context, context.checkout)
        if is_unfinished(root):
            shown = os.path.relpath(root, context.directory)
            raise NoEnvironment(root if shown.startswith("..") else shown, "hutch sync makes it")
        return root
    pinned = pinned_environment(context)
    if pinned is not None:
        return pinned
    folder = context.directory
    while is_unfinished(os.path.join(folder, ".venv")):
        above = os.path.dirname(folder)
        if above == folder:
            raise NoEnvironment(".venv", "hutch venv makes one; hutch env list says which have names")
        folder = above
    return os.path.join(folder, ".venv")


def facts_of(environment: Environment, environ: Mapping[str, str] | None = None) -> ActivationFacts:
    """What activation needs to know of an environment, whoever made it."""
    from hutch.shell import ActivationFacts

    root = environment.root
    prompt = environment.settings.get("prompt", "")
    if prompt[:1] in ("'", '"') and prompt[-1:] == prompt[:1]:
        prompt = prompt[1:-1]  # as venv writes it
    prompt = "".join(each for each in prompt if each.isprintable()).strip()
    if not prompt:
        name = os.path.basename(root)
        prompt = os.path.basename(os.path.dirname(root)) if name in (".venv", "venv") else name
        prompt = "".join(each for each in prompt if each.isprintable())
    windows = environment.scripts == "Scripts"
    call: tuple[str, ...] = ()
    if environment.prefix:
        from hutch.ops.conda_activate import own_words
        from hutch.shell.conda import conda_name

        prompt = conda_name(root, environ or {})
        call = (*own_words(environ or {}), "activate", root)
    return ActivationFacts(
        environment=root, prompt=prompt, scripts=environment.scripts, windows=windows, call=call
    )


def _text(kind: str, facts: ActivationFacts) -> str:
    from hutch.shell import activation_text, quote

    if kind == "direnv":
        return _direnv(facts)
    text = activation_text(kind, facts)
    if text is not None:
        return text
    # These evaluate no text of many lines, or none at all: a line that has the file read.
    name = {"csh": "activate.csh", "nu": "activate.nu", "cmd": "activate.bat"}[kind]
    file = os.path.join(facts.environment, facts.scripts, name)
    if not os.path.isfile(file):
        raise CannotActivate(
            f"the environment has no {name}",
            why="another tool has made it" if kind != "cmd" else "it was made on another system",
            hint="hutch shell starts a shell in which it is active",
        )
    if kind == "cmd":
        return f'"{file}"\n'
    return f"{'source' if kind == 'csh' else 'overlay use'} {quote(kind, file)}\n"


def _direnv(facts: ActivationFacts) -> str:
    """For an `.envrc`, with direnv's own words: it takes back what it sees changed, and looks again then."""
    from hutch.shell import quote

    scripts = os.path.join(facts.environment, facts.scripts)
    settings = os.path.join(facts.environment, "pyvenv.cfg")
    return (
        f"export VIRTUAL_ENV={quote('bash', facts.environment)}\n"
        f"export VIRTUAL_ENV_PROMPT={quote('bash', facts.prompt)}\n"
        "unset PYTHONHOME\n"
        f"PATH_add {quote('bash', scripts)}\n"
        f"watch_file {quote('bash', settings)}\n"
    )
