"""Forms that tests fill in."""

HOMEWORK = """
format = 1
title = "Homework 3"
slug = "homework-3"
description = "Hand in your essay **and** the data."
state = "open"
time_zone = "Asia/Shanghai"
folder_label = "name"

[[fields]]
key = "name"
kind = "short_text"
label = "Your name"
required = true
max_length = 200

[[fields]]
key = "essay"
kind = "files"
label = "Your essay"
accept = [".pdf", ".docx"]
max_files = 3
max_size = "1 MB"
"""

# One field of each kind, the file last.
EVERY_KIND = """
format = 1
title = "Job application"
slug = "job-application"
state = "open"
folder_label = "name"

[[fields]]
key = "name"
kind = "short_text"
label = "Your name"
required = true

[[fields]]
key = "letter"
kind = "long_text"
label = "Why you?"
min_length = 5

[[fields]]
key = "email"
kind = "email"
label = "Your e-mail address"
required = true

[[fields]]
key = "years"
kind = "number"
label = "Years of work"
min = 0
max = 60
decimals = 1

[[fields]]
key = "start"
kind = "date"
label = "First day"
min = 2026-01-01

[[fields]]
key = "position"
kind = "choice"
label = "Position"
required = true
choices = ["Cook", "Gärtner", "司机"]

[[fields]]
key = "languages"
kind = "choices"
label = "Languages"
max_choices = 2
choices = [
    { key = "en", label = "English" },
    { key = "zh", label = "中文" },
    { key = "ar", label = "العربية" },
]

[[fields]]
key = "agreed"
kind = "consent"
label = "You may keep this for six months."
required = true

[[fields]]
key = "papers"
kind = "files"
label = "Your papers"
max_files = 2
max_size = "64 KB"
"""

GOOD_ANSWERS: dict[str, str | list[str]] = {
    "name": "Ann Lee",
    "letter": "Because.\nReally.",
    "email": "ann@example.org",
    "years": "１２,5",
    "start": "2026年12月1日",
    "position": "cook",
    "languages": ["en", "zh"],
    "agreed": "yes",
}
