"""The one place that draws: the look of help, problems, progress and summaries.

stdout is data, stderr is everything else. Colour and progress only on a terminal; every sentence is as
readable without colour. Rooms never come here: they emit events, raise problems and return outcomes.
"""

__all__: list[str] = []
