"""`activate_this.py`: an environment for a Python that already runs, as `virtualenv` offers it."""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = r'''"""Use the packages of this environment in a Python of the same version that already runs:

    import runpy
    runpy.run_path("bin/activate_this.py")
"""

import os
import site
import sys

here = os.path.dirname(os.path.abspath(__file__))
base = os.path.dirname(here)
os.environ["PATH"] = os.pathsep.join([here] + [each for each in [os.environ.get("PATH")] if each])
os.environ["VIRTUAL_ENV"] = base
os.environ["VIRTUAL_ENV_PROMPT"] = __PROMPT__

if os.name == "nt":
    packages = os.path.join(base, "Lib", "site-packages")
else:
    name = "pypy" if sys.implementation.name == "pypy" else "python"
    abi = "t" if "t" in getattr(sys, "abiflags", "") else ""
    version = "%s%d.%d%s" % (name, sys.version_info[0], sys.version_info[1], abi)
    packages = os.path.join(base, "lib", version, "site-packages")

before = set(sys.path)
site.addsitedir(packages)
# What is new goes to the front, so that the environment's packages win.
sys.path.sort(key=before.__contains__)
sys.real_prefix = sys.prefix
sys.prefix = base
'''
