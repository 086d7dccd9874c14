"""Checks of the shims, by which plain `python` follows the directory: do they work, are they used?"""

from __future__ import annotations

from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


@check(
    "stale-shims",
    "The shims of python lead to a hutch that is there, and come first on PATH",
    group="hutch",
    severity="error",
    fix_class="safe",
    why="A Python that they have not met before cannot be found; `python` ends with an error then.",
)
def stale_shims(ground: Ground, say: Say) -> None:
    """What `hutch python shim show` tells."""
    from hutch.ops.python_shim import PythonShimInstallOptions, python_shim_install, python_shim_show

    if ground.configuration is None:
        return
    shown = python_shim_show(ground.context)
    if shown.kind is None:
        return
    if shown.stale:
        options = PythonShimInstallOptions(sh=shown.kind == "script")

        def apply() -> str:
            made = python_shim_install(ground.command, options)
            return f"made {len(made.names)} shims anew"

        say(
            "the shims of python are out of date",
            seen=(shown.folder, shown.stale),
            commands=("hutch python shim install",),
            fix=Fix(plan=("make the shims anew, with this hutch",), apply=apply, key="shims"),
        )
    if shown.place != "first":
        late = "another Python comes before the shims on PATH"
        say(
            late if shown.place == "late" else "the shims of python are not on PATH",
            seen=(shown.folder,),
            commands=(shown.line, "hutch python shim remove"),
            why="Programs that know no shell get a Python that does not follow the directory.",
            severity="info",
        )


CHECKS = (stale_shims,)
