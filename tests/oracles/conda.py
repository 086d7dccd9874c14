"""py-rattler as the oracle of what hutch makes of conda's rules.

hutch does not import it to solve, so tests do without it as well and skip with a reason. It is looked for
beside the tests (``pip install py-rattler``) and in the interpreter that ``RATTLER_PYTHON`` names.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("HUTCH_SHARED") or Path(__file__).parents[3] / "shared")
RECORDS = SHARED / "conda" / "records"
_ANSWERS = Path(__file__).with_name("rattler_answers.py")


def rattler_python() -> str | None:
    named = os.environ.get("RATTLER_PYTHON")
    if named:
        return named
    return sys.executable if find_spec("rattler") is not None else None


needs_rattler = pytest.mark.skipif(
    rattler_python() is None,
    reason="py-rattler is not installed, and RATTLER_PYTHON names no Python that has it",
)
needs_records = pytest.mark.skipif(
    not RECORDS.is_dir(), reason="the real records of HUTCH_SHARED/conda are not there"
)


def ask_rattler(ask: str, *, environ: dict[str, str] | None = None, **question: Any) -> Any:
    """What py-rattler says to a question of `rattler_answers`."""
    python = rattler_python()
    assert python is not None
    ran = subprocess.run(
        [python, str(_ANSWERS)],
        input=json.dumps({"ask": ask, **question}),
        capture_output=True,
        text=True,
        env={**os.environ, **(environ or {})},
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout or "null")


def unpack_records(folder: Path, channel: str = "conda-forge") -> Path:
    """The real records of a channel as a folder that is one."""
    for packed in sorted((RECORDS / channel).glob("*/repodata.json.gz")):
        target = folder / channel / packed.parent.name / "repodata.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(packed) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    return folder / channel
