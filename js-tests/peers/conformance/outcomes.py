"""What azure-identity answered, in the words drive.js uses for ours."""

import time

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import AuthenticationRequiredError, CredentialUnavailableError


def now():
    return time.time()


def describe_token(token, asked_at):
    refresh_on = token.refresh_on
    return {
        "kind": "token",
        "token": token.token,
        "tokenType": token.token_type,
        "expiresIn": token.expires_on - asked_at,
        "refreshIn": None if refresh_on is None else refresh_on - asked_at,
    }


def describe_record(record):
    return {
        "kind": "record",
        "authority": record.authority,
        "clientId": record.client_id,
        "homeAccountId": record.home_account_id,
        "tenantId": record.tenant_id,
        "username": record.username,
        "serialized": record.serialize(),
    }


def describe_error(error):
    if isinstance(error, AuthenticationRequiredError):
        required = {"scopes": list(error.scopes), "claims": error.claims}
        return {"kind": "AuthenticationRequiredError", **required, **details(error)}
    if isinstance(error, CredentialUnavailableError):
        return {"kind": "CredentialUnavailableError", **details(error)}
    if isinstance(error, ClientAuthenticationError):
        return {"kind": "ClientAuthenticationError", **details(error)}
    if isinstance(error, (TypeError, ValueError)):
        return {"kind": "ArgumentError", "message": str(error)}
    return {"kind": f"{type(error).__name__}", "message": str(error)}


def details(error):
    """The message, and the OAuth error where the exception carries the reply."""
    found = {"message": error.message}
    if error.response is not None:
        reply = error.response.json()
        found["status"] = error.response.status_code
        found["oauthError"] = reply.get("error")
        found["errorCodes"] = reply.get("error_codes")
    return found
