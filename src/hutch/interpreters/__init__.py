"""Find, probe and describe Python interpreters.

`find_interpreter` answers a request (a version, a range, a name, a path) under a project's
``requires-python``; `probe_interpreter` asks one interpreter what it is, once; an `Interpreter` holds
all that environments, markers and wheel tags need, so that nothing else has to start Python. The door
is lazy: importing it costs nothing.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters.choose import pin_admits
    from hutch.interpreters.facts import Interpreter, Layout
    from hutch.interpreters.find import Found, find_interpreter, list_interpreters
    from hutch.interpreters.foreign import lies_in, starts_foreign_code
    from hutch.interpreters.installation import Installation, probe_installation
    from hutch.interpreters.pins import Pin, nearest_pin, parse_python_version_file
    from hutch.interpreters.places import Candidate, SearchOptions, iterate_candidates
    from hutch.interpreters.probe import FactsStore, probe_interpreter, python_in
    from hutch.interpreters.problems import (
        BrokenInterpreter,
        InvalidPythonRequest,
        NoInterpreter,
        Rejected,
        UnsupportedInterpreter,
    )
    from hutch.interpreters.request import PythonRequest, parse_python_request
    from hutch.interpreters.virtual import EnvironmentFile, parse_pyvenv, read_environment_file

_HOMES = {
    "BrokenInterpreter": "problems",
    "Candidate": "places",
    "EnvironmentFile": "virtual",
    "FactsStore": "probe",
    "Found": "find",
    "Installation": "installation",
    "Interpreter": "facts",
    "InvalidPythonRequest": "problems",
    "Layout": "facts",
    "NoInterpreter": "problems",
    "Pin": "pins",
    "PythonRequest": "request",
    "Rejected": "problems",
    "SearchOptions": "places",
    "UnsupportedInterpreter": "problems",
    "find_interpreter": "find",
    "iterate_candidates": "places",
    "lies_in": "foreign",
    "list_interpreters": "find",
    "nearest_pin": "pins",
    "parse_python_request": "request",
    "parse_python_version_file": "pins",
    "parse_pyvenv": "virtual",
    "pin_admits": "choose",
    "probe_installation": "installation",
    "probe_interpreter": "probe",
    "python_in": "probe",
    "read_environment_file": "virtual",
    "starts_foreign_code": "foreign",
}

__all__ = [
    "BrokenInterpreter",
    "Candidate",
    "EnvironmentFile",
    "FactsStore",
    "Found",
    "Installation",
    "Interpreter",
    "InvalidPythonRequest",
    "Layout",
    "NoInterpreter",
    "Pin",
    "PythonRequest",
    "Rejected",
    "SearchOptions",
    "UnsupportedInterpreter",
    "find_interpreter",
    "iterate_candidates",
    "lies_in",
    "list_interpreters",
    "nearest_pin",
    "parse_python_request",
    "parse_python_version_file",
    "parse_pyvenv",
    "pin_admits",
    "probe_installation",
    "probe_interpreter",
    "python_in",
    "read_environment_file",
    "starts_foreign_code",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
