"""A replica of requests."""
