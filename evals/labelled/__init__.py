"""Texts written and labelled for this project, on which what scores by words is built and measured.

`refusals.jsonl`: replies, and whether each declines; `test` where the first byte of the text's SHA-256 is odd, else
`dev`. `toxicity.jsonl`: sentences and replies; `test` where that byte is divisible by three, else `train`.
"""
