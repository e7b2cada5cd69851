"""The OFX reader: every row of any bytes is a transaction, a quarantined row, or the file is a coded error."""

import hashlib
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contrapeso.errors import ContrapesoError, InvalidParameterError, TruncatedFileError, UnreadableFileError
from contrapeso.finance.ingest._bytes import declared_charset, decode_ofx
from contrapeso.finance.ingest._ofx import count_statement_rows, looks_like_ofx, parse_ofx, statement_facts
from contrapeso.finance.ingest._ofx_banks import bank_name
from contrapeso.finance.ingest._ofx_values import is_balance_row, parse_cents, parse_local_date

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n\n"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
SIGNON = (
    "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><FI><ORG>ITAU<FID>341</FI></SONRS></SIGNONMSGSRSV1>"
)


def read(content, **options):
    data = content if isinstance(content, bytes) else content.encode()
    parsed = parse_ofx(data, name="f.ofx", sha256=hashlib.sha256(data).hexdigest(), **options)
    assert parsed.raw_count == count_statement_rows(data)
    return parsed


def row(amount="-85.50", posted="20241101", memo="MERCADO", fitid="1", trntype="DEBIT", more=""):
    return (
        f"<STMTTRN>\n<TRNTYPE>{trntype}\n<DTPOSTED>{posted}\n<TRNAMT>{amount}\n<FITID>{fitid}\n<MEMO>{memo}\n{more}"
        "</STMTTRN>\n"
    )


def statement(*rows, account="123", bank_id="341", currency="BRL", end="</BANKTRANLIST></STMTRS>"):
    return (
        f"<STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>{bank_id}<ACCTID>{account}</BANKACCTFROM><BANKTRANLIST>\n"
        + "".join(rows)
        + end
    )


def ofx(*statements, header=HEADER, signon=SIGNON):
    return f"{header}<OFX>{signon}<BANKMSGSRSV1>{''.join(statements)}</BANKMSGSRSV1></OFX>\n"


def only(content, **options):
    (one,) = read(content, **options).transactions
    return one


def codes(parsed):
    return {note.split(":")[0] for note in parsed.notes} - {"statement"}


# --- the law ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    day: date
    cents: int
    memo: str
    fitid: str


MOVEMENTS = st.builds(
    Movement,
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.integers(-(10**11), 10**11),
    st.text("abcXYZ ãÇé&<>/*.-09", min_size=1, max_size=30).map(lambda text: "m" + " ".join(text.split())),
    st.from_regex(r"[A-Z0-9]{1,12}x", fullmatch=True),
)


@st.composite
def documents(draw, movements=MOVEMENTS):
    """The text of a file in a style of its own for each field, and the movements that it holds."""
    moves = draw(st.lists(movements, max_size=6))
    shout = draw(st.booleans())
    newline = draw(st.sampled_from(["\n", "\r\n", "", "\n\t  "]))

    def leaf(tag, value):
        tag = tag if shout else tag.lower()
        closing = draw(st.sampled_from(["", f"</{tag}>", "</WRONG>"]))
        return f"<{tag}>{value}{closing}{newline}"

    def write(move):
        sign, units, cents = "-" if move.cents < 0 else "", *divmod(abs(move.cents), 100)
        amount = f"{sign}{units}{draw(st.sampled_from('.,'))}{cents:02d}"
        posted = f"{move.day:%Y%m%d}" + draw(st.sampled_from(["", "120000", "235959[-3:BRT]", "000000.000[0:GMT]"]))
        memo = move.memo.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        memo = draw(st.sampled_from([memo, f"<![CDATA[{move.memo}]]>"]))
        body = [leaf("TRNTYPE", "OTHER"), leaf("DTPOSTED", posted), leaf("TRNAMT", amount), leaf("FITID", move.fitid)]
        opening, closing = ("<STMTTRN>", "</STMTTRN>") if shout else ("<stmttrn>", "</stmttrn>")
        return opening + newline + "".join([*body, leaf("MEMO", memo)]) + closing + newline

    return ofx(statement(*map(write, moves)), header=draw(st.sampled_from([HEADER, XML, ""]))), moves


@given(documents())
def test_what_was_written_is_read_in_any_style(document):
    text, moves = document
    parsed = read(text)
    found = [Movement(one.date, one.amount_cents, one.description_raw, one.fitid) for one in parsed.transactions]
    assert found == moves
    assert not parsed.quarantined


