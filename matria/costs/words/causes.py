"""Why a message costs more, in words: the ranked parts with their share, and what landed meanwhile."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from matria.costs.causes.base import Cause, Factor, Landed, Part
from matria.costs.causes.landed import FITS, What
from matria.costs.words.figures import MINUS, count, moment_bare, money, share, zone_name
from matria.costs.words.texts import TEXTS
from matria.messages import Locale

PARTS_SHOWN = 4
WORTH_SAYING = Fraction(1, 20)
"""Of the change: smaller parts are added up."""
LANDED_SHOWN = 4
TEXT_SHOWN = 80
"""Characters of a commit's first line or of a name."""
SHARES: frozenset[Factor] = frozenset({"caching", "model_mix", "traffic_mix"})
"""Factors whose measure is a share."""
_IN_USE: frozenset[What] = frozenset({"prompt", "model", "snapshot"})
"""What is in use from when it was first seen; a file is read some time after its commit."""
Texts = Mapping[str, str]


def why(cause: Cause, locale: Locale) -> str:
    """The parts, the largest first, and the sum of those too small to say."""
    texts = TEXTS[locale]
    change = cause.change_usd
    shown = [part for part in cause.parts if abs(part.usd) >= WORTH_SAYING * abs(change) and part.usd][:PARTS_SHOWN]
    lines = [texts["why"].format(change=_signed(change, locale))]
    lines += [_part(number, part, change, locale) for number, part in enumerate(shown, 1)]
    rest = change - sum((part.usd for part in shown), Fraction(0))
    if rest:
        lines.append(texts["part_rest"].format(usd=_signed(rest, locale), share=_share(rest, change, locale)))
    return "\n".join(lines)


def landed(cause: Cause, locale: Locale) -> str:
    """Prompt versions, models and prices that are new, with who brought them; what came too late is marked."""
    texts = TEXTS[locale]
    if not cause.landed:
        return texts["landed_nothing"]
    head = texts["landed"].format(zone=zone_name(locale))
    return "\n".join([head, *(f"- {_landed(one, locale)}" for one in cause.landed[:LANDED_SHOWN])])


def in_use_before(cause: Cause | None, began: datetime) -> Landed | None:
    """What the first part fits and was in use before the costs show it: a rise in quiet hours shows late."""
    first = cause.landed[0] if cause is not None and cause.landed and cause.parts else None
    if cause is None or first is None or first.what not in (_IN_USE & set(FITS[cause.parts[0].factor])):
        return None
    return first if first.first_seen_at < began else None


def advice(cause: Cause | None, locale: Locale) -> str:
    """What to do about the first part."""
    texts = TEXTS[locale]
    first = cause.parts[0] if cause is not None and cause.parts else None
    if cause is None or first is None:
        return texts["do_unknown"]
    if first.factor != "prompt_tokens":
        return texts[f"do_{first.factor}"]
    prompts = (one for one in cause.landed if one.what == "prompt" and one.before)
    prompt = next((one for one in prompts if first.scope in ("", one.name)), None)
    if prompt is None:
        return texts["do_prompt_tokens_unknown"]
    if not prompt.commit:  # the two versions are all that is known: a revision would be a guess
        return texts["do_prompt_tokens_versions"].format(
            name=plain(prompt.name), before=plain(prompt.before), after=plain(prompt.after)
        )
    return texts["do_prompt_tokens"].format(name=_reference(prompt))


def factor(part: Part, locale: Locale) -> str:
    """The factor's name."""
    return TEXTS[locale][f"factor_{part.factor}"]


def measured(part: Part, locale: Locale) -> tuple[str, str] | None:
    """What the factor measures, before and after; None where it has no one number."""
    if part.before is None or part.after is None:
        return None
    if part.factor in SHARES:
        return share(part.before, locale), share(part.after, locale)
    return count(part.before, locale), count(part.after, locale)


def _part(number: int, part: Part, change: Fraction, locale: Locale) -> str:
    texts = TEXTS[locale]
    said = texts["part"].format(
        number=number,
        factor=factor(part, locale),
        usd=_signed(part.usd, locale),
        share=_share(part.usd, change, locale),
    )
    if part.scope:
        said += texts["part_scope"].format(scope=plain(part.scope))
    if (both := measured(part, locale)) is not None:
        name = texts[f"measure_{part.factor}"].format(name=plain(part.name))
        said += texts["part_measure"].format(measure=name, before=both[0], after=both[1])
    return said


def _landed(one: Landed, locale: Locale) -> str:
    texts = TEXTS[locale]
    name = plain(f"{one.name} ({', '.join(one.locales)})" if one.locales else one.name)
    kind = "landed_new" if one.what == "prompt" and not one.before else f"landed_{one.what}"
    said = texts[kind].format(name=name, before=plain(one.before) or texts["none"], after=plain(one.after))
    at = moment_bare(one.first_seen_at, locale)
    said += texts["landed_on" if one.what == "file" else "landed_since"].format(at=at)
    if one.is_late:
        said += texts["landed_late"]
    if one.commit:
        request = "" if one.pull_request is None else texts["pull_request"].format(number=one.pull_request)
        said += texts["landed_commit"].format(
            subject=plain(one.subject), author=plain(one.author), pull_request=request, commit=plain(one.commit)
        )
    elif one.what == "prompt":
        said += texts["landed_unknown"]
    return said


def _reference(prompt: Landed) -> str:
    """How `matria prompt diff` names it, and the revision before its commit."""
    locale = f".{prompt.locales[0]}" if prompt.locales else ""
    return f"{prompt.name}{locale} --against {prompt.commit}~1"


def _signed(usd: Fraction, locale: Locale) -> str:
    written = money(_decimal(abs(usd)), "USD", locale)
    return f"{MINUS if usd < 0 else '+'}{written}"


def _share(part: Fraction, change: Fraction, locale: Locale) -> str:
    return share(float(part / change), locale) if change else "-"


def _decimal(of: Fraction) -> Decimal:
    return Decimal(of.numerator) / Decimal(of.denominator)


def plain(text: str) -> str:
    """Others' text on one line, cut."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= TEXT_SHOWN else f"{plain[: TEXT_SHOWN - 1]}…"
