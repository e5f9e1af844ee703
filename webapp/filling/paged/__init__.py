"""Paged owns the addresses of forms of several pages, which are filled in one after the other."""
