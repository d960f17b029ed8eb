import { readFileSync } from "node:fs";

export function version() {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

export const HELP = `Signs you in to Microsoft Entra ID with a code typed on another device.

Usage: entra-device-code <command> [options]

Commands:
  token   print an access token
  login   sign in, and print who did: the authentication record, as JSON
  logout  forget who is signed in to a cache

Options:
  --scope <scope>               what the token is for; repeat it, or separate with spaces or commas
                                (token needs one; login's default is Azure Resource Manager)
  --tenant <tenant>             a tenant's id or domain (default: organizations)
  --client-id <id>              the application to sign in to (default: Azure's development tools)
  --authority <host>            where to sign in (default: $AZURE_AUTHORITY_HOST, else
                                login.microsoftonline.com)
  --disable-instance-discovery  trust the authority without asking Microsoft about it
  --claims <json>               a claims challenge that a resource sent
  --timeout <seconds>           how long to wait for you (default: as long as the code lives)
  --output token|json           the token alone, or with its expiry in milliseconds since 1970
                                (default: token; login always prints json)
  --cache <name>                keep the sign-in for later runs with this name, encrypted with a key
                                from the system's keyring (default: it is not kept)
  --allow-unencrypted-storage   keep it in plain text where there is no keyring
  --username <name>             whose token to print, or whom to sign out, if it keeps several
  --qr                          on a terminal, show the address as a QR code too
  --help                        print this
  --version                     print the version

Only the answer goes to stdout, everything else to stderr:

  curl -H "Authorization: Bearer $(entra-device-code token --scope User.Read)" \\
    https://graph.microsoft.com/v1.0/me

Exit status:
  0    ok
  1    the sign-in failed or was somebody else's; the cache can't be used, or login or logout can't
       write it; the answer could not be written
  2    the command line is wrong or does not say enough; nothing was sent
  130  interrupted by Ctrl-C`;
