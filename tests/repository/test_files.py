"""What may not be in any file: host names of registries, places of somebody's machine, broken links."""

from __future__ import annotations

import re
from pathlib import Path

# In pieces, so that this file does not hold what it looks for.
HOSTS = [
    "py" + "pi.org",
    "py" + "pi.io",
    "python" + "hosted.org",
    "registry.npm" + "js",
    "deb.deb" + "ian.org",
    "repo.ana" + "conda.com",
    "conda.ana" + "conda.org",
]
REGISTRY = re.compile("|".join(map(re.escape, HOSTS)), re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.<>-])/(?:ro" + "ot|wo" + "rk|opt/py" + "pi-more|tmp/w)/")
# Plain text only; an archive of a fixture may hold what its project wrote.
BINARY = {".whl", ".gz", ".zip", ".png", ".ico", ".exe"}


def lines_of(files: list[Path]):
    for file in files:
        if file.suffix not in BINARY:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                yield file, number, line


def test_no_host_name_of_a_registry_is_written_down(tracked_files):
    """Which index is the default is known to one module, at run time (docs/adr/0007)."""
    found = [
        f"{file}:{n}: {line[:100]}" for file, n, line in lines_of(tracked_files) if REGISTRY.search(line)
    ]
    assert found == []


def test_no_place_of_a_machine_is_written_down(tracked_files):
    found = [f"{file}:{n}: {line[:100]}" for file, n, line in lines_of(tracked_files) if MACHINE.search(line)]
    assert found == []


def test_text_files_end_with_one_newline_and_have_no_tabs_or_carriage_returns(tracked_files):
    odd = []
    for file in tracked_files:
        if file.suffix in {".py", ".md", ".toml", ".txt", ".cfg", ".html"}:
            text = file.read_bytes()
            if text and (not text.endswith(b"\n") or text.endswith(b"\n\n") or b"\r" in text):
                odd.append(file.name)
    assert odd == []


LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def prose(text: str) -> str:
    """A document without its code, in which brackets and parentheses mean something else."""
    outside = re.split(r"^```.*$", text, flags=re.MULTILINE)[::2]
    return re.sub(r"`[^`\n]*`|^ {4}.*$", "", "".join(outside), flags=re.MULTILINE)


def test_links_between_documents_lead_somewhere(tracked_files, repository):
    broken = []
    for file in tracked_files:
        if file.suffix == ".md":
            for target in LINK.findall(prose(file.read_text(encoding="utf-8"))):
                if "://" not in target and not (file.parent / target).exists():
                    broken.append(f"{file.relative_to(repository)}: {target}")
    assert broken == []


def test_every_page_is_in_the_index_of_its_folder(repository):
    missing = []
    for folder in ("tutorial", "how-to", "reference", "explanation", "adr"):
        index = (repository / "docs" / folder / "README.md").read_text(encoding="utf-8")
        pages = (page.name for page in (repository / "docs" / folder).glob("*.md"))
        missing += [f"{folder}/{page}" for page in pages if page != "README.md" and f"({page})" not in index]
    assert missing == []


def test_the_page_of_exit_codes_is_what_errors_says(repository):
    from hutch.errors import NetworkProblem, Problem, UsageProblem

    page = (repository / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    rows = {int(code): what for code, what in re.findall(r"^\| (\d+) \| (.*?) \|", page, re.MULTILINE)}
    assert set(rows) == {0, Problem.exit_code, UsageProblem.exit_code, NetworkProblem.exit_code, 4, 70}


def test_decisions_are_numbered_without_gaps(repository):
    numbers = sorted(
        int(p.name[:4]) for p in (repository / "docs/adr").glob("[0-9]*.md") if p.name[:4] != "0000"
    )
    assert numbers == list(range(1, len(numbers) + 1))


def test_changelog_lines_have_a_kind(repository):
    kinds = {"added", "changed", "fixed", "removed", "security"}
    names = [p.name for p in (repository / "changelog.d").glob("*.md") if p.name != "README.md"]
    assert [name for name in names if name.split(".")[-2] not in kinds] == []
