use super::*;

#[test]
fn what_is_something_else_counts_as_absent() {
    for odd in [
        "null",
        "7.5e400",
        "1e9",
        "true",
        "\"\"",
        "[[]]",
        "{\"a\":{}}",
        "\"\\ud800\"",
    ] {
        let text = format!(r#"{{"odd":{odd}}}"#);
        let members = members(&text).unwrap();
        assert_eq!(
            (members.text("odd"), members.whole_number("odd")),
            (None, None),
            "{odd}"
        );
        assert!(odd == "[[]]" || items(odd).is_empty(), "{odd}");
    }
    let members = members(r#" {"text":"a\n","number":"12"} "#).unwrap();
    assert_eq!(members.text("text").unwrap(), "a\n");
    assert_eq!(members.whole_number("number"), Some(12));
}

#[test]
fn of_several_members_with_one_name_the_last_counts() {
    let members = members(r#"{"text":"first","else":1,"text":"last","text":7,"text":"the last"}"#).unwrap();
    assert_eq!(members.text("text").unwrap(), "the last");
}

#[test]
fn a_byte_order_mark_is_tolerated() {
    assert!(members("\u{feff}{}").is_some());
    assert!(members("\u{feff}\u{feff}{}").is_none());
}

#[test]
fn what_is_no_object_is_none() {
    for text in [
        "",
        "[]",
        r#"["a",1,[]]"#,
        "null",
        "7",
        "-7",
        "7.5",
        "true",
        "\"{}\"",
        "{",
        "{}{}",
        r#"{"text":}"#,
        "<html>",
    ] {
        assert!(members(text).is_none(), "{text}");
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = "[".repeat(1_000_000);
    assert!(members(&format!(r#"{{"number":{deep}"#)).is_none());
    let deep = deep + &"]".repeat(1_000_000);
    let text = format!(r#"{{"number":{deep},"text":{deep}}}"#);
    let members = members(&text).unwrap();
    assert_eq!((members.text("text"), members.whole_number("number")), (None, None));
}

#[test]
fn members_are_written_as_they_were_read() {
    let text = r#"{"z":1.10,"a":123456789012345678901234567890,"m":[-0,1E+2],"z":"\ud83d\ude00","e\"":{}}"#;
    let mut members = members(text).unwrap();
    assert_eq!(serde_json::to_string(&members).unwrap(), text);
    assert_eq!(members.get("z").unwrap().get(), r#""\ud83d\ude00""#);
    for name in ["a", "new"] {
        members.set(name, Cow::Owned(RawValue::from_string("2.0".into()).unwrap()));
    }
    let expected = text
        .replace("123456789012345678901234567890", "2.0")
        .replace("{}}", r#"{},"new":2.0}"#);
    assert_eq!(serde_json::to_string(&members).unwrap(), expected);
}

#[test]
fn debug_shows_no_value() {
    let value = serde_json::from_str::<&RawValue>(r#""eyJ0""#).unwrap();
    assert_eq!(format!("{:?}", Raw::of(value)), "Raw");
}
