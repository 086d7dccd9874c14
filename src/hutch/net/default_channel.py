"""The one place that knows where conda's channels are when none is configured.

As the default index, the address is the ecosystem's own constant: that of the ``py-rattler`` that is
installed with ``hutch[conda]``, read out of its text (to import it costs 40 ms, for one line of it).
"""

from __future__ import annotations

__all__ = ["default_channel_alias"]


def default_channel_alias() -> str | None:
    """The address below which channels are found by their names, without a slash; None if nobody knows it."""
    import os
    import re
    import sys

    for directory in sys.path:
        try:
            path = os.path.join(directory, "rattler", "channel", "channel_config.py")
            with open(path, encoding="utf-8") as stream:
                found = re.search(r"channel_alias: str = \"(https://[^\"\s]+)\"", stream.read())
        except OSError:
            continue
        if found:
            return found[1].rstrip("/")
    return None
