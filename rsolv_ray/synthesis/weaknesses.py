"""What belongs together in a weakness?

For each language, and each family of weaknesses in it: the calls that are its sinks, what makes values harmless, and how to
tell people of it. The catalogue steers generalisation (which siblings a sink has, which receivers are modules); a rule
is made only where a fix gives evidence for it. CWE names: https://cwe.mitre.org, list 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.synthesis.ecmascript_weaknesses import ECMASCRIPT
from rsolv_ray.synthesis.families import Catalogue, Family
from rsolv_ray.synthesis.python_weaknesses import PYTHON

CATALOGUES: dict[str, Catalogue] = {"python": PYTHON, "javascript": ECMASCRIPT, "typescript": ECMASCRIPT}

NAMES: dict[str, str] = {
    "CWE-20": "Improper Input Validation",
    "CWE-22": "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')",
    "CWE-77": "Improper Neutralization of Special Elements used in a Command ('Command Injection')",
    "CWE-78": "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
    "CWE-79": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
    "CWE-89": "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')",
    "CWE-943": "Improper Neutralization of Special Elements in Data Query Logic",
    "CWE-94": "Improper Control of Generation of Code ('Code Injection')",
    "CWE-95": "Improper Neutralization of Directives in Dynamically Evaluated Code ('Eval Injection')",
    "CWE-200": "Exposure of Sensitive Information to an Unauthorized Actor",
    "CWE-287": "Improper Authentication",
    "CWE-295": "Improper Certificate Validation",
    "CWE-319": "Cleartext Transmission of Sensitive Information",
    "CWE-326": "Inadequate Encryption Strength",
    "CWE-327": "Use of a Broken or Risky Cryptographic Algorithm",
    "CWE-328": "Use of Weak Hash",
    "CWE-330": "Use of Insufficiently Random Values",
    "CWE-338": "Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG)",
    "CWE-352": "Cross-Site Request Forgery (CSRF)",
    "CWE-347": "Improper Verification of Cryptographic Signature",
    "CWE-208": "Observable Timing Discrepancy",
    "CWE-209": "Generation of Error Message Containing Sensitive Information",
    "CWE-377": "Insecure Temporary File",
    "CWE-400": "Uncontrolled Resource Consumption",
    "CWE-434": "Unrestricted Upload of File with Dangerous Type",
    "CWE-489": "Active Debug Code",
    "CWE-502": "Deserialization of Untrusted Data",
    "CWE-522": "Insufficiently Protected Credentials",
    "CWE-601": "URL Redirection to Untrusted Site ('Open Redirect')",
    "CWE-611": "Improper Restriction of XML External Entity Reference",
    "CWE-614": "Sensitive Cookie in HTTPS Session Without 'Secure' Attribute",
    "CWE-732": "Incorrect Permission Assignment for Critical Resource",
    "CWE-798": "Use of Hard-coded Credentials",
    "CWE-862": "Missing Authorization",
    "CWE-863": "Incorrect Authorization",
    "CWE-915": "Improperly Controlled Modification of Dynamically-Determined Object Attributes",
    "CWE-916": "Use of Password Hash With Insufficient Computational Effort",
    "CWE-918": "Server-Side Request Forgery (SSRF)",
    "CWE-1321": "Improperly Controlled Modification of Object Prototype Attributes ('Prototype Pollution')",
    "CWE-1333": "Inefficient Regular Expression Complexity",
}


def families_of(language: str, cwes: Sequence[str]) -> tuple[Family, ...]:
    """The families that a fix's weaknesses belong to; without any weakness named, all of the language."""
    known = CATALOGUES[language].families if language in CATALOGUES else ()
    return tuple(family for family in known if set(family.cwes) & set(cwes)) if cwes else known


def full_title(cwe: str) -> str:
    """`CWE-89: Improper Neutralization ...`, or the number alone where the name is not known here."""
    return f"{cwe}: {NAMES[cwe]}" if cwe in NAMES else cwe
