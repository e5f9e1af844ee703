"""Exports own what leaves the desk as a table: a form's submissions as CSV and as an Excel workbook.

They read in small steps and write into a temporary file, so that neither memory nor the database's log
grows with the number of submissions.
"""
