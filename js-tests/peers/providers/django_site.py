"""
A site that is an OpenID provider by django-allauth. It prints its address as a line of JSON, and stops at the end of its input.

    python django_site.py CERTIFICATE KEY
"""

import json
import os
import ssl
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def signing_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, form, serialization.NoEncryption()).decode()


class Handler(WSGIRequestHandler):
    def get_environ(self):
        return {**super().get_environ(), "HTTPS": "on"}

    def log_message(self, *_):
        pass


settings.configure(
    SECRET_KEY="only for tests",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    LOGIN_URL="/accounts/login/",
    USE_TZ=True,
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_RATE_LIMITS=False,
    IDP_OIDC_PRIVATE_KEY=signing_key(),
    IDP_OIDC_RATE_LIMITS=False,
    IDP_OIDC_DEVICE_CODE_INTERVAL=1,
)
django.setup()

from allauth.idp.oidc.models import Client  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [
    path("", include("allauth.idp.urls")),
    path("accounts/", include("allauth.urls")),
]


def furnish():
    call_command("migrate", verbosity=0)
    for name in ["ada", "bea"]:
        User.objects.create_user(name, f"{name}@contoso.com", "correct horse", first_name=name)
    Client.objects.create(
        id="device-app",
        name="The device code app",
        type=Client.Type.PUBLIC,
        scopes="openid\nprofile\nemail",
        grant_types=f"{DEVICE_CODE}\nrefresh_token",
    )


def main(certificate, key):
    furnish()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(json.dumps({"url": f"https://localhost:{server.server_port}"}), flush=True)

    def stop():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=stop, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
