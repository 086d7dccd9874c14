"""Make the channel of this example: a Python of this machine, and two packages."""

from __future__ import annotations

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "src"))

from hutch.conda import subdir_here  # noqa: E402
from hutch.testing.conda import CondaPackage, index_channel  # noqa: E402
from hutch.testing.conda_real import find_real_python  # noqa: E402

INFO = "site-packages/almanac-2.1.dist-info"
LOG = "Monday 17.0\nTuesday 21.4\nWednesday 19.8\n"
READER = '''"""The log of a station, which its package's activation script names."""

import os


def warmest():
    with open(os.environ["STATION_DATA"], encoding="utf-8") as file:
        days = [line.split() for line in file]
    return max(((day, float(degrees)) for day, degrees in days), key=lambda pair: pair[1])
'''


def main() -> int:
    """Write ``channel/``."""
    subdir = subdir_here()
    python = find_real_python([getattr(sys, "_base_executable", sys.executable)], subdir)
    if python is None:
        print("this Python cannot be taken into a package: try another one", file=sys.stderr)
        return 1
    station = CondaPackage(
        "station",
        "1.3",
        subdir=subdir,
        files={
            "share/station/log.txt": LOG,
            "etc/conda/activate.d/station.sh": 'export STATION_DATA="$CONDA_PREFIX/share/station/log.txt"\n',
            "etc/conda/deactivate.d/station.sh": "unset STATION_DATA\n",
        },
    )
    almanac = CondaPackage(
        "almanac",
        "2.1",
        noarch="python",
        depends=["python", "station >=1.2"],
        files={
            "site-packages/almanac/__init__.py": READER,
            f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: almanac\nVersion: 2.1\n",
            f"{INFO}/INSTALLER": "conda\n",
        },
    )
    index_channel(os.path.join(HERE, "channel"), [python.package(), station, almanac])
    return 0


if __name__ == "__main__":
    sys.exit(main())
