"""Exports own what leaves the desk as a whole: a form's submissions as CSV and as an Excel workbook, all
files of a form or of a submission as a ZIP.

They read in small steps. A CSV and a ZIP are sent while they are made, a workbook is a temporary file first;
neither memory nor the database's log grows with the number of submissions.
"""
