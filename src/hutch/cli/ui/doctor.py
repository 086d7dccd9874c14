"""What ``hutch doctor`` says: the worst first, a line for all that is well."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hutch.ops.checks.values import Finding
    from hutch.ops.doctor import CheckList, DoctorOutcome, Examined, Treated

__all__ = ["fix_question", "print_checks", "print_doctor"]

LABELS = {"error": "error", "warning": "warning", "info": "note"}
SEEN = 5
"""Facts of a finding that are shown; ``--verbose`` and ``--json`` have all."""


def print_checks(outcome: CheckList, terminal: Terminal) -> None:
    """``hutch doctor --list``."""
    from hutch.ops.checks.values import GROUPS

    lines: list[str] = []
    width = max((len(each.code) for each in outcome.checks), default=0)
    for group, title in GROUPS.items():
        mine = [each for each in outcome.checks if each.group == group]
        if not mine:
            continue
        lines += [*([""] if lines else []), f"{terminal.out.paint('title', f'{title}:')} (group {group})"]
        for each in mine:
            first = f"  {each.code:<{width}}  {each.fix_class:<4}  "
            lines += wrap(clean(each.title), terminal.out.fold, first=first, rest=" " * len(first))
    terminal.data("".join(f"{line}\n" for line in lines))


def print_doctor(outcome: DoctorOutcome, terminal: Terminal) -> None:
    """``hutch doctor``."""
    writer = _Writer(terminal, outcome.chosen)
    if terminal.verbose:
        writer.examined(outcome.examined)
    treated = [one for one in outcome.treated if one.state in ("fixed", "failed", "planned")]
    for one in treated:
        writer.treated(one)
    if treated:
        writer.gap()
    done = {(one.finding.code, one.finding.title) for one in outcome.treated if one.state == "planned"}
    for finding in outcome.findings:
        if (finding.code, finding.title) not in done:
            writer.finding(finding)
    writer.failures(outcome.examined)
    writer.summary(outcome)
    terminal.data("".join(f"{line}\n" for line in writer.lines))


def fix_question(terminal: Terminal) -> Callable[[Finding], bool] | None:
    """A way to ask about a fix that is not applied unasked; None where there is nobody."""
    from hutch.cli.ui.prompt import agrees, can_ask

    if not can_ask(terminal):
        return None

    def ask(finding: Finding) -> bool:
        writer = _Writer(terminal)
        writer.finding(finding, closed=False)
        terminal.tell(*writer.lines)
        return agrees(terminal, "Do that?")

    return ask


class _Writer:
    """The report, line by line."""

    def __init__(self, terminal: Terminal, chosen: str = "") -> None:
        self.terminal = terminal
        self.command = f"hutch doctor{chosen} --fix"
        self.out = terminal.out
        self.lines: list[str] = []

    def gap(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def _say(self, text: str, first: str, rest: str) -> None:
        self.lines += wrap(clean(text), self.out.fold, first=first, rest=rest)

    def _labelled(self, style: str, label: str, text: str, code: str = "") -> None:
        """A line that begins with a word in colour, and ends with the name of a check."""
        first, *rest = wrap(clean(text), self.out.fold, first=f"{label}: ", rest=" " * (len(label) + 2))
        self.lines += [self.out.paint(style, f"{label}:") + first[len(label) + 1 :], *rest]
        if not code:
            return
        tail = f" [{code}]"
        if len(rest[-1] if rest else first) + len(tail) <= self.out.fold:
            self.lines[-1] += self.out.paint("dim", tail)
        else:
            self.lines.append(self.out.paint("dim", f"{' ' * (len(label) + 1)}{tail}"))

    def examined(self, examined: Sequence[Examined]) -> None:
        """Every check, with how it went."""
        from hutch.ops.checks.values import GROUPS

        words = {"fine": "ok", "found": "found", "skipped": "skipped", "failed": "failed"}
        group = ""
        for each in examined:
            if each.check.group != group:
                group = each.check.group
                self.gap()
                self.lines.append(self.out.paint("title", f"{GROUPS[group]}:"))
            word = f"{len(each.findings)} {words[each.state]}" if each.findings else words[each.state]
            text = f"{each.check.title} [{each.check.code}]"
            self._say(text, f"  {word:<8} ", " " * 11)
        self.gap()

    def finding(self, finding: Finding, *, closed: bool = True) -> None:
        """One finding: what, what was seen, why, and what to do."""
        label = LABELS[finding.severity]
        style = "note" if finding.severity == "info" else finding.severity
        self._labelled(style, label, finding.title, finding.code)
        shown = finding.seen if self.terminal.verbose else finding.seen[:SEEN]
        for line in shown:
            self._say(line, "  ", "    ")
        if len(shown) < len(finding.seen):
            self.lines.append(f"  and {len(finding.seen) - len(shown)} more; --verbose tells all")
        self._say(finding.why, "  why: ", "       ")
        if finding.fix is not None:
            plan = "; ".join(finding.fix.plan)
            how = {"safe": "", "ask": ", after a question"}[finding.fix_class] if closed else ""
            self._try(f"{self.command}{how}: {plan}" if closed else plan)
        for command in finding.commands:
            self._try(command, more=finding.fix is not None or command != finding.commands[0])
        self.gap()

    def _try(self, text: str, *, more: bool = False) -> None:
        label = " or:" if more else "try:"
        first, *rest = wrap(clean(text), self.out.fold, first=f"  {label} ", rest=" " * 7)
        self.lines += ["  " + self.out.paint("hint", label) + first[2 + len(label) :], *rest]

    def treated(self, one: Treated) -> None:
        """What was done about a finding."""
        if one.state == "fixed":
            self._labelled("hint", "fixed", f"{one.finding.title}: {one.text}", one.finding.code)
            if one.finding.fix is not None and one.finding.fix.undo:
                self._say(one.finding.fix.undo, "  undo: ", "        ")
        elif one.state == "failed":
            self._labelled("error", "not fixed", f"{one.finding.title}: {one.text}", one.finding.code)
        else:
            question = " (after a question)" if one.finding.fix_class == "ask" else ""
            self._labelled(
                "hint", "would fix", f"{one.finding.title}{question}: {one.text}", one.finding.code
            )

    def failures(self, examined: Sequence[Examined]) -> None:
        """Checks that could not look."""
        for each in examined:
            if each.state == "failed":
                title = f"{each.check.title[:1].lower()}{each.check.title[1:]}"
                text = f"could not look whether {title}: {each.reason}"
                self._labelled("warning", "warning", text, each.check.code)
                self.gap()

    def summary(self, outcome: DoctorOutcome) -> None:
        """How many of what; and what can be done about it."""
        fine = sum(each.state == "fine" for each in outcome.examined)
        skipped = sum(each.state == "skipped" for each in outcome.examined)
        parts = [
            count(outcome.count(severity), word)
            for severity, word in LABELS.items()
            if outcome.count(severity)
        ]
        well = (
            f"{count(fine, 'check')} found nothing" if parts else f"nothing found by {count(fine, 'check')}"
        )
        text = ", ".join(parts) + (f"; {well}" if parts else well[:1].upper() + well[1:])
        if skipped:
            text += f", {skipped} skipped"
        self._say(text, "", "")
        if outcome.treated:
            return
        able = [finding for finding in outcome.findings if finding.fix is not None]
        safe = sum(finding.fix_class == "safe" for finding in able)
        if able:
            asks = len(able) - safe
            what = f"puts {safe} of them right" if safe else "asks"
            more = f", and asks about {asks} more" if safe and asks else ""
            about = f" about {asks} of them" if not safe else ""
            self._say(f"{self.command} {what}{about}{more}", "", "")
