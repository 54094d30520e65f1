use shop::db::measured;

#[test]
fn lists_orders() {
    measured("shop", "api", "lists_orders", |test| {
        test.request("GET /orders", shop::list_orders);
    });
}

#[test]
fn shows_an_order() {
    measured("shop", "api", "shows_an_order", |test| {
        test.request("GET /orders/{id}", shop::one_order);
    });
}
