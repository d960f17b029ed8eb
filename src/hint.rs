//! What to do about the errors people meet most, one sentence each.
//!
//! The codes are Microsoft Entra's: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use crate::json;
use crate::protocol::http::{Fault, Reply};
use crate::protocol::oauth_error::OAuthError;
use crate::text;

/// What RFC 8628 §3.5 lets a server say to a poll leaves no doubt, whatever number comes with it.
const BY_ERROR_OF_POLL: &[(&str, &str)] = &[
    ("authorization_declined", DECLINED),
    ("expired_token", EXPIRED),
    (
        "bad_verification_code",
        "Start again and enter the code exactly as shown.",
    ),
];

/// Numbers whose hints are about a stored sign-in. To a poll, they say that the code is no longer valid, or was declined.
const OF_SIGN_IN: &[u32] = &[50_173, 54_005, 70_000, 70_008, 700_082];

const NO_LONGER_VALID: &str = "Call authenticate: the stored sign-in is no longer valid.";
const DECLINED: &str = "The user declined the sign-in: start again if that was a mistake.";
const EXPIRED: &str = "Start again and enter the new code before it expires.";
const REDEEMED: &str =
    "Start again: a code is good for one token, and this one has been redeemed or is no longer valid.";
const PERSONAL: &str = "Set tenantId to \"consumers\": the application is for personal Microsoft accounts only.";

const DEVICE: &str = "Conditional Access wants to know the device or its platform, which the device code flow can't show: sign in another way, or change the policy.";

const PORTAL: &str = "Something else answered, such as a proxy or the page of a network that wants a sign-in of its own: open a page in a browser there, or check authority.";
const NAME: &str = "The host's name can't be resolved: check the network, its DNS and authority. Where only a proxy resolves names, give a fetch that uses it.";
const CERTIFICATE: &str = "The certificate is not trusted. If your network inspects TLS, name its root certificate: in NODE_EXTRA_CA_CERTS for Node and Bun, in DENO_CERT for Deno.";
const CONNECTION: &str = "Check the network and its firewall. Where a proxy is needed, give a fetch that uses it.";

/// AADSTS code → what would help.
const BY_CODE: &[(u32, &str)] = &[
    (
        7_000_218,
        "Enable \"Allow public client flows\" under Authentication in the app registration: the device code flow has no client secret.",
    ),
    (
        700_016,
        "Check clientId and tenantId: no application with this id is registered or consented to in this tenant.",
    ),
    (
        90_002,
        "Check tenantId: there is no such tenant in this cloud. Use its id or one of its verified domains, and the authority of its cloud.",
    ),
    (
        50_059,
        "Set tenantId to the tenant's id or domain: the request does not say which tenant the user belongs to.",
    ),
    (
        50_128,
        "Check tenantId: the domain is not known as a tenant's in this cloud.",
    ),
    (
        50_194,
        "Set tenantId to the application's own tenant: the application is single-tenant and can't use a shared endpoint.",
    ),
    (
        65_001,
        "Have the user or an administrator consent to the application's permissions for these scopes.",
    ),
    (
        65_004,
        "The user declined to consent to the application: ask again, or have an administrator consent.",
    ),
    (
        70_011,
        "Check the scopes: at least one is malformed, unknown, or mixes several resources.",
    ),
    (
        500_011,
        "Check the scopes: the resource they name is not known in this tenant.",
    ),
    (
        50_076,
        "Call authenticate: the user must pass multifactor authentication for this resource.",
    ),
    (
        50_079,
        "Call authenticate: the user must enrol in multifactor authentication.",
    ),
    (
        50_158,
        "Call authenticate: another service must challenge the user, such as another company's multifactor authentication.",
    ),
    (
        28_000,
        "Ask for the scopes of one resource at a time: a token is for one resource.",
    ),
    (
        50_020,
        "Sign in with an account of this tenant, or have the user invited to it as a guest; or set tenantId to the user's own tenant.",
    ),
    (
        90_094,
        "An administrator must consent to the application's permissions for these scopes.",
    ),
    (9_002_331, PERSONAL),
    (9_002_346, PERSONAL),
    (
        53_000,
        "Conditional Access wants a compliant device, which the device code flow can't show: sign in another way, or change the policy.",
    ),
    (50_097, DEVICE),
    (50_005, DEVICE),
    (
        53_003,
        "Conditional Access blocks this sign-in: an administrator must allow the device code flow for this user and application.",
    ),
    (
        50_105,
        "Assign the user to the application: it admits assigned users only.",
    ),
    (
        50_057,
        "The user's account is disabled: an administrator can enable it.",
    ),
    (
        50_173,
        "Call authenticate: the sign-in was revoked, for example by a change of password.",
    ),
    (
        700_082,
        "Call authenticate: the sign-in has expired after a long time without use.",
    ),
    (70_008, "Call authenticate: the sign-in has expired."),
    (54_005, NO_LONGER_VALID),
    (70_000, NO_LONGER_VALID),
    (
        70_016,
        "The user has not entered the code yet: keep polling until it expires.",
    ),
    (70_018, "Start again and enter the code exactly as shown."),
    (70_019, EXPIRED),
    (70_020, EXPIRED),
];

