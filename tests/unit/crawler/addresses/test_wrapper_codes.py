"""Encodings of wrapped links; nothing hostile raises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses.wrapper_codes import from_base64, from_proofpoint_2, from_proofpoint_3


def test_known_codes() -> None:
    assert (
        from_base64("aHR0cHM6Ly9hLmV4YW1wbGUveA")
        == from_base64("aHR0cHM6Ly9hLmV4YW1wbGUveA%3D%3D")
        == "https://a.example/x"
    )
    assert from_proofpoint_2("https-3A__a.example_x-5Fy") == "https://a.example/x_y"
    assert from_proofpoint_3("/v3/__https://a.example/*y*z__;IyU!!a!b$") == "https://a.example/#y%z"
    assert from_proofpoint_3("/v3/__https://a.example/x") == ""


@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    from_base64(text)
    from_proofpoint_2(text)
    from_proofpoint_3(f"/v3/__{text}__;{text}!!")
