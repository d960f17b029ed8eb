"""What the bench asks of azure-identity for Python, and of msal with msal-extensions.

Each line of standard input is a task, `{do, with}` in JSON, each line of standard output what came of it.
"""

import base64
import itertools
import json
import logging
import resource
import sys
import threading
import time
import traceback
from pathlib import Path

import msal
from azure.core.pipeline.transport import HttpResponse, HttpTransport
from azure.identity import DeviceCodeCredential

CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
HOST = "login.microsoftonline.com"
TENANT = "11111111-2222-3333-4444-555555555555"
GRAPH = "https://graph.microsoft.com/.default"
VAULT = "https://vault.azure.net/.default"
BASE = f"https://{HOST}/{TENANT}"

logging.disable(logging.CRITICAL)


def encode(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def object_id(number):
    return f"00000000-0000-0000-0000-{number:012x}"


# Each grant has tokens of its own, whichever service gives them: what a store has already need not be written.
GRANTS = itertools.count(1)


class Service:
    """An Entra within the process, that answers at once, and counts what it is asked."""

    def __init__(self, account=0, approves_after=0):
        self.requests = 0
        self.approves_after = approves_after
        self.approved = 0
        self.granted = 0
        claims = {"oid": object_id(account), "tid": TENANT, "preferred_username": f"user{account}@contoso.com"}
        claims.update(aud=CLIENT, iss=f"{BASE}/v2.0", sub="s" * 43, exp=int(time.time()) + 86400, iat=int(time.time()))
        self.identity = {
            "id_token": ".".join([encode({"alg": "RS256"}), encode(claims), "s" * 342]),
            "client_info": encode({"uid": object_id(account), "utid": TENANT}),
        }

    def answer(self, url):
        self.requests += 1
        if "/openid-configuration" in url:
            return {
                "issuer": f"{BASE}/v2.0",
                "authorization_endpoint": f"{BASE}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{BASE}/oauth2/v2.0/devicecode",
                "token_endpoint": f"{BASE}/oauth2/v2.0/token",
            }
        if "/devicecode" in url:
            self.approved = time.monotonic() + self.approves_after
            return {
                "device_code": "d" * 240,
                "user_code": "ABCD12345",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 900,
                "interval": 1,
                "message": "To sign in, open https://microsoft.com/devicelogin and enter the code ABCD12345.",
            }
        if time.monotonic() < self.approved:
            return {"error": "authorization_pending", "error_description": "AADSTS70016: pending"}
        self.granted += 1
        number = next(GRANTS)
        return {
            "token_type": "Bearer",
            "expires_in": 86400,
            "access_token": f"{number:01600d}",
            "refresh_token": f"{number:01300d}",
            **self.identity,
        }


class Response(HttpResponse):
    """For azure-identity."""

    def __init__(self, request, value):
        super().__init__(request, None)
        self.status_code = 200
        self.headers = {"content-type": "application/json"}
        self.content_type = "application/json"
        self.content = json.dumps(value).encode()

    def body(self):
        return self.content


class Transport(HttpTransport):
    """For azure-identity."""

    def __init__(self, service):
        self.service = service

    def send(self, request, **_):
        return Response(request, self.service.answer(request.url))

    def open(self):
        pass

    def close(self):
        pass

    def __exit__(self, *_):
        pass


class Reply:
    """For MSAL."""

    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, value):
        self.text = json.dumps(value)

    def raise_for_status(self):
        pass


class Client:
    """For MSAL."""

    def __init__(self, service):
        self.service = service

    def get(self, url, **_):
        return Reply(self.service.answer(url))

    post = get

    def close(self):
        pass


def credential(service, prompt=lambda *_: None):
    return DeviceCodeCredential(
        CLIENT, tenant_id=TENANT, transport=Transport(service), prompt_callback=prompt
    )


class Tasks:
    service = None
    cached_credential = None
    tokens = 0

    def fill(self, tokens):
        self.service = Service()
        self.cached_credential = credential(self.service)
        self.tokens = tokens
        for at in range(tokens):
            self.call(at)
        # The first that need not sign in asks who the authority is.
        self.call(0)

    def call(self, at):
        self.cached_credential.get_token(f"api://{at % self.tokens}/.default")

    def cached(self, milliseconds):
        before = self.service.requests
        began = time.perf_counter()
        calls = 0
        took = 0
        more = 1
        while took < milliseconds / 1000:
            for _ in range(more):
                self.call(calls)
                calls += 1
            took = time.perf_counter() - began
            more *= 2
        return {"value": took * 1e6 / calls, "requests": self.service.requests - before}

    def callers(self, count):
        service = Service(approves_after=0.9)
        prompts = []
        one = credential(service, lambda *_: prompts.append(1))
        threads = [threading.Thread(target=one.get_token, args=(GRAPH,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"prompts": len(prompts), "requests": service.requests}

    def load(self, **which):
        return self.silently(GRAPH, **which)

    def save(self, **which):
        return self.silently(VAULT, force_refresh=True, **which)

    def silently(self, scope, name, number, force_refresh=False):
        import msal_extensions  # pylint: disable=import-outside-toplevel  # only where it is used, as azure-identity does

        service = Service(number)
        path = str(Path("~/.IdentityService").expanduser() / f"{name}.nocae")
        began = time.perf_counter()
        application = msal.PublicClientApplication(
            CLIENT,
            authority=BASE,
            token_cache=msal_extensions.PersistedTokenCache(msal_extensions.FilePersistence(path)),
            http_client=Client(service),
        )
        account = application.get_accounts(f"user{number}@contoso.com")[0]
        result = application.acquire_token_silent([scope], account=account, force_refresh=force_refresh)
        took = time.perf_counter() - began
        if "access_token" not in (result or {}):
            raise ValueError(f"no token: {result}")
        # To know the authority, it asks once in the life of an application.
        return {"value": took * 1000, "requests": service.granted}

    def signIn(self):
        credential(Service()).get_token(GRAPH)
        # In kilobytes, but on macOS.
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return {"value": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}


def perform(tasks, line):
    task = json.loads(line)
    try:
        return getattr(tasks, task["do"])(**task.get("with", {})) or {}
    except Exception:  # pylint: disable=broad-except
        return {"error": traceback.format_exc()}


def main():
    tasks = Tasks()
    for line in sys.argv[1:] or sys.stdin:
        print(json.dumps(perform(tasks, line)), flush=True)


if __name__ == "__main__":
    main()
