"""azure-identity, and MSAL by itself, as programs that share their caches use them.

Each line of standard input is a command in JSON, each line of standard output what came of it; ours.js understands the same.
A command has a credential of its own, as if it were a program of its own, unless it names one to keep.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import msal
import msal_extensions
import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import AuthenticationRecord, DeviceCodeCredential, TokenCachePersistenceOptions

# MSAL's own advice about polling too soon, which its first immediate poll provokes.
warnings.filterwarnings("ignore", message="Attempted too soon")
# Failures are what some cases are about.
logging.disable(logging.CRITICAL)

ENTRA = os.environ["ENTRA"]
CA_FILE = os.environ["CA_FILE"]
FOLDER = Path("~/.IdentityService").expanduser()


def routed(url, scenario):
    """Every https URL leads to the stand-in, which learns from the path what the URL was."""
    parts = urlsplit(url)
    return f"{ENTRA}/~{scenario}/{parts.netloc}{parts.path}" + ("?" + parts.query if parts.query else "")


class Transport(RequestsTransport):
    """For azure-identity."""

    def __init__(self, scenario):
        super().__init__(connection_verify=CA_FILE)
        self.scenario = scenario

    def send(self, request, **kwargs):
        if not request.url.startswith(ENTRA):
            request.url = routed(request.url, self.scenario)
        return super().send(request, **kwargs)


class Session(requests.Session):
    """For MSAL."""

    def __init__(self, scenario):
        super().__init__()
        self.verify = CA_FILE
        # Which may name another file.
        self.trust_env = False
        self.scenario = scenario

    def request(self, method, url, **kwargs):
        return super().request(method, routed(url, self.scenario), **kwargs)


class Agent:
    def __init__(self):
        self.kept = {}
        self.prompts = 0

    def answer(self, command):
        self.prompts = 0
        try:
            answer = getattr(self, command["do"])(**command.get("with", {}))
        except Exception as error:  # pylint: disable=broad-except
            answer = {"error": type(error).__name__, "message": str(error)}
        return {"prompts": self.prompts, **(answer or {})}

    def credential(self, keep=None, **options):
        if keep in self.kept:
            return self.kept[keep]
        named = {"name": options["name"]} if options.get("name") else {}
        credential = DeviceCodeCredential(
            transport=Transport(options["scenario"]),
            prompt_callback=self.prompt,
            retry_backoff_factor=0.05,
            cache_persistence_options=TokenCachePersistenceOptions(allow_unencrypted_storage=True, **named),
            **{key: options[key] for key in ("tenant_id", "disable_automatic_authentication") if key in options},
            **self.whose(options),
        )
        if keep:
            self.kept[keep] = credential
        return credential

    def whose(self, options):
        record = options.get("record")
        return {"authentication_record": AuthenticationRecord.deserialize(record)} if record else {}

    def prompt(self, *_):
        self.prompts += 1

    def sign_in(self, scope, enable_cae=False, **options):
        record = self.credential(**options).authenticate(scopes=[scope], enable_cae=enable_cae)
        return {"record": record.serialize()}

    def token(self, scope, enable_cae=False, **options):
        return {"token": self.credential(**options).get_token(scope, enable_cae=enable_cae).token}

    def reserialize(self, record):
        return {"record": AuthenticationRecord.deserialize(record).serialize()}

    # MSAL by itself

    def application(self, name, scenario, record, tenant_id):
        persistence = msal_extensions.FilePersistence(str(FOLDER / f"{name}.nocae"))
        record = AuthenticationRecord.deserialize(record)
        application = msal.PublicClientApplication(
            record.client_id,
            authority=f"https://{record.authority}/{tenant_id}",
            token_cache=msal_extensions.PersistedTokenCache(persistence),
            http_client=Session(scenario),
        )
        accounts = application.get_accounts(record.username)
        return application, [each for each in accounts if each["home_account_id"] == record.home_account_id]

    def msal_token(self, scope, **options):
        application, accounts = self.application(**options)
        result = application.acquire_token_silent([scope], account=accounts[0]) if accounts else None
        return {"token": (result or {}).get("access_token")}

    def msal_sign_out(self, **options):
        application, accounts = self.application(**options)
        for account in accounts:
            application.remove_account(account)

    # What usually takes no time

    def lock(self, name):
        return msal_extensions.CrossPlatLock(str(FOLDER / f"{name}.nocae.lockfile"))

    def kind_of_lock(self):
        return {"kind": msal_extensions.CrossPlatLock.__module__}

    def hold_lock(self, name, seconds):
        with self.lock(name):
            time.sleep(seconds)

    def read_slowly(self, seconds):
        """From now on, there is time between what is read of a cache and the note of when that was."""

        def load(persistence):
            text = original(persistence)
            time.sleep(seconds)
            return text

        original = msal_extensions.FilePersistence.load
        msal_extensions.FilePersistence.load = load

    def rewrite_slowly(self, name, seconds):
        """As msal-extensions writes a cache: the file is emptied, and then filled."""
        path = FOLDER / f"{name}.nocae"
        with self.lock(name):
            text = path.read_text(encoding="utf-8")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text[: len(text) // 2])
                file.flush()
                time.sleep(seconds)
                file.write(text[len(text) // 2 :])


def main():
    agent = Agent()
    for line in sys.stdin:
        print(json.dumps(agent.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
