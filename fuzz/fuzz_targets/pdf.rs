#![no_main]

#[path = "../properties.rs"]
mod properties;

// The readers of PDFs may panic; their callers catch that, and libFuzzer's hook would not let them.
libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |input: &[u8]| {
    properties::pdf(input)
});
