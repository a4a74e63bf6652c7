"""Whether a number is well formed: the check digits of Brazil, Portugal and the United Kingdom.

python-stdnum has all but two. CNS: "Rotina de validação de números de cartão nacional de saúde" (DATASUS, Cartão
Nacional de Saúde): weights 15 to 1 sum to a multiple of 11; a definitive number (1, 2) is a PIS of eleven digits, `000`
or `001`, and its check digit; a provisional one (7, 8, 9) has only the sum. NINO: prefixes that HMRC does not give out
(National Insurance Manual, NIM39110); it has no check digit, and neither has a US social security number (SSA, RM
10201.035).
"""

import re

CNS_DIGITS = 15
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_SSN = re.compile(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}")


def is_cpf(digits: str) -> bool:
    """Eleven digits with the check digits of a Brazilian taxpayer."""
    from stdnum.br import cpf

    return len(set(digits)) > 1 and bool(cpf.is_valid(digits))


def is_cnpj(digits: str) -> bool:
    """Fourteen digits with the check digits of a Brazilian company."""
    from stdnum.br import cnpj

    return len(set(digits)) > 1 and bool(cnpj.is_valid(digits))


def is_cns(digits: str) -> bool:
    """Fifteen digits that the Brazilian health card's rule accepts."""
    if len(digits) != CNS_DIGITS or digits[0] not in "12789":
        return False
    if digits[0] in "12" and digits[11:14] not in ("000", "001"):
        return False
    return sum(int(digit) * (CNS_DIGITS - place) for place, digit in enumerate(digits)) % 11 == 0


def is_nif(digits: str) -> bool:
    """Nine digits with the check digit of a Portuguese taxpayer who is a person (1, 2, 3, 45)."""
    from stdnum.pt import nif

    return digits.startswith(("1", "2", "3", "45")) and bool(nif.is_valid(digits))


def is_citizen_card(number: str) -> bool:
    """Twelve characters with the check digit of a Portuguese cartão de cidadão."""
    from stdnum.pt import cc

    return bool(cc.is_valid(number))


def is_nhs_number(digits: str) -> bool:
    """Ten digits with the check digit of the National Health Service."""
    from stdnum.gb import nhs

    return len(set(digits)) > 1 and bool(nhs.is_valid(digits))


def is_nino(number: str) -> bool:
    """Two letters, six digits and a letter that a National Insurance number may have."""
    return _NINO.fullmatch(number) is not None


def is_ssn(digits: str) -> bool:
    """Nine digits that a US social security number may have."""
    return _SSN.fullmatch(digits) is not None
