"""What starts: one thin Prefect flow per business process, the command `matria`, and the composition root.

Importing this package keeps libraries from calling home, masks personal data in every log record, and gives Prefect a
home below `MATRIA_HOME`, so that neither `matria` nor a worker ever writes into the user's own.
"""

import os

from matria import PROJECT_ROOT
from matria.log import mask_records
from matria.telemetry import silence

silence()
mask_records()
os.environ.setdefault("PREFECT_HOME", os.path.join(os.environ.get("MATRIA_HOME", PROJECT_ROOT / "var"), "prefect"))  # noqa: PTH118
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
