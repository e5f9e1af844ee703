"""Invited owns the people whom a form is meant for: their personal links, and whether one opens the form.

Of what came in by a link it knows nothing; the roster puts both together for the desk.
"""
