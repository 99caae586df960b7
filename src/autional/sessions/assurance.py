"""Authenticator assurance levels (NIST SP 800-63B-4)."""

from collections.abc import Sequence

# Methods of RFC 8176 and the words that clients commonly send for them, by the kind of factor they prove.
_METHODS = {
    "know": ("kba", "password", "pin", "pwd"),
    "have": ("email", "hwk", "otp", "passkey", "pop", "push", "sc", "sms", "swk", "tel", "totp", "webauthn"),
    "are": ("bio", "face", "fpt", "iris", "retina", "vbm"),
}
_KIND_OF = {method: kind for kind, methods in _METHODS.items() for method in methods}
_PRESENCE = {"user", "pin"}


def assurance_level(amr: Sequence[str]) -> int:
    """The authenticator assurance level (1 to 3) that these methods reach.

    A hardware-bound key with proof of presence reaches 3. Two factors of different kinds reach 2, and so does
    `mfa` of RFC 8176, the caller's word that there were several. An unknown method counts for nothing.
    """
    methods = {method.lower() for method in amr}
    if "hwk" in methods and methods & _PRESENCE:
        return 3
    if "mfa" in methods:
        return 2
    return 2 if len({_KIND_OF[method] for method in methods & _KIND_OF.keys()}) >= 2 else 1
