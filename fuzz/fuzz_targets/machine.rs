#![no_main]
#[path = "../targets.rs"]
#[allow(dead_code, unused_imports)]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::machine(data));
