//! Whatever an id is, what is sent can be sent.

use crate::talk::{Conversation, options};
use crate::wire::*;

use entra_device_code::secret::Secret;
use serde_json::json;

#[test]
fn an_account_whose_id_is_no_header_value_is_renewed_without_that_header() {
    for uid in ["ада", "a\nb", "a\u{7f}"] {
        let client_info = base64url(&json!({"uid": uid, "utid": "contoso"}));
        let mut talk = Conversation::new(options());
        talk.signs_in(
            "User.Read",
            token_with("AT1", "RT1", json!({"client_info": client_info})),
        );
        let ada = talk.at(4000).get_token("User.Read");
        let request = talk.sends(TOKEN).with("refresh_token", "RT1");
        assert_eq!(request.header("x-anchormailbox"), None);
        request.replied(token_with("AT2", "RT2", json!({"client_info": client_info})));
        talk.finishes(ada).with_token("AT2");
    }
}

#[test]
fn a_host_with_an_odd_name_is_not_named() {
    let mut talk = Conversation::new(entra_device_code::flow::config::Config {
        os: "\u{f6}s\n".into(),
        ..options()
    });
    let ada = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE);
    assert_eq!(request.header("x-client-os"), None);
    assert!(request.header("client-request-id").is_some());
    request.replied(error("unauthorized_client"));
    talk.finishes(ada).refused("unauthorized_client");
}

#[test]
fn a_closed_credential_holds_no_token() {
    let mut talk = crate::expect::signed_in(options());
    let ada = talk.get_token("Mail.Read");
    let request = talk.sends(TOKEN).hangs();
    let secret: Secret = {
        let cache = talk.credential.context().cache(false);
        Secret::new(cache.serialize().unwrap())
    };
    assert!(secret.expose().contains("RT1"));
    talk.closes();
    talk.cancels(request).finishes(ada).unavailable("closed");
    for enable_cae in [false, true] {
        assert_eq!(talk.credential.context().cache(enable_cae).serialize().unwrap(), "{}");
        // Whoever was saving then has nothing more to save.
        assert_eq!(
            talk.credential
                .merge(enable_cae, "", entra_device_code::cache::Item::Whole),
            Ok(None)
        );
    }
}
