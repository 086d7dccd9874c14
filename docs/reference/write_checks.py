"""Write the table of all checks into ``docs/how-to/doctor.md``.

``python3 dev.py reference`` runs this; a test of the doctor fails when the table is out of date.
"""

from __future__ import annotations

from pathlib import Path

from hutch.ops.checks.book import all_checks

PAGE = Path(__file__).parents[1] / "how-to" / "doctor.md"
BEGIN, END = "<!-- checks: written by `python3 dev.py reference` -->\n", "<!-- end of checks -->\n"
HEAD = "| Check | What is so when all is well | If not | Fix |\n|---|---|---|---|\n"


def page() -> str:
    """The page with the table as it should be."""
    rows = "".join(
        f"| `{each.code}` | {each.title} | {'note' if each.severity == 'info' else each.severity}"
        f" | {each.fix_class} |\n"
        for each in all_checks()
    )
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{HEAD}{rows}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
