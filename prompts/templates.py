"""Jinja over the sections of a prompt: sandboxed, strict, and closed over the library's partials.

A partial is included by its plain name, `{% include "escalation" %}`, and the prompt's own locale is taken. Names are
literal, so that the files which decide a prompt are known without rendering it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from matria.errors import PromptError
from prompts.prompt import Partial, Section


@dataclass(frozen=True)
class Usage:
    """A variable that a template reads, or a partial that it includes, and where it does so."""

    name: str
    path: str
    line: int


class Environment(ImmutableSandboxedEnvironment):
    """Jinja without globals and without HTML escaping; whatever is not declared is an error."""

    def __init__(self, partials: Sequence[Partial] = (), finalize: Callable[..., Any] | None = None) -> None:
        by_name = {partial.name: partial for partial in partials}
        super().__init__(
            loader=FunctionLoader(lambda name: _load(by_name, name)),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=finalize,
        )
        self.globals.clear()

    def section(self, section: Section, path: str) -> Template:
        """The section, compiled under the file's name, so that errors can say where they come from."""
        code = self.compile(section.source, name=None, filename=path)
        return Template.from_code(self, code, {})


def includes_of(source: str, path: str, first_line: int = 1) -> list[Usage]:
    """The partials that a template names, each time it does. Raises `PromptError` for a name that is not literal."""
    return [_include(node, path, first_line) for node in _parse(source, path, first_line).find_all(_LOADING)]


def included_names(source: str, path: str, first_line: int = 1) -> tuple[str, ...]:
    """The partials that a template names, in order, each once."""
    return tuple(dict.fromkeys(usage.name for usage in includes_of(source, path, first_line)))


def variables_of(source: str, path: str, first_line: int = 1) -> Iterator[Usage]:
    """The variables that a template reads and does not set itself, with the line of the first reading."""
    tree = _parse(source, path, first_line)
    for name in sorted(meta.find_undeclared_variables(tree)):
        lines = [node.lineno for node in tree.find_all(nodes.Name) if node.name == name and node.ctx == "load"]
        yield Usage(name, path, min(lines) + first_line - 1)


_LOADING = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


def _parse(source: str, path: str, first_line: int) -> nodes.Template:
    try:
        return Environment().parse(source)
    except TemplateSyntaxError as error:
        raise syntax_error(error, path, first_line) from error


def syntax_error(error: TemplateSyntaxError, path: str, first_line: int = 1) -> PromptError:
    """The error in a sentence that names file and line."""
    problem = (error.message or "the template does not parse").rstrip(".")
    return PromptError(f"{path}, line {error.lineno + first_line - 1}: {problem}; correct the template.")


def _include(node: nodes.Node, path: str, first_line: int) -> Usage:
    template = getattr(node, "template", None)
    line = node.lineno + first_line - 1
    if not isinstance(node, nodes.Include):
        raise PromptError(f"{path}, line {line}: prompts share text by {{% include %}} only; use it here.")
    if not isinstance(template, nodes.Const) or not isinstance(template.value, str) or node.ignore_missing:
        raise PromptError(
            f'{path}, line {line}: an include names one partial in quotes, such as {{% include "tone" %}}; write it so.'
        )
    return Usage(template.value, path, line)


def _load(partials: dict[str, Partial], name: str) -> tuple[str, str, Callable[[], bool]] | None:
    partial = partials.get(name)
    return (partial.source, partial.path, lambda: True) if partial else None
