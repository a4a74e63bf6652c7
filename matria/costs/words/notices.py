"""What happened to the cost of a message, as a notice that a person reads on a phone: from what to what, since when,
why, who changed what, what a month of it comes to, and what to do next.

Everything comes from what was recorded with the decision, so that the same step makes the same notice in every run.
Names of authors and first lines of commits are others' text: they are cut and put on one line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from matria.costs.watching.base import TOTAL, Episode, Finding, Side
from matria.costs.watching.decisions import Told
from matria.costs.words import causes
from matria.costs.words.figures import count, full_date, moment, moment_bare, money, rate_of, share
from matria.costs.words.texts import TEXTS
from matria.messages import Locale
from matria.notify.base import Notice, Severity

MONTH_DAYS = 30
DAY = timedelta(days=1)
HOURS_SAID = timedelta(days=3)
"""Up to here a length of time is said in hours."""


@dataclass(frozen=True)
class Reader:
    """Whom a notice is for."""

    locale: Locale
    site: str = ""
    """Where the pages are, such as `https://matria.example.org`; empty where nobody serves them."""
    max_rate_age_days: float = 35
    """From when on a rate is marked as old: `costs.max_rate_age_days`."""
    urgent_rise: float = 0.5
    """From here on a rise is critical: `costs.urgent_rise`."""


def notice(told: Told, reader: Reader) -> Notice:
    """The notice of one step."""
    telling = _Telling(told, reader)
    report = told.circumstances.report
    link = f"{reader.site.rstrip('/')}{report}" if reader.site and report else ""
    return Notice(
        telling.subject(), "\n\n".join(telling.paragraphs()), severity(told, reader.urgent_rise), told.check, link
    )


def severity(told: Told, urgent_rise: float) -> Severity:
    """Information where it is over or costs nobody anything, critical where it runs away, else a warning."""
    step = told.step
    if step.change in ("cleared", "new_level") or step.episode.is_simulated:
        return "information"
    rise = _rise(step.episode.baseline, step.episode.newest.last)
    is_urgent = step.episode.newest.rule == "hour" or (rise is not None and rise >= urgent_rise)
    return "critical" if is_urgent and step.episode.rule in ("day", "hour") else "warning"


class _Telling:
    """One step in one locale."""

    def __init__(self, told: Told, reader: Reader) -> None:
        self._told, self._reader = told, reader
        self._known = told.circumstances
        self._step = told.step
        self._episode: Episode = told.step.episode
        self._newest: Finding = told.step.episode.newest
        self._locale = reader.locale
        self._texts = TEXTS[reader.locale]

    @property
    def _before(self) -> Side:
        """What it is held against: of an hour the same hours of the day before, else the cost before the rise."""
        return self._newest.before if self._newest.rule == "hour" else self._episode.baseline

    def subject(self) -> str:
        """One line for a phone."""
        change, rule = self._step.change, self._newest.rule
        kind = "rise" if self._episode.rule in ("day", "hour") else self._episode.rule
        if change == "new_level":
            name = "subject_new_level"
        else:
            name = f"subject_{kind if change == 'cleared' else rule}_{change}"
        said = self._say(
            name,
            rise=self._rise_said(),
            scope=self._scope(),
            after=self._dollars(self._newest.last.mean_usd),
            unpriced=self._unpriced(self._newest.last),
        )
        return self._say("subject_simulated", subject=said) if self._episode.is_simulated else said

    def paragraphs(self) -> Iterator[str]:
        """The body."""
        if self._episode.is_simulated:
            yield self._say("simulated")
        match self._episode.rule:
            case "unpriced":
                yield from self._of_unpriced()
            case "no_data":
                yield from self._of_no_data()
            case _:
                yield from self._of_rise()
                yield from self._rates()

    def _of_rise(self) -> Iterator[str]:
        change = self._step.change
        if change in ("cleared", "new_level"):
            yield self._ended(change)
            if change == "new_level":
                yield from self._causes()
            yield from self._month()
            return
        yield self._from_what_to_what()
        if self._known.since is not None:
            yield self._since(self._known.since)
        yield from self._causes()
        yield from self._month()
        yield self._next(causes.advice(self._known.cause, self._locale))

    def _of_unpriced(self) -> Iterator[str]:
        last = self._newest.last
        if self._step.change in ("cleared", "new_level"):
            yield self._ended("unpriced_cleared")
            return
        tolerated = next((r.figures["tolerated"] for r in self._newest.reasons if "tolerated" in r.figures), 0.0)
        yield self._say(
            "unpriced",
            calls=self._count(last.unpriced_calls),
            all_calls=self._count(last.calls),
            unpriced=self._unpriced(last),
            tolerated=share(tolerated, self._locale),
        )
        yield self._next(self._texts["do_unpriced"])

    def _of_no_data(self) -> Iterator[str]:
        if self._step.change in ("cleared", "new_level"):
            yield self._ended("no_data_cleared")
            return
        reasons = "; ".join(
            self._texts.get(f"reason_{reason.code}", self._texts["reason_other"]).format_map(
                {name: self._count(value) for name, value in reason.figures.items()}
            )
            for reason in self._newest.reasons
        )
        yield self._say(
            "no_data",
            of=self._of(),
            reasons=reasons or self._texts["reason_other"],
        )
        yield self._next(self._texts["do_no_data"])

    def _from_what_to_what(self) -> str:
        baseline, last = self._before, self._newest.last
        name = "hour" if self._newest.rule == "hour" else "day"
        said = [
            self._say(name, of=self._of(), after=self._amount(last.mean_usd), before=self._amount(baseline.mean_usd))
        ]
        ratio, is_first = self._newest.ratio, self._step.change == "opened"
        if _rise(baseline, last) is None:
            said.append(self._texts["from_nothing"])
        elif is_first and ratio is not None:
            said.append(
                self._say(
                    "change",
                    rise=self._rise_said(),
                    confidence=share(self._known.confidence, self._locale),
                    low=share(ratio.low - 1, self._locale, signed=True),
                    high=share(ratio.high - 1, self._locale, signed=True),
                )
            )
        else:
            said.append(self._say("change_bare", rise=self._rise_said()))
        if not is_first and (told := _over(baseline.mean_usd, self._known.told_before_usd)) is not None:
            said.append(self._say("told_before", rise_told=share(told, self._locale, signed=True)))
        said += self._recent()
        now, then = self._count(last.messages), self._count(baseline.messages)
        return " ".join([*said, self._say("counts", messages=now, messages_before=then)])

    def _recent(self) -> Iterator[str]:
        """Where the newest hours stand: a step fills a day's mean only little by little."""
        from matria.costs.watching.hours import RECENT

        for reason in self._newest.reasons:
            if "recent" in reason.figures:
                recent = share(reason.figures["recent"], self._locale, signed=True)
                yield self._say("recent", hours=RECENT, recent=recent)

    def _ended(self, name: str) -> str:
        last = self._newest.last
        return self._say(
            name,
            of=self._of(),
            after=self._amount(last.mean_usd),
            before=self._amount(self._before.mean_usd),
            opened=moment(self._episode.opened_at, self._locale),
            lasted=self._lasted(self._told.check - self._episode.opened_at),
            rise=self._rise_said(),
            unpriced=self._unpriced(last),
        )

    def _causes(self) -> Iterator[str]:
        cause = self._known.cause
        if cause is None:
            yield self._say("why_unknown", reason=self._texts["no_cause"])
            return
        yield causes.why(cause, self._locale)
        yield causes.landed(cause, self._locale)

    def _since(self, began: datetime) -> str:
        """When the costs show it, and what was in use before: then it may have begun sooner."""
        said = moment(began, self._locale)
        first = causes.in_use_before(self._known.cause, began)
        if first is None:
            return self._say("since", since=said)
        at = moment_bare(first.first_seen_at, self._locale)
        return self._say(
            "since_earlier", since=said, thing=causes.plain(first.name), after=causes.plain(first.after), at=at
        )

    def _month_of_jump(self, a_day: Decimal) -> Iterator[str]:
        """The range that one hour leaves, as a condition: it may be over in the next."""
        found, before = self._newest.ratio, self._before.mean_usd
        if found is None or before is None or not 1 < found.low <= found.high < float("inf"):
            return
        low, high = (Decimal(str(ratio - 1)) * before * a_day * MONTH_DAYS for ratio in (found.low, found.high))
        yield self._say(
            "month_jump",
            messages=self._count(self._newest.last.messages),
            a_day=self._count(a_day),
            low=self._amount(low),
            high=self._amount(high),
            confidence=share(self._known.confidence, self._locale),
        )

    def _month(self) -> Iterator[str]:
        """What 30 days come to where the newest hours stand, or the mean where that is not known; of a jump a range."""
        a_day, before = self._known.messages_a_day, self._episode.baseline.mean_usd
        is_on = self._step.change in ("opened", "worsened")
        if is_on and self._newest.rule == "hour":
            if a_day is not None:
                yield from self._month_of_jump(a_day)
            return
        told = Decimal(str(self._episode.told_usd)) if is_on else None
        after = told or self._newest.last.mean_usd
        if a_day is None or before is None or after is None:
            return
        messages = a_day * MONTH_DAYS
        is_more = self._step.change != "cleared" and after > before
        yield self._say(
            "month_more" if is_more else "month_less",
            a_day=self._count(a_day),
            more=self._amount((after - before) * messages),
            after=self._amount(after * messages),
            before=self._amount(before * messages),
        )

    def _next(self, advice: str) -> str:
        said = [self._say("next", advice=advice)]
        if self._episode.rule in ("day", "hour"):
            said.append(self._say("meant", alert_id=self._episode.alert_id))
        said.append(self._say("explain", alert_id=self._episode.alert_id))
        return "\n".join(said)

    def _rates(self) -> Iterator[str]:
        rates = self._known.rates
        others = [rate_of(rate, name, self._locale) for name, rate in self._currencies()]
        if rates is None or not others:
            return
        age = (self._told.check.date() - rates.on).days
        yield self._say(
            "rate_old" if age > self._reader.max_rate_age_days else "rate",
            rates=", ".join(others),
            source=rates.source,
            on=full_date(rates.on, self._locale),
            age=age,
        )

    def _amount(self, usd: Decimal | None) -> str:
        """Dollars, and in brackets what they are in the reader's money."""
        if usd is None:
            return self._dollars(None)
        others = [money(usd * rate, name, self._locale) for name, rate in self._currencies()]
        return f"{self._dollars(usd)} ({', '.join(others)})" if others else self._dollars(usd)

    def _currencies(self) -> list[tuple[str, Decimal]]:
        """Brazil reads reais, Portugal euros, English both."""
        rates = self._known.rates
        if rates is None:
            return []
        both = (("BRL", rates.brl, "pt-PT"), ("EUR", rates.eur, "pt-BR"))
        return [(name, rate) for name, rate, other in both if rate is not None and self._locale != other]

    def _dollars(self, usd: Decimal | None) -> str:
        return self._texts["unknown"] if usd is None else money(usd, "USD", self._locale)

    def _rise_said(self) -> str:
        rise = _rise(self._before, self._newest.last)
        return self._texts["up_from_nothing"] if rise is None else share(rise, self._locale, signed=True)

    def _unpriced(self, side: Side) -> str:
        return share(side.unpriced_calls / side.calls if side.calls else 0.0, self._locale)

    def _of(self) -> str:
        return "" if self._episode.scope == TOTAL else self._say("of", scope=self._episode.scope)

    def _scope(self) -> str:
        return self._texts["all"] if self._episode.scope == TOTAL else self._episode.scope

    def _lasted(self, time: timedelta) -> str:
        name, unit = ("hours", timedelta(hours=1)) if time < HOURS_SAID else ("days", DAY)
        passed = round(time / unit)
        return self._texts["hours_one" if (name, passed) == ("hours", 1) else name].format(self._count(passed))

    def _count(self, of: float | Decimal) -> str:
        return count(of, self._locale)

    def _say(self, name: str, **values: object) -> str:
        return self._texts[name].format_map(values)


def _rise(before: Side, after: Side) -> float | None:
    return _over(before.mean_usd, after.mean_usd)


def _over(before: Decimal | None, after: Decimal | None) -> float | None:
    """A share; None where either mean is not known, or the one before is 0."""
    return float(after / before - 1) if before and after is not None else None
