//! `#[rstest]`: its fixtures are set-up, and an attribute before a case is that case's

mod function_cases {
    use perfassert::{max_allocs, max_queries};
    use rstest::rstest;

    use crate::work::work_without_runtime;

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[ignore = "run by the suite"]
    fn above(#[case] n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[max_queries(4)]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn split(#[case] n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[rstest]
    #[max_queries(4)]
    #[case(1)]
    #[max_queries(4)]
    #[case(2)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn middle(#[case] n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    fn beneath(#[case] n: u32) {
        assert!(n > 0);
        work_without_runtime();
    }
}

mod function_fixture {
    use perfassert::{max_allocs, max_queries};
    use rstest::{fixture, rstest};

    use crate::work::work_without_runtime;

    /// Opens a shop: not what is tested.
    #[fixture]
    fn shop() -> Vec<String> {
        perfassert::query("SELECT 'set-up'");
        vec!["shop".to_owned()]
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[rstest]
    #[ignore = "run by the suite"]
    fn above(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work_without_runtime();
    }

    #[max_queries(4)]
    #[rstest]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn split(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work_without_runtime();
    }

    #[rstest]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn middle(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work_without_runtime();
    }

    #[rstest]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    fn beneath(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work_without_runtime();
    }
}

mod tokio_test_cases {
    use perfassert::{max_allocs, max_queries};
    use rstest::rstest;

    use crate::work::work;

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn above(#[case] n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[max_queries(4)]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn split(#[case] n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[rstest]
    #[max_queries(4)]
    #[case(1)]
    #[max_queries(4)]
    #[case(2)]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn middle(#[case] n: u32) {
        assert!(n > 0);
        work().await;
    }

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    async fn beneath(#[case] n: u32) {
        assert!(n > 0);
        work().await;
    }
}

mod tokio_test_fixture {
    use perfassert::{max_allocs, max_queries};
    use rstest::{fixture, rstest};

    use crate::work::work;

    /// Opens a shop: not what is tested.
    #[fixture]
    fn shop() -> Vec<String> {
        perfassert::query("SELECT 'set-up'");
        vec!["shop".to_owned()]
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[rstest]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn above(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work().await;
    }

    #[max_queries(4)]
    #[rstest]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn split(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work().await;
    }

    #[rstest]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn middle(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work().await;
    }

    #[rstest]
    #[tokio::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    async fn beneath(shop: Vec<String>) {
        assert_eq!(shop.len(), 1);
        work().await;
    }
}
