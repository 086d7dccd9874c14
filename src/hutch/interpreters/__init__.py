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
    from hutch.interpreters.find import (
        Choice,
        Found,
        choose_interpreter,
        find_interpreter,
        list_interpreters,
    )
    from hutch.interpreters.foreign import lies_in, starts_foreign_code
    from hutch.interpreters.glance import Glance
    from hutch.interpreters.installation import Installation, probe_installation
    from hutch.interpreters.keepers import conda_roots
    from hutch.interpreters.pins import Pin, global_pins, nearest_pin, parse_python_version_file
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
    from hutch.interpreters.support_dates import Support, support_of
    from hutch.interpreters.survey import Sighting, look_at, survey_pythons
    from hutch.interpreters.virtual import EnvironmentFile, parse_pyvenv, read_environment_file

_HOMES = {
    "BrokenInterpreter": "problems",
    "Candidate": "places",
    "Choice": "find",
    "EnvironmentFile": "virtual",
    "FactsStore": "probe",
    "Found": "find",
    "Glance": "glance",
    "Installation": "installation",
    "Interpreter": "facts",
    "InvalidPythonRequest": "problems",
    "Layout": "facts",
    "NoInterpreter": "problems",
    "Pin": "pins",
    "PythonRequest": "request",
    "Rejected": "problems",
    "SearchOptions": "places",
    "Sighting": "survey",
    "Support": "support_dates",
    "UnsupportedInterpreter": "problems",
    "choose_interpreter": "find",
    "conda_roots": "keepers",
    "find_interpreter": "find",
    "global_pins": "pins",
    "iterate_candidates": "places",
    "lies_in": "foreign",
    "list_interpreters": "find",
    "look_at": "survey",
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
    "support_of": "support_dates",
    "survey_pythons": "survey",
}

__all__ = [
    "BrokenInterpreter",
    "Candidate",
    "Choice",
    "EnvironmentFile",
    "FactsStore",
    "Found",
    "Glance",
    "Installation",
    "Interpreter",
    "InvalidPythonRequest",
    "Layout",
    "NoInterpreter",
    "Pin",
    "PythonRequest",
    "Rejected",
    "SearchOptions",
    "Sighting",
    "Support",
    "UnsupportedInterpreter",
    "choose_interpreter",
    "conda_roots",
    "find_interpreter",
    "global_pins",
    "iterate_candidates",
    "lies_in",
    "list_interpreters",
    "look_at",
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
    "support_of",
    "survey_pythons",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
