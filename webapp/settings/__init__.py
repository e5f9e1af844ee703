"""Settings own what is edited at the desk and kept in the database: mail, time zone, and the like.

What Intray must know before it has a database are the boot settings, in config.py.
"""
