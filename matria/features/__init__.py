"""Features: what is known of a woman on a day, for training and for serving.

`schema.py` names the columns, `risk.py` and `engagement.py` build them from clean tables strictly as of a day,
`base.py` holds the ports of the two stores (`parquet.py` offline, `sqlite.py` online), `publish.py` fills both.
"""
