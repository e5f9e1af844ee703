"""Jobs are what is to be done later: a table of them, and the worker that does them.

A job is done at least once: whoever claims it holds a lease, and a lease that ran out is claimed anew.
"""