@given(documents(), st.floats(0, 1))
@settings(max_examples=300)
def test_a_cut_file_gives_a_true_beginning_or_an_error(document, cut):
    """No prefix invents, changes or loses a movement: what it yields is what the whole file yields."""
    text, moves = document
    data = text.encode()
    data = data[: round(cut * len(data))]
    try:
        parsed = read(data)
    except ContrapesoError:
        assert count_statement_rows(data) == 0
        return
    found = [(one.date, one.amount_cents) for one in parsed.transactions]
    assert found == [(move.day, move.cents) for move in moves][: len(found)]
    assert all(one.fitid in {move.fitid, ""} for one, move in zip(parsed.transactions, moves, strict=False))
    assert len(found) >= parsed.raw_count - 1  # only the row at the cut may be missing
    assert set(parsed.reasons) <= {"truncated"}


def law_or_error(data):
    try:
        parsed = parse_ofx(data, name="f", sha256="0")
    except ContrapesoError:
        return
    assert len(parsed.transactions) + len(parsed.quarantined) == parsed.raw_count == count_statement_rows(data)
    ordinals = [one.source.row for one in parsed.transactions] + [one.row for one in parsed.quarantined]
    assert sorted(ordinals) == list(range(1, parsed.raw_count + 1))


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<OFX>", HEADER.encode() + b"<OFX>", b"\xff\xfe", b"\xef\xbb\xbf"])
)
def test_any_bytes_are_accounted_for_or_refused_with_a_code(data, front):
    law_or_error(front + data)


FRAGMENTS = (
    *("<", ">", "/", "<!", "-->", "<!--", "<![CDATA[", "]]>", "&", "&amp;", "&#60;", " ", "\n", "\x00", "\x01"),
    *("<STMTTRN>", "</STMTTRN>", "<STMTTRN", "<stmttrn>", "<STMTTRN/>", "<STMTTRNRS>", "<STMTTRNP>", "STMTTRN"),
    *("<OFX>", "</OFX>", "<STMTRS>", "</STMTRS>", "<BANKACCTFROM>", "<INVTRAN>", "<STATUS>", "<CODE>1"),
    *("<MEMO>", "<PAYEE>", "</PAYEE>", "<TRNAMT>-1.00", "<DTPOSTED>20240101", "\ufeff", "ſ", "Ã", "9" * 5000),
)


