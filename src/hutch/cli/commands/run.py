"""``hutch run COMMAND``."""

from __future__ import annotations

import os

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Run the command; its exit code is ours."""
    code = _at_once(call)
    if code is not None:
        return code
    from hutch.ops.run import RunOptions
    from hutch.ops.run import run as run_command

    outcome = run_command(call.context(), call.options(RunOptions))
    return outcome.exit_code


def _at_once(call: Call) -> int | None:
    """Run a plain command in an environment that is known to be in place; None to look properly.

    Whatever is out of the ordinary (a command that is not found, too) is left to the operation.
    """
    words = [str(word) for word in _tuple(call.values["command"])]
    unusual = not call.values["sync"] or call.values["env_file"] or call.values["with_packages"]
    if unusual or words[0].endswith((".py", ".pyw")):
        return None
    environment = call.environment_in_place(exact=False)
    if environment is None:
        return None
    from hutch.ops.child import child_environment, execute, find_program

    scripts = "Scripts" if os.name == "nt" else "bin"
    is_prefix = os.path.isdir(os.path.join(environment, "conda-meta"))
    if is_prefix:
        from hutch.ops.conda_activation import activating, prefix_variables

        variables: dict[str, str] = prefix_variables(dict(call.environ), environment)
    else:
        variables = child_environment(dict(call.environ), environment, scripts)
    program = find_program(words[0], variables)
    if program is None:
        return None
    if is_prefix:
        program, words = activating(environment, program, words, variables)
    call.terminal.close()
    return execute(program, words, variables)


def _tuple(value: object) -> tuple[object, ...]:
    assert isinstance(value, tuple)
    return value
