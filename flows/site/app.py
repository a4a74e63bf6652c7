"""The pages of this project: what is on the shelf, and the docs, read-only and without script.

Four doors stand first, one for each kind of reader. Reports are served from the shelf's folders only; Markdown is shown
as a page, with any HTML in it escaped.
"""

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from flows.shelf import KINDS, Shelf
from matria.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES = Path(__file__).parent / "templates"
TITLES = {
    "demo": ("Main job", "Tarefa principal"),
    "evaluation": ("Prompt evaluations", "Avaliações de prompts"),
    "model-card": ("Model cards", "Cartões de modelo"),
    "ingest": ("What came in", "Dados recebidos"),
    "costs": ("Cost of a message", "Custo por mensagem"),
    "review": ("The nurses' week", "Revisão da semana"),
}
SHOWN = 8
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; script-src 'unsafe-inline'; base-uri 'none'"
)


def build(settings: Settings | None = None) -> FastAPI:
    """The application; `uvicorn --factory flows.site.app:build`."""
    chosen = settings or load_settings()
    shelf = Shelf(chosen.home / "reports")
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "jinja"]))
    app = FastAPI(title="Mátria", docs_url=None, redoc_url=None, openapi_url=None)

    def page(name: str, **values: Any) -> HTMLResponse:
        text = pages.get_template(name).render(**values)
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    def home(lang: str | None = None) -> HTMLResponse:
        is_portuguese = (lang or chosen.locale).startswith("pt")
        groups = [
            (TITLES[kind][is_portuguese], [r for r, _ in zip(shelf.of(kind), range(SHOWN), strict=False)])
            for kind in KINDS
        ]
        return page("home.html.jinja", groups=groups, links=_links(chosen), pt=is_portuguese)

    @app.get("/reports/{kind}/{name}/{file:path}")
    def report(kind: str, name: str, file: str) -> Response:
        return _file(chosen.home / "reports", f"{kind}/{name}/{file}", page)

    @app.get("/docs/{file:path}")
    def docs(file: str) -> Response:
        return _file(chosen.root / "docs", file, page)

    @app.exception_handler(404)
    def missing(*_: Any) -> HTMLResponse:
        answer = page(
            "page.html.jinja", title="Not here", body="<p>Nothing lies here. <a href='/'>Back to the start</a></p>"
        )
        answer.status_code = 404
        return answer

    return app


def _file(folder: Path, name: str, page: Any) -> Response:
    """A file below `folder`, Markdown as a page. 404 for anything else, links that lead out included."""
    path = (folder / name).resolve()
    if ".." in Path(name).parts or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise HTTPException(404)
    if path.suffix == ".md":
        from markdown_it import MarkdownIt

        text = path.read_text(encoding="utf-8")
        body = MarkdownIt("commonmark", {"html": False}).enable("table").render(_without_comments(text))
        heading = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")), path.stem)
        return HTMLResponse(
            page("page.html.jinja", title=heading, body=body).body, headers={"Content-Security-Policy": POLICY}
        )
    kinds: Mapping[str, str] = {".jsonl": "text/plain; charset=utf-8", ".json": "application/json", ".xml": "text/xml"}
    return FileResponse(path, media_type=kinds.get(path.suffix), headers={"Content-Security-Policy": POLICY})


def _without_comments(markdown: str) -> str:
    """Markdown without whole-line HTML comments, which are markers for programs."""
    return "\n".join(line for line in markdown.splitlines() if not (line.startswith("<!--") and line.endswith("-->")))


def _links(settings: Settings) -> list[tuple[str, str]]:
    host = "http://127.0.0.1"
    tracking = settings.tracking.uri or f"{host}:{settings.serve.mlflow_port}"
    return [("Prefect", f"{host}:{settings.serve.prefect_port}"), ("MLflow", html.escape(tracking))]
