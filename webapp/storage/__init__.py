"""Storage is where received files live: it streams them in, puts them in their place, streams them out.

It knows bytes, upload ids and storage keys, and the names that every system can bear; it has no tables.
"""
