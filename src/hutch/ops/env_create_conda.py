"""``hutch env create NAME python=3.12``, ``--conda SPEC`` and ``-f FILE``: a named environment of conda's
packages, with those of an index beside them."""

from __future__ import annotations

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.context import Context
    from hutch.ops.env_create import EnvCreateOptions

__all__ = ["env_create_conda", "means_conda"]


def env_create_conda(context: Context, options: EnvCreateOptions) -> CondaChange:
    """Make it as ``hutch conda create`` does."""
    from hutch.ops.conda_change import CondaCreateOptions, conda_create
    from hutch.ops.conda_env import CondaEnvCreateOptions, conda_env_create

    _refuse_what_is_of_an_index(context, options)
    context.named = options.env_name
    if options.file is not None:
        return conda_env_create(
            context,
            CondaEnvCreateOptions(file=options.file, prefix=options.prefix, dry_run=options.dry_run),
        )
    # Where --conda says what is conda's, the other words are an index's; else all of them are conda's.
    return conda_create(
        context,
        CondaCreateOptions(
            specs=options.conda or options.requirements,
            prefix=options.prefix,
            channel=options.channel,
            override_channels=options.override_channels,
            dry_run=options.dry_run,
        ),
        index=_of_an_index(context, options),
    )


def means_conda(options: EnvCreateOptions) -> bool:
    """Whether packages of conda are asked for: by --conda or -f, by a channel, or in words that only conda
    has (``python=3.12``)."""
    if options.conda or options.file is not None or options.channel or options.override_channels:
        return True
    return any(_is_conda_word(word) for word in options.requirements)


def _is_conda_word(word: str) -> bool:
    name, mark, rest = word.partition("=")
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return bool(mark) and plain.isalnum() and rest[:1].isalnum()


def _of_an_index(context: Context, options: EnvCreateOptions) -> IndexAsked | None:
    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.pip_files import read_files, set_flags

    words = options.requirements if options.conda else ()
    if not (words or options.requirement or options.editable):
        return None
    files = read_files(context, options.requirement, options.constraint)
    set_flags(context, files)
    return IndexAsked(files=files, base=context.directory, words=words, editables=options.editable)


def _refuse_what_is_of_an_index(context: Context, options: EnvCreateOptions) -> None:
    """An environment of conda has conda's Python; what else is said of one would be passed over."""
    others: dict[str, object] = {
        "--seed": options.seed,
        "--system-site-packages": options.system_site_packages,
        "--prompt": options.prompt,
        "--clear": options.clear,
    }
    word = "--file" if options.file is not None else "--conda"
    if options.file is not None:
        others |= {
            "REQUIREMENT": options.requirements,
            "--requirement": options.requirement,
            "--constraint": options.constraint,
            "--editable": options.editable,
            "--conda": options.conda,
            "--channel": options.channel,
            "--override-channels": options.override_channels,
        }
    said = [name for name, value in others.items() if value]
    if said:
        raise UsageProblem(
            f"{word} and {said[0]} do not go together",
            why="an environment of conda's packages has conda's Python, or is just what the file says",
            hint="make it without, and install the rest with hutch conda install or hutch pip install",
        )
    if context.flags.get("python") is not None:
        raise UsageProblem(
            f"{word} and --python do not go together",
            why="the Python is a package of conda there",
            hint="--conda python=3.12",
        )
