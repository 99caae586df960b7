-- The place of a role: a higher one may do more.
create or replace function role_rank(_role text) returns integer language sql immutable parallel safe as $$
    select array_position(array['user', 'security_admin', 'admin', 'platform_admin'], _role)
$$;

-- Why a caller of a role and level, never acting for one user, may not create, raise or hand out tokens of a session of
-- this user, role and level; null where it may.
create or replace function refused_authority(
    _role text, _aal smallint, _except_user text, _of_user text, _of_role text, _of_aal smallint
) returns text language sql immutable parallel safe as $$
    select case
        when _of_user = _except_user then 'own_session'
        when role_rank(_role) is null or role_rank(_of_role) > role_rank(_role) then 'role_too_high'
        when _of_aal > _aal then 'level_too_high'
    end
$$;

-- The authenticator assurance level that these methods (RFC 8176) reach: a hardware-bound key with proof of presence 3;
-- two factors of different kinds (know, have, are), or the bare word that there were several, 2. A method that is not
-- known counts for nothing, and one more method never lowers the level (NIST SP 800-63B-4 §2).
create or replace function assurance_level(_amr text[]) returns smallint language sql immutable parallel safe as $$
    select case
        when given && array['hwk'] and given && array['user', 'pin'] then 3
        when given && array['mfa'] then 2
        when (given && array['kba', 'password', 'pin', 'pwd'])::integer
            + (given && array[
                'email', 'hwk', 'otp', 'passkey', 'pop', 'push', 'sc', 'sms', 'swk', 'tel', 'totp', 'webauthn'
            ])::integer
            + (given && array['bio', 'face', 'fpt', 'iris', 'retina', 'vbm'])::integer >= 2 then 2
        else 1
    end::smallint
    from (select lower(_amr::text)::text[] as given) as methods
$$;
