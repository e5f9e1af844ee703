"""Setup owns the first minute: the link that the terminal shows, and the page that it leads to.

It makes the first user and the first form, and lets the network in; after that it is closed for good.
"""
