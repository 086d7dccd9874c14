"""What to say to somebody whose password a server did not take, or who has told none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.net.doorman import Refusal

__all__ = ["about_refusal"]


def about_refusal(
    place: str, index: str, host: str, status: int, refusal: Refusal
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why a server refused, as far as we know, and what to do. ``place`` is what to log in to; ``index`` the
    name of the index, if it is one."""
    login, source = f"`hutch auth login {place}`", refusal.source
    if refusal.withheld:
        why = f"it was told no password: only the project says that {host} needs no certificate"
        return (why,), (
            f"if you trust that network, name {host} in trusted-host of a hutch.toml of your own",
        )
    if source and status == 403:
        why = f"it was told who asks (as {source} says), and does not allow it"
        return (why,), (f"ask whoever runs it for access, or {login} as somebody else",)
    if source:
        hint = f"{login}, which counts before {source}"
        if source.endswith(("_PASSWORD", "_USERNAME")):
            hint = f"correct {source}, which counts before all else"
        elif source.startswith("the URL in"):
            hint = f"correct {source}, or take the user name out of it and {login}"
        elif source == "hutch auth login":
            hint = f"{login} once more"
        return (f"it did not take the user name and password of {source}",), (hint,)
    whys = ("it was told no password: none is known for it", *((refusal.keyring,) if refusal.keyring else ()))
    if refusal.tool:
        tool = {"poetry": "Poetry", "pdm": "PDM"}.get(refusal.tool, refusal.tool)
        why = f"{tool} has one for the name {refusal.name}; that {host} is called so, only this project says"
        return (*whys, why), (f"if {host} is right: `hutch auth login {place} --from {refusal.tool}`", login)
    other = f"name {host.rpartition(':')[0] or host} in ~/.netrc"  # which knows no ports
    if index:
        from hutch.net.credentials import variable_key

        key = f"HUTCH_INDEX_{variable_key(index)}"
        other = f"set {key}_USERNAME and {key}_PASSWORD, or {other}"
    return whys, (login, other)