@given(st.data())
@settings(max_examples=300)
@example(None)
def test_a_mangled_file_is_accounted_for(data):
    if data is None:
        return law_or_error(b"<OFX><STMT<!-- -->TRN><STMTTRN<!-- <STMTTRN> --><![CDATA[<STMTTRN]]>")
    pieces = re.split("(?=<)", ofx(statement(row(), row(amount="2,00")), statement(row(fitid="0"), account="9")))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        action = data.draw(st.sampled_from(["drop", "insert", "swap", "cut"]))
        if action == "drop":
            pieces[at] = ""
        elif action == "insert":
            pieces[at] += data.draw(st.sampled_from(FRAGMENTS))
        elif action == "swap":
            other = data.draw(st.integers(0, len(pieces) - 1))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            pieces[at] = pieces[at][: data.draw(st.integers(0, 12))]
    codec = data.draw(st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
    return law_or_error("".join(pieces).encode(codec))


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30))
def test_the_counter_agrees_with_a_pattern_on_the_bytes(fragments):
    data = "".join(fragments).encode()
    slow = re.findall(rb"(?i)<STMTTRN(?![A-Za-z0-9_.:-])", data)
    assert count_statement_rows(data) == len(slow)


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a",
        "<STMTTRN",
        "<STMTTRN>",
        "<!--",
        "<![CDATA[",
        "<!-- -->",
        "<PAYEE>",
        "</",
        "</OFX ",
        "<a ",
        "&#",
        "a:",
        "'",
    ],
)
def test_a_megabyte_of_anything_is_read_in_linear_time(unit):
    data = b"<OFX><STMTTRN><MEMO>" + (unit * (1_000_000 // len(unit))).encode()
    start = time.process_time()
    law_or_error(data)
    assert time.process_time() - start < 20  # takes 0.01 to 1.5 s; a quadratic scan takes hours


# --- rows ------------------------------------------------------------------------------------


def test_a_commented_row_is_counted_and_quarantined_at_its_place():
    parsed = read(ofx(statement(row(fitid="1"), f"<!-- {row(fitid='2')} -->", row(fitid="3"))))
    assert [(one.source.row, one.fitid) for one in parsed.transactions] == [(1, "1"), (3, "3")]
    assert [(one.row, one.reason) for one in parsed.quarantined] == [(2, "commented_out")]


def test_a_comment_inside_a_row_does_not_end_it():
    one = only(ofx(statement(row(memo="A <!-- b --> C"))))
    assert one.description_raw == "A C"


def test_a_row_inside_cdata_is_counted_and_quarantined():
    parsed = read(ofx(statement(row(memo="<![CDATA[x <STMTTRN> & y]]>"))))
    assert parsed.reasons == {"inside_cdata": 1}
    assert parsed.transactions[0].description_raw == "x <STMTTRN> & y"


def test_a_comment_that_is_never_closed_hides_nothing():
    parsed = read(ofx(statement("<!-- ", row(fitid="1"), row(fitid="2"))))
    assert len(parsed.transactions) == 2
    assert "unclosed_mark" in codes(parsed)


def test_rows_without_closing_tags_end_at_the_next_structure():
    rows = [row(fitid=str(n)).replace("</STMTTRN>", "") for n in range(3)]
    parsed = read(ofx(statement(*rows)))
    assert [one.fitid for one in parsed.transactions] == ["", "1", "2"]
    assert {"unclosed_row", "fitid_junk"} == codes(parsed)


def test_a_row_cut_behind_its_amount_is_imported_and_noted():
    text = ofx(statement(row(fitid="A"), row(fitid="98765", memo="PADARIA"))).split("PADARIA")[0] + "PADA"
    parsed = read(text)
    assert [one.description_raw for one in parsed.transactions] == ["MERCADO", "PADA"]
    assert {"no_end", "truncated_row"} == codes(parsed)


@pytest.mark.parametrize(
    "cut", ["<TRNAMT>-85.5", "<TRNAMT>-85", "<TRNAMT>", "<DTPOSTED>2024110", "<DTPOSTED>20241101\n<TRN"]
)
def test_a_row_cut_in_its_date_or_amount_is_quarantined(cut):
    text = HEADER + "<OFX>" + statement(row(fitid="A"), row(fitid="B"))
    parsed = read(text[: text.rindex(cut) + len(cut)])
    assert [one.fitid for one in parsed.transactions] == ["A"]
    assert parsed.reasons == {"truncated": 1}


@pytest.mark.parametrize(
    "cut", ["<FIT", "<", "<FITID>1\n<MEMO>MERCADO\n</STMT", "<FITID>1\n<MEMO>MERCADO\n</STMTTRN>\n<!-- "]
)
def test_a_tag_cut_in_its_middle_is_no_part_of_the_value_before_it(cut):
    text = HEADER + "<OFX>" + statement(row())
    one = only(text[: text.index("<FITID>")] + cut)
    assert (one.amount_cents, one.description_raw) == (-8550, "MERCADO" if "MERCADO" in cut else "")


def test_a_cut_fitid_is_left_out():
    text = ofx(statement(row(fitid="ABCDEF")))
    one = only(text[: text.index("ABCDEF") + 3])
    assert one.fitid == ""


def test_a_wrong_closing_tag_closes_nothing_but_itself():
    text = ofx(statement(row(posted="20241101</DATE>", memo="A</NAME>"))).replace("<FID>", "</ORGG><FID>")
    assert only(text).description_raw == "A"


def test_fields_of_a_counterparty_do_not_replace_the_account():
    more = "<BANKACCTTO><BANKID>001<ACCTID>999</BANKACCTTO><CHECKNUM>77\n<REFNUM>88\n"
    one = only(ofx(statement(row(more=more), account="123")))
    assert (one.bank, one.account, one.extra["checknum"], one.extra["refnum"]) == ("Itaú Unibanco", "123", "77", "88")


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ("<NAME>LOJA", "LOJA"),
        ("<MEMO>LOJA", "LOJA"),
        ("<NAME>LOJA<MEMO>LOJA", "LOJA"),
        ("<NAME>LOJA DO<MEMO>LOJA DO CENTRO LTDA", "LOJA DO CENTRO LTDA"),
        ("<NAME>COBRANCA IOF<MEMO>iof", "COBRANCA IOF"),
        ("<NAME>PIX<MEMO>FULANO", "PIX - FULANO"),
        ("<PAYEE><NAME>FULANO<CITY>X</PAYEE>", "FULANO"),
        ("<PAYEE><NAME>FULANO<MEMO>ALUGUEL", "FULANO - ALUGUEL"),
        ("<NAME></NAME><MEMO>A&amp;B &#67; &lt;1&gt; &nope; &amp;amp;", "A&B C <1> &nope; &amp;"),
        ("<NAME>J&notas &#0; &#xD800;", "J&notas &#0; &#xD800;"),
        ("<MEMO>LINHA 1\n   LINHA 2", "LINHA 1 LINHA 2"),
        ("<MEMO>5 < 6 e a <b@c.com> d", "5 < 6 e a <b@c.com> d"),
        ("<MEMO><![CDATA[ A <b> &amp; C ]]>", "A <b> &amp; C"),
        ("", ""),
    ],
)
def test_name_memo_and_payee_become_one_description(fields, description):
    text = f"<STMTTRN><DTPOSTED>20240101<TRNAMT>1{fields}</STMTTRN>"
    assert only(ofx(statement(text))).description_raw == description


