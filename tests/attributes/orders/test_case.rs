//! `#[test_case]`

mod function {
    use perfassert::{max_allocs, max_queries};
    use test_case::test_case;

    use crate::work::work_without_runtime;

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_case(1)]
    #[test_case(2; "two")]
    #[ignore = "run by the suite"]
    fn above(n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[max_queries(4)]
    #[test_case(1)]
    #[test_case(2; "two")]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn split(n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[test_case(1)]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_case(2; "two")]
    #[ignore = "run by the suite"]
    fn middle(n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[test_case(1)]
    #[test_case(2; "two")]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    fn beneath(n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }
}

mod tokio_test {
    use perfassert::{max_allocs, max_queries};
    use test_case::test_case;

    use crate::work::work;

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_case(1)]
    #[test_case(2; "two")]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn above(n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[max_queries(4)]
    #[test_case(1)]
    #[test_case(2; "two")]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn split(n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[test_case(1)]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test_case(2; "two")]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn middle(n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[test_case(1)]
    #[test_case(2; "two")]
    #[tokio::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    async fn beneath(n: u32) {
        assert!(n > 0);
        work().await;
    }
}
