"""The inbox owns the desk pages that work through submissions, and what each user has seen of them.

What it lists, finds and erases is the submissions' business; it asks them, and shows it.
"""
