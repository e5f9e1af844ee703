"""Look owns how a form can be made one's own: its accent colour and its logo.

Colours are fitted so that text can be read on paper-white and on dark alike; a logo is kept in the
database, and served as nothing but a picture.
"""