/// OAuth error → what would help, for servers that give no code.
const BY_ERROR: &[(&str, &str)] = &[
    ("authorization_declined", DECLINED),
    ("access_denied", DECLINED),
    ("expired_token", EXPIRED),
    (
        "unauthorized_client",
        "Allow this client to use the device code flow in its registration.",
    ),
];

/// What would help against this error, if that is known.
#[must_use]
pub fn for_error(response: &OAuthError) -> Option<&'static str> {
    let of_poll = response.of_poll;
    let by_error = |table: &[(&str, &'static str)]| {
        let mut rows = table.iter();
        rows.find(|(known, _)| *known == response.error).map(|(_, hint)| *hint)
    };
    if let Some(hint) = by_error(BY_ERROR_OF_POLL).filter(|_| of_poll) {
        return Some(hint);
    }
    for code in &response.codes {
        if of_poll && OF_SIGN_IN.contains(code) {
            continue;
        }
        if let Some((_, hint)) = BY_CODE.iter().find(|(known, _)| known == code) {
            return Some(hint);
        }
    }
    by_error(BY_ERROR).or_else(|| (of_poll && response.error == "invalid_grant").then_some(REDEEMED))
}

/// What would help where there is no reply.
#[must_use]
pub fn for_fault(fault: &Fault) -> Option<&'static str> {
    let said = match fault {
        Fault::Network(cause) => cause.text.to_ascii_lowercase(),
        Fault::TimedOut => return Some(CONNECTION),
        Fault::TooLarge => return Some(PORTAL),
    };
    let says = |words: &[&str]| words.iter().any(|word| text::find(&said, word).is_some());
    // As Node, Bun and Deno put it.
    Some(if says(&["enotfound", "eai_again", "dns error"]) {
        NAME
    } else if says(&["cert", "unable_to_verify"]) {
        CERTIFICATE
    } else {
        CONNECTION
    })
}

/// What would help against a reply that is no OAuth reply, if that is known.
#[must_use]
pub fn for_reply(reply: &Reply) -> Option<&'static str> {
    let is_page = !reply.is_fault() && json::members(reply.body.expose()).is_none();
    is_page.then_some(PORTAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in TROUBLESHOOTING.md under a heading, up to the next of its kind.
    fn section(heading: &str) -> &'static str {
        let guide = include_str!("../TROUBLESHOOTING.md");
        let (_, rest) = guide.split_once(&format!("\n## {heading}\n")).unwrap();
        rest.split("\n## ").next().unwrap()
    }

    /// Whether the first column of a table names it.
    fn is_in_a_row(section: &str, name: &str) -> bool {
        let mut rows = section.lines().filter_map(|line| line.strip_prefix("| "));
        rows.any(|row| row.split(" | ").next().unwrap().split(", ").any(|each| each == name))
    }

    #[test]
    fn what_has_a_hint_is_in_the_troubleshooting_guide() {
        let by_code = section("By AADSTS code");
        let missing: Vec<u32> = BY_CODE
            .iter()
            .map(|(code, _)| *code)
            .filter(|code| !is_in_a_row(by_code, &format!("AADSTS{code}")))
            .collect();
        assert!(missing.is_empty(), "TROUBLESHOOTING.md lacks {missing:?}");

        let by_error = section("By OAuth error");
        for (error, _) in BY_ERROR {
            assert!(
                is_in_a_row(by_error, &format!("`{error}`")),
                "TROUBLESHOOTING.md lacks {error}"
            );
        }
    }
}
