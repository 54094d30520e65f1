//! `#[test]`

mod function {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work_without_runtime;

    #[max_queries(4)]
    #[test]
    #[ignore = "run by the suite"]
    fn alone_above() {
        work_without_runtime();
    }

    #[test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    fn alone_beneath() {
        work_without_runtime();
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn above() {
        work_without_runtime();
    }

    #[test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    fn beneath() {
        work_without_runtime();
    }

    #[max_queries(4)]
    #[test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    fn split() {
        work_without_runtime();
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[test]
    #[max_queries(4)]
    fn split_the_other_way() {
        work_without_runtime();
    }

    #[max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    #[perfassert::max_queries(4)]
    fn with_a_result() -> Result<(), String> {
        work_without_runtime();
        Ok(())
    }
}

mod own_runtime {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    fn block_on(work: impl Future<Output = ()>) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime").block_on(work);
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn above() {
        block_on(work());
    }

    #[test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    fn beneath() {
        block_on(work());
    }
}
