"""A verdict as plain data, for `verdict.json` and for whatever reads it next."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from evals.flips import Flip
from evals.gate import Verdict
from evals.standing import Standings, ToRead, Wanted
from evals.wording import wording
from matria.errors import InputError


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """State, reasons in words, figures by axis and slice, flips without answers; the rows hold those."""
    comparison = verdict.comparison
    words = wording("en")
    return {
        "state": verdict.state,
        "exit_code": verdict.exit_code,
        "is_simulated": verdict.is_simulated,
        "may_promote": verdict.may_promote,
        "waivers": [
            {
                "target": str(waiver.target),
                "owner": waiver.owner,
                "reason": waiver.reason,
                "expires": waiver.expires.isoformat(),
                "issue": waiver.issue,
            }
            for waiver in verdict.waived
        ],
        "reasons": [{"code": r.code, "sentence": r.sentence(words)} for r in verdict.reasons],
        "notes": [{"code": n.code, "sentence": n.sentence(words)} for n in verdict.notes],
        "quality": asdict(comparison.quality),
        "axes": [asdict(axis) for axis in comparison.axes],
        "slices": [asdict(part) for part in comparison.slices],
        "regression_total": comparison.regression_total,
        "fix_total": comparison.fix_total,
        "flips": [_flip(flip) for flip in comparison.flips],
        "new_never_events": [_flip(flip) for flip in comparison.new_never_events],
        "unconfirmed_never_events": [_flip(flip) for flip in comparison.unconfirmed_never_events],
        "standing_never_events": [_flip(flip) for flip in comparison.standing_never_events],
        "unknown_never_events": [asdict(event) for event in comparison.unknown_never_events],
        "unknown_never_event_total": comparison.unknown_never_event_total,
        "newly_stopped": asdict(comparison.newly_stopped),
        "flaky_total": comparison.flaky_total,
        "flaky": [asdict(line) for line in comparison.flaky],
        "grader_error_total": comparison.grader_error_total,
        "grader_errors": [asdict(line) for line in comparison.grader_errors],
        "base": asdict(comparison.base),
        "head": asdict(comparison.head),
        "prompts": list(comparison.prompts),
        "identical": comparison.identical,
        "changed_answers": comparison.changed_answers,
        "unpaired": comparison.unpaired,
        **({"trust": _trust(verdict, verdict.standings)} if verdict.standings else {}),
    }


def _trust(verdict: Verdict, standings: Standings) -> dict[str, Any]:
    """Which judges decided and which informed, and what waits for nurses; absent where rules graded everything."""
    waiting = standings.waiting
    return {
        "rests_on_judges": verdict.rests_on_judges,
        "judges": [
            {**asdict(one.trust), "axis": one.axis, "decides": one.decides, "graded": one.graded, "failed": one.failed}
            for one in standings.judges
        ],
        "informing_axes": list(standings.informing_axes),
        "rulings": standings.rulings,
        "wanted": standings.wanted,
        "to_read": [asdict(place) for place in standings.to_read],
        "waiting": len(waiting.item_ids) if waiting else 0,
        "waiting_total": waiting.total if waiting else 0,
        "waiting_unsure": waiting.unsure if waiting else 0,
        "is_queued": waiting.is_queued if waiting else False,
    }


def read_to_read(path: Path) -> Standings:
    """What a verdict's file says that nurses should read; nothing where it says nothing. Raises `InputError`."""
    try:
        trust = json.loads(path.read_text(encoding="utf-8")).get("trust") or {}
        wanted: Wanted | None = trust.get("wanted")
        places = tuple(_place(place) for place in trust.get("to_read", ()))
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(f"{path} is no verdict of this version: evaluate again, or name another folder.") from error
    if wanted not in (None, *get_args(Wanted)):
        raise InputError(f"{path} is no verdict of this version: evaluate again, or name another folder.")
    return Standings(wanted=wanted, to_read=places)


def _place(data: Mapping[str, Any]) -> ToRead:
    place = ToRead(**data)
    if not all(isinstance(name, str) for name in vars(place).values()):
        raise TypeError("a name that is no text")
    return place


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "kind": flip.kind,
        "suite": flip.suite,
        "case": flip.case,
        "prompt": flip.prompt,
        "criterion": flip.criterion,
        "axis": flip.axis,
        "points": flip.points,
        "never": flip.never,
        "confirmation": flip.confirmation,
        "is_flaky": flip.is_flaky,
        **({"informs": True} if flip.informs else {}),
        "base_failed": flip.base_failed,
        "base_graded": flip.base_graded,
        "head_failed": flip.head_failed,
        "head_graded": flip.head_graded,
    }
