"""One module a command: parsed words → options → one operation → what the user sees.

Each has ``run(call) -> int`` and is imported when its command runs, by its name.
"""

__all__: list[str] = []
