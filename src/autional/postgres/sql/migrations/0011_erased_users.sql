-- What stands for an erased user is reckoned by the caller.
drop function if exists erase_user;
drop function if exists erased_user;
