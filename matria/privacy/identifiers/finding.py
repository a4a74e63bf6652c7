"""All personal data of a text, and the text without it.

Where two families claim the same place, the more certain wins, then the longer, and takes what the other had beside it.
`redact` cannot be undone: it is for logs, traces and reports. A conversation that must still say the name uses
`guardrails.vault`.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from matria.messages import Locale
from matria.privacy.identifiers import documents, phones
from matria.privacy.identifiers.addresses import addresses
from matria.privacy.identifiers.contacts import contacts
from matria.privacy.identifiers.dates_of_birth import dates_of_birth
from matria.privacy.identifiers.identifier import LABELS, Found, Identifier
from matria.privacy.identifiers.names import names
from matria.privacy.identifiers.numbers import cues, windows
from matria.privacy.identifiers.view import View, view_of

_FEWEST_DIGITS = 5
_FEWEST_NUMBER_DIGITS = 6
"""Of a service: 116 006. A person's number has eight or more."""
_GROUPINGS = documents.GROUPINGS | phones.GROUPINGS
_DIGIT = re.compile(r"\d")


def find(text: str, locale: Locale | None = None, *, keep: Collection[str] = ()) -> tuple[Identifier, ...]:
    """The personal data in `text`, in order and apart.

    `locale` says which country's numbers come first; None reads all alike. `keep` are telephone numbers that a service
    answers, digits alone; those that anybody may call for help are kept without.
    """
    view = view_of(text)
    found = [] if not text else [*_numbers(view, locale, keep), *contacts(view), *names(view)]
    return tuple(_identifier(text, view, one) for one in _apart(found))


def redact(text: str, locale: Locale | None = None) -> str:
    """`text` with `[CPF]`, `[NOME]` and the like in place of personal data; the same text where there is none.

    With a `locale` its country's numbers come first and its words stand there (`[MORADA]`, `[NAME]`); without, those of
    Brazil, as in logs.
    """
    parts, done = [], 0
    labels = LABELS[locale or "pt-BR"]
    for identifier in find(text, locale):
        parts += [text[done : identifier.start], f"[{labels[identifier.kind]}]"]
        done = identifier.end
    return "".join([*parts, text[done:]])


def _numbers(view: View, locale: Locale | None, keep: Collection[str]) -> Iterator[Found]:
    count = len(_DIGIT.findall(view.plain))
    if not count:
        return
    named = cues(view)
    yield from dates_of_birth(view)
    yield from addresses(view, named)
    if count < _FEWEST_DIGITS:
        return
    yield from documents.lettered(view, named)
    numbers = list(windows(view, named, _FEWEST_NUMBER_DIGITS, _GROUPINGS))
    services = {place for one in numbers if phones.is_service(one, keep) for place in range(one.start, one.end)}
    for number in numbers:
        if services.isdisjoint(range(number.start, number.end)):
            yield from documents.numbered(view, named, number, locale)
            yield from phones.phones(view, named, number, locale)


def _apart(found: Collection[Found]) -> list[Found]:
    """Each place claimed once. Of two that overlap in part the greater takes the rest of the lesser."""
    taken: list[Found] = []
    for one in sorted(found, key=lambda one: (-one.certainty, one.start - one.end, one.start)):
        place = bisect_left(taken, one.start, key=lambda other: other.start)
        is_in_the_one_before = place > 0 and taken[place - 1].end > one.start
        reaches_the_next = place < len(taken) and taken[place].start < one.end
        if not is_in_the_one_before and not reaches_the_next:
            taken.insert(place, one)
        elif is_in_the_one_before and not reaches_the_next:
            taken[place - 1] = taken[place - 1]._replace(end=max(taken[place - 1].end, one.end))
        elif reaches_the_next and not is_in_the_one_before and one.end < taken[place].end:
            taken[place] = taken[place]._replace(start=one.start)
    return taken


def _identifier(text: str, view: View, one: Found) -> Identifier:
    start, end = view.span(one.start, one.end)
    return Identifier(one.kind, start, end, text[start:end])
