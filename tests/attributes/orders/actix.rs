//! `#[actix_web::test]` and `#[actix_rt::test]`

mod web {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[actix_web::test]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[actix_web::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[actix_web::test]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[actix_web::test]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[actix_web::test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[actix_web::test]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}

mod rt {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[actix_rt::test]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[actix_rt::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[actix_rt::test]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[actix_rt::test]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[actix_rt::test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[actix_rt::test]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}
