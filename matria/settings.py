"""What is configured: built once at an entry point, from `MATRIA_*` variables and `.env`, and passed in.

Every default is offline and needs no server and no key; state lies under `home`. Thresholds are not settings: they
lie in policy.yaml. Nested settings take two underscores: `MATRIA_CHAT__KIND=openai`.
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from matria import PROJECT_ROOT
from matria.errors import SettingsError
from matria.messages import Locale

PREFIX = "MATRIA_"
ENV_FILE = PROJECT_ROOT / ".env"
"""Of the checkout, so that a worker that starts elsewhere is configured alike."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventsSettings(_Section):
    """Where events come from."""

    kind: Literal["file"] = Field("file", description="source of events: JSON Lines or CSV files")


class FeaturesSettings(_Section):
    """Where features are published."""

    offline: Literal["parquet"] = Field("parquet", description="store for training: a row per subject and date")
    online: Literal["sqlite"] = Field("sqlite", description="store for serving: the newest row of each subject")


class TrackingSettings(_Section):
    """Where MLflow keeps the record."""

    uri: str | None = Field(None, description="MLflow server; unset means SQLite under home")
    owner: str = Field("maternal-health-platform", description="tag `owner` of every run")


class ChatSettings(_Section):
    """Which chat model answers, and how long it is waited for."""

    kind: Literal["simulator", "openai", "azure_openai", "compatible"] = Field(
        "simulator",
        description="the bundled simulator, OpenAI, Azure OpenAI, or any OpenAI-compatible endpoint",
    )
    model: str = Field("simulator-1", description="model, or deployment on Azure OpenAI")
    base_url: str | None = Field(None, description="endpoint; needed by azure_openai and compatible")
    api_key: SecretStr | None = Field(None, description="key of the endpoint")
    auth: Literal["key", "entra"] = Field(
        "key", description="Azure OpenAI: by key, or by Entra ID as whoever the process runs as"
    )
    api_version: str = Field("2024-10-21", description="Azure OpenAI's api-version")
    client: Literal["openai", "aiohttp"] = Field(
        "openai",
        description="what speaks to a network endpoint: the official openai client, or aiohttp alone, which starts a "
        "second sooner and takes a third of the CPU time a call",
    )
    timeout_s: float = Field(60.0, gt=0, description="seconds one call may take, whatever the endpoint does meanwhile")
    total_s: float = Field(
        180.0, gt=0, description="seconds one answer may take, attempts, pauses and waits between them included"
    )
    max_attempts: int = Field(5, ge=1, le=20, description="calls made at most for one answer, the first included")
    requests_per_minute: float | None = Field(
        None, gt=0, description="calls that the endpoint takes a minute; unset means what it says itself, if it does"
    )
    tokens_per_minute: float | None = Field(
        None, gt=0, description="tokens that the endpoint takes a minute; unset means what it says itself, if it does"
    )
    shared_limit: str | None = Field(
        None, description="Prefect's global concurrency limit on calls in flight, shared by all processes that name it"
    )
    shared_rate: str | None = Field(
        None, description="Prefect's global concurrency limit with slot decay on calls begun, shared alike"
    )
    shared_most: int = Field(16, ge=1, description="slots of shared_limit that one process may hold")
    priced_as: str | None = Field(
        None,
        description="model whose price stands in where this one has none; the simulator's default is gpt-4.1-mini",
    )


class FallbackSettings(ChatSettings):
    """Which chat model answers people where the first cannot; unset `is_on` means none."""

    is_on: bool = Field(False, description="whether a second model stands behind the first, for people's messages")


class JudgeSettings(ChatSettings):
    """Which model judges answers. Apart from the model that answers, so that neither change hides the other."""

    output: Literal["json_schema", "json_object", "text"] = Field(
        "json_schema",
        description="how the endpoint is held to a judge's schema; json_object or text where it knows no json_schema",
    )
    temperature: float = Field(0.0, ge=0, le=2, description="sampling temperature of a judge asked once")
    seed: int = Field(0, ge=0, description="seed of a judge's first request; further attempts and samples count on")
    samples: int = Field(1, ge=1, le=15, description="times the judge `rubric` is asked; more than one: the majority")


class CacheSettings(_Section):
    """Where the replies to evaluations are kept. What a patient is told never comes from it."""

    kind: Literal["sqlite", "postgres", "none"] = Field(
        "sqlite", description="SQLite under home, PostgreSQL for machines that share one cache, or none"
    )
    url: SecretStr | None = Field(None, description="address of the database; needed by postgres")


