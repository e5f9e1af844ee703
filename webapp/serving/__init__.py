"""Serving owns sockets, processes and the WSGI server; it knows nothing of Flask or of Intray.

It also sets up the Python environment on a machine that has nothing installed yet.
"""
