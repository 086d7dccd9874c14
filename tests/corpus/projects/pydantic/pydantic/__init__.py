"""A replica of pydantic."""
