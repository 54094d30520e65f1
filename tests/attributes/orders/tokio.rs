//! `#[tokio::test]`, each flavour

mod current_thread {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[tokio::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[tokio::test]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[tokio::test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[tokio::test]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}

mod multi_thread {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[tokio::test(flavor = "multi_thread")]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[tokio::test(flavor = "multi_thread")]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}

mod workers {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}

mod paused {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[tokio::test(start_paused = true)]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[tokio::test(start_paused = true)]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[tokio::test(start_paused = true)]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[tokio::test(start_paused = true)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[tokio::test(start_paused = true)]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}
