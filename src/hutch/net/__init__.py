"""Requests, auth, retries, transports."""

__all__: list[str] = []
