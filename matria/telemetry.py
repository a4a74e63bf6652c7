"""Libraries are kept from calling home: their switches, set before any of them is imported.

Every entry point (`flows.cli`, the flows' package, the tests) calls `silence` first. A value that the user has set
stays.
"""

import os

SWITCHES = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "RAGAS_DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
}


def silence() -> None:
    """No library reports usage from this process or its children."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
