"""A second invented population, made otherwise than the product's own: three registers that tell of the same children.

The school writes one parent and no number; the commune writes capitals and numbers; the collaborator abbreviates,
forgets tone marks, hears call names. Names, errors and their rates have nothing in common with ``sync.people.dirt``,
so that the linking cannot have been fitted to them. Everyone in it is invented.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from random import Random


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = {
    "Nguyễn": 300, "Trần": 100, "Lê": 85, "Phạm": 60, "Hoàng": 55, "Huỳnh": 15, "Phan": 35, "Vũ": 30, "Võ": 12,
    "Đặng": 22, "Bùi": 20, "Đỗ": 18, "Hồ": 12, "Ngô": 12, "Dương": 12, "Lý": 25, "Nông": 40, "Lương": 25, "Hà": 15,
    "Vi": 18, "Triệu": 20, "Bàn": 12, "Giàng": 10, "Vàng": 9, "Sùng": 7, "Lò": 8, "Lường": 7, "Quàng": 4, "Mã": 8,
    "Chu": 8, "Đàm": 6, "Tô": 5, "Mai": 6, "Cao": 6, "Đinh": 8, "Lâm": 6, "Tạ": 4, "Hứa": 5, "Linh": 3, "Phùng": 6,
}  # fmt: skip
BOYS = words(
    "Anh Bảo Bình Cường Chiến Dũng Duy Đạt Đức Hải Hiếu Hoàng Huy Hùng Hưng Khải Khang Khánh Khoa Khôi Kiên "
    "Lâm Linh Long Lộc Mạnh Minh Nam Nghĩa Nguyên Nhân Nhật Phong Phú Phúc Quân Quang Quốc Quý Sang Sơn Tài "
    "Tân Thái Thành Thắng Thiên Thịnh Toàn Trí Trung Trường Tú Tuấn Tùng Việt Vinh Vũ"
)
GIRLS = words(
    "An Anh Ánh Băng Chi Chinh Diễm Dung Duyên Đào Giang Hà Hân Hạnh Hằng Hiền Hoa Hồng Huệ Huyền Hương Khánh "
    "Lan Lệ Liên Linh Loan Ly Mai My Nga Ngân Ngọc Nguyệt Nhi Nhung Oanh Phương Quyên Quỳnh Tâm Thanh Thảo Thu "
    "Thùy Thủy Thư Thương Trang Trâm Trinh Tuyết Uyên Vân Vy Xuân Yến"
)
BOYS_MIDDLE = words(
    "Văn Văn Văn Đức Minh Gia Quốc Hữu Anh Tuấn Duy Thành Ngọc Xuân Công Trung Tiến Bảo Đình A"
)
GIRLS_MIDDLE = words(
    "Thị Thị Thị Thị Ngọc Thu Phương Bảo Khánh Minh Thanh Hải Kim Mỹ Hà Diệu Quỳnh Thùy Ánh Y"
)
CALLS = words("Tí Tèo Bin Bon Bống Na Mít Cún Gấu Tôm Bi Cò Tẹt Sóc Ben Su Xoài Bông Tin Chíp")
VILLAGES = [
    (f"{ward:05d}", f"{ward:05d}.{number:03d}") for ward in range(6001, 6007) for number in range(1, 9)
]
Row = dict[str, str]


@dataclass(frozen=True)
class Child:
    key: str
    name: str
    birth: date
    sex: str
    ward: str
    village: str
    mother: str
    father: str
    number: str


def make(children: int, seed: int) -> tuple[list[Row], set[tuple[str, str]]]:
    """The rows of three registers, shuffled, and the pairs of row ids that are one child."""
    random = Random(f"registers/{seed}")
    rows: list[Row] = []
    of_child: dict[str, list[str]] = {}
    for child in _population(random, children):
        for register, share in ((_school, 0.7), (_commune, 0.75), (_survey, 0.8)):
            if random.random() < share:
                row_id = f"r{random.getrandbits(48):012x}"
                seen = _moved(random, child) if random.random() < 0.05 else child
                rows.append({"id": row_id, **_spoilt(random, register(random, seen))})
                of_child.setdefault(child.key, []).append(row_id)
    random.shuffle(rows)
    return rows, {(min(pair), max(pair)) for ids in of_child.values() for pair in combinations(ids, 2)}


def _population(random: Random, count: int) -> list[Child]:
    made: list[Child] = []
    while len(made) < count:
        father, mother = _adult(random, "male"), _adult(random, "female")
        place = random.choice(VILLAGES)
        birth = date(2009, 1, 1) + timedelta(days=random.randrange(3000))
        used: set[str] = set()
        for _ in range(random.choice((1, 1, 2, 2, 2, 3, 4))):
            twin = 2 if random.random() < 0.015 else 1
            for _ in range(twin):
                child = _child(random, f"c{len(made)}", father, mother, place, birth, used)
                made.append(child)
                if random.random() < 0.02:
                    made.append(_cousin(random, child, len(made)))
            birth += timedelta(days=random.randrange(380, 1600))
    return made[:count]


def _child(
    random: Random, key: str, father: str, mother: str, place: tuple[str, str], birth: date, used: set[str]
) -> Child:
    sex = random.choice(("male", "female"))
    name = _name(random, father.split()[0], sex)
    while name.split()[-1] in used:
        name = _name(random, father.split()[0], sex)
    used.add(name.split()[-1])
    begin = f"0{random.choice((20, 20, 20, 4, 19, 24)):02d}{2 + (sex == 'female')}"
    number = f"{begin}{birth:%y}{random.randrange(10**6):06d}"
    return Child(key, name, birth, sex, *place, mother, father, number)


def _cousin(random: Random, child: Child, place: int) -> Child:
    """A child of another couple of the same family, next door, with the very same name."""
    father = f"{child.father.split()[0]} {' '.join(_adult(random, 'male').split()[1:])}"
    born = child.birth + timedelta(days=random.choice((-1, 1)) * random.randrange(40, 900))
    number = f"{child.number[:4]}{born:%y}{random.randrange(10**6):06d}"
    return replace(
        child, key=f"c{place}", birth=born, father=father, mother=_adult(random, "female"), number=number
    )


def _family(random: Random) -> str:
    return random.choices(list(FAMILIES), list(FAMILIES.values()))[0]


def _name(random: Random, family: str, sex: str) -> str:
    given = random.choice(BOYS if sex == "male" else GIRLS)
    middle = random.choice(BOYS_MIDDLE if sex == "male" else GIRLS_MIDDLE)
    second = random.choice(BOYS_MIDDLE if sex == "male" else GIRLS_MIDDLE)
    kind = random.random()
    if kind < 0.06:
        return f"{family} {given}"
    if kind < 0.3 and second not in (middle, given):
        return f"{family} {middle} {second} {given}"
    return f"{family} {middle} {given}"


def _adult(random: Random, sex: str) -> str:
    middle = random.choice(
        ("Văn", "Văn", "Văn", "Đức", "Xuân") if sex == "male" else ("Thị",) * 6 + ("Ngọc",)
    )
    return f"{_family(random)} {middle} {random.choice(BOYS if sex == 'male' else GIRLS)}"


def _moved(random: Random, child: Child) -> Child:
    ward, village = random.choice(VILLAGES)
    return replace(child, ward=ward, village=village)


def _plain(child: Child) -> Row:
    return {
        "name": child.name, "birth": child.birth.isoformat(), "sex": child.sex, "ward": child.ward,
        "village": child.village, "mother": child.mother, "father": child.father, "personal_id": child.number,
    }  # fmt: skip


def _school(random: Random, child: Child) -> Row:
    """The class list: day/month/year, one parent, no number, often no village."""
    row = {**_plain(child), "personal_id": "", "birth": f"{child.birth:%d/%m/%Y}"}
    row["sex"] = random.choice(("Nam", "") if child.sex == "male" else ("Nữ", ""))
    row[random.choice(("mother", "father"))] = ""
    if random.random() < 0.3:
        row["village"] = ""
    return row


def _commune(random: Random, child: Child) -> Row:
    """The register of residents: capitals, numbers, both parents."""
    row = {**_plain(child), "sex": "NAM" if child.sex == "male" else "NỮ"}
    row |= {name: row[name].upper() for name in ("name", "mother", "father")}
    if random.random() < 0.3:
        row["personal_id"] = ""
    elif random.random() < 0.02:
        at = random.randrange(6, 11)
        number = row["personal_id"]
        row["personal_id"] = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return row


def _survey(random: Random, child: Child) -> Row:
    """What a collaborator writes down at the door."""
    row = _plain(child)
    if random.random() < 0.8:
        row["personal_id"] = ""
    row["birth"] = _told_birth(random, child.birth)
    row["name"] = _told_name(random, child.name)
    for parent, title in (("mother", ("Mẹ", "Chị", "Bà")), ("father", ("Bố", "Anh", "Ông"))):
        row[parent] = _told_parent(random, row[parent], title)
    if random.random() < 0.15:
        row |= {name: _bare(row[name]) for name in ("name", "mother", "father")}
    return row


def _told_birth(random: Random, birth: date) -> str:
    kind = random.random()
    if kind < 0.07:
        return str(birth.year)
    if kind < 0.10:
        return f"{birth.month:02d}/{birth.year}"
    if kind < 0.12 and birth.day <= 12:
        return f"{birth.year}-{birth.day:02d}-{birth.month:02d}"
    if kind < 0.14:
        return f"{birth.day}/{birth.month}/{birth.year}"
    if kind < 0.155:
        return (birth - timedelta(days=random.randrange(20, 51))).isoformat()
    return birth.isoformat()


def _told_name(random: Random, name: str) -> str:
    family, *middles, given = name.split()
    kind = random.random()
    if kind < 0.03:
        return random.choice(("Ng.", "Ng", "N.")) + name[len(family) :] if family == "Nguyễn" else name
    if kind < 0.06 and middles:
        return " ".join([family, *(f"{middle[0]}." for middle in middles), given])
    if kind < 0.075:
        return random.choice((f"{family} {random.choice(CALLS)}", f"{name} ({random.choice(CALLS)})"))
    if kind < 0.11 and middles:
        return f"{family} {given}"
    if kind < 0.13:
        return " ".join([family, *middles, _other_tone(random, given)])
    return name


def _told_parent(random: Random, name: str, titles: tuple[str, ...]) -> str:
    kind = random.random()
    if kind < 0.12:
        return ""
    family, *middles, given = name.split()
    changes: tuple[Callable[[], str], ...] = (
        lambda: f"{random.choice(titles)} {given}",
        lambda: given,
        lambda: f"{family[:2]}. {middles[0][0]}. {given}",
        lambda: f"{family} {given}",
        lambda: f"{random.choice(titles)} {random.choice(CALLS)}",
    )
    return random.choice(changes)() if kind < 0.24 else name


def _other_tone(random: Random, word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = "\u0300\u0301\u0303\u0309\u0323"
    changed = "".join(random.choice(tones) if letter in tones else letter for letter in letters)
    return unicodedata.normalize("NFC", changed)


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def _spoilt(random: Random, row: Row) -> Row:
    """What happens to any register on its way: spaces, decomposed letters, lost cells."""
    if random.random() < 0.04:
        row["name"] = f" {row['name'].replace(' ', '  ')} "
    if random.random() < 0.01:
        row["birth"] = ""
    if random.random() < 0.1:
        row = {key: unicodedata.normalize("NFD", value) for key, value in row.items()}
    return row
