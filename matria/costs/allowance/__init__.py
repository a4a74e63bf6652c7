"""What may be spent together by processes that know nothing of each other: on a day, or in the shards of one run."""
