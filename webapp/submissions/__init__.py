"""Submissions own what was handed in: accepting it once, its files' places, and its receipt's content.

Their rules take values and know no request; the public pages and the desk call them.
"""