@pytest.mark.parametrize("trntype", ["DEBIT", "CREDIT", "OTHER", "XFER", "", "nonsense"])
@pytest.mark.parametrize(("amount", "direction"), [("-1.00", "debit"), ("1.00", "credit")])
def test_the_sign_decides_the_direction(trntype, amount, direction):
    parsed = read(ofx(statement(row(amount=amount, trntype=trntype))))
    assert parsed.transactions[0].direction == parsed.transactions[0].transaction_type == direction
    contradicts = {trntype.lower(), direction} == {"debit", "credit"}
    assert ("type_sign" in codes(parsed)) == contradicts


@pytest.mark.parametrize("fitid", ["", "0", "000000", " - "])
def test_a_fitid_that_identifies_nothing_is_left_out(fitid):
    assert only(ofx(statement(row(fitid=fitid)))).fitid == ""


def test_a_fitid_on_another_movement_is_kept_and_noted():
    parsed = read(ofx(statement(row(fitid="7"), row(fitid="7", amount="-1.00"), row(fitid="7"))))
    assert [one.fitid for one in parsed.transactions] == ["7", "7", "7"]
    notes = {note.split(":")[0]: note for note in parsed.notes}
    assert "(row 2)" in notes["fitid_reused"]
    assert "(row 3)" in notes["fitid_repeated"]


def test_the_same_fitid_in_two_accounts_is_no_repetition():
    parsed = read(ofx(statement(row(), account="1"), statement(row(), account="2")))
    assert not codes(parsed)
    assert [(one.account, one.occurrence) for one in parsed.transactions] == [("1", 1), ("2", 1)]


@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["-1.00", "-2.00"]), st.sampled_from("AB"))))
def test_equal_rows_of_an_account_are_numbered_from_one(moves):
    statements = [
        statement(row(amount=amount, memo=memo, fitid="0"), account=account) for account, amount, memo in moves
    ]
    parsed = read(ofx(*statements))
    seen = Counter()
    for one, move in zip(parsed.transactions, moves, strict=True):
        seen[move] += 1
        assert one.occurrence == seen[move]


# --- balances --------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0.00", "1500,00", "            .  ", ""])
@pytest.mark.parametrize(
    "memo", ["Saldo", "SALDO DIA", "S A L D O", "Saldo anterior", "SALDO DO DIA 05/11", "SALDO EM 31/10/2024"]
)
def test_a_row_that_is_only_a_balance_phrase_is_no_movement(memo, amount):
    parsed = read(ofx(statement(row(memo=memo, amount=amount))))
    assert parsed.reasons == {"balance_row": 1}
    assert not parsed.quarantined[0].needs_review


@pytest.mark.parametrize(
    "memo", ["RESGATE SALDO APLICACAO", "PAGTO SALDO DEVEDOR", "TRANSF SALDO CONTA", "SALDO DEVEDOR CARTAO"]
)
def test_a_movement_that_speaks_of_a_balance_is_kept(memo):
    assert only(ofx(statement(row(memo=memo)))).description_raw == memo


def test_a_longer_balance_row_goes_only_with_an_amount_that_says_nothing():
    assert is_balance_row("saldo aplic aut mais", "0,00")
    assert not is_balance_row("saldo aplic aut mais", "10,00")
    assert not is_balance_row("saldo aplic aut mais", "$10")
    assert not is_balance_row("resgate saldo", "0,00")


