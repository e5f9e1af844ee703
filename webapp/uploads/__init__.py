"""Uploads are files on their way in, and files that wait to be handed in.

They take in a request's files without a second copy, remember whose answer each is, and forget what
nobody hands in.
"""
