"""The builder owns the desk's pages that make forms: questions, settings, publishing, sharing.

What a draft is and how it changes is the forms' matter.
"""
