"""Corrections owns the desk pages that ask for a correction of one submission, and show what was corrected.

The rules and tables are the submissions'; the sender's own page is filling's.
"""
