"""From a request to what is asked: the two sides, the suites, the prompts in scope, the graders and the plan."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.steps.revision import Base, base_at, head_revision
from flows.steps.scope import Scope, scope_of
from matria import PROJECT_ROOT
from matria.errors import SuiteError
from matria.provenance import digest, folder_digest

if TYPE_CHECKING:
    from evals.cases import Suite
    from evals.changes import Revision
    from evals.grading import Graders
    from evals.judges.base import JudgeQuestion
    from evals.judges.trust import TrustBook
    from evals.rows import Side
    from evals.trials import Plan
    from evals.waivers import Waivers
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform
    from matria.costs.base import Purpose
    from models.assistant.base import ChatModel, ChatReply
    from models.assistant.failures import ChatFailed
    from prompts.repository import PromptLibrary

HEALTHBENCH = "healthbench:"


@dataclass(frozen=True)
class Setup:
    """What a request resolves to."""

    head: "PromptLibrary"
    base: Base | None
    suites: "tuple[Suite, ...]"
    scope: Scope
    now: "Revision"
    """The head, as all that decides answers and grades."""
    waivers: "Waivers"
    """Of the head, where a pull request writes them."""
    trust: "TrustBook"
    """In judges, as the checkout has it."""

    @property
    def asks_nothing(self) -> bool:
        """Whether there is no prompt in scope that a suite has a case for."""
        asked = {
            f"{name}.{case.locale}" for suite in self.suites for case in suite.cases for name in suite.prompts_of(case)
        }
        return not asked & set(self.scope.prompts)


def set_up(platform: "Platform", request: "EvaluationRequest") -> Setup:
    """The request resolved. Raises `PromptError`, `SuiteError` and `InputError` before anything is asked."""
    from evals.confirmation import ConfirmationRule
    from evals.waivers import NO_WAIVERS, load_waivers
    from prompts.repository import PromptLibrary

    ConfirmationRule.of(platform.policy)  # refuses one that nothing could meet, before anything is asked
    head = PromptLibrary(request.library) if request.library else platform.library
    base = base_at(platform, request.against) if request.against is not None else None
    suites = tuple(_suites(platform, request.suites))
    now = head_revision(platform, head)
    scope = scope_of(
        now,
        base.revision if base else None,
        suites,
        names=request.prompts,
        tags=request.tags,
        is_all=request.is_all,
    )
    waivers = NO_WAIVERS
    if base is not None:
        file = platform.settings.root / "evals" / "waivers.yaml"
        waivers = load_waivers(file, platform.policy, datetime.now(UTC).date())
    return Setup(head, base, suites, scope, now, waivers, _trust(platform))


def _trust(platform: "Platform") -> "TrustBook":
    from evals.judges.trustfile import TRUST_FILE, read_trust

    return read_trust(platform.settings.root / TRUST_FILE, platform.policy, datetime.now(UTC).date())


def _suites(platform: "Platform", names: Sequence[str]) -> "list[Suite]":
    """Those named, read alone; all of the checkout where none is."""
    return [_suite(platform, name) for name in names] if names else platform.suites


def _suite(platform: "Platform", name: str) -> "Suite":
    from evals.casefile import SUFFIX, load_case_file
    from evals.healthbench import load_healthbench
    from evals.suitefile import load_suite, suite_folders

    if name.startswith(HEALTHBENCH):
        return load_healthbench(Path(name.removeprefix(HEALTHBENCH)))
    if name.endswith(SUFFIX):
        return load_case_file(Path(name))
    folders = {folder.name: folder for folder in suite_folders(platform.settings.root / "evals" / "suites")}
    if name not in folders:
        raise SuiteError(f"There is no suite '{name}': name one of {', '.join(folders)}, or healthbench:FILE.")
    return load_suite(folders[name])


def plan_of(
    platform: "Platform", request: "EvaluationRequest", setup: Setup, graders: "Graders", first_epoch: int = 0
) -> "Plan":
    """Every trial of the request. Raises `SuiteError` where no case is for the prompts in scope."""
    from evals.trials import Selection, plan_trials

    return plan_trials(
        setup.suites,
        setup.head,
        setup.base.library if setup.base else None,
        model=request.model or platform.settings.chat.model,
        grading=graders.identity,
        country=platform.settings.country,
        selection=Selection(setup.scope.prompts, request.cases, request.epochs, request.limit, first_epoch),
        answered_by=_by_side(setup, lambda revision: revision.answered_by),
        railed_by=_by_side(setup, lambda revision: revision.railed_by),
    )


def _by_side(setup: Setup, identity: "Callable[[Revision], str]") -> "dict[Side, str]":
    """What answers on either side; one that cannot be read any more was stood in for by the head's."""
    base = setup.base.revision if setup.base and setup.base.answering else setup.now
    return {"head": identity(setup.now), "base": identity(base)}