# --- amounts and dates -----------------------------------------------------------------------


@given(st.integers(-(10**16), 10**16), st.sampled_from(".,"), st.integers(0, 4), st.sampled_from(["", "   "]))
def test_cents_are_exact_whatever_the_mark_and_the_zeros(cents, mark, zeros, blank):
    zeros = 0 if zeros == 1 else zeros  # three decimals behind few digits are ambiguous, see below
    units, part = divmod(abs(cents), 100)
    text = f"{blank}{'-' if cents < 0 else '+'}{units}{mark}{part:02d}{'0' * zeros}{blank}"
    assert parse_cents(text) == (cents if units < 10**15 else None)


@given(st.from_regex(r"[+-]?[0-9]{0,5}([.,][0-9]{0,4})?", fullmatch=True))
def test_an_amount_is_what_decimal_says_or_refused(text):
    found = parse_cents(text)
    if found is not None:
        assert Decimal(found) == Decimal(text.replace(",", ".")) * 100
    elif re.fullmatch(r"[+-]?[0-9]+([.,][0-9]{1,2})?", text):
        raise AssertionError(f"a plain amount was refused: {text}")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,56", 123456),
        ("-1,234.56", -123456),
        ("1.234.567,8", 123456780),
        ("- 530,86", -53086),
        ("+00000000000115.8300", 11583),
        ("-0.00", 0),
        (".5", 50),
        ("80", 8000),
        ("0.120", 12),
    ],
)
def test_unambiguous_amounts_are_read(text, cents):
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "            .  ", "$120", "R$ 1,00", "#REF!", "1e3", "--1", "1-", "nan", "٣", "9" * 16, "9" * 5000),
        *("1.234", "1,000", "115.8331", "1.23.4", "1.23,45", "12,34.56", "1.2345,00"),
    ],
)
def test_amounts_that_could_be_read_in_two_ways_or_none_are_refused(text):
    assert parse_cents(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20240805000000[-3:BRT]", date(2024, 8, 5)),
        ("20240805235959.999[+14:XXX]", date(2024, 8, 5)),
        ("20240805000000[-3]", date(2024, 8, 5)),
        ("20240229", date(2024, 2, 29)),
        (" 20240805 ", date(2024, 8, 5)),
        ("2024-08-05", date(2024, 8, 5)),
    ],
)
def test_the_date_is_the_banks_own_day(text, day):
    assert parse_local_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "00000000", "20120231", "201120000000", "2024110", "202411011", "05/08/2024", "10000101", "x"]
)
def test_what_is_no_day_is_refused(text):
    assert parse_local_date(text) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("<DTPOSTED>20240101<TRNAMT>$120", "bad_amount"),
        ("<DTPOSTED>20240101<TRNAMT>", "missing_amount"),
        ("<DTPOSTED>20240101", "missing_amount"),
        ("<DTPOSTED>20240231<TRNAMT>1", "bad_date"),
        ("<DTPOSTED><TRNAMT>1", "missing_date"),
        ("<TRNAMT>1", "missing_date"),
    ],
)
def test_an_unreadable_row_is_quarantined_for_a_person(fields, reason):
    parsed = read(ofx(statement(f"<STMTTRN>{fields}<MEMO>SEGREDO</STMTTRN>")))
    assert parsed.reasons == {reason: 1}
    assert parsed.quarantined[0].needs_review
    assert "SEGREDO" not in parsed.quarantined[0].detail


# --- charsets --------------------------------------------------------------------------------

ACCENTS = ofx(statement(row(memo="RESTAURANTE JOÃO"), row(memo="CARTÃO DE CRÉDITO", fitid="2")))


@pytest.mark.parametrize(
    ("data", "encoding", "lies"),
    [
        (ACCENTS.encode("utf-8"), "utf-8", True),
        (ACCENTS.encode("cp1252"), "cp1252", False),
        (ACCENTS.encode("utf-8-sig"), "utf-8", True),
        (ACCENTS.encode("utf-16"), "utf-16", True),
        (ACCENTS.encode("utf-16-le"), "utf-16-le", True),
        (ACCENTS.encode("utf-16-be"), "utf-16-be", True),
        (ACCENTS.replace("CHARSET:1252", "CHARSET:850").encode("cp850"), "cp850", False),
        (ACCENTS.replace(HEADER, XML).encode("utf-8"), "utf-8", False),
        (ACCENTS.replace(HEADER, XML).encode("cp1252"), "cp1252", True),
        (ACCENTS.replace(HEADER, "").encode("utf-8"), "utf-8", False),
    ],
)
def test_the_bytes_are_believed_and_a_lying_header_is_noted(data, encoding, lies):
    parsed = read(data)
    assert [one.description_raw for one in parsed.transactions] == ["RESTAURANTE JOÃO", "CARTÃO DE CRÉDITO"]
    assert parsed.encoding == encoding
    assert ("charset_lie" in codes(parsed)) == lies


