"""The reference pages that are written from the code: settings, policy, exit codes, commands, deployments.

`make reference` writes them; a test fails where one is not what the code says.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from matria import PROJECT_ROOT, errors
from matria.policy import load_policy
from matria.settings import setting_names
from matria.yamlfile import read_yaml

FOLDER = PROJECT_ROOT / "docs" / "reference"
WRITTEN = "<!-- written by `make reference` from the code; change it there -->"


def settings_page() -> str:
    """Every `MATRIA_*` variable, its default and what it is."""
    rows = [f"| `{name}` | {default} | {text} |" for name, (default, text) in setting_names().items()]
    return _page(
        "Settings",
        "Read once when a command or a flow starts, from the environment and from the file `.env` of the checkout. An "
        "unknown name is an error. Secrets are never shown. Thresholds are not settings: see [policy](policy.md).",
        ["| variable | default | what it is |", "|---|---|---|", *rows],
    )


def policy_page() -> str:
    """Every threshold of policy.yaml."""
    policy = load_policy(PROJECT_ROOT / "policy.yaml")
    rows = [f"| `{t.name}` | {t.value:g} | {t.unit} | {t.reason} |" for t in policy.thresholds.values()]
    return _page(
        "Policy",
        "Every threshold that decides what passes, serves or alerts, from `policy.yaml` at the root. A change is "
        "reviewed by the clinical team (`.github/CODEOWNERS`), and its hash is in the tags of each run.",
        ["| threshold | value | unit | reason |", "|---|---|---|---|", *rows],
    )


def exit_codes_page() -> str:
    """Every exit status of `matria`."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.UserError)]
    described = {kind.exit_code: inspect.getdoc(kind) or "" for kind in kinds if kind is not errors.UserError}
    described |= {
        0: "Done; of `matria eval`: improved or not worse.",
        1: "An error of ours, with its traceback; findings of a lint; an adapter that is off; a flow run that failed; "
        "a decision on costs that does not come out the same; `automations diff` with something to do; `notices retry` "
        "with something still undelivered.",
        2: "The command line does not fit: an unknown command or option.",
        20: "`matria eval`, `matria run evaluate-prompts`: blocked.",
        21: "`matria eval`, `matria run evaluate-prompts`: inconclusive.",
        22: "`matria eval`, `matria run evaluate-prompts`: too many answers or grades failed to tell.",
        24: "`matria run watch-costs`: it ran, and people are told of something new.",
        130: "Stopped by Ctrl-C; the same command goes on from there.",
    }
    rows = [f"| {code} | {text} |" for code, text in sorted(described.items())]
    return _page(
        "Exit codes",
        "What went wrong is said in one sentence on standard error.",
        ["| status | meaning |", "|---|---|", *rows],
    )


def commands_page() -> str:
    """Every command with its options."""
    import typer

    from flows.cli.app import app

    lines: list[str] = []
    for name, command in _commands(typer.main.get_command(app), "matria"):
        lines += [f"## `{name}`", "", inspect.cleandoc(command.help or ""), ""]
        rows = [_option(param) for param in command.params if param.name != "help"]
        lines += ["| option | what it does |", "|---|---|", *rows, ""] if rows else []
    return _page("Commands", "`matria --help` and `matria COMMAND --help` say the same on the terminal.", lines)


def deployments_page() -> str:
    """Every deployment of prefect.yaml."""
    listed = read_yaml(PROJECT_ROOT / "prefect.yaml", errors.InputError)["deployments"]
    rows = []
    for entry in listed:
        flow = entry["entrypoint"].rsplit(".", 1)[1].replace("_", "-")
        planned = [f"`{schedule['cron']}` {schedule['timezone']}" for schedule in entry.get("schedules", ())]
        when = ", ".join(planned) or "on request"
        rows.append(f"| `{flow}/{entry['name']}` | {when} | {entry['description']} |")
    return _page(
        "Deployments",
        "From `prefect.yaml`; all run on the work pool `matria`. `matria up` deploys them.",
        ["| deployment | schedule | what it does |", "|---|---|---|", *rows],
    )


def checks_page() -> str:
    """Every kind of check, with examples."""
    from evals.checks.reference import checks_page as page

    return f"{WRITTEN}\n\n{page()}"


