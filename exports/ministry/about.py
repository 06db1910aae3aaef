"""Sheets about the file itself: 00 (what it is, coverage, checksum), 90 (code lists), 91 (data dictionary)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date

from exports.ministry.cells import HIDDEN, Cell
from exports.ministry.counts import TOTAL, Counts
from exports.ministry.records import Dated, registered_households, share
from exports.ministry.round import Round
from exports.ministry.snapshot import Variant
from exports.ministry.template import Code, Column, Template
from exports.privacy import LEAST, Key

_VARIANTS = {
    "identifiable": "Có thông tin định danh – lưu hành hạn chế",
    "deidentified": "Đã bỏ thông tin định danh",
}
_SCREENING = "Kết quả phân loại của máy là sàng lọc; chỉ kết luận do cán bộ xác nhận mới là kết luận."
_RATES = "Mọi tỷ lệ tính trên số hộ đã khảo sát, đọc cùng độ bao phủ; không phải tỷ lệ của toàn địa bàn."
_ONCE = "Một hộ, một trẻ tính một lần trong đợt, theo lần phỏng vấn mới nhất; một phiếu thuộc đợt có ngày phỏng vấn."
_BLANK = "Ô trống là chưa biết hoặc không hỏi; số 0 là đã biết bằng 0."
_HIDDEN = (
    f"Dấu “{HIDDEN}” thay số đếm dưới {LEAST} (kể cả 0) và các số có thể dùng để tính ra nó. Các sheet 02–06 "
    f"chỉ có những nhóm từ {LEAST} dòng giống hệt nhau; các dòng khác không công bố."
)
_COVERAGE = (
    ("surveyed", "Số hộ đã khảo sát"),
    ("visited", "Số hộ đã đến"),
    ("refused", "Số hộ từ chối"),
    ("not_met", "Số hộ không gặp"),
    ("children", "Số trẻ 5–17 tuổi"),
)


def information(
    rounded: Round,
    template: Template,
    variant: Variant,
    counts: Counts,
    hidden: Container[Key],
    rows: Mapping[str, int],
    digest: str,
) -> list[Dated]:
    """Sheet 00, one line per item."""
    lines = [
        *_about_file(rounded, template, variant),
        *_coverage(rounded, counts, hidden, variant),
        *((f"so_dong_{name[:2]}", f"Số dòng của sheet {name}", count) for name, count in rows.items()),
        *_translations(rounded, variant),
        ("sha256", "SHA-256 của dữ liệu (các sheet trừ 00)", digest),
        ("ghi_chu_1", "Ghi chú", _SCREENING),
        ("ghi_chu_2", "Ghi chú", _RATES),
        ("ghi_chu_3", "Ghi chú", _BLANK),
        ("ghi_chu_5", "Ghi chú", _ONCE),
    ]
    if variant == "deidentified":
        lines.append(("ghi_chu_4", "Ghi chú", _HIDDEN))
    return [
        ({"row.item": item, "row.label": label, "row.value": value}, None) for item, label, value in lines
    ]


def _about_file(rounded: Round, template: Template, variant: Variant) -> Iterator[tuple[str, str, Cell]]:
    meta = rounded.meta
    yield "format_id", "Mã định dạng", template.id
    yield "dinh_dang", "Định dạng", f"{template.title} – {template.status}"
    yield "bien_the", "Biến thể", _VARIANTS[variant]
    yield (
        "bo_quy_tac",
        "Bộ quy tắc phân loại",
        "; ".join(f"{p.id} {p.version}" for p in meta.profiles) or None,
    )
    yield "dot", "Mã đợt khảo sát", meta.round_id
    yield "ten_dot", "Tên đợt khảo sát", meta.round_name
    yield "tu_ngay", "Từ ngày", meta.period_from
    yield "den_ngay", "Đến ngày", meta.period_to
    yield "danh_muc_dvhc", "Danh mục đơn vị hành chính ngày", meta.admin_list_date
    yield "don_vi_lap", "Đơn vị lập", meta.issuer or None
    yield "noi_nhan", "Nơi nhận", meta.recipient or None
    for number, step in enumerate(meta.way, start=1):
        check = " (chưa đối chiếu với văn bản gốc)" if step.assumed else ""
        yield f"bao_cao_{number}", "Đường báo cáo", f"{step.sender} → {step.receiver}{check}"
    yield "bo_tre_em", "Bộ quản lý nhà nước về trẻ em", "; ".join(meta.child_ministries) or None
    yield "bo_lao_dong", "Bộ quản lý nhà nước về lao động", "; ".join(meta.labour_ministries) or None
    yield "tao_luc", "Tạo lúc", meta.created_at.isoformat(timespec="seconds")
    yield "nguoi_tao", "Người tạo", meta.created_by if variant == "identifiable" else None


def _translations(rounded: Round, variant: Variant) -> Iterator[tuple[str, str, Cell]]:
    """What was asked in another version of VSIC; the public variant has no jobs, so nothing to tell."""
    if variant != "identifiable":
        return
    for (before, after), count in sorted(rounded.translated_industries().items()):
        yield (
            f"vsic_{before}_{after}",
            f"Số việc hỏi theo VSIC {before}, ghi theo VSIC {after} là bản có hiệu lực ở ngày tham chiếu",
            count,
        )


def _coverage(
    rounded: Round, counts: Counts, hidden: Container[Key], variant: Variant
) -> Iterator[tuple[str, str, Cell]]:
    yield "so_ho_quan_ly", "Số hộ quản lý của các phường/xã đã đến", _registered(rounded)
    for measure, label in _COVERAGE:
        key: Key = ("07", TOTAL, measure)
        yield f"tong_{measure}", label, HIDDEN if key in hidden else counts.values[key]
    rate = coverage(rounded, counts, hidden)
    yield "do_bao_phu", "Độ bao phủ (số hộ đã khảo sát / số hộ quản lý)", rate
    if rounded.meta.late is not None:
        yield "phieu_den_muon", "Số phiếu đến sau khi đóng đợt, đã tính trong tệp này", rounded.meta.late
    if rounded.out_of_scope and variant == "identifiable":
        yield "ngoai_pham_vi", "Số người ngoài 5–17 tuổi, không đưa vào các sheet", rounded.out_of_scope


def coverage(rounded: Round, counts: Counts, hidden: Container[Key]) -> str | None:
    """Surveyed of registered households, in words; nothing when the registered number is not known."""
    surveyed: Key = ("07", TOTAL, "surveyed")
    rate = share(counts.values[surveyed], _registered(rounded))
    if rate is None or surveyed in hidden:
        return None if rate is None else HIDDEN
    return f"{rate:.1%}".replace(".", ",")


def _registered(rounded: Round) -> int | None:
    """Registered households of the wards that were visited; not known if one of them is not."""
    wards = {
        (unit.code, unit.valid_from): registered_households(unit, rounded.snapshot.units)
        for household in rounded.snapshot.households
        if (unit := rounded.ward_of(household))
    }
    known = [count for count in wards.values() if count is not None]
    return sum(known) if known and len(known) == len(wards) else None


def code_lists(template: Template) -> list[Dated]:
    """Sheet 90, in the order of the template."""
    return [
        (
            {
                "row.system": code.system,
                "row.version": code.version,
                "row.code": code.code,
                "row.label": code.label,
                "row.validity": _validity(code),
                "row.title": code.title,
                "row.basis": code.basis,
            },
            None,
        )
        for code in template.codes
    ]


def _validity(code: Code) -> str:
    start, end = _day(code.valid_from), _day(code.valid_to)
    if not start and not end:
        return "còn hiệu lực"
    return " ".join(part for part in (start and f"từ {start}", end and f"đến hết {end}") if part)


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def dictionary(template: Template, variant: Variant) -> list[Dated]:
    """Sheet 91: every column of every sheet of this variant."""
    plans = [sheet.for_variant(variant) for sheet in template.sheets]
    return [(_described(plan.name, column), None) for plan in plans for column in plan.columns]


def _described(sheet: str, column: Column) -> dict[str, object]:
    yes = {True: "có", False: "không"}
    lists: Sequence[str] = ("01_DonVi",) if column.type == "unit" else column.lists
    return {
        "row.sheet": sheet,
        "row.column": column.id,
        "row.label": column.label,
        "row.type": _KINDS[column.type],
        "row.required": yes[column.required],
        "row.list": "; ".join(lists),
        "row.formula": column.formula,
        "row.basis": column.basis,
        "row.identifying": yes[column.identifying],
    }


_KINDS = {
    "any": "chữ, số hoặc ngày",
    "code": "mã (chữ)",
    "codes": "nhiều mã, cách nhau bằng dấu chấm phẩy",
    "date": "ngày",
    "degrees": "độ thập phân",
    "findings": "nhiều mã phát hiện, cách nhau bằng dấu chấm phẩy",
    "int": "số nguyên",
    "label": "nhãn của mã",
    "labels": "nhãn của nhiều mã",
    "number": "số",
    "partial": "ngày, hoặc chữ khi chỉ biết tháng hay năm",
    "percent": "tỷ lệ",
    "text": "chữ",
    "unit": "mã đơn vị (chữ)",
    "yesno": "mã Có/Không",
    "yesno_label": "Có/Không",
}