def test_one_legacy_memo_does_not_spoil_the_others():
    data = ACCENTS.encode().replace("CARTÃO DE CRÉDITO".encode(), "CARTÃO DE CRÉDITO".encode("cp1252"))
    parsed = read(data)
    assert [one.description_raw for one in parsed.transactions] == ["RESTAURANTE JOÃO", "CARTÃO DE CRÉDITO"]
    assert parsed.encoding == "utf-8+cp1252"


def test_a_file_that_ends_inside_a_character_keeps_the_others():
    data = ACCENTS.encode()
    parsed = read(data[: data.index("CARTÃ".encode()) + 5])
    assert [one.description_raw for one in parsed.transactions] == ["RESTAURANTE JOÃO", "CART"]
    assert "cut_character" in codes(parsed)


def test_a_byte_that_cp1252_lacks_falls_back_to_latin1():
    decoded = decode_ofx(ACCENTS.encode("cp1252") + b"\x81")
    assert decoded.encoding == "latin-1"
    assert "CARTÃO" in decoded.text


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (HEADER.encode(), "USASCII/1252"),
        (XML.encode(), "UTF-8"),
        (HEADER.encode("utf-16"), "USASCII/1252"),
        (b"OFXHEADER:100DATA:OFXSGMLENCODING:UTF-8CHARSET:NONECOMPRESSION:NONE", "UTF-8/NONE"),
        (b"<OFX>", "-"),
    ],
)
def test_the_declared_charset_is_reported_as_written(data, declared):
    assert declared_charset(data) == declared


# --- files -----------------------------------------------------------------------------------


def test_card_bank_and_investment_statements_keep_their_accounts():
    card = f"<CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>4111</CCACCTFROM><BANKTRANLIST>{row()}</BANKTRANLIST></CCSTMTRS>"
    investment = (
        "<INVSTMTRS><CURDEF>BRL<INVACCTFROM><BROKERID>b.com<ACCTID>77</INVACCTFROM><INVTRANLIST><BUYMF><INVTRAN>"
        f"<FITID>1</INVTRAN></BUYMF><INVBANKTRAN>{row()}<SUBACCTFUND>CASH</INVBANKTRAN></INVTRANLIST></INVSTMTRS>"
    )
    parsed = read(ofx(statement(row()), card, investment))
    assert [(one.account, one.currency) for one in parsed.transactions] == [
        ("123", "BRL"),
        ("4111", "USD"),
        ("77", "BRL"),
    ]
    assert codes(parsed) == {"investment_trades"}


def test_statement_facts_are_what_the_statement_declares():
    end = (
        "<DTEND>x</BANKTRANLIST><LEDGERBAL><BALAMT>-10,50<DTASOF>20241130</LEDGERBAL>"
        "<AVAILBAL><BALAMT>99.00<DTASOF>20241130</AVAILBAL></STMTRS>"
    )
    text = statement(row(), end=end).replace("<BANKTRANLIST>", "<BANKTRANLIST><DTSTART>20241101<DTEND>20241130")
    (facts,) = statement_facts(ofx(text.replace("<ACCTID>", "<BRANCHID>0001<ACCTTYPE>CHECKING<ACCTID>")).encode())
    assert (facts.kind, facts.bank, facts.bank_id, facts.branch) == ("bank", "Itaú Unibanco", "341", "0001")
    assert (facts.account, facts.account_type, facts.currency) == ("123", "CHECKING", "BRL")
    assert (facts.start, facts.end) == (date(2024, 11, 1), date(2024, 11, 30))
    assert (facts.ledger_balance_cents, facts.ledger_date) == (-1050, date(2024, 11, 30))
    assert (facts.available_balance_cents, facts.n_rows) == (9900, 1)


