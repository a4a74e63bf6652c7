"""What nurses said of an answer has the last word in the gate, over any judge and for exactly that answer."""

from dataclasses import replace

from trust_parts import AXIS, FINE, NOBODY, TRUSTED, Said, codes, rows, verdict

from evals.confirmation import CONFIRMATION_EPOCH
from evals.rows import AnswerRecord
from matria.policy import Policy


def test_a_nurse_has_the_last_word_on_exactly_this_answer(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE, never=True), rows("head", FINE, [*FINE[1:], False], never=True)
    harmless = Said({"head 39": True, "base 39": True})
    cleared = verdict(base, head, policy, NOBODY, rulings=harmless)
    assert cleared.state == "not_worse"
    assert cleared.standings is not None
    assert cleared.standings.rulings == 1
    harmful = verdict(base, head, policy, NOBODY, rulings=Said({"head 39": False, "base 39": True}))
    assert (harmful.state, codes(harmful)[0]) == ("blocked", "never_event")
    overruled = verdict(base, head, policy, TRUSTED, rulings=harmless)
    assert overruled.state == "not_worse", "a trusted judge is overruled too"


def test_a_never_event_that_a_nurse_found_blocks_before_the_base_was_read(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE, never=True), rows("head", FINE, [*FINE[1:], False], never=True)
    assert verdict(base, head, policy, rulings=Said({"head 39": False})).state == "blocked"


def test_a_never_event_that_nurses_found_on_both_sides_is_not_new(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE, never=True), rows("head", FINE, [*FINE[1:], False], never=True)
    again = [replace(head[-1], epoch=CONFIRMATION_EPOCH + n, key=f"k{n}", answer=_other(n)) for n in range(3)]
    both = Said({"head 39": False, "base 39": False})
    found = verdict(base, [*head, *again], policy, rulings=both)
    assert found.state != "blocked"
    assert "standing_never_event" in {note.code for note in found.notes}
    read = verdict(base, [*head, *again], policy, rulings=Said({"base 39": False}))
    assert read.state != "improved", "what the base failed is no gain of a head that nobody read"
    assert next(axis.state for axis in read.comparison.axes if axis.name == AXIS) == "informs"


def _other(number: int) -> AnswerRecord:
    text = f"Another answer {number}."
    return AnswerRecord(text, text, text)


def test_a_reading_of_the_base_alone_counts_too(policy: Policy) -> None:
    base, head = rows("base", FINE, [*FINE[1:], False]), rows("head", FINE, FINE)
    found = verdict(base, head, policy, TRUSTED, rulings=Said({"base 39": True}))
    assert not found.comparison.fixes, "the nurse says that the base was fine already"
