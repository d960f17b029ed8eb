"""Plays the scenarios with azure-identity, as drive.js does with ours:

    drive.py INPUT OUTPUT

INPUT is JSON: {"control", "entra", "caFile", "side", "scenarios"}; OUTPUT gets what happened, scenario by scenario.
"""

import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import msal
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import AuthenticationRecord, DeviceCodeCredential
from azure.identity._credentials import device_code

from outcomes import describe_error, describe_record, describe_token, now

# MSAL's own advice about polling too soon, which its first immediate poll provokes.
warnings.filterwarnings("ignore", message="Attempted too soon")

# Failures are what many scenarios are about.
logging.disable(logging.CRITICAL)

PRINTED = threading.local()
# What the credential prints by default, kept apart by thread: stdout is everybody's.
device_code.print = lambda text: PRINTED.lines.append(text)

OPTIONS = {
    "additionallyAllowedTenants": "additionally_allowed_tenants",
    "authority": "authority",
    "clientId": "client_id",
    "disableAutomaticAuthentication": "disable_automatic_authentication",
    "disableInstanceDiscovery": "disable_instance_discovery",
    "enableSupportLogging": "enable_support_logging",
    "tenantId": "tenant_id",
    "timeout": "timeout",
}


class Routed(RequestsTransport):
    """Brings every https URL to the stand-in, which learns from the path what the URL was."""

    def __init__(self, prefix, **kwargs):
        super().__init__(**kwargs)
        self.prefix = prefix

    def send(self, request, **kwargs):
        url = urlsplit(request.url)
        if not request.url.startswith(self.prefix):
            query = "?" + url.query if url.query else ""
            request.url = self.prefix + url.netloc + url.path + query
        return super().send(request, **kwargs)


class Play:
    """One scenario, from its first step to its last."""

    def __init__(self, scenario, setup):
        self.scenario = scenario
        self.setup = setup
        self.id = scenario["id"]
        self.started_at = now()
        self.prompts = []
        self.records = []
        self.credential = None
        self.credentials = []
        self.cache = msal.SerializableTokenCache() if scenario.get("cache") else None

    def run(self):
        PRINTED.lines = []
        if self.cache and self.scenario.get("seed"):
            self.cache.deserialize(dated(self.scenario["seed"], self.started_at))
        self.control("PUT", "", self.scenario["server"])
        steps = []
        try:
            for step in self.scenario["steps"]:
                steps.append({"outcome": self.outcome(step), "requests": len(self.requests())})
                steps[-1]["prompts"] = self.prompts
                self.prompts = []
            cache = self.cache.serialize() if self.cache else None
            return {"steps": steps, "requests": self.requests(), "cache": cache, "startedAt": self.started_at}
        finally:
            for credential in self.credentials:
                credential.close()
            self.control("DELETE", "")

    def outcome(self, step):
        try:
            return self.perform(step)
        except Exception as error:  # pylint: disable=broad-except
            return describe_error(error)

    def perform(self, step):
        asked = {"claims": step.get("claims"), "tenant_id": step.get("tenantId"), "enable_cae": step.get("enableCae")}
        asked = {name: value for name, value in asked.items() if value is not None}
        if "credential" in step:
            self.credential = None
            self.credential = DeviceCodeCredential(**self.keywords(step["credential"]))
            self.credentials.append(self.credential)
            return {"kind": "done"}
        if self.credential is None and not step.keys().isdisjoint(("getToken", "authenticate", "close")):
            return {"kind": "no credential"}
        if "getToken" in step:
            started_at = now()
            token = self.credential.get_token_info(*step["getToken"], options=asked)
            return describe_token(token, started_at)
        if "authenticate" in step:
            record = self.credential.authenticate(scopes=step["authenticate"], **asked)
            self.records.append(record)
            return describe_record(record)
        if "deserialize" in step:
            self.records.append(AuthenticationRecord.deserialize(step["deserialize"]))
            return describe_record(self.records[-1])
        if "close" in step:
            self.credential.close()
            return {"kind": "done"}
        return self.act(step)

    def act(self, step):
        """What isn't the credential's doing."""
        if "server" in step:
            self.control("POST", "/script", step["server"])
        elif "approve" in step:
            self.control("POST", "/approve", {})
        elif "revoke" in step:
            self.control("POST", "/revoke", {})
        elif "wait" in step:
            threading.Event().wait(step["wait"])
        elif "environment" in step:
            for name, value in step["environment"].items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
        else:
            raise NotImplementedError(json.dumps(step))
        return {"kind": "done"}

    def keywords(self, options):
        """The options of a credential, in Python's spelling."""
        options = dict(options)
        keywords = {
            "transport": Routed(self.setup["entra"] + "/~" + self.id + "/", connection_verify=self.setup["caFile"]),
            "retry_backoff_factor": 0.05,
        }
        if self.cache:
            keywords["_cache"] = self.cache
        record = options.pop("authenticationRecord", None)
        if record == "last":
            keywords["authentication_record"] = self.records[-1]
        elif record:
            keywords["authentication_record"] = AuthenticationRecord.deserialize(json.dumps(record))
        prompt = options.pop("prompt", "noted")
        if prompt != "printed":
            keywords["prompt_callback"] = self.fail_to_prompt if prompt == "throws" else self.note_prompt
        for name, value in options.items():
            keywords[OPTIONS[name]] = value
        return keywords

    def note_prompt(self, verification_uri, user_code, expires_on):
        expires_in = expires_on.timestamp() - now()
        self.prompts.append({"verificationUri": verification_uri, "userCode": user_code, "expiresIn": expires_in})

    def fail_to_prompt(self, *_):
        raise RuntimeError("the prompt cannot be shown")

    def requests(self):
        if PRINTED.lines:
            self.prompts += [{"printed": line} for line in PRINTED.lines]
            PRINTED.lines = []
        return self.control("GET", "/requests")

    def control(self, method, action, body=None):
        url = f"{self.setup['control']}/_/scenarios/{self.id}{action}"
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(url, data=data, method=method)) as response:
            return json.load(response)


def dated(seed, at):
    """`"@60"` is a minute from now, as the cache writes it."""
    return re.sub(r'"@(-?\d+)"', lambda found: f'"{int(at) + int(found[1])}"', seed)


def play(scenario, setup):
    try:
        return Play(scenario, setup).run()
    except Exception:  # pylint: disable=broad-except
        return {"broken": traceback.format_exc()}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        setup = json.load(file)
    together = [each for each in setup["scenarios"] if not each.get("serial")]
    alone = [each for each in setup["scenarios"] if each.get("serial")]
    with ThreadPoolExecutor(max_workers=24) as pool:
        played = list(pool.map(lambda each: play(each, setup), together))
    played += [play(each, setup) for each in alone]
    results = {each["name"]: result for each, result in zip(together + alone, played)}
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main()
