"""Redaction: what is found, what stays, and how long hostile input takes."""

import time

import pytest
from pericles.agent import Message, ToolCall
from pericles.policies.feedback.chats.redaction import redact, redact_messages, redact_value

# What a text holds, and what must stand in its place. Cards, accounts and keys are examples of their issuers' manuals
# or made up.
PERSONAL = [
    ("write to anna.schmidt@example.org please", "write to [e-mail] please"),
    ("<mailto:j.o'neil+news@mail.example.co.uk>", "<mailto:[e-mail]>"),
    ("'bob@example.com'", "'[e-mail]'"),
    ("müller@straße.de, info@xn--mller-kva.de", "[e-mail], [e-mail]"),
    ("Ask a_b-c@sub.domain.example.travel.", "Ask [e-mail]."),
    ("jane (at) example (dot) org", "[e-mail]"),
    ("jane [at] example.org", "[e-mail]"),
    ("42@example.com;x@y.io", "[e-mail];[e-mail]"),
    ("Call +49 30 901820 today", "Call [phone] today"),
    ("+1 (415) 555-2671", "[phone]"),
    ("+442079460958", "[phone]"),
    ("+44 (0)20 7946 0958", "[phone]"),
    ("+33 6 12 34 56 78.", "[phone]."),
    ("(+49) 171 1234567", "[phone]"),
    ("+91-98765-43210", "[phone]"),
    ("+81 3-1234-5678", "[phone]"),
    ("0049 30 901820", "[phone]"),
    ("(415) 555-2671", "[phone]"),
    ("415-555-2671", "[phone]"),
    ("415.555.2671", "[phone]"),
    ("1-800-555-0199", "[phone]"),
    ("415 555 2671", "[phone]"),
    ("020 7946 0958", "[phone]"),
    ("030 901820", "[phone]"),
    ("0171 1234567", "[phone]"),
    ("0171/1234567", "[phone]"),
    ("0151-12345678", "[phone]"),
    ("(030) 901820", "[phone]"),
    ("06 12 34 56 78", "[phone]"),
    ("06.12.34.56.78", "[phone]"),
    ("call me at 555-0134", "call me at [phone]"),
    ("Tel.: 5550134", "Tel.: [phone]"),
    ("my phone number is 4155552671", "my phone number is [phone]"),
    ("Mobile: 01711234567", "Mobile: [phone]"),
    ("WhatsApp 98765 43210", "WhatsApp [phone]"),
    ("tel:+14155552671", "tel:[phone]"),
    ("sk-proj-Ab3dEf6hIj9kLm2nOp5q", "[key]"),
    ("OPENAI_API_KEY=sk-abcdEFGH1234ijklMNOP5678", "OPENAI_API_KEY=[key]"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[key]"),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnopQRST", "[key]"),
    ("AKIAIOSFODNN7EXAMPLE", "[key]"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [key]"),
    ("xoxb-123456789012-abcdefABCDEF", "[key]"),
    ("hf_AbCdEfGhIjKlMnOpQrStUv12345", "[key]"),
    ("AIzaSyA1b2C3d4E5f6G7h8I9j0KlMnOpQrStUvW", "[key]"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[key]"),
    ("glpat-1a2B3c4D5e6F7g8H9i0J", "[key]"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U end",
        "[key] end",
    ),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1b+c/d==\n-----END RSA PRIVATE KEY-----\nbye", "[key]\nbye"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1bcdefgh\nand cut", "[key]\nand cut"),
    ("token: 9f86d081884c7d659a2feaa0c55ad015", "token: [key]"),
    ('{"api_key": "Zx8Yq2Lm5Rt7Wv1Kp3Nb"}', '{"api_key": "[key]"}'),
    ("Authorization: Bearer 7d1a9c3e5b8f2046a1c3e5d7", "Authorization: Bearer [key]"),
    ("the secret is Q2hhbmdlTWUxMjM0NTY3ODkw", "the secret is [key]"),
    ("password: hunter2", "password: [key]"),
    ("pwd=S3cr3t!pass", "pwd=[key]"),
    ("my password is tr0ub4dor&3.", "my password is [key]."),
    ("postgresql://app:s3cretpw@db.example.org/x", "postgresql://app:[key]@db.example.org/x"),
    ("DE89 3704 0044 0532 0130 00", "[IBAN]"),
    ("GB82WEST12345698765432 please", "[IBAN] please"),
    ("de89370400440532013000.", "[IBAN]."),
    ("NL91 ABNA 0417 1643 00, thanks", "[IBAN], thanks"),
    ("4111 1111 1111 1111", "[card]"),
    ("card 4111111111111111, exp. 12/27", "card [card], exp. 12/27"),
    ("5500-0000-0000-0004", "[card]"),
    ("3782 822463 10005", "[card]"),
    ("6011111111111117", "[card]"),
]

ORDINARY = [
    "2024-11-29 10:30:00",
    "29.11.2024 and 01/02/2023",
    "from 01-02-2024 10:30 to 03-04-2024 11:45",
    "20241129T103000Z",
    "1700000000",
    "1,000,000,000 people",
    "10 000 000 000",
    "1 234 567 890",
    "3.141592653589793",
    "0.0000123456789",
    "2^64 = 18446744073709551616",
    "37821 * 9912 = 374881752",
    "12345679 × 9 = 111111111",
    "4111111111111111 * 3",
    "100! has 158 digits and begins 93326215443944",
    "x = 5 + 12345678901",
    "5 +49309018201 is a large sum",
    "the gain was +100000000",
    "+20000000 people",
    "+12.345678",
    "52.520008, 13.404954",
    "-122.4194 37.7749",
    "ISBN 978-0-306-40615-7",
    "ISBN 0-306-40615-2",
    "9780306406157",
    "ISSN 2049-3630",
    "192.168.178.100:8080",
    "fe80::1ff:fe23:4567:890a",
    "550e8400-e29b-41d4-a716-446655440000",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "version 1.20.300.4000",
    "01 02 03 04 05",
    "drawn: 03 07 12 25 31",
    "0110 1001 0110 1111",
    "007 123 456",
    "02134-1234",
    "order 112-1234567-1234567",
    "room 212, floor 3",
    "pages 415-555",
    "415-555-26711",
    "the years 1914-1918 and 1939-1945",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "call 1234567 functions",
    "the phone costs 1000000 yen",
    "call 2024-05-03 a good day",
    "logo@2x.png",
    "user@host",
    "postgresql://USER:PASSWORD@HOST/NAME, redis://u:{password}@h, http://u:***@h",
    "A@B.transpose()",
    "a @ b",
    "@property and @tool",
    "npm install @scope/pkg@1.2.3",
    "git clone git@github.com:o/r.git",
    "look at example.org",
    "sk-learn-pipeline-and-friends",
    "the token count is 128",
    "token = user_session_token_v2_default",
    "key: com.example.app.settings",
    "the key to understanding internationalization",
    "max_tokens=512, top_k=40",
    "password: required",
    "the password is wrong",
    "password = get_password(user)",
    "secret/config/path/file2",
    "DE89 3704 0044 0532 0130 01",
    "GB29 is a road",
    "AT1234 flew to JFK",
    "4111 1111 1111 1112",
    "1234567812345670",
    "6, 28, 496, 8128, 33550336, 8589869056",
    "f(415) = 555",
]

# Written at the same time as those above; the expressions were not changed after they had been tried on these.
PERSONAL_APART = [
    "reach me: peter.mayer77@web.example.at",
    "(contact@our-company.example)",
    "first.last@uni-münchen.example",
    "sales@example.photography!",
    "max [at] example [dot] com",
    "+43 664 1234567",
    "+1-212-555-0187",
    "+1 212 555 0187",
    "+7 495 123-45-67",
    "+61 2 9876 5432",
    "+353 1 234 5678",
    "00 44 20 7946 0958",
    "(212) 555-0187 ext. 4",
    "212-555-0187",
    "089 12345678",
    "0221/987654",
    "07700 900123",
    "01 42 68 53 00",
    "phone 555 0187",
    "Fax: 089/1234-567",
    "text me on 07700900123",
    "sk-ant-api03-Zx9Yw8Vu7Ts6Rq5Po4Nm3",
    "gho_9a8B7c6D5e4F3g2H1i0J9k8L",
    "ASIAY34FZKBOKMUTVV7A",
    "xoxp-99887766-abc123def456",
    "npm_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
    "client_secret=8Kd93jLsM2nQx7Vb",
    "access token 4f3c2b1a0e9d8c7b6a5f4e3d",
    "passwd: Wint3r!2024",
    "https://root:t0psecret@router.example/",
    "FR14 2004 1010 0505 0001 3M02 606",
    "CH9300762011623852957",
    "5105 1051 0510 5100",
    "378282246310005",
]

ORDINARY_APART = [
    "born 1987-06-05, married 12.12.2012",
    "2024/11/29, week 48",
    "at 08:30 on 07-08-2023",
    "population 83 149 300 and 1 428 627 663",
    "6.02214076e23 and 299792458",
    "99999999 + 1 = 100000000",
    "(123 + 456) * 7890123",
    "5105105105105100 / 2",
    "987654321987654321",
    "1 1 2 3 5 8 13 21 34 55 89 144 233 377",
    "pi is 3.14159 26535 89793 23846",
    "ISBN-13: 978 3 16 148410 0",
    "EAN 4006381333931",
    "10.0.0.1 and 255.255.255.0",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "md5 d41d8cd98f00b204e9800998ecf8427e",
    "python 3.11.9, numpy 2.1.3",
    "lat 48.8584 lon 2.2945",
    "14 17 22 33 41, bonus 7",
    "01.02.03.04.05",
    "0-0, 2-1, 3-2",
    "invoice 2024-000123",
    "case 1:19-cv-01234",
    "icon@3x.webp",
    "x@y",
    "W@x.mean()",
    "import { a } from '@org/pkg'",
    "key = sorted_by_name_and_date",
    "a bearer of good news",
    "token_budget: 4096",
    "the secret of the universe is forty-two",
    "password reset takes 15 minutes",
    "BE12 and NO9 are codes",
    "1010101010101010",
]


@pytest.mark.parametrize(("text", "clean"), PERSONAL)
def test_personal_data_is_replaced(text, clean):
    assert redact(text)[0] == clean


@pytest.mark.parametrize("text", ORDINARY)
def test_what_only_looks_like_it_stays(text):
    assert redact(text) == (text, {})


def test_on_texts_kept_apart_nearly_all_is_found_and_nothing_else():
    missed = [text for text in PERSONAL_APART if not redact(text)[1]]
    wrong = [text for text in ORDINARY_APART if redact(text)[1]]
    assert len(missed) <= len(PERSONAL_APART) * 0.1, missed
    assert len(wrong) <= len(ORDINARY_APART) * 0.03, wrong


def test_redaction_counts_and_leaves_alone_what_it_has_done():
    text, counts = redact("a@example.org, b@example.org, 4111 1111 1111 1111")
    assert (text, counts) == ("[e-mail], [e-mail], [card]", {"e-mail": 2, "card": 1})
    assert redact(text) == (text, {})


def test_every_text_of_a_message_is_redacted_and_nothing_else():
    call = ToolCall("c1", "mail", {"to": ["a@example.org"], "body": {"b@example.org": "hi"}, "times": 3})
    messages = [
        Message("user", "I am a@example.org", meta={"reasoning": "a@example.org"}),
        Message("assistant", "", (call,)),
        Message("tool", "sent to a@example.org", tool_call_id="c1", name="mail", meta={"result": {"data": "x"}}),
    ]
    clean, counts = redact_messages(messages)
    assert "example.org" not in str([message.to_dict() for message in clean])
    assert clean[1].tool_calls[0].arguments == {"to": ["[e-mail]"], "body": {"[e-mail]": "hi"}, "times": 3}
    assert (clean[2].tool_call_id, clean[2].name, clean[2].meta) == ("c1", "mail", {})
    assert counts == {"e-mail": 4}


def test_values_that_are_no_texts_stay():
    assert redact_value({"n": 4111111111111111, "none": None, "flag": True, "x": 0.5})[0] == {
        "n": 4111111111111111,
        "none": None,
        "flag": True,
        "x": 0.5,
    }


@pytest.mark.sampled(every=7)
@pytest.mark.parametrize(
    "piece",
    [
        "a@",
        "a.",
        "a@b.",
        "1",
        "1 ",
        "+1 ",
        "0 1",
        "01 ",
        "12-",
        "key=",
        "key ",
        "key: a",
        "password: a",
        "eyJ-",
        "eyJhbGciOi.",
        "sk-",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAA",
        "://a:",
        "DE89 ",
        "4111 ",
        "tel 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1x ",
        "call me at ",
        "x (at) ",
        "a(at)b(dot)",
        "+49(0)",
        "%'",
        "é",
    ],
)
def test_hostile_input_takes_linear_time(piece):
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 2
