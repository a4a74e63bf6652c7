"""A comment within a forge's limit: whole paragraphs from the top, and a sentence where some are left out."""

SHORTENED = "_…_"


def fitted(body: str, most: int) -> str:
    """The body, or as many of its paragraphs as fit, none of them inside an open `<details>` or fenced block.

    Characters are counted as UTF-16 units, the strictest of the ways in which forges count.
    """
    if _length(body) <= most:
        return body
    room = most - _length(f"\n\n{SHORTENED}\n")
    paragraphs = body.split("\n\n")
    size, depth, fences, whole = -2, 0, 0, 0
    for number, paragraph in enumerate(paragraphs, 1):
        size += _length(paragraph) + 2
        if size > room:
            break
        depth += paragraph.count("<details") - paragraph.count("</details>")
        fences += sum(line.lstrip().startswith("```") for line in paragraph.split("\n"))
        if depth == 0 and fences % 2 == 0:
            whole = number
    kept = "\n\n".join(paragraphs[:whole]).rstrip("\n")
    return f"{kept}\n\n{SHORTENED}\n"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
