-- Tranche's tables, first version.
--
-- Plain SQL: phpMyAdmin can import it as it is; the program applies it too and
-- puts the site's prefix in the place of tr_.  Every statement may be run
-- twice.  People's times are DATETIME in UTC; *_utc columns are seconds since
-- 1970.

CREATE TABLE IF NOT EXISTS `tr_schema_migrations` (
  version INT NOT NULL COMMENT 'number of the file in sql/',
  statements_done INT NOT NULL DEFAULT 0 COMMENT 'how many of its statements have run',
  applied_at DATETIME NULL COMMENT 'UTC; NULL = not all of it yet',
  PRIMARY KEY (version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='which migrations this database has';

-- People -----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_users` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  name VARCHAR(100) NOT NULL COMMENT 'what the person signs in with',
  display_name VARCHAR(150) NOT NULL COMMENT 'what others see',
  password_hash VARCHAR(128) NOT NULL COMMENT 'Argon2id; empty = cannot sign in',
  timezone VARCHAR(64) NOT NULL DEFAULT 'UTC' COMMENT 'IANA zone times are shown in',
  active TINYINT NOT NULL DEFAULT 1 COMMENT '0 = may not sign in',
  password_due TINYINT NOT NULL DEFAULT 0 COMMENT '1 = somebody else knows the password: to be changed at the next sign-in',
  totp_key VARBINARY(60) NULL COMMENT 'second factor: its key, encrypted with the secret of tranche.conf; NULL = none',
  totp_on TINYINT NOT NULL DEFAULT 0 COMMENT '1 = confirmed with a code, asked for at sign-in',
  totp_step BIGINT NOT NULL DEFAULT 0 COMMENT 'the last half minute since 1970 whose code was taken: none counts twice',
  row_version INT NOT NULL DEFAULT 1 COMMENT 'counts changes of what is edited: nobody writes over what he has not seen',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='people who may sign in';

CREATE TABLE IF NOT EXISTS `tr_recovery_codes` (
  user_id BIGINT NOT NULL COMMENT 'users.id',
  code_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the code',
  PRIMARY KEY (user_id, code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='each once instead of the second factor; a used one is gone';

CREATE TABLE IF NOT EXISTS `tr_roles` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  name VARCHAR(50) NOT NULL COMMENT 'admin, editor, author or the site''s own',
  ver BIGINT NOT NULL DEFAULT 0 COMMENT 'of admin: bumped by every change of people and roles, which wait for each other at it',
  row_version INT NOT NULL DEFAULT 1 COMMENT 'counts changes of what is edited: nobody writes over what he has not seen',
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='sets of permissions';

CREATE TABLE IF NOT EXISTS `tr_role_permissions` (
  role_id BIGINT NOT NULL COMMENT 'roles.id',
  permission VARCHAR(40) NOT NULL COMMENT 'one of the seven',
  own_only TINYINT NOT NULL DEFAULT 0 COMMENT '1 = only for what the person made',
  schedule_types VARCHAR(255) NULL COMMENT 'comma-separated; NULL = all types',
  PRIMARY KEY (role_id, permission)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what a role may do';

CREATE TABLE IF NOT EXISTS `tr_user_roles` (
  user_id BIGINT NOT NULL COMMENT 'users.id',
  role_id BIGINT NOT NULL COMMENT 'roles.id',
  PRIMARY KEY (user_id, role_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='who has which role';

CREATE TABLE IF NOT EXISTS `tr_sessions` (
  token_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the cookie',
  user_id BIGINT NOT NULL COMMENT 'users.id',
  created_at DATETIME NOT NULL COMMENT 'UTC; end of life counts from here',
  seen_at DATETIME NOT NULL COMMENT 'UTC; idle time counts from here',
  address VARCHAR(45) NOT NULL DEFAULT '' COMMENT 'where it was opened from',
  agent VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'browser, cut',
  PRIMARY KEY (token_hash),
  KEY user_id (user_id),
  KEY seen_at (seen_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='signed-in browsers';

CREATE TABLE IF NOT EXISTS `tr_api_tokens` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  token_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the token',
  user_id BIGINT NOT NULL COMMENT 'users.id; the token may what the user may',
  label VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'what it is for',
  permissions VARCHAR(255) NULL COMMENT 'comma-separated scope; NULL = all of the user''s',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  expires_at DATETIME NULL COMMENT 'UTC; NULL = never',
  used_at DATETIME NULL COMMENT 'UTC, to the hour',
  PRIMARY KEY (id),
  UNIQUE KEY token_hash (token_hash),
  KEY user_id (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='tokens for programs';

CREATE TABLE IF NOT EXISTS `tr_throttle` (
  bucket BINARY(32) NOT NULL COMMENT 'digest of what is counted (login of an account, requests of a user…)',
  window_start BIGINT NOT NULL COMMENT 'seconds since 1970 at which this window began',
  hits INT NOT NULL COMMENT 'how many in it',
  PRIMARY KEY (bucket),
  KEY window_start (window_start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='counters of limited things';

CREATE TABLE IF NOT EXISTS `tr_audit_log` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  at DATETIME(3) NOT NULL COMMENT 'UTC',
  user_id BIGINT NOT NULL COMMENT 'users.id; 0 = the program',
  action VARCHAR(60) NOT NULL COMMENT 'what was done, e.g. job.cancel',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id or 0',
  object_id BIGINT NOT NULL DEFAULT 0 COMMENT 'event, content, user… by the action',
  detail JSON NULL COMMENT 'what else is worth knowing',
  PRIMARY KEY (id),
  KEY job_id (job_id),
  KEY user_id (user_id),
  KEY action (action),
  KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='who did what; only ever appended to';

-- Contents ---------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_contents` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  title VARCHAR(255) NOT NULL COMMENT 'what people see',
  schedule_type VARCHAR(32) NOT NULL DEFAULT 'publish' COMMENT 'what its events are by default',
  owner_id BIGINT NOT NULL DEFAULT 0 COMMENT 'users.id; 0 = everybody''s',
  latest_version INT NOT NULL DEFAULT 0 COMMENT 'highest version_no',
  live_version INT NOT NULL DEFAULT 0 COMMENT 'the version that is live; 0 = none',
  live_at BIGINT NOT NULL DEFAULT 0 COMMENT 'seconds since 1970: the moment of the event that made it live; an earlier one no longer does',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what is scheduled';

CREATE TABLE IF NOT EXISTS `tr_content_versions` (
  content_id BIGINT NOT NULL COMMENT 'contents.id',
  version_no INT NOT NULL COMMENT '1, 2, 3…',
  body JSON NULL COMMENT 'the version itself',
  created_by BIGINT NOT NULL DEFAULT 0 COMMENT 'users.id',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (content_id, version_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='numbered versions of contents';

CREATE TABLE IF NOT EXISTS `tr_resources` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  kind VARCHAR(20) NOT NULL COMMENT 'person, venue, team, equipment',
  name VARCHAR(255) NOT NULL COMMENT 'what people see',
  timezone VARCHAR(64) NOT NULL DEFAULT 'UTC' COMMENT 'IANA zone',
  capacity INT NOT NULL DEFAULT 1 COMMENT 'how many events at once',
  overlap VARCHAR(4) NOT NULL DEFAULT 'hard' COMMENT 'hard or soft',
  active TINYINT NOT NULL DEFAULT 1 COMMENT '0 = no new events',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  KEY kind (kind, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='people, venues, teams, equipment';

-- Events -----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_scheduled_events` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  client_id VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'the owner''s own key',
  content_id BIGINT NOT NULL COMMENT 'contents.id',
  version_no INT NOT NULL DEFAULT 0 COMMENT '0 = the latest when the moment comes',
  schedule_type VARCHAR(32) NOT NULL COMMENT 'publish, training, booking…',
  title VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'what people see',
  starts_at DATETIME NOT NULL COMMENT 'UTC',
  ends_at DATETIME NOT NULL COMMENT 'UTC; equal to starts_at = occupies nothing',
  duration_s INT NOT NULL DEFAULT 0 COMMENT 'seconds',
  timezone VARCHAR(64) NULL COMMENT 'IANA zone of local_start',
  local_start DATETIME NULL COMMENT 'wall time in that zone',
  recurrence VARCHAR(512) NULL COMMENT 'RRULE, normalised',
  until_at DATETIME NULL COMMENT 'UTC; end of the last occurrence',
  exdates JSON NULL COMMENT 'wall times left out: ["2026-12-01T09:00:00"]',
  rdates JSON NULL COMMENT 'wall times added, likewise',
  overrides JSON NULL COMMENT 'occurrences that differ: {wall time: fields}',
  conditions JSON NULL COMMENT 'JsonLogic',
  attributes JSON NULL COMMENT 'the site''s own fields',
  priority INT NOT NULL DEFAULT 0 COMMENT 'higher goes first',
  status VARCHAR(12) NOT NULL DEFAULT 'scheduled' COMMENT 'draft scheduled processing completed failed missed superseded cancelled archived',
  row_version INT NOT NULL DEFAULT 1 COMMENT 'counts changes',
  as_version INT NOT NULL DEFAULT 0 COMMENT 'an undo brought back what this row_version was; 0 = no undo since the last change',
  payload_hash BIGINT NOT NULL DEFAULT 0 COMMENT 'of all a person can give; finds duplicates',
  superseded_by BIGINT NOT NULL DEFAULT 0 COMMENT 'scheduled_events.id',
  misfire VARCHAR(8) NOT NULL DEFAULT 'run_late' COMMENT 'when its moment passed unseen: run_late, skip, run_all',
  grace_s INT NOT NULL DEFAULT 3600 COMMENT 'seconds after its moment in which it may still happen',
  next_due_at DATETIME NULL COMMENT 'UTC; when it wants attention next',
  done_through BIGINT NOT NULL DEFAULT 0 COMMENT 'seconds since 1970: occurrences that start up to here have happened or were missed',
  expanded_through DATETIME NULL COMMENT 'UTC; busy holds occurrences up to here',
  created_by BIGINT NOT NULL COMMENT 'users.id',
  updated_by BIGINT NOT NULL DEFAULT 0 COMMENT 'users.id of the last change; 0 = none since it was made',
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'UTC (sessions run in UTC)',
  updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT 'UTC',
  origin_job_id BIGINT NULL COMMENT 'the batch that made it',
  origin_ordinal INT NULL COMMENT 'its item there',
  job_unpublished BIGINT NOT NULL DEFAULT 0 COMMENT 'batch J that is all or nothing: J = written by it, to be seen once it is published; -J = it holds a changed copy, to be seen until then; 0 = neither',
  shadow_of BIGINT NULL COMMENT 'the changed copy of this event (scheduled_events.id) that an unpublished batch holds; created_by is then negative unless client_id is new',
  shadow_moves TINYINT NOT NULL DEFAULT 0 COMMENT '1 = the copy has places of its own: busy rows with negative local_start, event_resources of the negative id',
  PRIMARY KEY (id),
  UNIQUE KEY origin (origin_job_id, origin_ordinal),
  UNIQUE KEY client (created_by, client_id),
  UNIQUE KEY shadow (shadow_of),
  KEY due (status, next_due_at),
  KEY content (content_id, version_no, starts_at),
  KEY starts (starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what happens when';

CREATE TABLE IF NOT EXISTS `tr_event_occurrences` (
  event_id BIGINT NOT NULL COMMENT 'scheduled_events.id of an event that recurs; negative = of its changed copy (shadow_of)',
  local_start BIGINT NOT NULL COMMENT 'original wall time, seconds since 1970 as if UTC; names the occurrence',
  start_utc BIGINT NOT NULL COMMENT 'seconds since 1970',
  end_utc BIGINT NOT NULL COMMENT 'seconds since 1970, exclusive',
  version_no INT NOT NULL DEFAULT 0 COMMENT 'as in scheduled_events, unless overridden',
  flag TINYINT NOT NULL DEFAULT 0 COMMENT '1 the clocks skip this wall time, 2 it comes twice',
  state TINYINT NOT NULL DEFAULT 0 COMMENT '0 ahead, 1 completed, 2 missed',
  is_busy TINYINT NOT NULL DEFAULT 1 COMMENT '0 = so long ago that its rows have left busy',
  PRIMARY KEY (event_id, local_start),
  KEY starts (start_utc, event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what recurring events come to, as far as expanded_through: which rows of busy they have';

CREATE TABLE IF NOT EXISTS `tr_event_resources` (
  event_id BIGINT NOT NULL COMMENT 'scheduled_events.id; negative = of its changed copy (shadow_of)',
  resource_id BIGINT NOT NULL COMMENT 'resources.id',
  role VARCHAR(8) NOT NULL COMMENT 'resource or assignee',
  PRIMARY KEY (event_id, resource_id),
  KEY resource_id (resource_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what and whom an event needs';

CREATE TABLE IF NOT EXISTS `tr_restrictions` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  resource_id BIGINT NOT NULL COMMENT 'resources.id',
  from_utc BIGINT NOT NULL COMMENT 'first second',
  to_utc BIGINT NOT NULL COMMENT 'first second after',
  level VARCHAR(8) NOT NULL COMMENT 'advisory or hard',
  schedule_types VARCHAR(700) NULL COMMENT 'forbidden types, comma-separated; neither these nor tags = everything is forbidden',
  tags VARCHAR(1100) NULL COMMENT 'forbidden tags (attributes.tags), comma-separated',
  reason VARCHAR(500) NOT NULL COMMENT 'shown to the person who schedules',
  alternatives VARCHAR(250) NOT NULL DEFAULT '' COMMENT 'resource ids to offer instead, comma-separated, in the order of preference',
  created_by BIGINT NOT NULL DEFAULT 0 COMMENT 'users.id',
  row_version INT NOT NULL DEFAULT 1 COMMENT 'counts changes of what is edited: nobody writes over what he has not seen',
  PRIMARY KEY (id),
  KEY resource (resource_id, to_utc)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='when and for what somebody may not be scheduled';

CREATE TABLE IF NOT EXISTS `tr_calendars` (
  kind TINYINT NOT NULL COMMENT '1 content, 2 resource',
  ref_id BIGINT NOT NULL COMMENT 'contents.id or resources.id',
  ver BIGINT NOT NULL DEFAULT 0 COMMENT 'bumped by every write; its row lock guards busy',
  max_duration_s INT NOT NULL DEFAULT 0 COMMENT 'longest event a resource ever held: how far back a probe must look',
  restricted_until BIGINT NOT NULL DEFAULT 0 COMMENT 'end of the last restriction of a resource, seconds since 1970: none need be looked for after it',
  PRIMARY KEY (kind, ref_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='one row per calendar, the lock of its busy rows';

CREATE TABLE IF NOT EXISTS `tr_busy` (
  calendar_kind TINYINT NOT NULL COMMENT 'calendars.kind',
  calendar_id BIGINT NOT NULL COMMENT 'calendars.ref_id',
  day INT NOT NULL COMMENT 'start_utc DIV 86400',
  start_utc BIGINT NOT NULL COMMENT 'seconds since 1970',
  event_id BIGINT NOT NULL COMMENT 'scheduled_events.id',
  local_start BIGINT NOT NULL COMMENT 'original wall time of the occurrence, seconds; names it; -1 - that = of the event''s changed copy (shadow_of)',
  end_utc BIGINT NOT NULL COMMENT 'seconds since 1970, exclusive',
  version_no INT NOT NULL DEFAULT 0 COMMENT 'scheduled_events.version_no',
  hard TINYINT NOT NULL DEFAULT 1 COMMENT '0 = overlaps are soft',
  PRIMARY KEY (calendar_kind, calendar_id, day, start_utc, event_id, local_start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='one row per occurrence per calendar: where conflicts are found';

CREATE TABLE IF NOT EXISTS `tr_busy_plan` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  calendar_kind TINYINT NOT NULL COMMENT 'calendars.kind',
  calendar_id BIGINT NOT NULL COMMENT 'calendars.ref_id',
  day INT NOT NULL COMMENT 'start_utc DIV 86400',
  start_utc BIGINT NOT NULL COMMENT 'seconds since 1970',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal',
  end_utc BIGINT NOT NULL COMMENT 'seconds since 1970, exclusive',
  version_no INT NOT NULL DEFAULT 0 COMMENT 'as in busy',
  PRIMARY KEY (job_id, calendar_kind, calendar_id, day, start_utc, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='intervals of a dry run, and those of an evaluation that may collide, so that its items see each other';

CREATE TABLE IF NOT EXISTS `tr_batch_places` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id of an evaluation',
  part TINYINT NOT NULL COMMENT 'of the calendars: (ref_id + kind) modulo 64',
  first_ordinal INT NOT NULL COMMENT 'of the items received together',
  piece INT NOT NULL COMMENT 'counts their rows',
  places MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'kind calendar start_utc seconds version_no ordinal-from-the-first; and so on',
  PRIMARY KEY (job_id, part, first_ordinal, piece)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what an evaluation''s items occupy, until they are compared before the first is worked on';

CREATE TABLE IF NOT EXISTS `tr_batch_calendars` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id: an evaluation, or a batch that creates what was ready in one',
  kind TINYINT NOT NULL COMMENT 'calendars.kind',
  ref_id BIGINT NOT NULL COMMENT 'calendars.ref_id',
  ver BIGINT NOT NULL COMMENT 'calendars.ver on which the results rest; 0 = there was no such calendar',
  PRIMARY KEY (job_id, kind, ref_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what an evaluation has looked at: only what moved since is looked at again';

-- Batches ----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_batch_jobs` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  type VARCHAR(12) NOT NULL COMMENT 'create, update, evaluate…',
  label VARCHAR(150) NOT NULL DEFAULT '' COMMENT 'the person''s own name for it',
  status VARCHAR(12) NOT NULL DEFAULT 'receiving' COMMENT 'state; see /help/batches',
  phase VARCHAR(10) NOT NULL DEFAULT 'pending' COMMENT 'pending, processing, completed, failed',
  decided TINYINT NOT NULL DEFAULT 0 COMMENT '1 = people have decided conflicts that are still to be worked on (batch_decisions)',
  desired VARCHAR(8) NOT NULL DEFAULT 'run' COMMENT 'run, pause, cancel, rollback: what the person wants',
  epoch INT NOT NULL DEFAULT 1 COMMENT 'retry and undo begin a new one',
  created_by BIGINT NOT NULL COMMENT 'users.id',
  scope VARCHAR(255) NULL COMMENT 'permissions of the limited token that made it: more it does not have; NULL = all of the person''s',
  priority INT NOT NULL DEFAULT 0 COMMENT '-10..10, higher first',
  options JSON NULL COMMENT 'as given, defaults filled in',
  csv_header JSON NULL COMMENT 'column names, when it came as CSV',
  received INT NOT NULL DEFAULT 0 COMMENT 'input items stored',
  total INT NOT NULL DEFAULT 0 COMMENT 'items to work on (queries expanded)',
  planned INT NOT NULL DEFAULT 0 COMMENT 'chunks exist for ordinals below this',
  unfrozen INT NOT NULL DEFAULT 0 COMMENT 'queries that still have to become items',
  chunk_size INT NOT NULL DEFAULT 200 COMMENT 'items in the next chunk to be planned',
  max_lanes INT NOT NULL DEFAULT 3 COMMENT 'parallel chunks allowed',
  ordered TINYINT NOT NULL DEFAULT 0 COMMENT '1 = chunks one after the other',
  work VARCHAR(7) NOT NULL DEFAULT 'do' COMMENT 'what the chunks of this epoch do: do, check, publish, undo',
  retrying INT NOT NULL DEFAULT 0 COMMENT 'outcomes that this epoch works on again: bit n = outcome n of batch_job_items; bit 9 = conflicts that were decided',
  stage INT NOT NULL DEFAULT 0 COMMENT 'items of this stage are being worked on (depends_on within the batch)',
  stages INT NOT NULL DEFAULT 1 COMMENT 'how many stages there are',
  atomic TINYINT NOT NULL DEFAULT 0 COMMENT 'all or nothing: 1 = in one transaction, 2 = held back until it is published',
  published TINYINT NOT NULL DEFAULT 0 COMMENT '1 = what an atomic batch wrote may be seen',
  places_left TINYINT NOT NULL DEFAULT 0 COMMENT 'of an evaluation: parts of batch_places still to be compared',
  places_whole TINYINT NOT NULL DEFAULT 0 COMMENT 'what of them becomes rows of busy_plan: 0 what may collide, 1 all of the next part, 2 everything',
  linked TINYINT NOT NULL DEFAULT 0 COMMENT 'items have ids or depend on each other: 0 none, 1 their stages are still to be found, 2 found',
  waiting TINYINT NOT NULL DEFAULT 0 COMMENT '1 = waits for the batches it depends on, 2 = one of them did not succeed',
  lease_s INT NOT NULL DEFAULT 15 COMMENT 'how long a chunk is held',
  runnable TINYINT GENERATED ALWAYS AS (status IN ('queued', 'running', 'publishing', 'rolling_back', 'undoing') AND waiting <> 1) STORED COMMENT '1 = there may be chunks to work on',
  due_at DATETIME(3) NOT NULL DEFAULT '2000-01-01' COMMENT 'UTC; whoever looks for work looks here again then; 2000 = it was never put off',
  put_off TINYINT GENERATED ALWAYS AS (due_at > '2000-01-01') STORED COMMENT '1 = nobody looks here before due_at',
  created_at DATETIME(3) NOT NULL COMMENT 'UTC',
  started_at DATETIME(3) NULL COMMENT 'UTC; first chunk',
  finished_at DATETIME(3) NULL COMMENT 'UTC; terminal state',
  undo_until DATETIME NULL COMMENT 'UTC; set at the end, NULL = there is nothing to undo',
  undone_by BIGINT NOT NULL DEFAULT 0 COMMENT 'users.id of who asked for the undo; 0 = nobody',
  told_epoch INT NOT NULL DEFAULT 0 COMMENT 'webhooks know how this epoch ended',
  untold TINYINT GENERATED ALWAYS AS (phase IN ('completed', 'failed') AND told_epoch <> epoch) STORED COMMENT '1 = it has ended and webhook_deliveries do not know yet: whatever ends a batch sets this in the same statement',
  PRIMARY KEY (id),
  KEY untold (untold, finished_at),
  KEY turn (created_by, priority, runnable, put_off, due_at),
  KEY runnable (runnable, due_at),
  KEY owner (created_by, phase, id),
  KEY summary (type, status),
  KEY ended (finished_at),
  KEY waiting (waiting, status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what people started';

CREATE TABLE IF NOT EXISTS `tr_batch_job_dependencies` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id: who waits',
  depends_on BIGINT NOT NULL COMMENT 'batch_jobs.id: for whom; always a smaller id, so that there is no cycle',
  PRIMARY KEY (job_id, depends_on),
  KEY depends_on (depends_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='which batches a batch waits for';

CREATE TABLE IF NOT EXISTS `tr_batch_slices` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  first_ordinal INT NOT NULL COMMENT 'the offset it was sent with',
  items INT NOT NULL COMMENT 'how many it held',
  content_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the body',
  PRIMARY KEY (job_id, first_ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='slices received: makes sending one twice harmless';

CREATE TABLE IF NOT EXISTS `tr_upload_files` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  file_no SMALLINT NOT NULL COMMENT 'place among the files of the batch, from 1',
  name VARCHAR(255) NOT NULL COMMENT 'as the browser sent it; for showing only',
  bytes BIGINT NOT NULL DEFAULT 0 COMMENT 'its size',
  first_ordinal INT NOT NULL COMMENT 'its items begin here and end where the next file begins',
  state VARCHAR(9) NOT NULL DEFAULT 'taken' COMMENT 'taken, refused (it could not be read), cancelled',
  code VARCHAR(40) NULL COMMENT 'error code of a refused one',
  message VARCHAR(400) NULL COMMENT 'why it was refused, in plain words',
  csv_header TEXT NULL COMMENT 'JSON list of its columns once the next file has begun; of the last one see batch_jobs.csv_header',
  PRIMARY KEY (job_id, file_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='files of a batch that came in several';

CREATE TABLE IF NOT EXISTS `tr_idempotency_keys` (
  user_id BIGINT NOT NULL COMMENT 'users.id; a key is one user''s',
  key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of Idempotency-Key, or of a form''s key and what the form held',
  token BIGINT NOT NULL COMMENT 'random; the request that holds it',
  lease_until DATETIME(3) NOT NULL COMMENT 'UTC; a request that has not ended by then is dead, and the key free',
  reply_status SMALLINT NOT NULL DEFAULT 0 COMMENT 'HTTP status of the first reply; 0 = nothing complete has been made yet',
  content_hash BINARY(32) NULL COMMENT 'SHA-256 of method, address, content type and body of the first request',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id made with it, complete or not',
  event_id BIGINT NOT NULL DEFAULT 0 COMMENT 'scheduled_events.id made with it',
  created_at DATETIME(3) NOT NULL COMMENT 'UTC; kept for 24 hours',
  PRIMARY KEY (user_id, key_hash),
  KEY created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='creations that may be sent twice and happen once';

CREATE TABLE IF NOT EXISTS `tr_batch_job_items` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'place in the batch, from 0',
  outcome TINYINT NOT NULL DEFAULT 0 COMMENT '0 pending 1 succeeded 2 unchanged 3 skipped 4 conflict 5 failed 6 unprocessed 7 undone 8 undo_conflict',
  verdict TINYINT NOT NULL DEFAULT 0 COMMENT 'of an evaluation: 1 ready 2 not_due 3 blocked 4 conflict 5 not_permitted 6 invalid',
  attempts TINYINT NOT NULL DEFAULT 0 COMMENT 'how often it was worked on',
  event_id BIGINT NOT NULL DEFAULT 0 COMMENT 'the event made or changed',
  target_id BIGINT NOT NULL DEFAULT 0 COMMENT 'the event that the selector names',
  crowded TINYINT NOT NULL DEFAULT 0 COMMENT 'of an evaluation: 1 = another item may want the same place; see busy_plan',
  client_id VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'the owner''s own key of the event',
  input MEDIUMTEXT NOT NULL COMMENT 'the item as it was sent (JSON; a JSON string when it could not be read)',
  PRIMARY KEY (job_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='one operation each';

CREATE TABLE IF NOT EXISTS `tr_batch_item_errors` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal',
  outcome TINYINT NOT NULL COMMENT 'as in batch_job_items: serves the outcome filter',
  code VARCHAR(40) NOT NULL COMMENT 'first error code',
  epoch INT NOT NULL DEFAULT 1 COMMENT 'batch_jobs.epoch in which it was found',
  detail JSON NULL COMMENT 'errors, conflicts, warnings',
  ways SMALLINT NOT NULL DEFAULT 0 COMMENT 'of a conflict: what could resolve it; bit 1 skip, 2 keep_both, 3 replace, 4 shift',
  likeness BIGINT NOT NULL DEFAULT 0 COMMENT 'of a conflict: the same for those that people would decide alike; 0 = it is none',
  PRIMARY KEY (job_id, ordinal),
  KEY code (job_id, code),
  KEY likeness (job_id, likeness, ordinal),
  KEY outcome (job_id, outcome, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what was wrong, only for items where something was';

CREATE TABLE IF NOT EXISTS `tr_batch_decisions` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal: an item in conflict',
  action VARCHAR(9) NOT NULL COMMENT 'skip, replace, shift, keep_both',
  scope VARCHAR(10) NULL COMMENT 'item or occurrence; NULL = as the batch''s options say',
  user_id BIGINT NOT NULL COMMENT 'users.id of who decided; with whose rights it is done',
  seen_epoch INT NOT NULL COMMENT 'batch_item_errors.epoch of the conflict that was decided',
  worked_epoch INT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.epoch in which it was worked on; 0 = it still waits for that',
  decided_at DATETIME(3) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (job_id, ordinal),
  KEY waiting (job_id, worked_epoch)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what people decided about conflicts (on_conflict ask)';

CREATE TABLE IF NOT EXISTS `tr_batch_item_nodes` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal',
  item_key VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'the item''s own id within the batch',
  needs SMALLINT NOT NULL COMMENT 'how many items it depends on',
  missing SMALLINT NOT NULL COMMENT 'how many of these have no stage yet',
  stage SMALLINT NOT NULL COMMENT 'when it is worked on; -1 = not found yet',
  fault TINYINT NOT NULL DEFAULT 0 COMMENT '1 an earlier item has its id, 2 it depends on itself, 3 too many stages',
  cycle_ids VARCHAR(700) NULL COMMENT 'a → b → a',
  PRIMARY KEY (job_id, ordinal),
  KEY item_key (job_id, item_key, ordinal),
  KEY stage (job_id, stage, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='items that have an id or depend on others';

CREATE TABLE IF NOT EXISTS `tr_batch_item_links` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal: who depends',
  position TINYINT NOT NULL COMMENT 'place among its links, from 0',
  needs_key VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'on whom, as it was written',
  needs_ordinal INT NOT NULL DEFAULT -1 COMMENT 'on whom; -1 = not looked up yet, -2 = no item has this id',
  is_target TINYINT NOT NULL COMMENT '1 = its event is the one to change or evaluate',
  PRIMARY KEY (job_id, ordinal, position),
  KEY needs (job_id, needs_ordinal, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='which item depends on which';

CREATE TABLE IF NOT EXISTS `tr_batch_stagings` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  step INT NOT NULL DEFAULT 0 COMMENT 'steps written so far',
  phase TINYINT NOT NULL DEFAULT 0 COMMENT '0 ids are looked up, 1 links are followed, 2 cycles are looked for, 3 and 4 the rest fails, 5 done',
  stage SMALLINT NOT NULL DEFAULT 0 COMMENT 'whose links are followed',
  after_ordinal INT NOT NULL DEFAULT -1 COMMENT 'the last item looked at',
  after_link INT NOT NULL DEFAULT -1 COMMENT 'the last of its links',
  starts INT NOT NULL DEFAULT 0 COMMENT 'where a cycle was looked for',
  found INT NOT NULL DEFAULT 0 COMMENT 'cycles found so',
  PRIMARY KEY (job_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='batches whose items are being put in stages';

CREATE TABLE IF NOT EXISTS `tr_batch_expansions` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  ordinal INT NOT NULL COMMENT 'the item that holds the query',
  direction TINYINT NOT NULL DEFAULT 0 COMMENT '0 by id; for moves by start, so that places are left before they are taken: 1 earliest first, -1 latest first',
  after_utc BIGINT NOT NULL DEFAULT 0 COMMENT 'start of the last frozen event, where the order is by start',
  after_id BIGINT NOT NULL DEFAULT 0 COMMENT 'the last frozen event; 0 = none yet',
  matched INT NOT NULL DEFAULT 0 COMMENT 'how many',
  PRIMARY KEY (job_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='queries being frozen into items; gone when done';

CREATE TABLE IF NOT EXISTS `tr_batch_chunks` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  epoch INT NOT NULL COMMENT 'batch_jobs.epoch',
  first_ordinal INT NOT NULL COMMENT 'first item',
  isolated TINYINT NOT NULL DEFAULT 0 COMMENT '1 = part of a chunk that was split to isolate a poison item',
  last_ordinal INT NOT NULL COMMENT 'last item',
  state VARCHAR(9) NOT NULL DEFAULT 'ready' COMMENT 'ready leased done split dead cancelled',
  available_at DATETIME(3) NOT NULL COMMENT 'UTC; not before',
  lease_until DATETIME(3) NULL COMMENT 'UTC; after this anybody may take it over',
  token BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'random; who holds it',
  attempt INT NOT NULL DEFAULT 0 COMMENT 'how often it was claimed',
  errors INT NOT NULL DEFAULT 0 COMMENT 'attempts that ended in an error',
  transients INT NOT NULL DEFAULT 0 COMMENT 'attempts that ended in what passes by itself: a deadlock, the database away; never the items'' fault',
  expiries INT NOT NULL DEFAULT 0 COMMENT 'attempts whose lease ran out',
  worker CHAR(36) NULL COMMENT 'workers.uuid',
  claimed_at DATETIME(3) NULL COMMENT 'UTC',
  finished_at DATETIME(3) NULL COMMENT 'UTC',
  work_ms INT NOT NULL DEFAULT 0 COMMENT 'from claim to commit',
  succeeded INT NOT NULL DEFAULT 0 COMMENT 'items by the outcome that they have now, whatever the state of the chunk',
  unchanged INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  skipped INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  conflict INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  failed INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  undone INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  undo_conflict INT NOT NULL DEFAULT 0 COMMENT 'items with this outcome',
  unreadable INT NOT NULL DEFAULT 0 COMMENT 'of failed: items that could not be read when they arrived; no retry helps them',
  unlogged TINYINT NOT NULL DEFAULT 0 COMMENT '1 = it has errors that error_logs has not counted yet',
  PRIMARY KEY (job_id, epoch, first_ordinal, isolated),
  KEY candidates (job_id, epoch, state, available_at),
  KEY unlogged (unlogged, job_id, epoch),
  KEY finished (finished_at, state, attempt, last_ordinal, work_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='units of lease, retry and progress';

CREATE TABLE IF NOT EXISTS `tr_batch_lanes` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  lane TINYINT NOT NULL COMMENT 'from 0, below batch_jobs.max_lanes',
  token BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the chunk that was claimed last in this lane',
  held_until DATETIME(3) NOT NULL DEFAULT '1970-01-01' COMMENT 'UTC; until then only the holder of the token may claim in it',
  PRIMARY KEY (job_id, lane)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='how many chunks of a batch are worked at once: a claim takes a chunk and a lane';

CREATE TABLE IF NOT EXISTS `tr_batch_turns` (
  urgency TINYINT NOT NULL COMMENT '10 - batch_jobs.priority: 0 is the most urgent',
  user_id BIGINT NOT NULL COMMENT 'batch_jobs.created_by',
  turn_at DATETIME(3) NOT NULL COMMENT 'UTC; when a batch of this user was worked last, or is due again; 9999 = has none',
  PRIMARY KEY (urgency, user_id),
  KEY queue (urgency, turn_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='whose turn it is; only a hint, made anew when something is missing';

CREATE TABLE IF NOT EXISTS `tr_undo_rows` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id',
  epoch INT NOT NULL COMMENT 'the epoch that changed it',
  ordinal INT NOT NULL COMMENT 'batch_job_items.ordinal',
  event_id BIGINT NOT NULL COMMENT 'scheduled_events.id',
  written_version INT NOT NULL COMMENT 'row_version that this batch wrote; undone only while it still is',
  client_id VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'before, as are the rest',
  content_id BIGINT NOT NULL COMMENT 'before, as in scheduled_events',
  version_no INT NOT NULL COMMENT 'before, as in scheduled_events',
  schedule_type VARCHAR(32) NOT NULL COMMENT 'before, as in scheduled_events',
  title VARCHAR(255) NOT NULL COMMENT 'before, as in scheduled_events',
  starts_at DATETIME NOT NULL COMMENT 'before, as in scheduled_events',
  ends_at DATETIME NOT NULL COMMENT 'before, as in scheduled_events',
  duration_s INT NOT NULL COMMENT 'before, as in scheduled_events',
  timezone VARCHAR(64) NULL COMMENT 'before, as in scheduled_events',
  local_start DATETIME NULL COMMENT 'before, as in scheduled_events',
  recurrence VARCHAR(512) NULL COMMENT 'before, as in scheduled_events',
  until_at DATETIME NULL COMMENT 'before, as in scheduled_events',
  exdates JSON NULL COMMENT 'before, as in scheduled_events',
  rdates JSON NULL COMMENT 'before, as in scheduled_events',
  overrides JSON NULL COMMENT 'before, as in scheduled_events',
  expanded_through DATETIME NULL COMMENT 'before, as in scheduled_events',
  conditions JSON NULL COMMENT 'before, as in scheduled_events',
  attributes JSON NULL COMMENT 'before, as in scheduled_events',
  priority INT NOT NULL COMMENT 'before, as in scheduled_events',
  status VARCHAR(12) NOT NULL COMMENT 'before, as in scheduled_events',
  row_version INT NOT NULL COMMENT 'before, as in scheduled_events',
  as_version INT NOT NULL COMMENT 'before, as in scheduled_events',
  payload_hash BIGINT NOT NULL COMMENT 'before, as in scheduled_events',
  superseded_by BIGINT NOT NULL COMMENT 'before, as in scheduled_events',
  misfire VARCHAR(8) NOT NULL COMMENT 'before, as in scheduled_events',
  grace_s INT NOT NULL COMMENT 'before, as in scheduled_events',
  updated_by BIGINT NOT NULL COMMENT 'users.id of who had made it so',
  updated_at DATETIME NOT NULL COMMENT 'UTC; when',
  resources TEXT NULL COMMENT 'resource_id:role, comma-separated',
  PRIMARY KEY (job_id, ordinal, epoch, event_id),
  KEY event_id (event_id, job_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='before-images of changed events';

CREATE TABLE IF NOT EXISTS `tr_event_history` (
  event_id BIGINT NOT NULL COMMENT 'scheduled_events.id',
  row_version INT NOT NULL COMMENT 'what the event was when it had this row_version',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id that ended this state; 0 = a single edit',
  kept_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'UTC; retention counts from here',
  content_id BIGINT NOT NULL COMMENT 'then, as in scheduled_events',
  version_no INT NOT NULL COMMENT 'then, as in scheduled_events',
  schedule_type VARCHAR(32) NOT NULL COMMENT 'then, as in scheduled_events',
  title VARCHAR(255) NOT NULL COMMENT 'then, as in scheduled_events',
  starts_at DATETIME NOT NULL COMMENT 'then, as in scheduled_events',
  ends_at DATETIME NOT NULL COMMENT 'then, as in scheduled_events',
  duration_s INT NOT NULL COMMENT 'then, as in scheduled_events',
  timezone VARCHAR(64) NULL COMMENT 'then, as in scheduled_events',
  local_start DATETIME NULL COMMENT 'then, as in scheduled_events',
  recurrence VARCHAR(512) NULL COMMENT 'then, as in scheduled_events',
  until_at DATETIME NULL COMMENT 'then, as in scheduled_events',
  exdates JSON NULL COMMENT 'then, as in scheduled_events',
  rdates JSON NULL COMMENT 'then, as in scheduled_events',
  overrides JSON NULL COMMENT 'then, as in scheduled_events',
  expanded_through DATETIME NULL COMMENT 'then, as in scheduled_events',
  conditions JSON NULL COMMENT 'then, as in scheduled_events',
  attributes JSON NULL COMMENT 'then, as in scheduled_events',
  priority INT NOT NULL COMMENT 'then, as in scheduled_events',
  status VARCHAR(12) NOT NULL COMMENT 'then, as in scheduled_events',
  as_version INT NOT NULL COMMENT 'then, as in scheduled_events',
  payload_hash BIGINT NOT NULL COMMENT 'then, as in scheduled_events',
  superseded_by BIGINT NOT NULL COMMENT 'then, as in scheduled_events',
  misfire VARCHAR(8) NOT NULL COMMENT 'then, as in scheduled_events',
  grace_s INT NOT NULL COMMENT 'then, as in scheduled_events',
  updated_by BIGINT NOT NULL COMMENT 'users.id of who had made it so',
  updated_at DATETIME NOT NULL COMMENT 'UTC; when',
  resources TEXT NULL COMMENT 'resource_id:role, comma-separated',
  PRIMARY KEY (event_id, row_version),
  KEY kept_at (kept_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='former states of events; those that can be undone are still in undo_rows';

CREATE TABLE IF NOT EXISTS `tr_workers` (
  uuid CHAR(36) NOT NULL COMMENT 'one process',
  type VARCHAR(8) NOT NULL COMMENT 'fastcgi, cgi, tick',
  status VARCHAR(12) NOT NULL DEFAULT 'idle' COMMENT 'idle, busy, stopped; unresponsive is derived from last_ping',
  pid INT NOT NULL DEFAULT 0 COMMENT 'process id on its host',
  host VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'host name',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id it works on',
  lease_s INT NOT NULL DEFAULT 15 COMMENT 'of that batch; after three of them without a ping it is unresponsive',
  items_done BIGINT NOT NULL DEFAULT 0 COMMENT 'since it started',
  memory_kib INT NOT NULL DEFAULT 0 COMMENT 'resident',
  started_at DATETIME(3) NOT NULL COMMENT 'UTC',
  last_ping DATETIME(3) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (uuid),
  KEY last_ping (last_ping)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='processes that advance jobs; for people, nothing depends on it';

CREATE TABLE IF NOT EXISTS `tr_worker_logs` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  uuid CHAR(36) NOT NULL COMMENT 'workers.uuid',
  at DATETIME(3) NOT NULL COMMENT 'UTC',
  level VARCHAR(5) NOT NULL COMMENT 'error, warn, info',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id',
  message VARCHAR(500) NOT NULL COMMENT 'what happened',
  PRIMARY KEY (id),
  KEY uuid (uuid, id),
  KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what workers reported';

-- Keeping house -------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_batch_purges` (
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id that was; its items, chunks and so on still have to go',
  asked_at DATETIME(3) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (job_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='forgotten batches whose rows are being deleted in steps';

CREATE TABLE IF NOT EXISTS `tr_maintenance` (
  name VARCHAR(12) NOT NULL COMMENT 'purge, sizes, activate, horizon, zones',
  due_at DATETIME(3) NOT NULL COMMENT 'UTC; who moves it on does the work',
  step BIGINT NOT NULL DEFAULT 0 COMMENT 'where to go on',
  ran_at DATETIME(3) NULL COMMENT 'UTC; last time',
  removed BIGINT NOT NULL DEFAULT 0 COMMENT 'rows deleted since the tables were made',
  result JSON NULL COMMENT 'what was found, where it is worth keeping',
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='work that one process at a time does now and then';

INSERT IGNORE INTO `tr_maintenance` (name, due_at) VALUES ('purge', '2000-01-01'), ('sizes', '2000-01-01'), ('activate', '2000-01-01'), ('horizon', '2000-01-01'), ('zones', '2000-01-01');

-- Webhooks ------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_webhooks` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  label VARCHAR(100) NOT NULL COMMENT 'the person''s own name for it',
  url VARCHAR(500) NOT NULL COMMENT 'https address that is told',
  takes VARCHAR(5) NOT NULL COMMENT 'own, all, named: batches of created_by, of everybody, those that name it',
  events INT NOT NULL COMMENT 'which ends of a batch: 1 completed, 2 with problems, 4 failed, 8 cancelled, 16 undone',
  secret VARBINARY(100) NULL COMMENT 'signs what is sent; encrypted with the secret of tranche.conf',
  old_secret VARBINARY(100) NULL COMMENT 'the one before; signs as well until old_until',
  old_until DATETIME NULL COMMENT 'UTC',
  active TINYINT NOT NULL DEFAULT 1 COMMENT '0 = switched off',
  off_reason VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'by whom: person, gone (the receiver answered 410)',
  created_by BIGINT NOT NULL COMMENT 'users.id',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  since DATETIME(3) NOT NULL COMMENT 'UTC; batches that ended before are not told: made or switched on again',
  row_version INT NOT NULL DEFAULT 1 COMMENT 'counts changes of what is edited: nobody writes over what he has not seen',
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='other programs that are told when batches end';

CREATE TABLE IF NOT EXISTS `tr_webhook_deliveries` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  webhook_id BIGINT NOT NULL COMMENT 'webhooks.id',
  job_id BIGINT NOT NULL COMMENT 'batch_jobs.id; 0 = a test',
  epoch INT NULL COMMENT 'batch_jobs.epoch that ended; NULL = a test',
  event VARCHAR(40) NOT NULL COMMENT 'batch.completed and so on; webhook.test',
  message_id VARCHAR(40) NOT NULL COMMENT 'the same at every attempt: the receiver knows a repeat by it',
  payload TEXT NOT NULL COMMENT 'JSON, byte for byte as it is signed and sent',
  state VARCHAR(9) NOT NULL DEFAULT 'waiting' COMMENT 'waiting, delivered, failed',
  attempts INT NOT NULL DEFAULT 0 COMMENT 'begun so far',
  next_at DATETIME(3) NOT NULL COMMENT 'UTC; not before',
  token BIGINT NOT NULL DEFAULT 0 COMMENT 'of who sends it',
  lease_until DATETIME(3) NULL COMMENT 'UTC; then the sender has died',
  created_at DATETIME(3) NOT NULL COMMENT 'UTC',
  tried_at DATETIME(3) NULL COMMENT 'UTC; end of the last attempt',
  took_ms INT NOT NULL DEFAULT 0 COMMENT 'the last attempt',
  problem VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'why the last attempt failed; see /help/webhooks.html',
  detail VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'the same in words',
  reply_code INT NOT NULL DEFAULT 0 COMMENT 'HTTP status of the last reply; 0 = none',
  reply VARCHAR(600) NOT NULL DEFAULT '' COMMENT 'how that reply began',
  PRIMARY KEY (id),
  UNIQUE KEY once (webhook_id, job_id, epoch, event),
  KEY due (state, next_at),
  KEY leased (lease_until),
  KEY job (job_id),
  KEY created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what webhooks were told or still have to be';

-- What went wrong ----------------------------------------------------------

CREATE TABLE IF NOT EXISTS `tr_error_logs` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  code VARCHAR(40) NOT NULL COMMENT 'error code; /help/errors has cause and fix',
  context VARCHAR(12) NOT NULL COMMENT 'type of the batch, undo, or program',
  occurrences BIGINT NOT NULL COMMENT 'how often, over all batches',
  first_seen DATETIME(3) NOT NULL COMMENT 'UTC',
  last_seen DATETIME(3) NOT NULL COMMENT 'UTC',
  job_id BIGINT NOT NULL DEFAULT 0 COMMENT 'batch_jobs.id of the latest example; 0 = none',
  ordinal INT NOT NULL DEFAULT -1 COMMENT 'batch_job_items.ordinal of the example; -1 = none',
  detail VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'what was said about the example',
  reference VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'finds the line in the log; empty = there is none',
  resolved_at DATETIME(3) NULL COMMENT 'UTC; NULL = open',
  reopened_at DATETIME(3) NULL COMMENT 'UTC; when it came back after a resolution',
  PRIMARY KEY (id),
  UNIQUE KEY kind (code, context),
  KEY last_seen (last_seen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='errors by kind: one row for each code and context';

CREATE TABLE IF NOT EXISTS `tr_error_resolutions` (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key',
  error_id BIGINT NOT NULL COMMENT 'error_logs.id',
  at DATETIME(3) NOT NULL COMMENT 'UTC',
  user_id BIGINT NOT NULL COMMENT 'users.id',
  occurrences BIGINT NOT NULL COMMENT 'how often it had occurred by then',
  resolution VARCHAR(1000) NOT NULL COMMENT 'what was done about it',
  PRIMARY KEY (id),
  KEY error_id (error_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what people did about errors';

CREATE OR REPLACE VIEW `tr_batch_jobs_summary` AS
  SELECT type, status, COUNT(*) AS count FROM `tr_batch_jobs` GROUP BY type, status;

CREATE OR REPLACE VIEW `tr_worker_status_summary` AS
  SELECT CASE WHEN status = 'busy' AND last_ping < UTC_TIMESTAMP(3) - INTERVAL 3 * lease_s SECOND
              THEN 'unresponsive' ELSE status END AS status,
         COUNT(*) AS count
    FROM `tr_workers` GROUP BY 1;