def test_an_error_status_without_rows_is_a_valid_file_with_a_note():
    status = "<SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></SONRS>"
    parsed = read(ofx(signon=status))
    assert parsed.raw_count == 0
    assert "status: SONRS answers 15500 ERROR: Signon invalid" in parsed.notes
    assert "no_transactions" in codes(parsed)


def test_rows_outside_any_statement_are_kept_with_what_is_known():
    parsed = read(f"<OFX><BANKACCTFROM><BANKID>237<ACCTID>5</BANKACCTFROM>{row()}</OFX>")
    (one,) = parsed.transactions
    assert (one.bank, one.account, one.currency) == ("Bradesco", "5", "BRL")
    assert codes(parsed) == {"outside_statement", "currency_missing"}


def test_two_documents_in_one_file_keep_their_own_bank():
    other = SIGNON.replace("ITAU", "BRADESCO")
    parsed = read(ofx(statement(row())) + ofx(statement(row()), signon=other))
    assert [one.bank for one in parsed.transactions] == ["Itaú Unibanco", "Bradesco"]


def test_notes_hold_no_description_and_no_whole_account():
    parsed = read(ofx(statement(row(memo="FULANO", fitid="0"), row(memo="FULANO", amount="x"), account="12345-6")))
    told = " ".join(parsed.notes) + " ".join(one.detail for one in parsed.quarantined)
    assert "FULANO" not in told
    assert "12345" not in told


def test_bank_and_account_of_the_caller_win_and_are_noted():
    parsed = read(ofx(statement(row())), bank="Meu Banco", account="A")
    assert (parsed.transactions[0].bank, parsed.transactions[0].account) == ("Meu Banco", "A")
    assert {"bank_override", "account_override"} <= codes(parsed)


def test_one_account_for_a_file_of_two_is_refused():
    with pytest.raises(InvalidParameterError, match="2 accounts"):
        read(ofx(statement(row(), account="1"), statement(row(), account="2")), account="A")


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 <OFX><STMTTRN></OFX>", "zip"),
        (b"UEsDBAoAAAAA", "base64"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html><body>login</body></html>", "HTML"),
        (b"data;valor;tipo\n1;2;3", "CSV"),
        (b"\x00\x01\x02\x03", "binary"),
        (b'{"a": 1}', "JSON"),
        (b"ola mundo", "plain text"),
        (b"<Document/>", "XML"),
    ],
)
def test_what_is_not_ofx_is_refused_by_the_name_of_what_it_is(data, looks):
    with pytest.raises(UnreadableFileError, match=looks) as caught:
        read(data)
    assert caught.value.code == "unreadable_file"
    assert not looks_like_ofx(data)


@pytest.mark.parametrize("text", [HEADER, HEADER + "<OFX><SIGNONMSGSRSV1>", XML])
def test_a_file_that_ends_before_its_first_row_is_truncated(text):
    with pytest.raises(TruncatedFileError):
        read(text)


def test_a_namespace_prefix_is_refused_and_not_read_as_empty():
    with pytest.raises(UnreadableFileError, match="prefix"):
        read("<o:OFX><o:STMTTRN></o:STMTTRN></o:OFX>")


@pytest.mark.parametrize("text", [ACCENTS, ACCENTS.replace(HEADER, XML), ACCENTS.replace(HEADER, ""), "\n\n" + ACCENTS])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_ofx_is_recognised_by_its_first_bytes(text, codec):
    assert looks_like_ofx(text.encode(codec)[:2048])


# --- banks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ({"org": "ITAÚ UNIBANCO", "fid": "0341"}, "Itaú Unibanco"),
        ({"org": "Banco do Brasil S/A"}, "Banco do Brasil"),
        ({"org": "BCO BRADESCO S.A."}, "Bradesco"),
        ({"org": "BancoTeste", "bank_id": "104"}, "BancoTeste"),
        ({"bank_id": "0104"}, "Caixa Econômica Federal"),
        ({"org": "033"}, "Santander"),
        ({"fid": "237"}, "Bradesco"),
        ({"bank_id": "20211104"}, "20211104"),
        ({"bank_id": "104", "currency": "USD"}, "104"),
        ({}, ""),
    ],
)
def test_the_bank_is_the_declared_one(declared, name):
    assert bank_name(**declared) == name


def test_codes_in_dates_and_identifiers_never_name_the_bank():
    parsed = read(ofx(statement(row(posted="20211104", fitid="104001033237"), bank_id="0"), signon=""))
    assert parsed.transactions[0].bank == "0"
