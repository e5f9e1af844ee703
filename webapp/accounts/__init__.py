"""Accounts own who works at the desk: users and their roles, signing in and out, invitations, set-up.

What somebody may do is decided in one place, `permissions.can`; nothing under /desk is open by default.
"""
