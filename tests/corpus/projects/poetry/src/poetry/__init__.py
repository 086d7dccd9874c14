"""A stand-in: what counts here is what it needs."""
