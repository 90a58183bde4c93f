"""HH-RLHF files as rankings and as demonstrations."""

import gzip
import json

import pytest
from pericles.policies.feedback import read_hh_demonstrations, read_hh_rlhf
from pericles.tools import ConfigError

START = "\n\nHuman: Hi!\n\nAssistant: Hello.\n\nHuman: How do\nI boil an egg?\n\nAssistant:"


def put(tmp_path, *pairs, name="test.jsonl"):
    path = tmp_path / name
    text = "\n".join(json.dumps({"chosen": chosen, "rejected": rejected}) for chosen, rejected in pairs).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


@pytest.mark.parametrize("name", ["test.jsonl", "test.jsonl.gz"])
def test_the_shared_part_is_the_prompt_and_the_rest_are_two_ranked_replies(tmp_path, name):
    path = put(tmp_path, (f"{START} Ten minutes.", f"{START} No.\n\nAs I said: no."), name=name)
    (ranking,) = read_hh_rlhf(path).rankings
    assert [(message.role, message.content) for message in ranking.prompt] == [
        ("user", "Hi!"),
        ("assistant", "Hello."),
        ("user", "How do\nI boil an egg?"),
    ]
    assert [reply[0].content for reply in ranking.replies] == ["Ten minutes.", "No.\n\nAs I said: no."]
    assert (ranking.ranks, ranking.rater) == ((1, 2), "human:hh-rlhf")
    assert ranking.id.endswith("/test-00001")


def test_pairs_of_no_use_are_left_out_and_counted(tmp_path):
    other = START.replace("boil", "fry")
    path = put(
        tmp_path,
        (f"{START} a", f"{START} a "),
        (f"{START} a", f"{START}"),
        (f"{START} \n", f"{START} a"),
        (f"{START} a", f"{other} b"),
        (f"{START} a\n\nHuman: thanks\n\nAssistant: b", f"{START} c\n\nHuman: thanks\n\nAssistant: d"),
        (f"{START} a", f"{START} b\n\nHuman: thanks"),
        ("a", "b"),
        (f"{START} a", f"{START} b"),
    )
    read = read_hh_rlhf(path)
    assert len(read.rankings) == 1
    assert read.rankings[0].id.endswith("-00008")
    assert read.left_out == {
        "chosen and rejected are the same": 1,
        "a reply is empty": 2,
        "chosen and rejected do not share the prompt": 2,
        "a transcript does not go from the human to the assistant": 2,
    }


def test_an_empty_message_in_the_prompt_is_of_no_use_either(tmp_path):
    start = START.replace("Hello.", " ")
    path = put(tmp_path, (f"{start} a", f"{start} b"))
    assert read_hh_rlhf(path).left_out == {"a message of the prompt is empty": 1}
    assert read_hh_demonstrations(path).left_out == {"a message is empty": 1}


def test_two_messages_of_one_speaker_are_joined(tmp_path):
    path = put(tmp_path, (f"{START} a\n\nAssistant: b", f"{START} a\n\nAssistant: c"))
    assert [reply[0].content for reply in read_hh_rlhf(path).rankings[0].replies] == ["a\n\nb", "a\n\nc"]


def test_the_chosen_transcript_is_a_demonstration(tmp_path):
    path = put(tmp_path, (f"{START} a", f"{START} a"), (START, f"{START} a"))
    read = read_hh_demonstrations(path)
    (messages,) = read.conversations.values()
    assert [message.role for message in messages] == ["user", "assistant"] * 2
    assert messages[-1].content == "a"
    assert read.left_out == {"a message is empty": 1}


def test_rows_are_counted_from_the_start(tmp_path):
    path = put(tmp_path, *[(f"{START} a{n}", f"{START} b") for n in range(5)])
    assert [ranking.replies[0][0].content for ranking in read_hh_rlhf(path, rows=2).rankings] == ["a0", "a1"]


def test_a_file_of_another_form_is_refused_with_its_lines(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"chosen": f"{START} a", "rejected": f"{START} b"}) + '\n{"chosen": "a"}\n{"chosen"')
    with pytest.raises(ConfigError, match=r"line 2: .*rejected is None; line 3: not JSON"):
        read_hh_rlhf(path)


def test_a_download_that_was_cut_off_is_refused(tmp_path):
    path = put(tmp_path, *[(f"{START} {n * 7919}", f"{START} b") for n in range(300)], name="x.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ConfigError, match="cut off"):
        read_hh_rlhf(path)
