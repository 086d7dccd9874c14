"""``docs/explanation/conflicts.md`` shows what hutch says, not what it once said."""

from __future__ import annotations

import textwrap
from pathlib import Path

from explain.cases import CASES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "conflicts.md"


def test_the_page_has_the_messages_of_the_cases():
    page = PAGE.read_text(encoding="utf-8")
    titles = [line.partition(". ")[2] for line in page.splitlines() if line.startswith("### ")]
    assert len(titles) == 10
    for title in titles:
        section = page.partition(f". {title}\n")[2].partition("\n### ")[0]
        case = next(case for case in CASES if case.name.lower() == title.lower())
        message = textwrap.dedent(case.message).strip().partition("\n")[2]
        assert f"**hutch**\n\n```text\n{message}\n```" in section, title
