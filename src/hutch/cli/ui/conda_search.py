"""What ``hutch conda search`` says, in conda's look."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_search import CondaSearchOutcome
    from hutch.ops.conda_search_envs import CondaEnvsOutcome
    from hutch.spec import CondaRecord

__all__ = ["print_environments", "print_records"]


def print_records(outcome: CondaSearchOutcome, terminal: Terminal) -> None:
    """A line a record; with ``--info`` a block."""
    if outcome.info:
        for record in outcome.records:
            terminal.data(_block(record))
        return
    lines = [f"# {'Name':<18} {'Version':>15} {'Build':>15}  {'Channel':<20}"]
    for record in outcome.records:
        lines.append(
            f"{clean(record.name):<20} {clean(record.version):>15} {clean(record.build):>15}"
            f"  {clean(outcome.channel_of(record)):<20}"
        )
    terminal.data("".join(f"{line.rstrip()}\n" for line in lines))


def print_environments(outcome: CondaEnvsOutcome, terminal: Terminal) -> None:
    """A line a package of an environment; with ``--info`` a block of each."""
    from hutch.ops.conda_search_envs import record_of

    if outcome.info:
        for _, path, rows in outcome.found:
            terminal.data("".join(_block(record_of(row), location=path) for row in rows))
        return
    lines = [f"# {'Name':<13} {'Version':>15} {'Build':>15}  {'Channel':<20} Location"]
    for _, path, rows in outcome.found:
        lines += [
            f"{clean(row.name):<15} {clean(row.version):>15} {clean(row.build):>15}"
            f"  {clean(row.channel):<20} {clean(path)}"
            for row in rows
        ]
    terminal.data("".join(f"{line.rstrip()}\n" for line in lines))


def _block(record: CondaRecord, location: str = "") -> str:
    title = clean(f"{record.name} {record.version} {record.build}")
    rows = [
        ("file name", record.filename),
        ("name", record.name),
        ("version", record.version),
        ("build", record.build),
        ("build number", str(record.build_number)),
        ("size", _size(record.size)),
        ("license", record.license),
        ("subdir", record.subdir),
        ("url", record.url),
        ("sha256", record.sha256),
        ("md5", record.md5),
        ("timestamp", _moment(record.timestamp)),
        ("location", location),
    ]
    lines = [title, "-" * len(title)]
    lines += [f"{key:<12}: {clean(value)}" for key, value in rows if value]
    for key, specs in (("constraints", record.constrains), ("dependencies", record.depends)):
        if specs:
            lines += [f"{key:<12}:", *(f"  - {clean(spec)}" for spec in specs)]
    return "\n".join(lines) + "\n\n"


def _size(size: int | None) -> str:
    if size is None:
        return ""
    number, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024 or unit == "GB":
            break
        number /= 1024
    return f"{number:.0f} B" if unit == "B" else f"{number:.1f} {unit}"


def _moment(milliseconds: int) -> str:
    if not milliseconds:
        return ""
    import time

    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(milliseconds / 1000))
    except (OverflowError, ValueError, OSError):
        return ""
