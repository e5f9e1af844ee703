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

# One field of each of the first kinds, the file last; MORE_KINDS has the others.
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

# The kinds that EVERY_KIND does not have, and choices with all that can be had with them.
MORE_KINDS = """
format = 1
title = "Summer camp"
slug = "summer-camp"
state = "open"

[[fields]]
key = "child"
kind = "short_text"
label = "Your child's name"
required = true
max_length = 30
autocomplete = "name"

[[fields]]
key = "born"
kind = "birthday"
label = "When was your child born?"
required = true

[[fields]]
key = "phone"
kind = "phone"
label = "Your telephone number"
required = true

[[fields]]
key = "arrival"
kind = "time"
label = "When will you arrive?"
required = true
min = 07:00:00
max = 21:00:00

[[fields]]
key = "heard"
kind = "choice"
label = "How have you heard of us?"
required = true
other = true
choices = ["School", "Friends"]

[[fields]]
key = "food"
kind = "choices"
label = "What can your child not eat?"
required = true
other = true
none = true
choices = ["Nuts", "Milk"]

[[fields]]
key = "liked"
kind = "rating"
label = "How did you like the last camp?"
required = true
most = 10
low_label = "very bad"
high_label = "very good"

[[fields]]
key = "swims"
kind = "matrix"
label = "How well does your child do these?"
required = true
rows = ["Swimming", "Cycling", "Climbing"]
choices = ["Not at all", "A little", "Well"]

[[fields]]
key = "signed"
kind = "signature"
label = "Your signature"
required = true
"""

MORE_ANSWERS: dict[str, str | list[str]] = {
    "child": "Lee",
    "born.day": "3",
    "born.month": "Feb",
    "born.year": "２０１５",
    "phone": "＋４９ (0)30 / 123-45",
    "arrival": "8.30 pm",
    "heard": "-other",
    "heard.other": "A poster",
    "food": ["nuts", "-other"],
    "food.other": "Rice",
    "liked": "9",
    "swims.swimming": "well",
    "swims.cycling": "a_little",
    "swims.climbing": "not_at_all",
    "signed": "Ann Lee",
}
