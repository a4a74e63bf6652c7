"""What leaves the raw zone: direct identifiers and free text dropped, keys replaced by a keyed hash.

`keys.py` holds the secret, `anonymise.py` uses it on a table as its contract says.
"""

from matria.privacy.anonymise import anonymise
from matria.privacy.keys import HashKey, load_key

__all__ = ["HashKey", "anonymise", "load_key"]
