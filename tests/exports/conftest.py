"""Made rounds for the workbook's tests: plainly invented people only."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from exports.ministry import Child, Household, Job, Meta, Profile, Snapshot, Unit

VISITED = date(2026, 10, 20)
WEEK_END = date(2026, 10, 19)
META = Meta(
    round_id="2026",
    round_name="Đợt tập huấn 2026",
    created_at=datetime(2026, 11, 10, 8, 30, tzinfo=UTC),
    created_by="can-bo-thu",
    profiles=(Profile(id="VN-LC2019", version="1.0"),),
    period_from=date(2026, 10, 1),
    period_to=date(2026, 10, 31),
    admin_list_date=date(2025, 7, 1),
    issuer="UBND phường Đông Kinh",
    recipient="Sở Y tế",
)
UNITS = (
    Unit(code="20", name="Tỉnh Lạng Sơn", level="province"),
    Unit(
        code="05977",
        name="Phường Vĩnh Trại",
        level="ward",
        kind="phuong",
        parent_code="178",
        valid_to=date(2025, 6, 30),
    ),
    Unit(
        code="05977",
        name="Phường Đông Kinh",
        level="ward",
        kind="phuong",
        parent_code="20",
        valid_from=date(2025, 7, 1),
        households=40,
    ),
    Unit(
        code="05986",
        name="Phường Tam Thanh",
        level="ward",
        kind="phuong",
        parent_code="20",
        valid_from=date(2025, 7, 1),
    ),
    Unit(
        code="05977.001",
        name="Khối Tập huấn 1",
        level="village",
        kind="khoi",
        parent_code="05977",
        valid_from=date(2025, 7, 1),
        households=25,
    ),
    Unit(
        code="05986.001",
        name="Thôn Tập huấn 2",
        level="village",
        kind="thon",
        parent_code="05986",
        valid_from=date(2025, 7, 1),
        households=10,
    ),
)
HOUSEHOLDS = (
    Household(
        id="H1",
        ward="05977",
        village="05977.001",
        number=1,
        interview_date=VISITED,
        result="1",
        members=6,
        children=4,
        poverty="1",
        income="4",
        housing="2",
        informed=True,
        collaborator="CTV-01",
        latitude=21.8536789,
        longitude=106.7612345,
        consent_position=True,
        consent_referral=False,
        head_name="Nguyễn Thị Thử",
        phone="0900000001",
    ),
    Household(
        id="H2",
        ward="05986",
        village="05986.001",
        number=7,
        interview_date=VISITED,
        result="2",
        members=5,
        children=5,
        poverty="3",
        latitude=21.9001111,
        longitude=106.7001111,
        consent_position=False,
        head_name="Hoàng Văn Mẫu",
        phone="0900000002",
    ),
    Household(id="H3", ward="05986", village="05986.001", interview_date=VISITED, result="4"),
)


def child(number: int, household: str, class_: str, **more: object) -> Child:
    """A 14-year-old girl in school, unless told otherwise."""
    plain = Child(
        id=f"C{number:02d}",
        household_id=household,
        class_=class_,
        name=f"Trẻ Thử {number:02d}",
        birth="2012-05-01",
        age_months=173,
        reference_date=WEEK_END,
        sex="female",
        ethnicity="07",
        personal_number=f"0203120000{number:02d}",
        lives_with="1",
        disability=False,
        in_school=True,
        grade="08",
        highest_grade=7,
        absent_days=0,
        works=False,
        hours_week=None,
        chores_hours=3.5,
        unlawful=class_ in ("URGENT", "HAZARDOUS", "UNLAWFUL"),
        found_on=VISITED,
        source="khao_sat",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


CHILDREN = (
    child(
        1,
        "H1",
        "UNLAWFUL",
        works=True,
        hours_week=25.5,
        hours_day_max=5.0,
        findings=("U15_DAY", "U15_WEEK", "U15_CONTRACT"),
        articles=("LC 146(1)", "LC 145(1)(a)"),
        support_needed=("1", "4"),
        injuries=("1", "4"),
        note="Ghi chú thử về trẻ",
    ),
    child(
        2,
        "H1",
        "HAZARDOUS",
        sex="male",
        birth="2009-12",
        age_months=None,
        age_months_min=201,
        age_months_max=202,
        in_school=False,
        grade=None,
        highest_grade=8,
        works=True,
        hours_week=30,
        hours_day_max=6,
        findings=("BANNED_PLACE:P147b", "LOAD", "BANNED_JOB:III-67"),
        articles=("LC 147(2)(b)", "LC 147(1)(a)"),
        confirmed_class="HAZARDOUS",
        confirmed_at=date(2026, 11, 2),
        confirmed_by="Cán bộ Thử",
        support_received=("1",),
    ),
    child(3, "H1", "LAWFUL", works=True, hours_week=12, hours_day_max=3, support_received=("0",)),
    child(4, "H1", "NOT_WORKING", birth="2020-02-29", age_months=79, grade="01", highest_grade=0),
    child(
        5,
        "H2",
        "AT_RISK",
        findings=("PROFILE",),
        risk_factors=("poor_household", "dropped_out"),
        in_school=False,
    ),
    child(6, "H2", "REVIEW", birth="2013", age_months=None, age_months_min=153, age_months_max=165, sex=None),
    child(7, "H2", "CHORES_ONLY", sex="male", chores_hours=10),
    child(8, "H2", "FAMILY_WORK_OK", works=True, hours_week=3, hours_day_max=0.5),
    child(
        9,
        "H2",
        "URGENT",
        works=True,
        hours_week=None,
        age_months=160,
        findings=("EXPLOIT", "DROPOUT_EARNING"),
        articles=("NĐ 56/2017 Điều 12(4)",),
        in_school=False,
        highest_grade=5,
    ),
    child(10, "H2", "OUT_OF_SCOPE", age_months=216, birth="2008-10-01"),
)
JOBS = (
    Job(
        child_id="C01",
        position=1,
        description="Rửa bát ở quán ăn",
        industry="I",
        industry_version="2025",
        occupation="9",
        status="1",
        employer="4",
        employer_name="Quán Thử, số 1 đường Mẫu",
        place="07",
        hours_mon=5,
        hours_tue=5,
        hours_wed=5,
        hours_thu=5,
        hours_fri=0,
        hours_sat=3.5,
        night=False,
        overtime=None,
        pay_thousand=1500,
        contract="2",
        parental_consent=True,
    ),
    Job(
        child_id="C01",
        position=2,
        description="=HYPERLINK(1)",
        industry="A",
        industry_version="2025",
        status="3",
        employer="5",
        place="03",
        hours_sun=2,
        hours_mon=0,
        night=False,
    ),
    Job(
        child_id="C02",
        position=1,
        description="Phụ hồ",
        industry="F",
        industry_version="2025",
        status="1",
        employer="1",
        place="10",
        hours_mon=6,
        hours_tue=6,
        hours_wed=6,
        hours_thu=6,
        hours_fri=6,
        hours_sat=0,
        hours_sun=0,
        night=False,
        banned_jobs=("III-67",),
        places=("P147b",),
        hazard_answers=("1",),
        load_kg=35.5,
        load_regular=True,
    ),
    Job(
        child_id="C03",
        position=1,
        description="Đan lát",
        industry="C",
        industry_version="2025",
        status="1",
        employer="4",
        place="01",
        hours_mon=3,
        hours_tue=3,
        hours_wed=3,
        hours_thu=3,
        night=False,
        contract="1",
    ),
    Job(child_id="C08", position=1, status="3", employer="5", place="03", hours_sat=0.5, hours_sun=2.5),
    Job(child_id="C09", position=1, description="Chuyển hàng", place="15"),
)


@pytest.fixture
def made() -> Snapshot:
    """Three households, nine children of all classes, one person of 18."""
    return Snapshot(meta=META, units=UNITS, households=HOUSEHOLDS, children=CHILDREN, jobs=JOBS)


@pytest.fixture
def empty() -> Snapshot:
    """A round in which nobody has been visited yet."""
    return Snapshot(meta=META, units=UNITS)


def many(count: int, seed: int = 1) -> Snapshot:
    """A round of so many children, two to a household, in two wards; the rare stays rare."""
    dice = random.Random(seed)
    places = (("05977", "05977.001"), ("05986", "05986.001"))
    households, children, jobs = [], [], []
    for number in range(count):
        home = f"H{number // 2:05d}"
        if number % 2 == 0:
            ward, village = places[dice.random() < 0.35]
            households.append(
                Household(
                    id=home,
                    ward=ward,
                    village=village,
                    number=number // 2 + 1,
                    interview_date=VISITED,
                    result=dice.choices("1234", (90, 5, 3, 2))[0],
                    members=dice.randint(3, 8),
                    poverty=dice.choice("123"),
                    informed=dice.random() < 0.7,
                    head_name=f"Người Thử {number}",
                    phone=f"09{number:08d}",
                )
            )
        made = _any_child(number, home, dice)
        children.append(made)
        if made.works:
            jobs.append(_any_job(made, dice))
    return Snapshot(
        meta=META, units=UNITS, households=tuple(households), children=tuple(children), jobs=tuple(jobs)
    )


def _any_child(number: int, home: str, dice: random.Random) -> Child:
    classes = ("NOT_WORKING", "CHORES_ONLY", "FAMILY_WORK_OK", "LAWFUL", "AT_RISK", "UNLAWFUL")
    name = dice.choices((*classes, "REVIEW", "HAZARDOUS", "URGENT"), (60, 15, 8, 4, 5, 3, 2, 2, 0.2))[0]
    works = name in ("FAMILY_WORK_OK", "LAWFUL", "UNLAWFUL", "HAZARDOUS", "URGENT")
    age = dice.randint(60, 215)
    return replace(
        child(0, home, name),
        id=f"C{number:05d}",
        name=f"Trẻ Thử {number:05d}",
        sex=dice.choice(("male", "female")),
        age_months=age,
        birth=f"{2026 - age // 12}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
        personal_number=f"02{number:010d}",
        ethnicity=dice.choices(("07", "02", "01", "09", "08"), (43, 36, 16, 4, 1))[0],
        works=works,
        in_school=dice.random() > (0.3 if works else 0.03),
        hours_week=10.0 if works else None,
        hours_day_max=2.0 if works else None,
    )


def _any_job(made: Child, dice: random.Random) -> Job:
    return Job(
        child_id=made.id,
        position=1,
        description="Việc thử",
        industry=dice.choices("ACGIF", (40, 20, 20, 15, 5))[0],
        industry_version="2025",
        status=dice.choice("134"),
        employer=dice.choice("145"),
        employer_name=f"Chủ Thử {made.id}",
        place=dice.choice(("03", "05", "07")),
        hours_mon=2,
        hours_tue=2,
        hours_wed=2,
        hours_thu=2,
        hours_fri=2,
        hours_sat=0,
        hours_sun=0,
        night=False,
    )


@pytest.fixture(scope="session")
def round_of_5000() -> Snapshot:
    return many(5000)


@pytest.fixture(scope="session")
def round_of_300() -> Snapshot:
    return many(300)


@pytest.fixture(scope="session")
def round_of_1000() -> Snapshot:
    return many(1000)
