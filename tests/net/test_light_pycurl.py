"""pycurl is imported without what nobody here needs of it, and nobody else notices."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hutch

pytest.importorskip("pycurl")
SOURCE = str(Path(hutch.__file__).parents[1])


def said_by(script: str) -> list[str]:
    """What a process of its own prints."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": SOURCE},
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


BEFORE = {
    "nothing": "",
    "datetime": "import datetime",
    "datetime in C": "import _datetime",
    "asyncio": "import asyncio",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_datetime_is_the_real_one_afterwards(before: str) -> None:
    assert said_by(f"""
        import sys
        {before}
        from hutch.net.curl import import_pycurl
        pycurl = import_pycurl()
        import datetime, os
        print(datetime.__spec__.name, os.path.basename(datetime.__file__))
        print(datetime.datetime.strptime("2026-11-21", "%Y-%m-%d") == datetime.datetime(2026, 11, 21))
        print(datetime.datetime.now(datetime.timezone.utc).tzinfo)
        import _strptime, email.utils, zipfile, _datetime
        print(_datetime.datetime is datetime.datetime, email.utils.parsedate_to_datetime(
            "Sat, 21 Nov 2026 12:00:00 GMT").isoformat())
    """) == ["datetime datetime.py", "True", "UTC", "True 2026-11-21T12:00:00+00:00"]


def test_a_module_that_was_there_stays() -> None:
    assert said_by("""
        import datetime, sys
        from hutch.net.curl import import_pycurl
        import_pycurl()
        print(sys.modules["datetime"] is datetime)
    """) == ["True"]


def test_the_wrapper_for_asyncio_can_be_had_by_whoever_wants_it() -> None:
    assert said_by("""
        import sys
        from hutch.net.curl import import_pycurl
        pycurl = import_pycurl()
        print("pycurl.async_multi" in sys.modules, "asyncio" in sys.modules, "inspect" in sys.modules)
        import pycurl.async_multi
        print(pycurl.async_multi.AsyncCurlMulti.__name__)
        from pycurl import async_multi
        print(async_multi.__spec__.name, async_multi is sys.modules["pycurl.async_multi"])
    """) == ["False False False", "AsyncCurlMulti", "pycurl.async_multi True"]


def test_it_costs_no_module_that_it_need_not() -> None:
    assert said_by("""
        import sys
        from hutch.net.curl import import_pycurl
        before = set(sys.modules)
        first = import_pycurl()
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(sorted(new & {"datetime", "asyncio", "inspect", "dataclasses", "time", "re"}))
        print(import_pycurl() is first is sys.modules["pycurl"])
    """) == ["[]", "True"]
