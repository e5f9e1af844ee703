"""Forms own what an owner makes: definitions, field kinds, the draft, the frozen versions.

They also tell whether a form takes submissions now; who fills it in, and how, is others' matter.
"""
