#[perfassert::snapshot]
#[test]
fn lists_entries() {
    ledger::list_entries();
}

#[perfassert::snapshot]
#[test]
fn shows_an_entry() {
    ledger::show_entry();
}
