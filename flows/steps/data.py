"""provisional"""
from dataclasses import dataclass
@dataclass(frozen=True)
class IngestOutcome:
    report: object
@dataclass(frozen=True)
class PublishOutcome:
    title: str
def ingest_events(platform, sources, mapping): raise NotImplementedError
def publish_features(platform, as_of): raise NotImplementedError
