"""Tests of notices: mail, receipts, webhooks."""
