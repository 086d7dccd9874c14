"""Find, probe and describe Python interpreters."""

__all__: list[str] = []
