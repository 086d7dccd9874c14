"""``hutch doctor``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Look, tell, and put right what was asked for."""
    from hutch.cli.reference import known_variables
    from hutch.cli.ui.doctor import fix_question, print_checks, print_doctor
    from hutch.ops.doctor import DoctorOptions, doctor, list_checks

    options = call.options(DoctorOptions)
    if options.list:
        return call.finish(list_checks(call.context()), print_checks)
    ask = None if call.json else fix_question(call.terminal)
    outcome = doctor(call.context(), options, ask, known_variables())
    call.finish(outcome, print_doctor)
    return outcome.exit_code
