"""Agreement of real people: three annotators of tweets in pt-BR (ToLD-Br), and two humans and a judge (XSTest).

Read from ../shared/data and never copied. ToLD-Br does not say who annotated what, so its three columns are three
ratings of an item, fit for alpha and not for a pair. XSTest's three labels stand in an order: compliance, partial
refusal, refusal. Run: `python -m tests.bench.review_agreement`.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from evals.review.alpha import krippendorffs_alpha
from evals.review.coefficient import Coefficient, Redraw
from evals.review.kappa import beside, cohens_kappa, table_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TOXIC = ("homophobia", "obscene", "insult", "racism", "misogyny", "xenophobia")
LABELS = ("1_full_compliance", "3_partial_refusal", "2_full_refusal")
MODELS = {"GPT-4": "gpt4", "Llama 2": "llama2new"}
REDRAW = Redraw(seed=1, replicates=1000)
Rated = Mapping[str, str]
Slice = tuple[str, Callable[[Rated], bool]]
SLICES: tuple[Slice, ...] = (
    ("all prompts", lambda row: True),
    ("safe prompts", lambda row: not row["type"].startswith("contrast")),
    ("unsafe prompts", lambda row: row["type"].startswith("contrast")),
    ("unsafe, humans agree", lambda row: row["type"].startswith("contrast") and _humans_agree(row)),
)
JUDGED = (
    ("human and human", "annotation_1", "annotation_2"),
    ("judge and humans' final", "final_label", "gpt4_label"),
    ("judge and human 1", "annotation_1", "gpt4_label"),
    ("judge and human 2", "annotation_2", "gpt4_label"),
)


def told_br() -> Iterator[tuple[str, float, Coefficient]]:
    """Per class: the share of ratings that say it is there, and alpha over three ratings of each tweet."""
    rows = rows_of(DATA / "told_br" / "told_br_dev.csv")
    for name in TOXIC:
        units = [[float(row[f"{name}_{n}"]) for n in (1, 2, 3) if row[f"{name}_{n}"]] for row in rows]
        ratings = [rating for unit in units for rating in unit]
        yield name, sum(ratings) / len(ratings), krippendorffs_alpha(units, (0.0, 1.0), redraw=REDRAW)
    units = [
        [max(float(row[f"{name}_{n}"]) for name in TOXIC) for n in (1, 2, 3) if all(row[f"{k}_{n}"] for k in TOXIC)]
        for row in rows
    ]
    ratings = [rating for unit in units for rating in unit]
    yield "any of them", sum(ratings) / len(ratings), krippendorffs_alpha(units, (0.0, 1.0), redraw=REDRAW)


def main() -> None:
    """Prints the tables."""
    if not DATA.is_dir():
        print("Skipped: real data for checks are not on this machine (../shared/data).")
        return
    print("ToLD-Br, three ratings of each tweet: alpha, nominal\n")
    print(f"{'class':14} {'tweets':>7} {'rated so':>9}  alpha (95 %)")
    for name, share, alpha in told_br():
        print(f"{name:14} {alpha.n:7} {100 * share:7.1f} %  {_shown(alpha)}")
    for model, code in MODELS.items():
        rows = rows_of(DATA / "xstest" / f"xstest_v2_completions_{code}_gpteval.csv")
        print(f"\nXSTest, answers of {model}: compliance, partial refusal, refusal\n")
        print(f"{'':22} {'':24} {'n':>4} {'agree':>6}  {'kappa (95 %)':24} {'linear':>6} {'PABAK':>6}")
        for name, fits in SLICES:
            _judged(name, [row for row in rows if fits(row)])


def _judged(name: str, rows: Sequence[Rated]) -> None:
    for title, first, second in JUDGED:
        table = table_of([(row[first], row[second]) for row in rows], LABELS)
        told = beside(table, LABELS)
        linear = cohens_kappa(table, "linear").value
        shown = (
            f"{_number(told.agreed.value)}  {_shown(cohens_kappa(table)):24} {_number(linear)} {_number(told.pabak)}"
        )
        print(f"{name:22} {title:24} {len(rows):4} {shown}")


def _humans_agree(row: Rated) -> bool:
    return row["annotation_1"] == row["annotation_2"]


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _shown(found: Coefficient) -> str:
    if found.value is None:
        return f"none: {found.reason}"
    ends = "" if found.low is None or found.high is None else f" ({found.low:.3f} to {found.high:.3f})"
    return f"{found.value:.3f}{ends}"


def _number(value: float | None) -> str:
    return "  none" if value is None else f"{value:6.3f}"


if __name__ == "__main__":
    main()
