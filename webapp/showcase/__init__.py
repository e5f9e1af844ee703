"""The showcase owns the page of the design system: each component in each of its states.

It is for those who build Intray, and is there in `--dev` alone.
"""
