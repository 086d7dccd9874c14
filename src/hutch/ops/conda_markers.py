"""What markers mean in a conda environment that is there: of its Python, and this machine."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["prefix_markers"]


def prefix_markers(context: Context, root: str) -> dict[str, str]:
    """The values of markers, by their names."""
    from hutch.conda import subdir_here
    from hutch.env import open_prefix
    from hutch.lock import CondaTarget
    from hutch.ops.channels import virtual_packages
    from hutch.ops.conda_joint import wheel_target

    version = open_prefix(root).python_version
    numbers = [int(part) for part in version.split(".")[:3] if part.isdigit()]
    major, minor, micro = (*numbers, 3, 0, 0)[:3]
    rows = tuple((one.name, one.version, one.build) for one in virtual_packages(context, subdir_here()))
    target = CondaTarget(name="here", subdir=subdir_here(), virtual=rows)
    return {
        **wheel_target(target, (major, minor), micro).environment(),
        "python_full_version": version,
        "implementation_version": version,
        "platform_release": "",
        "platform_version": "",
    }
