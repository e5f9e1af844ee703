"""The roster is the desk's list of invited people: who has handed in, who is late, who is missing.

It prints, exports and mails their links; the links themselves are the room invited's.
"""
