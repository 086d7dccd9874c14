"""Run *inside* an interpreter with its `site`; never imported by hutch.

Says where that Python finds packages and where it installs them, as one JSON object between two marks. Runs
on Python 3.8 and newer.
"""

import sys

if sys.path and __file__.startswith(sys.path[0]):
    del sys.path[0]  # where this file is, and not where packages are

import json
import os
import site
import sysconfig

if __name__ == "__main__":
    mark = sys.argv[1]
    answer = {
        "paths": [path for path in sys.path if path],
        "user_site": site.getusersitepackages() if site.ENABLE_USER_SITE else "",
        "scheme": {
            name: os.path.abspath(path)
            for name, path in sysconfig.get_paths().items()
            if name in ("purelib", "platlib", "scripts", "include", "data")
        },
    }
    sys.stdout.write(f"\n<{mark}>{json.dumps(answer)}</{mark}>\n")
    sys.stdout.flush()
