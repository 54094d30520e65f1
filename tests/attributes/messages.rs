//! What a failing gate says: the SQL, the count of each statement, the call site, the excess, and what to do (Q44, Q45).

use crate::child;

#[test]
fn a_gate_passes_at_its_limit_and_says_what_is_over_it() {
    let run = child::run("messages::tests::", 0);
    let (mut seen, mut wrong) = (0, Vec::new());
    let mut check = |name: &str, expected: &str| {
        let name = format!("messages::tests::{name}");
        let outcome = if expected.is_empty() { "ok" } else { "FAILED" };
        let (printed, message) = (run.printed.outcome(&name), run.printed.message(&name));
        if (printed, message.as_str()) != (outcome, expected.trim()) {
            wrong.push(format!("{name} {printed}, said:\n{message}\nexpected was:\n{expected}\n"));
        }
        seen += 1;
    };

    check("queries_at_the_limit", "");
    check(
        "one_query_more",
        "
perfassert: messages::tests::one_query_more exceeded its budget
  3 queries, budget 2  (+1)

       2x  SELECT name FROM customers WHERE id = ?
           tests/attributes/messages.rs:LINE  messages::tests::customer
       1x  SELECT id FROM orders
           tests/attributes/messages.rs:LINE  messages::tests::orders

  help: if this is meant, raise the budget: #[max_queries(3)]",
    );
    check(
        "one_query_of_a_test_with_a_database",
        "
perfassert: messages::tests::one_query_of_a_test_with_a_database exceeded its budget
  1 query, budget 0  (+1)

       1x  SELECT ?
           tests/attributes/messages.rs:LINE  messages::tests::one_query_of_a_test_with_a_database

  help: if this is meant, raise the budget: #[max_queries(1)]",
    );
    check("kinds_at_the_limit", "");
    check(
        "one_of_a_kind_more",
        "
perfassert: messages::tests::one_of_a_kind_more exceeded its budget
  2 select queries, budget 1  (+1)

       1x  SELECT id FROM orders
           tests/attributes/messages.rs:LINE  messages::tests::orders
       1x  SELECT name FROM customers WHERE id = ?
           tests/attributes/messages.rs:LINE  messages::tests::customer

  help: if this is meant, raise the budget: #[max_queries(select = 2)]",
    );
    check("an_endpoint_at_the_limit", "");
    check(
        "one_more_in_a_request",
        "
perfassert: messages::tests::one_more_in_a_request exceeded its budget
  GET /orders   2 queries in one request, budget 1  (+1)

       1x  SELECT id FROM orders
           tests/attributes/messages.rs:LINE  messages::tests::orders
       1x  SELECT name FROM customers WHERE id = ?
           tests/attributes/messages.rs:LINE  messages::tests::customer

  help: if this is meant, raise the budget: #[max_queries(2, endpoint = \"GET /orders\")]",
    );
    check("allocations_at_the_limit", "");
    check(
        "one_allocation_more",
        "
perfassert: messages::tests::one_allocation_more exceeded its budget
  3 allocations, budget 2  (+1)

       3x     3 bytes  tests/attributes/messages.rs:LINE  messages::tests::bytes

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, raise the budget: #[max_allocs(3)]",
    );
    check("asynchronous_allocations_at_the_limit", "");
    check(
        "one_asynchronous_allocation_more",
        "
perfassert: messages::tests::one_asynchronous_allocation_more exceeded its budget
  3 allocations, budget 2  (+1)

       3x     3 bytes  tests/attributes/messages.rs:LINE  messages::tests::bytes

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, raise the budget: #[max_allocs(3)]",
    );
    check("sizes_at_the_limit", "");
    check(
        "bytes_more",
        "
perfassert: messages::tests::bytes_more exceeded its budget
  2049 bytes allocated, budget 2048 bytes  (+1 byte)
  2049 bytes live at the peak, budget 2048 bytes  (+1 byte)

       1x     2.0 KiB  tests/attributes/messages.rs:LINE  messages::tests::bytes

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, raise the budget: #[max_allocs(bytes = 2049)]
  help: if this is meant, raise the budget: #[max_allocs(peak = 2049)]",
    );
    check(
        "allocations_in_many_places",
        "
perfassert: messages::tests::allocations_in_many_places exceeded its budget
  12 allocations, budget 1  (+11)

       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       1x      1 byte  tests/attributes/messages.rs:LINE  messages::tests::allocations_in_many_places
       2x  in 2 more places: cargo perfassert explain messages::tests::allocations_in_many_places

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, raise the budget: #[max_allocs(12)]",
    );
    check("a_counter_at_the_limit", "");
    check(
        "one_count_more",
        "
perfassert: messages::tests::one_count_more exceeded its budget
  4 of `cache.miss`, budget 3  (+1)

  help: if this is meant, raise the budget: #[max_count(\"cache.miss\" = 4)]",
    );
    // Q62: a name that is written otherwise than the code has it.
    check(
        "a_counter_that_nobody_counts",
        "
perfassert: messages::tests::a_counter_that_nobody_counts could not be measured
  nothing counted `cache.mis` in the test; counted were: cache.hit, cache.miss

  help: name one that the code counts: perfassert::counter(\"cache.mis\").add(1)
        if it may well stay at 0, count that, too: .add(0); if it has to, say so: #[max_count(\"cache.mis\" = 0)]",
    );
    check("a_counter_at_zero", "");
    check("a_counter_that_may_stay_away", "");
    // Q57
    check(
        "set_up_through_its_own_server",
        "
perfassert: messages::tests::set_up_through_its_own_server exceeded its budget
  11 queries, budget 1  (+10)

      11x  SELECT name FROM customers WHERE id = ?
           tests/attributes/messages.rs:LINE  messages::tests::customer

  help: 10 of them came from outside of `unmeasured` while that ran: a server of the test counts for the test, whoever calls it;
        let requests of the set-up carry `perfassert::traceparent()` through the endpoint layer, or set up without the server
  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, raise the budget: #[max_queries(11)]",
    );
    check(
        "set_up_that_is_measured",
        "
perfassert: messages::tests::set_up_that_is_measured exceeded its budget
  5 queries, budget 1  (+4)

       4x  INSERT INTO orders VALUES (?)
           tests/attributes/messages.rs:LINE  messages::tests::set_up_that_is_measured
       1x  SELECT id FROM orders
           tests/attributes/messages.rs:LINE  messages::tests::orders

  help: 4 of them write rows outside of any request: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: write them in one statement: several rows of VALUES
  help: if this is meant, raise the budget: #[max_queries(5)]",
    );
    check(
        "two_loops",
        "
perfassert: messages::tests::two_loops repeats a statement (N+1)
  GET /customers   N+1: 3x the same statement in one request
  GET /customers   N+1: 3x the same statement in one request

       3x  SELECT name FROM customers WHERE id = ?    <- repeated from one line; 3 different values
           tests/attributes/messages.rs:LINE  messages::tests::customer
       3x  UPDATE customers SET seen = now() WHERE id = ?    <- repeated from one line; 3 different values
           tests/attributes/messages.rs:LINE  messages::tests::two_loops

  help: for SELECT name FROM customers WHERE id = ?: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: for UPDATE customers SET seen = now() WHERE id = ?: change them in one statement: WHERE id = ANY(?) or WHERE id IN (...)
  help: if this is meant, allow the statement, with a reason: [[allow]] in perfassert.toml",
    );
    check(
        "what_a_handler_spawns",
        "
perfassert: messages::tests::what_a_handler_spawns could not be measured
  no query of `GET /orders` was observed; the test as a whole saw 1 query

  help: what a handler spawns counts for the test: let it carry the span, `tokio::spawn(work.in_current_span())`,
        or hand it over by perfassert::carry_async(work)
        if the endpoint is to send none, say so: #[max_queries(0, endpoint = \"GET /orders\")]",
    );
    check("twice_is_no_loop", "");
    check(
        "a_loop",
        "
perfassert: messages::tests::a_loop repeats a statement (N+1)
  N+1: 3x the same statement

       3x  SELECT name FROM customers WHERE id = ?    <- repeated from one line; 3 different values
           tests/attributes/messages.rs:LINE  messages::tests::customer

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, allow the statement, with a reason: [[allow]] in perfassert.toml",
    );
    check("none_is_said_to_be_none", "");
    check(
        "nothing_was_observed",
        "
perfassert: messages::tests::nothing_was_observed could not be measured
  no query of the test was observed; perfassert listens to: sqlx, diesel, rusqlite, tokio-postgres

  help: if it sends any, look for what hides them: `log_statements(LevelFilter::Off)`, `sqlx_logging(false)`,
        or a driver whose feature of perfassert is not on
        if it is to send none, say so: #[max_queries(0)]",
    );
    check(
        "nothing_was_observed_of_an_n_plus_one",
        "
perfassert: messages::tests::nothing_was_observed_of_an_n_plus_one could not be measured
  no query of the test was observed; perfassert listens to: sqlx, diesel, rusqlite, tokio-postgres

  help: if it sends any, look for what hides them: `log_statements(LevelFilter::Off)`, `sqlx_logging(false)`,
        or a driver whose feature of perfassert is not on
        if it is to send none, say so: #[max_queries(0)]",
    );
    check(
        "nothing_was_observed_by_two_gates",
        "
perfassert: messages::tests::nothing_was_observed_by_two_gates could not be measured
  no query of the test was observed; perfassert listens to: sqlx, diesel, rusqlite, tokio-postgres

  help: if it sends any, look for what hides them: `log_statements(LevelFilter::Off)`, `sqlx_logging(false)`,
        or a driver whose feature of perfassert is not on
        if it is to send none, say so: #[max_queries(0)]",
    );
    check("none_is_no_n_plus_one", "");
    check(
        "an_endpoint_that_was_never_requested",
        "
perfassert: messages::tests::an_endpoint_that_was_never_requested could not be measured
  no request reached `GET /customers`; seen were: GET /orders

  help: name one that the test calls, or call `GET /customers`",
    );
    check(
        "an_endpoint_without_its_method",
        "
perfassert: messages::tests::an_endpoint_without_its_method could not be measured
  no request reached `/orders/:id`; seen were: GET /orders/{id}

  help: an endpoint is its method and route pattern: endpoint = \"GET /orders/{id}\"",
    );
    check(
        "no_endpoint_at_all",
        "
perfassert: messages::tests::no_endpoint_at_all could not be measured
  no request reached `GET /orders`; no endpoint was seen

  help: wrap the application in the test, after its routes: `app.layer(perfassert::tower::EndpointLayer::new())`,
        or of actix-web `app.wrap(perfassert::actix::Endpoints::new())`
        where its server runs on threads that are not the test's, send `perfassert::traceparent()` along",
    );
    check(
        "what_it_spawns_is_not_known",
        "
perfassert: messages::tests::a_future_that_nobody_drives could not be measured
  no known test attribute runs this async function, so its tasks cannot be attributed

  help: put a test attribute on the function itself, say #[tokio::test], next to those of perfassert",
    );
    assert_eq!(seen, run.names().count(), "each test is looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

mod tests {
    use std::hint::black_box;
    use std::sync::mpsc;
    use std::thread;

    use perfassert::{max_allocs, max_count, max_queries, no_n_plus_one};

    fn orders() {
        perfassert::query("SELECT id FROM orders");
    }

    fn customer(id: u32) {
        perfassert::query(&format!("SELECT name FROM customers WHERE id = {id}"));
    }

    fn bytes(n: usize) {
        drop(black_box(Vec::<u8>::with_capacity(n)));
    }

    #[max_queries(2)]
    #[test]
    #[ignore = "run by the suite"]
    fn queries_at_the_limit() {
        orders();
        customer(1);
    }

    #[max_queries(2)]
    #[test]
    #[ignore = "run by the suite"]
    fn one_query_more() {
        orders();
        customer(1);
        customer(2);
    }

    /// `#[sqlx::test]` puts the function into another of its name.
    #[max_queries(0)]
    #[sqlx::test]
    #[ignore = "run by the suite"]
    async fn one_query_of_a_test_with_a_database(pool: sqlx::SqlitePool) {
        sqlx::query("SELECT 7").execute(&pool).await.unwrap();
    }

    #[max_queries(2, select = 2, insert = 0)]
    #[test]
    #[ignore = "run by the suite"]
    fn kinds_at_the_limit() {
        orders();
        customer(1);
    }

    #[max_queries(2, select = 1)]
    #[test]
    #[ignore = "run by the suite"]
    fn one_of_a_kind_more() {
        orders();
        customer(1);
    }

    #[max_queries(1, endpoint = "GET /orders")]
    #[max_queries(1, endpoint = "GET /customers")]
    #[max_queries(3)]
    #[test]
    #[ignore = "run by the suite"]
    fn an_endpoint_at_the_limit() {
        perfassert::endpoint("GET /orders", orders);
        perfassert::endpoint("GET /orders", orders);
        perfassert::endpoint("GET /customers", || customer(1));
    }

    #[max_queries(1, endpoint = "GET /orders")]
    #[max_queries(4)]
    #[test]
    #[ignore = "run by the suite"]
    fn one_more_in_a_request() {
        perfassert::endpoint("GET /orders", orders);
        perfassert::endpoint("GET /orders", || {
            orders();
            customer(1);
        });
    }

    #[max_allocs(2)]
    #[test]
    #[ignore = "run by the suite"]
    fn allocations_at_the_limit() {
        bytes(1);
        bytes(1);
    }

    #[max_allocs(2)]
    #[test]
    #[ignore = "run by the suite"]
    fn one_allocation_more() {
        bytes(1);
        bytes(1);
        bytes(1);
    }

    #[tokio::test]
    #[max_allocs(2)]
    #[ignore = "run by the suite"]
    async fn asynchronous_allocations_at_the_limit() {
        bytes(1);
        std::future::ready(()).await;
        bytes(1);
    }

    #[max_allocs(2)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn one_asynchronous_allocation_more() {
        bytes(1);
        std::future::ready(()).await;
        bytes(1);
        bytes(1);
    }

    #[max_allocs(2, bytes = "3 KiB", peak = "2 KiB", live = 0)]
    #[test]
    #[ignore = "run by the suite"]
    fn sizes_at_the_limit() {
        bytes(1024);
        bytes(2048);
    }

    #[max_allocs(1, bytes = "2 KiB", peak = "2 KiB", live = 0)]
    #[test]
    #[ignore = "run by the suite"]
    fn bytes_more() {
        bytes(2049);
    }

    #[max_allocs(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn allocations_in_many_places() {
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
        drop(black_box(vec![1_u8]));
    }

    #[max_count("cache.miss" = 3)]
    #[test]
    #[ignore = "run by the suite"]
    fn a_counter_at_the_limit() {
        perfassert::counter("cache.miss").add(3);
    }

    #[max_count("cache.miss" = 3)]
    #[test]
    #[ignore = "run by the suite"]
    fn one_count_more() {
        perfassert::counter("cache.miss").add(3);
        perfassert::counter("cache.miss").add(1);
    }

    #[max_count("cache.mis" = 3)]
    #[test]
    #[ignore = "run by the suite"]
    fn a_counter_that_nobody_counts() {
        perfassert::counter("cache.miss").add(9);
        perfassert::counter("cache.hit").add(1);
    }

    #[max_count("cache.miss" = 0)]
    #[test]
    #[ignore = "run by the suite"]
    fn a_counter_at_zero() {}

    #[max_count("cache.miss" = 3)]
    #[test]
    #[ignore = "run by the suite"]
    fn a_counter_that_may_stay_away() {
        perfassert::counter("cache.miss").add(0);
    }

    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn set_up_that_is_measured() {
        for id in 0..4 {
            perfassert::query(&format!("INSERT INTO orders VALUES ({id})"));
        }
        perfassert::endpoint("GET /orders", orders);
    }

    #[no_n_plus_one]
    #[test]
    #[ignore = "run by the suite"]
    fn two_loops() {
        perfassert::endpoint("GET /customers", || {
            (0..3).for_each(customer);
            (0..3).for_each(|id| {
                perfassert::query(&format!("UPDATE customers SET seen = now() WHERE id = {id}"));
            });
        });
    }

    #[max_queries(3, endpoint = "GET /orders")]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn what_a_handler_spawns() {
        let handler = async { tokio::spawn(async { orders() }).await.unwrap() };
        perfassert::endpoint_async("GET /orders", handler).await;
    }

    /// A server of the test, which does not know for whom it is called.
    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn set_up_through_its_own_server() {
        let (server, requests) = mpsc::channel::<mpsc::Sender<()>>();
        let serving = thread::spawn(move || {
            requests.iter().zip(0..).for_each(|(answer, id)| {
                customer(id);
                answer.send(()).unwrap();
            });
        });
        let call = || {
            let (answer, answered) = mpsc::channel();
            server.send(answer).unwrap();
            answered.recv().unwrap();
        };
        perfassert::unmeasured(|| (0..10).for_each(|_| call()));
        call();
        drop(server);
        serving.join().unwrap();
    }

    #[no_n_plus_one]
    #[test]
    #[ignore = "run by the suite"]
    fn twice_is_no_loop() {
        (0..2).for_each(customer);
    }

    #[no_n_plus_one]
    #[test]
    #[ignore = "run by the suite"]
    fn a_loop() {
        (0..3).for_each(customer);
    }

    #[max_queries(0)]
    #[test]
    #[ignore = "run by the suite"]
    fn none_is_said_to_be_none() {}

    #[max_queries(1)]
    async fn a_future_that_nobody_drives() {
        orders();
        tokio::spawn(async { orders() }).await.unwrap();
    }

    #[test]
    #[ignore = "run by the suite"]
    fn what_it_spawns_is_not_known() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(a_future_that_nobody_drives());
    }

    #[max_queries(5)]
    #[test]
    #[ignore = "run by the suite"]
    fn nothing_was_observed() {}

    #[no_n_plus_one]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn nothing_was_observed_of_an_n_plus_one() {}

    /// The budget of one kind does not say that there are none of another.
    #[no_n_plus_one]
    #[max_queries(5, insert = 0)]
    #[test]
    #[ignore = "run by the suite"]
    fn nothing_was_observed_by_two_gates() {}

    #[no_n_plus_one]
    #[max_queries(0)]
    #[test]
    #[ignore = "run by the suite"]
    fn none_is_no_n_plus_one() {}

    #[max_queries(5, endpoint = "GET /customers")]
    #[test]
    #[ignore = "run by the suite"]
    fn an_endpoint_that_was_never_requested() {
        perfassert::endpoint("GET /orders", orders);
    }

    #[max_queries(5, endpoint = "/orders/:id")]
    #[test]
    #[ignore = "run by the suite"]
    fn an_endpoint_without_its_method() {
        perfassert::endpoint("GET /orders/{id}", orders);
    }

    #[max_queries(5, endpoint = "GET /orders")]
    #[test]
    #[ignore = "run by the suite"]
    fn no_endpoint_at_all() {
        orders();
    }
}
