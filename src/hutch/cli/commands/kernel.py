"""``hutch kernel install|list|remove``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Make, list or remove kernels of notebooks."""
    from hutch.cli.ui.ide import print_kernels, show_kernel, show_removed_kernels
    from hutch.ops.kernels import (
        KernelInstallOptions,
        KernelRemoveOptions,
        install_kernel,
        list_kernels,
        remove_kernels,
    )

    context = call.context()
    if call.command.name == "list":
        return call.finish(list_kernels(context), print_kernels)
    if call.command.name == "install":
        installed = install_kernel(context, call.options(KernelInstallOptions))
        return call.finish(installed, show_kernel)
    return call.finish(remove_kernels(context, call.options(KernelRemoveOptions)), show_removed_kernels)