PORTS: Mapping[str, tuple[str, ...]] = {
    "matria.events.base.EventSource": ("matria.events.file.JsonLinesFile", "matria.events.file.CsvFile"),
    "matria.contracts.base.TableStore": ("matria.contracts.parquet.ParquetTables",),
    "matria.features.base.OfflineStore": ("matria.features.parquet.ParquetFeatures",),
    "matria.features.base.OnlineStore": ("matria.features.sqlite.SqliteFeatures",),
    "matria.costs.allowance.base.AllowanceStore": ("matria.costs.allowance.store.SqlAllowances",),
    "matria.costs.base.Ledger": (
        "matria.costs.ledger.sqlite.SqliteLedger",
        "matria.costs.ledger.postgres.PostgresLedger",
    ),
    "matria.handover.base.Handovers": ("matria.handover.sqlite.SqliteHandovers",),
    "matria.transcripts.base.Transcripts": ("matria.transcripts.sql.SqlTranscripts",),
    "evals.review.base.ReviewForm": (
        "evals.review.web.form.WebForm",
        "evals.review.notion.form.NotionForm",
    ),
    "matria.notify.base.Notifier": (
        "matria.notify.console.ConsoleNotifier",
        "matria.notify.apprise.AppriseNotifier",
        "matria.notify.every.EveryChannel",
    ),
    "matria.forge.base.PullRequest": (
        "matria.forge.github.GitHubPullRequest",
        "matria.forge.azure_devops.AzureDevOpsPullRequest",
    ),
    "guardrails.base.Rail": (
        "guardrails.clinical_terms.ClinicalTerms",
        "guardrails.injection.rail.Injection",
        "guardrails.local.LocalModerator",
        "guardrails.blocklist_rail.BlocklistRail",
        "guardrails.persona.Persona",
        "guardrails.care_given.CareGiven",
        "guardrails.personal_data.PersonalData",
        "guardrails.prompt_leak.PromptLeak",
        "guardrails.content_safety.moderator.AzureModerator",
        "guardrails.content_safety.shield.AzureShield",
        "guardrails.content_safety.groundedness.AzureGroundedness",
    ),
    "models.assistant.base.ChatModel": (
        "models.assistant.openai.OpenAIChat",
        "models.assistant.limited.LimitedChat",
        "models.assistant.cached.CachedChat",
        "models.assistant.fallback.FallbackChat",
    ),
    "models.assistant.cache.base.ResponseCache": (
        "models.assistant.cache.sqlite.SqliteCache",
        "models.assistant.cache.postgres.PostgresCache",
    ),
    "models.assistant.gates.base.Gate": ("models.assistant.gates.adaptive.AdaptiveGate", "flows.gates.SharedGate"),
    "models.assistant.wires.base.Wire": (
        "models.assistant.wires.official.OfficialWire",
        "models.assistant.wires.plain.PlainWire",
        "models.assistant.wires.in_process.InProcessWire",
    ),
    "models.assistant.retrieval.base.Retriever": ("models.assistant.retrieval.bm25.Bm25Retriever",),
    "evals.judges.base.Judge": (
        "evals.judges.rubric.RubricJudge",
        "evals.judges.deepeval.DeepEvalJudge",
        "evals.judges.ragas.RagasJudge",
    ),
}
"""Each port with its adapters; a test finds every port in the code here."""


def ports_page() -> str:
    """Every port: its duties, and the adapters that there are."""
    lines: list[str] = []
    for port, adapters in PORTS.items():
        kind = find(port)
        methods = [name for name, value in vars(kind).items() if inspect.isfunction(value) and not name.startswith("_")]
        lines += [
            f"## `{port}`",
            "",
            inspect.getdoc(kind) or "",
            "",
            f"Methods: {', '.join(f'`{m}`' for m in methods)}.",
        ]
        lines += ["", f"Adapters: {', '.join(f'`{adapter}`' for adapter in adapters)}.", ""]
    return _page(
        "Ports",
        "Where a technology can be exchanged: a protocol in `base.py`, one adapter a file beside it, chosen in "
        "`flows/wiring.py` and its neighbours `flows/wiring_*.py` alone. One suite in `tests/contracts/` holds every "
        "adapter of a store, a ledger, a forge, a rail, a chat model or a judge to its duties.",
        lines,
    )


def find(dotted: str) -> Any:
    """The class of that name. Raises ImportError or AttributeError where there is none."""
    module, name = dotted.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "policy.md": policy_page,
    "exit-codes.md": exit_codes_page,
    "commands.md": commands_page,
    "deployments.md": deployments_page,
    "ports.md": ports_page,
    "checks.md": checks_page,
}


def write_all(folder: Path = FOLDER) -> None:
    """The pages written anew."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def _page(title: str, lead: str, lines: list[str]) -> str:
    return "\n".join([WRITTEN, "", f"# {title}", "", lead, "", *lines]).rstrip() + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if not children:
        yield name, command
        return
    if command.invoke_without_command:
        yield name, command
    for child_name, child in children.items():
        yield from _commands(child, f"{name} {child_name}")


def _option(param: Any) -> str:
    names = ", ".join(f"`{text}`" for text in (param.opts or [param.name]))
    is_argument = param.param_type_name == "argument"
    return f"| {f'`{param.name.upper()}`' if is_argument else names} | {getattr(param, 'help', '') or ''} |"


if __name__ == "__main__":
    write_all()
