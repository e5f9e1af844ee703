"""Limits own the counters that slow strangers down: so many of one thing in so much time.

They are rows, so that all processes count together.
"""
