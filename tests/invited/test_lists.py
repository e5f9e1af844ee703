"""Lists of people, as they are pasted and as spreadsheets save them."""

from __future__ import annotations

import pytest

from webapp.invited.lists import Line, NoList, decoded, read_list

Person = tuple[str, str, str]


def people(text: str) -> list[Person]:
    return [(line.name, line.email, line.team) for line in read_list(text) if not line.problem]


ANNA, WANG = ("Anna Schmidt", "anna@example.org", "7b"), ("王小明", "wang@example.org", "七班")


@pytest.mark.parametrize(
    "text",
    [
        "Anna Schmidt, anna@example.org, 7b\n王小明, wang@example.org, 七班",
        "Anna Schmidt\tanna@example.org\t7b\r\n王小明\twang@example.org\t七班\r\n",
        'Name;E-mail;Class\n"Anna Schmidt";anna@example.org;7b\n王小明;wang@example.org;七班',
        "班级,姓名,电子邮件\n7b,Anna Schmidt,anna@example.org\n七班,王小明,wang@example.org",
        "\ufeffEmail,Remark,Group,Full name\nanna@example.org,-,7b,Anna Schmidt\n\n"
        "wang@example.org,,七班,王小明",
        "First name,Last name,Mail,Class\nAnna,Schmidt,anna@example.org,7b\n"
        "小明,王,wang@example.org,七班",
        "Anna Schmidt <anna@example.org>, 7b\n王小明 <wang@example.org>, 七班",
        "anna@example.org，Anna Schmidt，7b\nwang@example.org，王小明，七班",
    ],
)
def test_all_these_are_the_same_two_people(text: str) -> None:
    assert people(text) == [ANNA, WANG]


def test_names_alone_are_enough() -> None:
    assert people("Anna\n\n  Ben  \nÖzgür\n") == [
        ("Anna", "", ""),
        ("Ben", "", ""),
        ("Özgür", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org\nBen <ben@example.org>\n",
        "anna@example.org; Ben <ben@example.org>",
        '"anna@example.org" <anna@example.org>, Ben <ben@example.org>,',
        "E-mail,Name\nanna@example.org,\nben@example.org,Ben",
    ],
)
def test_addresses_alone_are_enough(text: str) -> None:
    """Also as a mail program has them, all in one line."""
    assert people(text) == [
        ("anna@example.org", "anna@example.org", ""),
        ("Ben", "ben@example.org", ""),
    ]
    assert people("E-mail\nanna@example.org") == [("anna@example.org", "anna@example.org", "")]


def test_what_is_wrong_is_told_by_line() -> None:
    rows = "Name,Mail,Class\nAnna, anna@example.org\nBen, ben@\n, , 7b\n"
    lines = read_list(rows + "N" * 201)
    assert [(line.number, line.problem) for line in lines] == [
        (2, ""),
        (3, "ben@ is no e-mail address"),
        (4, "there is no name"),
        (5, "the name or the group is too long"),
    ]


def test_who_is_there_already_or_twice_is_told() -> None:
    known = {("anna", "", "")}
    lines = read_list("ANNA\nBen\nben\nBen, ben@example.org", known)
    told = ["has a link already", "", "the same as line 2", ""]
    assert [line.twice for line in lines] == told


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_files_are_read_in_whatever_a_spreadsheet_writes(encoding: str) -> None:
    text = "姓名,班级\nAnna,7b\n王小明,七班\n"
    assert people(decoded(text.encode(encoding))) == [("Anna", "", "7b"), ("王小明", "", "七班")]


def test_the_old_code_page_of_the_west_is_told_from_the_chinese() -> None:
    text = "Name;Class\nJörg Müller;7b\nZoë Lefèvre;8a\n"
    found = people(decoded(text.encode("cp1252")))
    assert found == [("Jörg Müller", "", "7b"), ("Zoë Lefèvre", "", "8a")]


def test_control_characters_and_direction_do_no_harm() -> None:
    (line,) = read_list("An\x07na\x00 \u2028 B, anna@example.org")
    assert line == Line(1, "An na B", "anna@example.org")


def test_a_quote_that_is_not_closed_takes_nobody_with_it() -> None:
    assert people('Name\nAnna\n"Ben\nCarla, 7b\n') == [
        ("Anna", "", ""),
        ('"Ben', "", ""),
        ("Carla", "", ""),
    ]
    many = "\n".join(f"Person {n}" for n in range(9000))
    assert len(people(f'"Anna\n{many}')) == 9001


def test_a_line_end_within_a_cell_parts_words() -> None:
    assert people('"Anna\nSchmidt",anna@example.org\n') == [
        ("Anna Schmidt", "anna@example.org", "")
    ]


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(NoList):
        read_list("a\n" * 10_001)
    with pytest.raises(NoList, match="save it as CSV"):
        decoded(b"PK\x03\x04\x81\xff\xff\xfe\x00\x00" * 10)