def graders_of(platform: "Platform", request: "EvaluationRequest", judge: "ChatModel") -> "Graders":
    """The checks, and the judges on an open chat model, each call of theirs in the ledger."""
    from evals.grading import Graders
    from flows.wiring_models import judges

    settings, policy = platform.settings, platform.policy
    meter = platform.meter(settings.judge)
    model = request.judge or settings.judge.model

    began_at = meter.clock()

    def message(question: "JudgeQuestion") -> dict[str, Any]:
        """That of the answer; of an answer of an earlier run, which is judged again, by now."""
        of = question.message
        if of is None:
            return {"conversation_id": question.case, "message_id": f"judge/{question.case}", "message_at": began_at}
        came_at = began_at if of.message_at is None else max(of.message_at, began_at)
        return {**vars(of), "message_at": came_at}

    async def pay(reply: "ChatReply", question: "JudgeQuestion", purpose: "Purpose") -> None:
        await meter.record(reply, provider=judge.provider, model=model, purpose=purpose, **message(question))

    async def pay_failed(error: "ChatFailed", question: "JudgeQuestion") -> None:
        await meter.record_failed(error.paid, purpose="judge", **message(question))

    return Graders(policy, settings.country, judges(settings, policy, judge, model, pay, pay_failed))


def folder_of(platform: "Platform", request: "EvaluationRequest", setup: Setup) -> Path:
    """Where rows lie: other rails, another endpoint or judge, or another day (if fresh) is another folder.

    The rest of what decides an answer and its grade is in each row's own key.
    """
    settings = platform.settings
    code = [folder_digest(PROJECT_ROOT / part) for part in ("guardrails", "models/assistant", "matria/privacy")]
    if "simulator" in (settings.chat.kind, settings.judge.kind):
        code.append(folder_digest(PROJECT_ROOT / "models" / "simulator"))
    asked = [
        code,
        folder_digest(settings.root / "guardrails" / "terms"),
        platform.policy.group("moderation"),
        settings.chat.kind,
        settings.chat.base_url,
        settings.judge.model_dump(exclude={"api_key"}),
        request.judge,
        request.is_bare,
    ]
    day = f"-{datetime.now(UTC):%Y%m%d}" if request.fresh else ""
    return settings.home / "evaluations" / f"{digest(asked)}{day}"


def command_of(request: "EvaluationRequest") -> str:
    """The command that asks for the same again."""
    options = [f"--suite {shlex.quote(name)}" for name in request.suites]
    options += [f"--prompt {shlex.quote(name)}" for name in request.prompts]
    options += [f"--tag {shlex.quote(tag)}" for tag in request.tags]
    options += [f"--case {shlex.quote(name)}" for name in request.cases]
    options += [f"--against {shlex.quote(request.against)}"] if request.against else []
    options += ["--all"] if request.is_all else []
    options += [f"--library {shlex.quote(str(request.library))}"] if request.library else []
    options += [f"--model {shlex.quote(request.model)}"] if request.model else []
    options += [f"--judge {shlex.quote(request.judge)}"] if request.judge else []
    options += [f"--epochs {request.epochs}"] if request.epochs > 1 else []
    options += [f"--limit {request.limit}"] if request.limit else []
    options += ["--bare"] if request.is_bare else []
    options += ["--no-cache"] if request.no_cache else []
    options += [] if request.is_recorded else ["--no-record"]
    return " ".join(["matria eval", *options])
