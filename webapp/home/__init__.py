"""Home owns the pages that belong to no feature: the start page and the signs of life.

It lists the forms that are open to everyone and tells monitors whether Intray works.
"""
