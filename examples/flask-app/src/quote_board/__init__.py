"""A page with the quote of the day.

Settings come from the environment, or from a ``.env`` file beside the project:

QUOTE_URL      a service that answers GET with ``{"text": ..., "author": ...}``
QUOTE_TIMEOUT  how many seconds to wait for it (default 3)
"""

from __future__ import annotations

import os

from dotenv import load_dotenv
from flask import Flask, render_template

from quote_board.quotes import DEFAULT, Quotes

__all__ = ["create_app", "main"]


def create_app(quotes: Quotes | None = None) -> Flask:
    """The application; ``quotes`` is where quotes come from (by default what the settings say)."""
    app = Flask(__name__)
    board = quotes or Quotes(os.environ.get("QUOTE_URL"), timeout=float(os.environ.get("QUOTE_TIMEOUT", "3")))

    @app.get("/")
    def page() -> str:
        return render_template("page.html", quote=board.today())

    @app.get("/api/today")
    def today() -> dict[str, object]:
        quote = board.today()
        return {"text": quote.text, "author": quote.author, "fallback": quote is DEFAULT}

    return app


def main() -> None:
    """Serve on the loopback interface, for looking at it."""
    load_dotenv(os.path.join(os.getcwd(), ".env"))
    create_app().run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
