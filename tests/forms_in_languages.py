"""A form that is given in English, Chinese and German, as far as it is translated."""

from __future__ import annotations

# Of German there is little; of Chinese all but the help of the first question.
TRIP_IN_LANGUAGES = """
format = 1
title = "School trip"
slug = "school-trip"
description = "Who is **coming**?"
state = "open"
folder_label = "class"
closing = "We write to you."
language = "en"
languages = ["zh", "de"]

[translations.zh]
title = "学校旅行"
description = "谁**参加**？"
closing = "我们会给您写信。"

[translations.de]
title = "Klassenfahrt"

[[fields]]
key = "name"
kind = "short_text"
label = "Your child's name"
help = "As in the passport."
required = true
translations = { zh = { label = "孩子的姓名" }, de = { label = "Name des Kindes" } }

[[fields]]
key = "class"
kind = "choice"
label = "Class"
required = true
other = true
other_label = "Another class"
translations = { zh = { label = "班级", other_label = "其他班级" } }
choices = [
    { key = "a", label = "Class A", translations = { zh = { label = "甲班" } } },
    { key = "b", label = "Class B", translations = { zh = { label = "乙班" } } },
]

[[fields]]
key = "email"
kind = "email"
label = "E-mail address"
translations = { zh = { label = "电子邮箱" } }

[[fields]]
key = "skills"
kind = "matrix"
label = "How well?"
translations = { zh = { label = "熟练程度？" } }
rows = [{ key = "swim", label = "Swimming", translations = { zh = { label = "游泳" } } }]
choices = [
    { key = "well", label = "Well", translations = { zh = { label = "很好" } } },
    { key = "little", label = "A little", translations = { zh = { label = "一点" } } },
]
show_if = { field = "class", is = "b" }

[[fields]]
key = "liked"
kind = "rating"
label = "How did you like it?"
low_label = "bad"
high_label = "good"
translations = { zh = { label = "您喜欢吗？", low_label = "不好", high_label = "很好" } }
"""

# Written from right to left, in a language that Intray does not speak.
RIHLA = """
format = 1
title = "رحلة مدرسية"
slug = "rihla"
description = "من **يأتي** معنا؟"
state = "open"
closing = "سنكتب إليكم خلال أسبوع."
language = "ar"
languages = ["he", "de"]
save_later = true

[translations.de]
title = "Klassenfahrt"

[[fields]]
key = "name"
kind = "short_text"
label = "اسم الطفل"
help = "كما هو مكتوب في جواز السفر."
required = true

[[fields]]
key = "class"
kind = "choice"
label = "الصف"
required = true
choices = ["الصف الأول", "الصف الثاني (B)"]

[[fields]]
key = "email"
kind = "email"
label = "البريد الإلكتروني"

[[fields]]
key = "liked"
kind = "rating"
label = "هل أعجبتكم؟"
low_label = "سيئ"
high_label = "جيد"

[[fields]]
key = "paper"
kind = "files"
label = "جواز السفر"
"""

IN_PAGES = (
    TRIP_IN_LANGUAGES.replace("school-trip", "trip-in-pages")
    + """
[[fields]]
kind = "page"
label = "Papers"
help = "Bring them."
translations = { zh = { label = "文件", help = "请带来。" } }

[[fields]]
key = "paper"
kind = "files"
label = "The passport"
translations = { zh = { label = "护照" } }
"""
)
