"""Filling owns the public pages: a form to fill in and hand in, and the receipt to come back to.

It works without JavaScript and without a cookie; what is accepted, and how, is the submissions' rule.
"""
