"""Notices own who is told of a submission: people by mail, the sender by a receipt, programs by a webhook.

What is to be told is a row, a delivery; a job brings it there, as often as it takes, at least once.
"""
