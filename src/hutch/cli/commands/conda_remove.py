"""``hutch conda env remove``, and ``hutch conda remove --all``: an environment goes as a whole."""

from __future__ import annotations

from hutch.cli.call import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_env import CondaEnvRemoveOptions
    from hutch.ops.context import Context

__all__ = ["run"]


def run(call: Call, context: Context, options: CondaEnvRemoveOptions) -> int:
    """It asks, and Enter is no, as with conda."""
    from hutch.cli.ui import conda as ui
    from hutch.cli.ui.prompt import confirmation
    from hutch.ops.conda_env import conda_env_remove

    asks = not call.json and not context.configuration.condarc.switch("always_yes")
    agrees = confirmation(call.terminal, ui.show_going, "Delete it?", usual=False) if asks else None
    return call.finish(conda_env_remove(context, options, agrees), ui.show_removed)