class ModerationSettings(_Section):
    """Which service moderates, beside the rails of this process."""

    kind: Literal["local", "azure"] = Field(
        "local", description="lexical moderator alone, offline; or Azure AI Content Safety behind it"
    )
    endpoint: str | None = Field(
        None, description="resource of Azure AI Content Safety, such as https://NAME.cognitiveservices.azure.com"
    )
    auth: Literal["key", "entra"] = Field("key", description="a key, or Entra ID (DefaultAzureCredential)")
    api_key: SecretStr | None = Field(None, description="key of the resource; needed where auth is key")
    timeout_s: float = Field(0.9, gt=0, description="seconds that one attempt may take")
    max_attempts: int = Field(4, ge=1, le=10, description="attempts for one call, the first included")
    prompt_shield: bool = Field(True, description="whether questions and documents are searched for attacks")
    groundedness: bool = Field(
        False, description="whether answers are held against their sources (a preview, in few regions)"
    )
    blocklists: bool = Field(True, description="whether the blocklists of guardrails/terms are asked for as well")
    usd_per_1000_records: Decimal | None = Field(
        None, ge=0, description="price of 1,000 text records of text analysis; unset means that costs are unpriced"
    )
    shield_usd_per_1000_records: Decimal | None = Field(None, ge=0, description="the same of prompt shields")
    groundedness_usd_per_1000_records: Decimal | None = Field(None, ge=0, description="the same of groundedness")
    price_source: str | None = Field(
        None, description="where and when the prices were read; goes into the ledger, and is needed beside a price"
    )


class LedgerSettings(_Section):
    """Where the cost of each message is kept."""

    kind: Literal["sqlite", "postgres"] = Field(
        "sqlite", description="SQLite under home, or PostgreSQL for machines that share one ledger"
    )
    url: SecretStr | None = Field(None, description="address of the database; needed by postgres")


class NotifySettings(_Section):
    """Who is told, and how patiently."""

    kind: Literal["console", "apprise"] = Field(
        "console", description="log lines, or the channels of `urls` through Apprise: Teams, Slack, e-mail, webhooks"
    )
    urls: SecretStr | None = Field(
        None,
        description="channels as NAME=ADDRESS with blanks between, addresses in Apprise's form; needed by apprise. The "
        "name stands in logs and errors, the address never does",
    )
    timeout_s: float = Field(20.0, gt=0, le=300, description="seconds that one channel may take for one notice")
    backoff_s: float = Field(30.0, gt=0, description="seconds until a notice that failed is tried again; then doubled")
    max_backoff_s: float = Field(3600.0, gt=0, description="seconds at most between two attempts")
    give_up_hours: float = Field(72.0, gt=0, description="hours after which an undelivered notice is given up")


class HandoverSettings(_Section):
    """Where conversations wait that a person must look at."""

    kind: Literal["sqlite"] = Field("sqlite", description="SQLite under home")


class TranscriptsSettings(_Section):
    """Where conversations are kept, masked, so that nurses can read them."""

    kind: Literal["sqlite", "postgres", "none"] = Field(
        "sqlite", description="SQLite under home, PostgreSQL, or none, which leaves nothing to review"
    )
    url: SecretStr | None = Field(None, description="address of the database; needed by postgres")
    keep_days: int = Field(
        180, ge=14, description="days after which a conversation is removed, and the text of it that nurses read"
    )


class ReviewSettings(_Section):
    """Where and how nurses read the week's sample."""

    kind: Literal["web", "notion"] = Field("web", description="the page of this project, or a database in Notion")
    store: Literal["sqlite", "postgres"] = Field(
        "sqlite", description="where batches, reviews and people are kept: SQLite under home, or PostgreSQL"
    )
    url: SecretStr | None = Field(None, description="address of the database; needed by postgres")
    timezone: str = Field(
        "America/Sao_Paulo", description="whose Monday the week begins on, and in which times are shown"
    )
    locale: Locale = Field(
        "pt-BR",
        description="language of the weekly report, of a page until somebody signs in, and of a database in Notion",
    )
    sign_in: Literal["link", "oidc"] = Field("link", description="a link by e-mail that works once, or OpenID Connect")
    port: int = Field(8610, ge=1, le=65535, description="local port of the page, on 127.0.0.1")
    public_url: str | None = Field(
        None,
        description="where nurses open the page, such as https://revisao.example.org, or a page in Notion with their "
        "view of the database; unset means 127.0.0.1 at port, and Notion's front page",
    )
    mail: SecretStr | None = Field(
        None,
        description="mail server as an address of Apprise with {to} for the nurse's own, such as "
        "mailtos://USER:PASSWORD@HOST?to={to}; unset means that links come from `matria review link`",
    )
    oidc_issuer: str | None = Field(None, description="issuer, whose /.well-known/openid-configuration is read")
    oidc_client_id: str | None = Field(None, description="client id of the page at the issuer")
    oidc_client_secret: SecretStr | None = Field(None, description="client secret of the page at the issuer")
    notion_token: SecretStr | None = Field(None, description="token of the integration; needed by notion")
    notion_database: str | None = Field(None, description="id of the database; unset means one found by title, or made")
    notion_parent: str | None = Field(None, description="id of the page below which a database is made")
    notion_url: str = Field("https://api.notion.com", description="address of Notion's API")


