-- create_session answers the session as it stands, in the same row as its tokens.
drop function if exists create_session;
