"""``hutch auth login|logout|list``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.auth import ask_login, print_logins, read_password, show_login, show_logout
from hutch.ops.auth import AuthLoginOptions, AuthLogoutOptions, auth_list, auth_login, auth_logout

__all__ = ["run"]


def run(call: Call) -> int:
    """Keep a password, forget one, or list what there is."""
    context = call.context()
    match call.command.name:
        case "login":
            done = auth_login(
                context,
                call.options(AuthLoginOptions),
                ask=lambda place, username: ask_login(place, username, call.terminal),
                read=read_password,
            )
            return call.finish(done, show_login)
        case "logout":
            return call.finish(auth_logout(context, call.options(AuthLogoutOptions)), show_logout)
        case _:
            return call.finish(auth_list(context), print_logins)
