"""What people write where they may write anything."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

RARELY = 1 / 20_000  # somebody writes one of these, so that there is something rare to search for
RARE = ("A hedgehog was involved.", "校长的刺猬跑了。", "We will bring the accordion.")

ABSENCE = (
    "She has had a fever since last night.", "He has a cold and a bad cough.", "We are seeing the dentist.",
    "The doctor says he should stay in bed until Friday.", "Could somebody bring the homework, please?",
    "His grandfather has died; we travel to the funeral.", "She was sick twice this morning.",
    "It may be contagious, so we would rather keep her at home.", "He has hurt his knee at football.",
    "We will send the doctor's note tomorrow.", "Please tell Ms Okafor that the report comes later.",
    "Our train was cancelled because of the snow.", "She has an exam at the music school.",
    "He has a headache.", "Thank you!", "We hope to be back on Monday.", "It is the flu.",
    "Please excuse him from sports for the rest of the week.", "Her sister is ill as well.",
)  # fmt: skip
ABSENCE_ZH = (
    "孩子昨天晚上开始发烧。", "他咳嗽得很厉害，医生让他休息两天。", "我们要带她去看牙医。",
    "家里有急事，需要请假一天。",
    "麻烦老师把作业发给我们，谢谢！", "她早上吐了两次。", "他踢足球时扭伤了脚。", "周一应该可以回学校。",
    "外公去世了，我们要回老家。", "可能会传染，所以先在家休息。", "病假条明天补交。",
)  # fmt: skip
EVENING = (
    "We would like to talk about mathematics.", "He is bored in English; what can we do?",
    "How is she doing in her new class?", "Could we meet Mr Lindqvist as well?",
    "I come straight from work and may be ten minutes late.", "Is there somebody who speaks Turkish?",
    "We want to talk about the exchange year in Chengdu.", "Her marks have become worse since spring.",
    "Can we bring the little one along?", "There has been a quarrel with a friend.",
)  # fmt: skip
EVENING_ZH = (
    "想谈谈孩子的数学成绩。", "他最近不爱说话，我们有点担心。", "请问有会说中文的老师吗？",
    "我可能会晚到十分钟。",
    "想了解一下交换生项目。", "她和同学相处得怎么样？",
)  # fmt: skip
HEALTH = (
    "She is allergic to nuts and carries an injector.", "He gets sick on buses, less so on trains.",
    "Asthma; the spray is in the front pocket.", "She must take a tablet at noon.", "Hay fever.",
    "He wears a hearing aid on the left.", "Please remind her to drink.",
    "Diabetes type 1; he knows what to do.",
)  # fmt: skip
HEALTH_ZH = (
    "对花生过敏。",
    "有哮喘，药在书包里。",
    "会晕车。",
    "中午要吃一次药。",
    "请提醒他多喝水。",
)
APPLICATION = (
    "I have worked with children for many years and still like them.", "Your school is on my way to work.",
    "I speak with parents as I would like to be spoken to.", "In my last school I built up the library.",
    "I can cook for two hundred people, and for one who eats no gluten.", "I learn quickly.",
    "My daughter went to your school, and I have not forgotten how she was welcomed there.",
    "I repair what is broken before it is noticed.", "References are in the papers.",
    "I would like to bring theatre back to the school.", "I am looking for part-time work.",
    "我在小学教过三年语文。", "I took part in the exchange with Chengdu.", "I can begin earlier if needed.",
)  # fmt: skip
ESSAY = (
    "I admire her because she never pretended to know what she did not know.",
    "He got up at four every morning, and he never complained.", "She was the first in our family to read.",
    "When I was small I thought that everybody had somebody like that.", "That is what courage means to me.",
    "People laughed at him, and he laughed too, and went on.", "It took her twenty years.",
    "I once asked him why. He said: somebody has to.", "I would like to be like that, at least on Sundays.",
    "Nobody wrote about it in the newspapers.", "她总是说：慢慢来，别着急。", "He shared what he had.",
    "She failed seven times before the machine worked.", "I still have the letter.",
)  # fmt: skip
CANTEEN_ZH = (
    "希望多一些素菜。", "牛肉面很好吃，就是有点咸。", "排队时间太长了。", "阿姨们很热情，谢谢！",
    "汤有时候是凉的。",
    "饺子再多放一点馅就好了。", "价格合适，分量也够。", "建议早点开门，七点就有学生到了。", "水果种类太少。",
    "小明说周五的鱼最好吃。", "座位不够，常常要站着等。", "希望能用手机付款。",
)  # fmt: skip


def several(random: Random, pool: Sequence[str], least: int, most: int, between: str = " ") -> str:
    """A text of so many sentences, with line breaks now and then."""
    chosen = random.choices(pool, k=random.randint(least, most))
    chosen = list(dict.fromkeys(chosen))
    if random.random() < RARELY:
        chosen.append(random.choice(RARE))
    text = between.join(chosen)
    return text.replace(". ", ".\n", 1) if random.random() < 0.2 else text
