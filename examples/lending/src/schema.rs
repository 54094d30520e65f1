//! The tables, as diesel knows them.

diesel::table! {
    authors (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    books (id) {
        id -> Integer,
        title -> Text,
        author_id -> Integer,
        year -> Integer,
    }
}

diesel::table! {
    copies (id) {
        id -> Integer,
        book_id -> Integer,
        shelf -> Text,
    }
}

diesel::table! {
    members (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    loans (id) {
        id -> Integer,
        copy_id -> Integer,
        member_id -> Integer,
        lent_on -> Text,
        due_on -> Text,
        returned_on -> Nullable<Text>,
    }
}

diesel::joinable!(books -> authors (author_id));
diesel::joinable!(copies -> books (book_id));
diesel::joinable!(loans -> copies (copy_id));
diesel::joinable!(loans -> members (member_id));
diesel::allow_tables_to_appear_in_same_query!(authors, books, copies, members, loans);
diesel::allow_columns_to_appear_in_same_group_by_clause!(authors::name, books::id, books::title);
