"""What an evaluation runs on: the prompts named, those with a tag, those that a change touches, or all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.cases import is_of_rails
from matria.errors import PromptError

if TYPE_CHECKING:
    from evals.cases import Suite
    from evals.changes import Change, Revision
    from prompts.prompt import PromptRef
    from prompts.repository import PromptLibrary


@dataclass(frozen=True)
class Scope:
    """The prompts that an evaluation is of."""

    prompts: tuple[str, ...]
    """With their locale, in the library's order; the guardrails alone after them."""
    changes: "tuple[Change, ...]" = ()
    """What the change touches and through what; empty where no base was named."""
    removed: tuple[str, ...] = ()
    """Prompts that the base has and the head has not, where no prompts were named."""
    left_out: tuple[str, ...] = ()
    """Prompts that the change touches, and that names or tags left out."""

    def causes(self) -> dict[str, str]:
        """Through what each prompt of the scope is touched, in words."""
        return {str(c.ref): ", ".join(c.causes) for c in self.changes if str(c.ref) in self.prompts}


def scope_of(
    head: "Revision",
    base: "Revision | None",
    suites: "Sequence[Suite]",
    *,
    names: Sequence[str] = (),
    tags: Sequence[str] = (),
    is_all: bool = False,
) -> Scope:
    """The prompts to evaluate: those named, else with a base those that differ from it, else all; `tags` narrow it.

    Where a suite of the rails is among the suites, so are the guardrails, under a name of their own.

    Raises `PromptError` for a name or a tag that no prompt has.
    """
    from evals.changes import changed_prompts, changed_rails, rails_of
    from evals.trials import refuse_unknown

    refs = _tagged(head.library, rails_of(suites), tags)
    changes: tuple[Change, ...] = ()
    if base is not None:
        changes = (*changed_prompts(base, head, suites), *changed_rails(base, head, suites))
    if names:
        refuse_unknown(names, head.library)
        chosen = [ref for ref in refs if ref.name in names or str(ref) in names]
        if not chosen:
            raise PromptError(f"No prompt named has the tags {', '.join(tags)}: leave one of the two out.")
    elif base is not None and not is_all:
        touched = {change.ref for change in changes}
        chosen = [ref for ref in refs if ref in touched]
    else:
        chosen = refs
    if not names and suites and all(suite.subject == "rails" for suite in suites):
        chosen = [ref for ref in chosen if is_of_rails(ref.name)]  # no other suite was named, so no prompt is asked
    removed = []
    if base is not None and not names and not tags:
        removed = sorted(set(base.library.refs()) - set(head.library.refs()))
    left_out = [change.ref for change in changes if change.ref not in chosen]
    return Scope(_names(chosen), changes, _names(removed), _names(left_out))


def _names(refs: "Sequence[PromptRef]") -> tuple[str, ...]:
    return tuple(str(ref) for ref in refs)


def _tagged(library: "PromptLibrary", rails: "Sequence[PromptRef]", tags: Sequence[str]) -> "list[PromptRef]":
    """The prompts that have, for each key named, one of its values: `persona:gestante locale:pt-BR locale:pt-PT`.

    The guardrails have a locale and no other tag.
    """
    wanted = _by_key(tags)
    if not wanted:
        return [*library.refs(), *rails]
    found = {ref: _by_key(_tags_of(library, ref)) for ref in library.refs()}
    found |= {ref: _by_key([f"locale:{ref.locale}"]) for ref in rails}
    chosen = [ref for ref, own in found.items() if all(own.get(key, set()) & values for key, values in wanted.items())]
    if not chosen:
        known = sorted({f"{key}:{value}" for own in found.values() for key, values in own.items() for value in values})
        raise PromptError(f"No prompt has the tags {', '.join(tags)}: there are {', '.join(known)}.")
    return chosen


def _tags_of(library: "PromptLibrary", ref: "PromptRef") -> tuple[str, ...]:
    """The tags that the file carries, and its locale and persona, which its path tells."""
    prompt = library.load(*ref)
    return (*prompt.tags, f"locale:{prompt.locale}", f"persona:{prompt.persona}")


def _by_key(tags: Sequence[str]) -> Mapping[str, set[str]]:
    keys: dict[str, set[str]] = {}
    for tag in tags:
        key, colon, value = tag.partition(":")
        if not (key and colon and value):
            raise PromptError(f"'{tag}' is not a tag: write key:value, such as persona:gestante or locale:pt-BR.")
        keys.setdefault(key, set()).add(value)
    return keys
