"""The file of those who may log in: what is kept, and what is refused with file and line."""

from __future__ import annotations

import pytest

from gateway.console.passwords import PasswordFileUnfit, line, read


def written(tmp_path, text, mode=0o600):
    file = tmp_path / "passwords"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_password_is_found_again(tmp_path):
    """What was written is matched by the password, and by no other."""
    kept = read(written(tmp_path, line("anna", "correct horse", b"0123456789abcdef") + "\n"))["anna"]
    assert (kept.matches("correct horse"), kept.matches("correct horsf")) == (True, False)


def test_password_is_not_in_the_file():
    """Only its hash is kept."""
    assert "correct horse" not in line("anna", "correct horse", b"salt")


UNFIT = [("an na", "correct horse"), ("a:b", "correct horse"), ("anna", "short"), ("", "correct horse")]


@pytest.mark.parametrize(("name", "password"), UNFIT)
def test_unfit_name_or_password(name, password):
    """A name that would break the line, or a password that is soon guessed, is refused."""
    with pytest.raises(ValueError, match="has"):
        line(name, password, b"salt")


MISTAKES = {
    "anna:scrypt:1:2": ":1: not of the form",
    "anna:plain:16384:8:1:c2FsdA==:c2FsdA==": ":1: not a line",
    "anna:scrypt:1073741824:8:1:c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=": ":1: not a line",
    "": "nobody may log in",
}  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES)
def test_mistake_is_told_with_its_line(tmp_path, text):
    """A hash that would cost a gigabyte is refused as one that is broken."""
    with pytest.raises(PasswordFileUnfit, match=MISTAKES[text]):
        read(written(tmp_path, text))


def test_file_that_others_can_read(tmp_path):
    """It is not used until it is its owner's alone."""
    with pytest.raises(PasswordFileUnfit, match="chmod 600"):
        read(written(tmp_path, "", 0o644))
