"""Users own the desk's pages of who may sign in: invite, change a role, set a password, remove.

The rules and the tables are those of accounts.
"""
