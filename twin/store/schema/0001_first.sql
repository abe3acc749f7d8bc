-- The first schema of a project file. Every record has uid, version, changed_by, changed_at, deleted,
-- and the sequence number of the commit that wrote it last. Nested values are JSON text.

CREATE TABLE sources (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "path" TEXT,
  "title" TEXT,
  "dataset" TEXT,
  "crs" TEXT,
  "vertical" TEXT,
  "lod" TEXT,
  "mapping" TEXT,
  "placement" TEXT,
  "visible" BOOLEAN,
  "sha256" TEXT,
  "custodian" TEXT,
  "only_kinds" TEXT,
  "without_kinds" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX sources_sequence ON sources (sequence);

CREATE TABLE overrides (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "source" TEXT,
  "object_id" TEXT,
  "attributes" TEXT,
  "hidden" BOOLEAN,
  "placement" TEXT,
  "weak" BOOLEAN,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX overrides_sequence ON overrides (sequence);

CREATE TABLE parties (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "organisation" BOOLEAN,
  "name" TEXT,
  "position" TEXT,
  "email" TEXT,
  "phone" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX parties_sequence ON parties (sequence);

CREATE TABLE responsibilities (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "party" TEXT,
  "role" TEXT,
  "scope" TEXT,
  "target" TEXT,
  "kind" TEXT,
  "theme" TEXT,
  "lod" TEXT,
  "polygon" TEXT,
  "crs" TEXT,
  "priority" INTEGER,
  "valid_from" DATETIME,
  "valid_to" DATETIME,
  "source" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX responsibilities_sequence ON responsibilities (sequence);

CREATE TABLE policies (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "kind" TEXT,
  "zone" TEXT,
  "source" TEXT,
  "lod" TEXT,
  "loa" TEXT,
  "criticality" TEXT,
  "frequency" TEXT,
  "duration" TEXT,
  "warn_days" INTEGER,
  "grace_days" INTEGER,
  "required_aspects" TEXT,
  "c_min" REAL,
  "severity" TEXT,
  "unit" BOOLEAN,
  "title" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX policies_sequence ON policies (sequence);

CREATE TABLE evidence (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "kind" TEXT,
  "object_id" TEXT,
  "polygon" TEXT,
  "crs" TEXT,
  "aspect" TEXT,
  "event_lo" DATETIME,
  "event_hi" DATETIME,
  "reported" DATETIME,
  "p_change" REAL,
  "source" TEXT,
  "status" TEXT,
  "note" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX evidence_sequence ON evidence (sequence);

CREATE TABLE datasets (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "publisher" TEXT,
  "frequency" TEXT,
  "duration" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX datasets_sequence ON datasets (sequence);

CREATE TABLE orders (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "object_uid" TEXT,
  "aspect" TEXT,
  "reason" TEXT,
  "state" TEXT,
  "due" DATETIME,
  "policy" TEXT,
  "accountable" TEXT,
  "assignee" TEXT,
  "delivery" TEXT,
  "raised" DATETIME,
  "title" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX orders_sequence ON orders (sequence);

CREATE TABLE links (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "kind" TEXT,
  "first" TEXT,
  "second" TEXT,
  "method" TEXT,
  "confidence" REAL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX links_sequence ON links (sequence);

CREATE TABLE bookmarks (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "id" TEXT,
  "title" TEXT,
  "eye" TEXT,
  "target" TEXT,
  "up" TEXT,
  "fov" REAL,
  "settings" TEXT,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX bookmarks_sequence ON bookmarks (sequence);

CREATE TABLE styles (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "value" TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX styles_sequence ON styles (sequence);

CREATE TABLE settings (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "value" TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX settings_sequence ON settings (sequence);

CREATE TABLE snapshots (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  "value" TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at DATETIME NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL
);
CREATE INDEX snapshots_sequence ON snapshots (sequence);

-- The deliveries of a dataset, in order; the last is the current one.
CREATE TABLE deliveries (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  dataset TEXT NOT NULL REFERENCES datasets (uid) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  "id" TEXT,
  "source" TEXT,
  "sha256" TEXT,
  "received" DATETIME,
  "reference_date" DATETIME,
  "generator" TEXT,
  UNIQUE (dataset, place)
);

-- Personal data stand here alone, so that they can be erased; the journal knows parties by uid only.
CREATE TABLE persons (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  party TEXT NOT NULL UNIQUE REFERENCES parties (uid) ON DELETE CASCADE,
  name TEXT,
  position TEXT,
  email TEXT,
  phone TEXT
);

-- The journal: appended to, never changed. sha256 = sha256(hash before + canonical).
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY NOT NULL,
  canonical TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  sequence INTEGER NOT NULL
);
CREATE INDEX journal_sequence ON journal (sequence);
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;

-- Who has the project open, and where: one row each.
CREATE TABLE sessions (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  who TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started REAL NOT NULL,
  since DATETIME NOT NULL
);

-- Two numbers: the schema's version and the last commit's sequence number.
CREATE TABLE state (
  name TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL
);
INSERT INTO state (name, value) VALUES ('sequence', 0);
