"""``hutch env pack|unpack`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import FLAG, PAIR, PATH, TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON, WHICH

__all__ = ["pack_verbs"]

_CONTENT = "What is in it"


def pack_verbs() -> tuple[Command, ...]:
    """The verbs that carry an environment somewhere else."""
    return (_pack(), _unpack())


def _pack() -> Command:
    return Command(
        "env pack",
        "Make an archive of an environment, to be unpacked somewhere else",
        about=(
            "The archive names no place: it is unpacked on any path, by any user, on machines with the same"
            " platform and minor version of Python; the interpreter itself comes along with --with-python."
            " The same environment gives the same bytes; with SOURCE_DATE_EPOCH no file is younger than that."
            " What leads out of the environment (editables, links) is refused. hutch env unpack checks every"
            " byte; where there is no hutch, `tar xf` and `sh hutch-unpack` make it work. An environment of"
            " conda has its Python in it in any case, and is for the same platform."
        ),
        positionals=(
            Positional(
                "environment",
                "ENVIRONMENT",
                "A name or a directory; else the project's environment",
                count="?",
            ),
        ),
        options=(
            *WHICH,
            Option(
                "output",
                "Write to this file (or into this directory); usually the environment's name",
                kind=PATH,
                short="o",
                metavar="FILE",
                env="HUTCH_ENV_PACK_OUTPUT",
            ),
            Option(
                "format",
                "Of the archive; usually what the name of FILE says, else tar.zst",
                kind=TEXT,
                metavar="FORMAT",
                choices=("tar.zst", "tar.gz", "zip"),
                env="HUTCH_ENV_PACK_FORMAT",
            ),
            Option(
                "compress-level",
                "How hard to compress: 1 to 22 for tar.zst (usually 9), 0 to 9 for the others (6)",
                kind=TEXT,
                metavar="NUMBER",
                env="HUTCH_ENV_PACK_COMPRESS_LEVEL",
            ),
            Option("force", "Replace an archive that is there", kind=FLAG, env="HUTCH_ENV_PACK_FORCE"),
            Option(
                "with-python",
                "Also the interpreter, if a copy of it works wherever it lies",
                kind=FLAG,
                env="HUTCH_ENV_PACK_WITH_PYTHON",
                section=_CONTENT,
            ),
            Option(
                "editable",
                "Build what is installed from a directory that is being worked on, and pack what is there"
                " now, instead of refusing",
                kind=PAIR,
                default=True,
                env="HUTCH_ENV_PACK_EDITABLE",
                section=_CONTENT,
            ),
            Option(
                "ignore-editable",
                "Leave out what is installed from a directory that is being worked on, instead of refusing",
                kind=FLAG,
                env="HUTCH_ENV_PACK_IGNORE_EDITABLE",
                section=_CONTENT,
            ),
            Option(
                "exclude",
                "Leave out files and directories like this, from the environment's root: 'lib/*/tests',"
                " '**/*.dist-info/licenses', or a bare name (may be repeated)",
                kind=TEXT,
                metavar="PATTERN",
                many=True,
                env="HUTCH_ENV_PACK_EXCLUDE",
                section=_CONTENT,
            ),
            Option(
                "bytecode",
                "Leave bytecode out: smaller, and slower at the first start",
                kind=PAIR,
                default=True,
                env="HUTCH_ENV_PACK_BYTECODE",
                section=_CONTENT,
            ),
            DRY_RUN,
            JSON,
        ),
        conflicts=(("name", "env"), ("editable", "ignore-editable")),
        examples=(
            ("hutch env pack", "the project's environment, as NAME.tar.zst"),
            ("hutch env pack science -o /mnt/science.zip", "one with a name, as a zip"),
            ("hutch env pack --with-python", "also for machines that have no such Python"),
        ),
    )


def _unpack() -> Command:
    return Command(
        "env unpack",
        "Make an environment out of an archive of hutch env pack",
        about=(
            "In DIRECTORY, or under a name. Looks first whether a Python is here that it is for, and whether"
            " its packages run on this machine; then compares every file with what the archive says of it."
            " The environment appears when it is complete: what fails or is interrupted leaves nothing."
        ),
        positionals=(
            Positional("archive", "FILE", "What hutch env pack has written", kind=PATH),
            Positional(
                "directory",
                "DIRECTORY",
                "Where it shall be; usually the archive's name",
                count="?",
                kind=PATH,
            ),
        ),
        options=(
            Option(
                "name",
                "Give it a name instead of a directory, to be used with -n NAME from anywhere",
                kind=TEXT,
                short="n",
                metavar="NAME",
                env="HUTCH_ENV_UNPACK_NAME",
            ),
            DRY_RUN,
            JSON,
        ),
        show=("python",),
        examples=(
            ("hutch env unpack shop.tar.zst", "into the directory shop"),
            ("hutch env unpack shop.tar.zst /srv/shop/env", "somewhere else"),
            ("hutch env unpack science.zip -n science --python 3.12", "with a name, for this Python"),
        ),
    )
