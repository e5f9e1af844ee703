"""The demo owns a school that does not exist: its forms, and submissions to them that look as if real
people had made them. It is for trying Intray, for screenshots and for measuring.
"""
