"""Pages from their templates: everything escaped, in the language of whoever reads."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from evals.review.web.speech import said
from evals.review.web.words.texts import words
from matria.messages import Locale

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


@cache
def static(name: str) -> str:
    """Where a file beside the pages is had; its address changes with what it holds, so that a browser asks once."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


class Pages:
    """See `evals.review.web.context.Render`. A name that a template lacks is an error, not a blank."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html", "jinja"], default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["static"] = static

    def __call__(self, template: str, locale: Locale, *, status: int = 200, **values: object) -> HTMLResponse:
        """The page; headers of security are added on its way out. `words` and `said` are the texts of the language."""
        shown = {"locale": locale, "signed_in": None, "words": words(locale), "said": said(locale), **values}
        return HTMLResponse(self._templates.get_template(template).render(shown), status_code=status)
