//! What to do about the errors people meet most, one sentence each.
//!
//! The codes are Microsoft Entra's: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use crate::protocol::oauth_error::OAuthError;

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
        "Call authenticate with the claims of the error: another service must challenge the user.",
    ),
    (
        53_000,
        "Conditional Access wants a compliant device, which the device code flow can't show: sign in another way, or change the policy.",
    ),
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
    (70_000, "Call authenticate: the stored sign-in is no longer valid."),
    (
        70_016,
        "The user has not entered the code yet: keep polling until it expires.",
    ),
    (70_018, "Start again and enter the code exactly as shown."),
    (70_019, "Start again and enter the new code before it expires."),
    (70_020, "Start again and enter the new code before it expires."),
];

/// OAuth error → what would help, for servers that give no code.
const BY_ERROR: &[(&str, &str)] = &[
    (
        "authorization_declined",
        "The user declined the sign-in: start again if that was a mistake.",
    ),
    (
        "access_denied",
        "The user declined the sign-in: start again if that was a mistake.",
    ),
    ("expired_token", "Start again and enter the new code before it expires."),
    (
        "unauthorized_client",
        "Allow this client to use the device code flow in its registration.",
    ),
];

/// What would help against this error, if that is known.
#[must_use]
pub fn for_error(response: &OAuthError) -> Option<&'static str> {
    let by_code = response
        .codes
        .iter()
        .find_map(|code| find(BY_CODE, |(known, _)| known == code));
    by_code.or_else(|| find(BY_ERROR, |(known, _)| *known == response.error))
}

fn find<K>(table: &'static [(K, &str)], matches: impl Fn(&(K, &str)) -> bool) -> Option<&'static str> {
    table.iter().find(|row| matches(row)).map(|(_, hint)| *hint)
}
