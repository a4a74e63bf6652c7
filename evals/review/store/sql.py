"""The nurses' week in a SQLite file or a PostgreSQL database, put together from its parts.

Import it late: it loads SQLAlchemy. Texts are masked here, whoever calls, so that none can come in unmasked.
"""

from evals.review.store.assignments import Assignments
from evals.review.store.audit import Audit
from evals.review.store.drafts import Drafts
from evals.review.store.erasing import Erasing
from evals.review.store.items import Items
from evals.review.store.people import People
from evals.review.store.reviews import Reviews
from evals.review.store.since import Since


class SqlReviews(Items, People, Assignments, Drafts, Reviews, Since, Erasing, Audit):
    """See `evals.review.records.ReviewRecords`. Made with a place and a mask; opened when first needed."""
