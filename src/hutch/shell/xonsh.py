"""`activate.xsh` for xonsh: to be sourced, ``source .venv/bin/activate.xsh``.

xonsh shows ``$VIRTUAL_ENV_PROMPT`` by itself (``{env_name}`` in its prompt), so the prompt is left alone.
"""

from __future__ import annotations

__all__ = ["OWN_PLACE", "TEMPLATE"]

OWN_PLACE = r"""
    # It may have been moved or copied since it was made; the place of this file tells.
    file = globals().get("__file__") or ""
    own = os.path.dirname(os.path.dirname(os.path.abspath(file)))
    settings = os.path.join(own, "pyvenv.cfg")
    there = os.path.join(place, "pyvenv.cfg")
    if file and os.path.isfile(settings):
        if not (os.path.exists(there) and os.path.samefile(settings, there)):
            place = own
    if not os.path.isfile(os.path.join(place, "pyvenv.cfg")):
        print("there is no environment in %s: was it moved? hutch activate finds it" % place, file=sys.stderr)
        return
"""

TEMPLATE = r"""# To be sourced by xonsh:  source bin/activate.xsh
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

# Leave the environment that may be active, in the words of whoever activated it.
if "deactivate" in aliases and "VIRTUAL_ENV" in __xonsh__.env:
    deactivate nondestructive

def _virtual_env_activate():
    import os, sys
    env = __xonsh__.env
    place = __ENVIRONMENT__
__OWN_PLACE__
    names = ("PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")
    before = {name: env[name] for name in names if name in env}
    before["PATH"] = list(before.get("PATH", ()))

    def deactivate(args=None):
        # What was set before comes back, and what was not set is unset again.
        for name in names:
            if name in before:
                env[name] = before[name]
            else:
                env.pop(name, None)
        if "nondestructive" not in (args or ()):
            aliases.pop("deactivate", None)

    # With this set, Python would look for its library somewhere else.
    env.pop("PYTHONHOME", None)
    env["VIRTUAL_ENV"] = place
    env["VIRTUAL_ENV_PROMPT"] = __PROMPT__
    env["PATH"] = [os.path.join(place, __SCRIPTS__), *before["PATH"]]
    aliases["deactivate"] = deactivate

_virtual_env_activate()
del _virtual_env_activate
"""
