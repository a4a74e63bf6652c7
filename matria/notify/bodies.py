"""A notice's text as a channel shows it: plain, Markdown or HTML, with lines that stay lines and words that wrap.

Left to itself Apprise makes HTML whose spaces do not break, which no phone can show, and Markdown whose lines join.
"""

import html

from matria.markdown import visible
from matria.notify.base import Notice


def body_as(notice: Notice, form: str) -> str:
    """Body and link in the form `text`, `markdown` or `html`."""
    lines = inert(notice.body).splitlines()
    match form:
        case "html":
            shown = [html.escape(line, quote=False) for line in lines]
            if notice.link:
                link = html.escape(notice.link)
                shown += ["", f'<a href="{link}">{link}</a>']
            return "<br/>".join(shown)
        case "markdown":
            shown = [*lines, *(["", notice.link] if notice.link else [])]
            return "".join(f"\n{line}" if line.startswith("- ") else f"\n\n{line}" for line in shown if line).strip()
    return "\n".join([*lines, *(["", notice.link] if notice.link else [])])


def inert(text: str) -> str:
    """Without what a channel would obey: a commit's subject may hold markup, a link or the mention of a whole team."""
    return visible(text).replace("<", "‹").replace(">", "›").replace("](", "] (")
