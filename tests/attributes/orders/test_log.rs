//! `#[test_log::test]`, which sets the global subscriber first

mod function {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work_without_runtime;

    #[max_queries(4)]
    #[test_log::test]
    #[ignore = "run by the suite"]
    fn alone_above() {
        work_without_runtime();
    }

    #[test_log::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    fn alone_beneath() {
        work_without_runtime();
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_log::test]
    #[ignore = "run by the suite"]
    fn above() {
        work_without_runtime();
    }

    #[test_log::test]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn beneath() {
        work_without_runtime();
    }

    #[max_queries(4)]
    #[test_log::test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn split() {
        work_without_runtime();
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[test_log::test]
    #[max_queries(4)]
    fn split_the_other_way() {
        work_without_runtime();
    }
}

mod tokio_inside {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[test_log::test(tokio::test)]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[test_log::test(tokio::test)]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_log::test(tokio::test)]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[test_log::test(tokio::test)]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[test_log::test(tokio::test)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[test_log::test(tokio::test)]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}
