-- name: analyze_sessions
analyze sessions