class ForgeSettings(_Section):
    """Where pull requests lie, and how patiently they are written to. Which one it is, the pipeline says."""

    kind: Literal["github", "azure_devops"] | None = Field(
        None, description="where pull requests lie; unset means that of the pipeline it runs in"
    )
    token: SecretStr | None = Field(
        None, description="token that may comment; unset means the pipeline's GITHUB_TOKEN or SYSTEM_ACCESSTOKEN"
    )
    status: str = Field("matria/prompts", min_length=1, max_length=100, description="name of the status on the commit")
    timeout_s: float = Field(20.0, gt=0, description="seconds one request may take, its answer included")
    max_attempts: int = Field(5, ge=1, le=10, description="requests made at most for one thing, the first included")
    max_wait_s: float = Field(
        120.0,
        ge=0,
        description="seconds waited at most for one thing, as a rate limit may ask; past it posting is given up",
    )
    update_every_s: float = Field(30.0, ge=1, description="seconds between two updates of a running evaluation")


class PrivacySettings(_Section):
    """The key behind pseudonyms."""

    hash_key: SecretStr | None = Field(
        None,
        description="HMAC-SHA256 key, 32 bytes in hexadecimal; unset means a key made once under home/keys",
    )
    hash_key_id: str = Field("local-1", description="name of the key, recorded beside each pseudonym")


class ServeSettings(_Section):
    """Local ports of `matria up`, `matria simulator` and `matria emulator`; all bind to 127.0.0.1."""

    pages_port: int = Field(8600, ge=1, le=65535, description="the pages of this project")
    prefect_port: int = Field(4200, ge=1, le=65535, description="Prefect server and UI")
    mlflow_port: int = Field(5000, ge=1, le=65535, description="MLflow server and UI")
    simulator_port: int = Field(8650, ge=1, le=65535, description="the simulated model's endpoint")
    emulator_port: int = Field(8660, ge=1, le=65535, description="the emulator of Azure AI Content Safety")
    public_url: str | None = Field(None, description="where people open the pages; unset means 127.0.0.1 at pages_port")
    emulator_apply_lag_s: float = Field(
        300.0, ge=0, description="seconds until the emulator applies an edit of a blocklist; the service takes as long"
    )

    @property
    def pages_url(self) -> str:
        """Where people open the pages, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.pages_port}").rstrip("/")


class Settings(BaseSettings):
    """Everything that a deployment may configure."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file=ENV_FILE, extra="ignore", frozen=True
    )

    home: Path = Field(PROJECT_ROOT / "var", description="where state lies")
    root: Path = Field(PROJECT_ROOT, description="the checkout: prompts/, evals/suites/, policy.yaml are read here")
    locale: Locale = Field("en", description="language of reports and summaries")
    country: Literal["BR", "PT", "GB", "US"] = Field(
        "US", description="whose emergency numbers English assistants give; pt-BR and pt-PT fix their own"
    )
    events: EventsSettings = EventsSettings()
    features: FeaturesSettings = FeaturesSettings()
    tracking: TrackingSettings = TrackingSettings()
    chat: ChatSettings = ChatSettings()
    fallback: FallbackSettings = FallbackSettings()
    judge: JudgeSettings = JudgeSettings()
    cache: CacheSettings = CacheSettings()
    moderation: ModerationSettings = ModerationSettings()
    ledger: LedgerSettings = LedgerSettings()
    notify: NotifySettings = NotifySettings()
    handover: HandoverSettings = HandoverSettings()
    transcripts: TranscriptsSettings = TranscriptsSettings()
    review: ReviewSettings = ReviewSettings()
    forge: ForgeSettings = ForgeSettings()
    privacy: PrivacySettings = PrivacySettings()
    serve: ServeSettings = ServeSettings()

    @property
    def tracking_uri(self) -> str:
        """MLflow's address: the one configured, or SQLite under home."""
        return self.tracking.uri or f"sqlite:///{(self.home / 'mlflow' / 'mlflow.db').resolve()}"


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises `SettingsError` naming each setting that is unknown or malformed."""
    unknown = sorted(set(_given_names()) - set(_known_names(Settings)))
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(unknown)}: see docs/reference/settings.md for the names, or unset it."
        )
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problems = "; ".join(f"{_variable(part['loc'])}: {part['msg']}" for part in error.errors())
        raise SettingsError(f"Settings do not fit: {problems}. See docs/reference/settings.md.") from error


def setting_names() -> dict[str, tuple[str, str]]:
    """Each variable with its default and description, for the reference and its test."""
    return {name: (default, text) for name, default, text in _fields(Settings)}


def _given_names(env_file: Path = ENV_FILE) -> Iterator[str]:
    """The names of ours that are set, in the environment or in the file; what is not ours is let be."""
    from dotenv import dotenv_values

    given = [*os.environ, *(dotenv_values(env_file) if env_file.is_file() else ())]
    return (name.upper() for name in given if name.upper().startswith(PREFIX))


def _known_names(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}".upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _known_names(field.annotation, f"{prefix}{name}__")


def _fields(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{prefix}{name.upper()}__")
        else:
            default = field.default
            if isinstance(default, Path):
                default = default.relative_to(PROJECT_ROOT) if default != PROJECT_ROOT else "the checkout"
            yield (
                f"{prefix}{name.upper()}",
                "unset" if default is None else str(default),
                field.description or "",
            )


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(part) for part in location).upper()
