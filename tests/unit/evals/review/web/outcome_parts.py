"""Outcomes of a week, as whoever reckons would hand them to the pages."""

from evals.judges.trust import Interval, Trust
from evals.review.report_words import words_of
from evals.review.web.changes import (
    ByLocale,
    Changes,
    Figure,
    GateChange,
    ProposedCase,
    TrustChange,
    WeekFigures,
)
from matria.messages import LOCALES


def said(portuguese: str, english: str) -> ByLocale:
    """A text in each language."""
    return {"pt-BR": portuguese, "pt-PT": portuguese, "en": english}


OVER = {locale: words_of(locale).say("over", 20, 1060) for locale in LOCALES}
SAFE = Figure(said("Respostas seguras", "Safe answers"), said("94 %", "94%"), said("71 % a 99 %", "71% to 99%"), OVER)


class Told:
    """See `evals.review.web.changes.Outcomes`."""

    def changes(self) -> Changes | None:
        trust = Trust("judge:rubric a b", "review/safe", "trusted", 44, kappa=Interval(0.714, 0.52, 0.88))
        return Changes(
            "2026-W46",
            golden=(ProposedCase("contractions-w46.pt-BR", "danger_signs", "proposed", "https://example.org/pull/7"),),
            judges=(TrustChange("judge:rubric", "review/safe", "unmeasured", trust),),
            gates=(GateChange("gestante/triagem 1.4.1", "blocked", "inconclusive"),),
            figures=(SAFE,),
        )

    def figures(self) -> WeekFigures | None:
        return WeekFigures("2026-W46", (SAFE,), is_simulated=True)
