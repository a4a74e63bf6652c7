"""What an evaluation is asked for, by the commands, the flows and every step of it."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.budget import Budget


@dataclass(frozen=True)
class EvaluationRequest:
    """What to evaluate."""

    suites: tuple[str, ...] = ()
    """Names, or `healthbench:FILE`; none means all of the checkout."""
    prompts: tuple[str, ...] = ()
    """Names with or without their locale; none means those that differ from the base, or all without one."""
    against: str | None = None
    """Git revision or library folder of the base; None means scores and no verdict."""
    model: str | None = None
    epochs: int = 1
    limit: int | None = None
    cases: tuple[str, ...] = ()
    """Ids with or without their locale; none means all."""
    library: Path | None = None
    """Folder of prompts in place of the checkout's."""
    fresh: bool = False
    """Whether to ask again what an earlier run of today's or before has answered."""
    out: Path | None = None
    """Folder that gets a copy of the reports."""
    tags: tuple[str, ...] = ()
    """`persona:gestante`, `locale:pt-BR`: of one key any, of several keys all."""
    is_all: bool = False
    """Whether prompts that do not differ from the base are evaluated too."""
    judge: str | None = None
    """Model that judges, in place of the one in the settings."""
    is_bare: bool = False
    """Whether the model is asked alone, without the assistant's rails."""
    is_recorded: bool = True
    """Whether runs are written to MLflow."""
    is_queued: bool = True
    """Whether answers that nurses should read go into their queue, where it can be reached."""
    no_cache: bool = False
    """Whether replies are neither taken from the cache nor kept in it; the rows of earlier runs still count."""
    max_usd: Decimal | None = None
    """Cap on what answers and judges may cost together; None means none."""
    max_seconds: float | None = None
    """Cap on time; None means none."""
    approved_usd: Decimal | None = None
    """What somebody has agreed that it may be estimated at; None means as much as needs no agreement."""
    pool: str = ""
    """Which run it is, where processes share its cap on cost; empty where it is alone."""

    @property
    def is_cached(self) -> bool:
        """Whether a reply of an earlier run may stand for a new one; never where everything is asked anew."""
        return not (self.no_cache or self.fresh)

    @property
    def budget(self) -> "Budget":
        """Both caps."""
        from evals.budget import Budget

        return Budget(self.max_usd, self.max_seconds)
