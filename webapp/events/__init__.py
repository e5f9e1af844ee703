"""Events tell what happened, for a form's history and for audit.

A row is written in the same transaction as what it tells of, and is never changed.
"""
